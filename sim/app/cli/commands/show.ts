import { type Command, Option } from 'commander';
import { TABLE_NAMES } from '../../../show/table-names.ts';
import type { ShowOptions } from '../show.ts';
import { addLimitOptions } from './limit-options.ts';
import { json, time, wholeNumber } from './option-values.ts';

export function addShow(program: Command): void {
  const command = program
    .command('show')
    .description('print a table in the format of the device, at any time; without a table, what there is')
    .argument('<file>', 'a topology, or a scenario, which runs first')
    .argument('[what]', `a command of the device, such as "ip -j route" or "display arp", or ${TABLE_NAMES.join(', ')}`)
    .argument('[stack]', 'one stack; default: all')
    .addOption(new Option('--style <style>', 'whose format a short name has').choices(['linux', 'comware']))
    .option('--at <time>', 'state at this simulated time; of a scenario as far as it has run by then', time)
    .option('--seed <n>', 'seed of everything random (default: 1, or that of the scenario)', wholeNumber);
  addLimitOptions(command)
    .addOption(json())
    .action(async (file: string, what: string | undefined, name: string | undefined, options: ShowOptions) => {
      const { showTables } = await import('../show.ts');
      await showTables(file, what, name, options);
    });
}
