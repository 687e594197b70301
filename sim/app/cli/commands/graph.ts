import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Flow } from '../../../explain/flow.ts';
import type { GraphOptions } from '../graph.ts';
import { addLimitOptions } from './limit-options.ts';
import { json, target, wholeNumber } from './option-values.ts';

const FORMATS: readonly GraphOptions['format'][] = ['svg', 'mermaid', 'dot'];

/** Reads `pc1 -> 203.0.113.1:80/tcp`, or with a comma for the arrow. */
function flowPath(text: string): NonNullable<GraphOptions['path']> {
  const [, from = '', to = '', protocol] = /^\s*(.+?)\s*(?:->|,)\s*([^\s/]+)(?:\/(icmp|udp|tcp))?\s*$/.exec(text) ?? [];
  if (from === '') throw new InvalidArgumentError('write "FROM -> ADDRESS[:PORT][/icmp|udp|tcp]".');
  const { address, port } = target(to);
  const meant = (protocol ?? (port === 0 ? 'icmp' : 'udp')) as Flow['protocol'];
  if (meant === 'icmp' && port !== 0) throw new InvalidArgumentError('icmp has no port.');
  if (meant !== 'icmp' && port === 0) throw new InvalidArgumentError(`${meant} needs a port.`);
  return { from, flow: { protocol: meant, destination: address, port } };
}

export function addGraph(program: Command): void {
  const command = program
    .command('graph')
    .description('draw the network of a topology, and over it the way of a flow')
    .argument('<topology>')
    .addOption(new Option('--format <format>', 'svg, mermaid or dot').choices(FORMATS).default('svg'))
    .option('--path <flow>', 'lay a flow over it: "pc1 -> 203.0.113.1:80/tcp", "pc1 -> 203.0.113.1"', flowPath)
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--seed <n>', 'seed of everything random', wholeNumber, 1);
  addLimitOptions(command)
    .addOption(json())
    .action(async (file: string, options: GraphOptions) => {
      const { drawTopology } = await import('../graph.ts');
      drawTopology(file, options);
    });
}
