import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { PACKAGE_ROOT } from '../sources.ts';
import { addCheck } from './check.ts';
import { addDiff } from './diff.ts';
import { addExplain } from './explain.ts';
import { addExport } from './export.ts';
import { addFigures } from './figures.ts';
import { addGraph } from './graph.ts';
import { addInit } from './init.ts';
import { addList } from './list.ts';
import { addProfile } from './profile.ts';
import { addRun } from './run.ts';
import { addSchema } from './schema.ts';
import { addShow } from './show.ts';
import { addTrace } from './trace.ts';

/** In the order in which --help lists them. Each command is declared beside what it does. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addRun,
  addTrace,
  addExplain,
  addDiff,
  addShow,
  addGraph,
  addExport,
  addProfile,
  addFigures,
  addCheck,
  addList,
  addInit,
  addSchema,
];

/** The command line: what it accepts, and which function does it. */
export function cutaway(): Command {
  const program = new Command('cutaway')
    .description('Packet-level simulator of the Linux kernel stack, bridges and Comware V9 container networking.')
    .version(version(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(cutaway --help lists the commands)')
    .showSuggestionAfterError()
    .enablePositionalOptions();
  for (const add of COMMANDS) add(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

function version(): string {
  const text = readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
