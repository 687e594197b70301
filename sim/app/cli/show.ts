import { type Command, Option } from 'commander';
import { nearest } from '../../core/nearest.ts';
import type { SimTime } from '../../core/time.ts';
import { showTable, TABLE_NAMES, tableRows } from '../../show/table-of.ts';
import { missingStack } from '../../world/stack-names.ts';
import { openTopology } from '../sources.ts';
import { EXIT } from './exit.ts';
import { json, time, wholeNumber } from './option-values.ts';
import { print, refuse, say } from './terminal.ts';

const SHOW_TABLES = TABLE_NAMES;

export interface ShowOptions {
  readonly style?: 'linux' | 'comware';
  readonly at?: SimTime;
  readonly seed: number;
  readonly json?: boolean;
}

/** `cutaway show`: a table of one stack, or of each. */
function showTables(file: string, what: string, name: string | undefined, options: ShowOptions): undefined {
  // `route-n` spares the quotes of `route -n`.
  const table = TABLE_NAMES.find((one) => one === what || one.replace(' -', '-').replace(' ', '-') === what);
  if (table === undefined) {
    const close = nearest(what, TABLE_NAMES);
    const hint = close === undefined ? `there are ${TABLE_NAMES.join(', ')}` : `did you mean "${close}"?`;
    return fail(`there is no table "${what}"; ${hint}`);
  }
  const opened = openTopology(file, { seed: options.seed, trace: false, capture: false });
  if ('problems' in opened) return refuse(opened.problems, options.json === true);
  const { world } = opened;
  if (options.at !== undefined) world.advance(options.at);
  const found = name === undefined ? undefined : world.find(name);
  if (name !== undefined && found === undefined) {
    const { message, hint } = missingStack(world, name);
    return fail(`${message}; ${hint}`);
  }
  const stacks = found === undefined ? world.stacks() : [found];
  for (const stack of stacks) {
    const snapshot = world.snapshot(stack);
    if (options.json === true) {
      print(
        JSON.stringify({
          schema: 'cutaway/show/1',
          stack: stack.title,
          time: world.clock.now,
          [table]: tableRows(snapshot, table, options.style),
        }),
      );
    } else {
      if (stacks.length > 1) print(`# ${stack.title}`);
      print(showTable(snapshot, table, options.style));
    }
  }
}

function fail(message: string): undefined {
  say(`error: ${message}`);
  process.exitCode = EXIT.usage;
  return undefined;
}

export function addShow(program: Command): void {
  program
    .command('show')
    .description(`print a table: ${SHOW_TABLES.join(', ')}`)
    .argument('<topology>')
    .argument('<what>', `one of ${SHOW_TABLES.join(', ')}`)
    .argument('[stack]', 'one stack; default: all')
    .addOption(new Option('--style <style>', 'whose format').choices(['linux', 'comware']))
    .option('--at <time>', 'state at this simulated time', time)
    .option('--seed <n>', 'seed of everything random', wholeNumber, 1)
    .addOption(json())
    .action(showTables);
}
