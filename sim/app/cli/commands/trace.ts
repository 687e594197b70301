import type { Command } from 'commander';
import type { TraceOptions } from '../trace.ts';
import { addFlowOptions } from './flow-options.ts';
import { addLimitOptions } from './limit-options.ts';
import { json, wholeNumber } from './option-values.ts';

export function addTrace(program: Command): void {
  const command = addFlowOptions(
    program
      .command('trace')
      .description('follow a packet and its answer, every decision explained; of a scenario every request')
      .argument('<file>', 'a topology, with --from and --to, or a scenario')
      .argument('[expression...]', 'show the packets that this expression of tcpdump lets pass'),
  )
    .option('--step <n>', 'of a scenario the requests of this step alone', wholeNumber)
    .option('--arp', 'show the address resolution too')
    .option('--functions', 'name the kernel function that decided')
    .option('--exit-code', 'exit with 1 if a request got no answer');
  addLimitOptions(command)
    .addOption(json())
    .action(async (file: string, expression: string[], options: TraceOptions) => {
      const { tracePackets } = await import('../trace.ts');
      await tracePackets(file, expression, options);
    });
}
