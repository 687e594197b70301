import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { errorCode } from '../../sim/app/files.ts';
import { TemporaryFolder, type ToolResult } from '../tools.ts';
import { Resident } from './resident.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What `node` runs: the command line as it is installed. */
export const CUTAWAY = join(ROOT, 'dist', 'bin', 'main.js');

export const OFFICE = join(ROOT, 'scenarios', 'linux', 'office.yaml');
export const OFFICE_LAB = join(ROOT, 'topologies', 'linux', 'office.yaml');

export const WHITEPAPER_TOPOLOGY = join(ROOT, 'topologies', 'whitepaper', 'separate-namespace.yaml');

export function whitepaperScenario(figure: 'fig09' | 'fig10' | 'fig11'): string {
  return join(ROOT, 'scenarios', 'whitepaper', `${figure}.yaml`);
}

/** An environment in which nothing decides about colours. */
export const PLAIN_ENVIRONMENT: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !['NO_COLOR', 'FORCE_COLOR', 'CLICOLOR_FORCE'].includes(name)),
);

const resident = new Resident(join(ROOT, 'dist', 'bin', 'command-line.js'));

/** Runs `cutaway` as from a shell in `folder`, with neither end a terminal. */
export function cutawayIn(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ToolResult {
  return resident.run(folder, args, { ...PLAIN_ENVIRONMENT, ...environment });
}

/** The same as a process of its own, where being one matters. One that never ends is killed, and has no status. */
export function cutawayProcess(folder: string, args: readonly string[]): ToolResult {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [CUTAWAY, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: PLAIN_ENVIRONMENT,
    maxBuffer: 64 * 1024 * 1024,
    timeout: 120_000,
  });
  if (error !== undefined && errorCode(error) !== 'ETIMEDOUT') throw error;
  return { status, stdout, stderr };
}

/** A fresh folder that goes away with the test. */
export function temporaryFolder(): TemporaryFolder {
  const folder = new TemporaryFolder();
  onTestFinished(() => folder.dispose());
  return folder;
}

/** Runs `cutaway` in a folder of its own. */
export function cutaway(...args: string[]): ToolResult {
  return cutawayIn(temporaryFolder().path, args);
}

/** Every line of NDJSON output. */
export function ndjson(output: string): Record<string, unknown>[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
