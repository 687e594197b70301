import type { Command } from 'commander';
import type { ExplainOptions } from '../explain.ts';
import { addFlowOptions } from './flow-options.ts';
import { addLimitOptions } from './limit-options.ts';
import { json, wholeNumber } from './option-values.ts';

export function addExplain(program: Command): void {
  const command = addFlowOptions(
    program
      .command('explain')
      .description('why a packet was dropped, by what, and which change lets it pass')
      .argument('<file>', 'a topology, with --from and --to, or a scenario')
      .argument('[expression...]', 'explain the requests that have to do with packets of this expression of tcpdump'),
  )
    .option('--step <n>', 'of a scenario the requests of this step alone', wholeNumber)
    .option('--packet <n>', 'how this packet ended', wholeNumber)
    .option('--no-what-if', 'do not look for changes that let it pass')
    .option('--exit-code', 'exit with 1 if a request got no answer');
  addLimitOptions(command)
    .addOption(json())
    .action(async (file: string, expression: string[], options: ExplainOptions) => {
      const { explain } = await import('../explain.ts');
      await explain(file, expression, options);
    });
}
