import { type Command, Option } from 'commander';
import { address, target, ttl, wholeNumber } from './option-values.ts';

/** Declares the options that say which flow is sent through a topology; `trace` and `explain` take them. */
export function addFlowOptions(command: Command): Command {
  return command
    .option('--from <stack>', 'who sends: a node, a container, NODE/comware, NODE/host')
    .option('--to <address[:port]>', 'IPv4 address, with a port for udp and tcp', target)
    .addOption(
      new Option('--proto <protocol>', 'icmp, udp or tcp; default: udp if a port is given').choices([
        'icmp',
        'udp',
        'tcp',
      ]),
    )
    .option('--ttl <n>', 'initial TTL', ttl)
    .option('--source <address>', 'source address', address)
    .option('--sport <port>', 'source port', port)
    .option('--size <n>', 'payload bytes', wholeNumber)
    .addOption(new Option('--df <mode>', 'path MTU discovery, as ping -M').choices(['want', 'do', 'dont']))
    .option('--seed <n>', 'seed of everything random, instead of 1 or the one in the scenario', wholeNumber);
}

function port(text: string): number {
  return target(`0.0.0.0:${text}`).port;
}
