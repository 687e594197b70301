import { Command } from 'commander';
import { packageVersion } from '../package-root.ts';
import { addCheck } from './commands/check.ts';
import { addDiff } from './commands/diff.ts';
import { addExplain } from './commands/explain.ts';
import { addExport } from './commands/export.ts';
import { addFigures } from './commands/figures.ts';
import { addGraph } from './commands/graph.ts';
import { addInit } from './commands/init.ts';
import { addList } from './commands/list.ts';
import { addMerge } from './commands/merge.ts';
import { addProfile } from './commands/profile.ts';
import { addRun } from './commands/run.ts';
import { addSchema } from './commands/schema.ts';
import { addShow } from './commands/show.ts';
import { addTrace } from './commands/trace.ts';
import { addWalk } from './commands/walk.ts';
import { print, say } from './terminal.ts';

/**
 * In the order in which --help lists them. What a command does is loaded when it is asked for: the declarations in
 * commands/ import nothing that takes time.
 */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addRun,
  addMerge,
  addWalk,
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
    .version(packageVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: say })
    .showHelpAfterError('(cutaway --help lists the commands)')
    .showSuggestionAfterError()
    .enablePositionalOptions();
  for (const add of COMMANDS) add(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeOut: print, writeErr: say });
  return program;
}
