import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * Programs of others that judge our files. They may be missing: a test that needs one is
 * `it.skipIf(!hasTshark)(`... ${needsTshark}`, ...)`, so that the report says why it did not run.
 */

export const hasTshark = answers('tshark');
export const hasCapinfos = answers('capinfos');
export const hasDot = spawnSync('dot', ['-V'], { stdio: 'ignore' }).status === 0;
export const needsTshark = hasTshark ? '(tshark)' : '(skipped: no tshark on the PATH)';
export const needsCapinfos = hasCapinfos ? '(capinfos)' : '(skipped: no capinfos on the PATH)';
export const needsDot = hasDot ? '(dot)' : '(skipped: no dot on the PATH)';

export interface ToolResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fresh folder for one test, taken away by dispose(). */
export class TemporaryFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'cutaway-test-'));

  /** Writes `content` to `name`, folders in between included, and returns the whole path. */
  write(name: string, content: Uint8Array | string): string {
    const path = join(this.path, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A folder that does not exist: nobody's own preferences decide a test. */
const NO_CONFIGURATION = join(tmpdir(), 'cutaway-no-configuration');

/** Runs tshark in UTC, with `configuration` as Wireshark's configuration folder. */
export function tshark(args: readonly string[], configuration = NO_CONFIGURATION): ToolResult {
  return run('tshark', args, configuration);
}

export function capinfos(args: readonly string[]): ToolResult {
  return run('capinfos', args, NO_CONFIGURATION);
}

/** The value of each of `fields` in each frame, with IP, TCP and UDP checksums verified. */
export function tsharkFields(file: string, fields: readonly string[], preferences: readonly string[] = []): string[][] {
  const checksums = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
  const columns = fields.flatMap((field) => ['-e', field]);
  const more = preferences.flatMap((preference) => ['-o', preference]);
  const result = tshark(['-r', file, '-n', ...checksums, ...more, '-T', 'fields', ...columns]);
  if (result.status !== 0) throw new Error(`tshark: ${result.stderr}`);
  return lines(result.stdout).map((line) => line.split('\t'));
}

/** The lines of a program's output, without the empty one after the last line feed. */
export function lines(output: string): string[] {
  return output.replace(/\r?\n$/, '').split(/\r?\n/);
}

function run(program: string, args: readonly string[], configuration: string): ToolResult {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, WIRESHARK_CONFIG_DIR: configuration, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  });
  if (result.error !== undefined) throw result.error;
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

function answers(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}
