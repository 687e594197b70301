import { type Command, Option } from 'commander';
import { type Flow, runFlow } from '../../explain/flow.ts';
import type { RecordedStep, Recorder } from '../../packet/trace.ts';
import type { ProbeResult } from '../../program/probe.ts';
import { familyOf, reportProbe } from '../../scenario/probe-report.ts';
import { type ProbeSummary, summarize } from '../../scenario/report.ts';
import { traceText } from '../../show/trace-text.ts';
import { missingStack } from '../../world/stack-names.ts';
import type { World } from '../../world/world.ts';
import { openTopology } from '../sources.ts';
import { EXIT } from './exit.ts';
import { address, json, target, ttl, wholeNumber } from './option-values.ts';
import { print, refuse, say } from './terminal.ts';

export interface TraceOptions {
  readonly from: string;
  readonly to: { readonly address: number; readonly port: number };
  readonly proto?: 'icmp' | 'udp' | 'tcp';
  readonly ttl?: number;
  readonly source?: number;
  readonly size?: number;
  readonly df?: 'want' | 'do' | 'dont';
  readonly arp?: boolean;
  readonly seed: number;
  readonly exitCode?: boolean;
  readonly json?: boolean;
}

/** `cutaway trace`: one packet, its answer, and what was decided about both. */
function tracePacket(file: string, options: TraceOptions): undefined {
  const protocol = options.proto ?? (options.to.port === 0 ? 'icmp' : 'udp');
  if (protocol !== 'icmp' && options.to.port === 0) return usage(`${protocol} needs a port: --to ADDRESS:PORT`);
  if (protocol === 'icmp' && options.to.port !== 0) return usage('icmp has no port: --to ADDRESS');
  const opened = openTopology(file, { seed: options.seed, trace: true, capture: false });
  if ('problems' in opened) return refuse(opened.problems, options.json === true);
  const { world } = opened;
  const stack = world.find(options.from);
  if (stack === undefined) {
    const { message, hint } = missingStack(world, options.from);
    return usage(`${message}; ${hint}`);
  }
  const { to, ttl, source, size, df } = options;
  const flow: Flow = {
    protocol,
    destination: to.address,
    port: to.port,
    ...(source === undefined ? {} : { source }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(size === undefined ? {} : { size }),
    ...(df === undefined ? {} : { df }),
  };
  const { probe, storm } = runFlow(world, stack, flow);
  const report = reportProbe(recorderOf(world), probe);
  const summary = summarize(stack.title, probe, report);
  const steps = stepsOf(recorderOf(world), probe, options.arp === true);
  if (options.json === true) printJson(summary, steps);
  else printText(summary, report, steps, options.arp === true);
  if (storm) say('STORM: stopped after too many events, because frames multiply: is there a loop of bridges?');
  if (options.exitCode === true && summary.received === 0) process.exitCode = EXIT.failed;
}

function recorderOf(world: World): Recorder {
  const { recorder } = world;
  if (recorder === undefined) throw new Error('trace runs with a recorder');
  return recorder;
}

/** Steps of the packet and of all it caused; address resolution only where it is asked for. */
function stepsOf(recorder: Recorder, probe: ProbeResult, withArp: boolean): RecordedStep[] {
  const first = probe.sent[0]?.packet ?? 0;
  if (first === 0) return [];
  return familyOf(recorder, first, withArp)
    .flatMap((number) => [...recorder.stepsOf(number)])
    .sort((a, b) => a.order - b.order);
}

function printText(
  summary: ProbeSummary,
  report: ReturnType<typeof reportProbe>,
  all: readonly RecordedStep[],
  withArp: boolean,
): void {
  if (summary.path.length === 0) {
    print(`${summary.kind} ${summary.from} -> ${summary.to}: not sent: ${summary.errors.join(', ')}`);
    return;
  }
  const { requestSteps, replySteps } = report;
  const shown = new Set([...requestSteps, ...replySteps]);
  if (withArp) print(traceText(all));
  else {
    print(`there: ${summary.path.join(' > ')}`);
    print(traceText(requestSteps));
    if (replySteps.length > 0) {
      print(`back: ${summary.replyPath.join(' > ')}`);
      print(traceText(replySteps));
    }
    const rest = all.filter((step) => !shown.has(step));
    if (rest.length > 0 && replySteps.length === 0) print(`what it caused:\n${traceText(rest)}`);
  }
  print([verdictText(summary), ...summary.refusals.map((refusal) => `not sent: ${refusal}`)].join('\n'));
}

function verdictText(summary: ProbeSummary): string {
  const { received, ttl, drops, errors } = summary;
  switch (verdictOf(summary)) {
    case 'DELIVERED':
      return received > 0 ? `DELIVERED, answered with TTL ${ttl}` : 'DELIVERED, no answer came back';
    case 'DROPPED':
      return drops
        .map((drop) => `DROPPED at ${drop.at}: ${drop.reason}${drop.detail === '' ? '' : ` (${drop.detail})`}`)
        .join('\n');
    case 'REJECTED':
      return `REJECTED: ${errors.join(', ')}`;
    case 'UNDECIDED':
      return 'UNDECIDED: it still waits somewhere, and nothing came back';
  }
}

/** What became of the packet and of its answer. */
function verdictOf({
  received,
  delivered,
  drops,
  errors,
}: ProbeSummary): 'DELIVERED' | 'DROPPED' | 'REJECTED' | 'UNDECIDED' {
  if (received > 0 || (delivered && drops.length === 0)) return 'DELIVERED';
  if (drops.length > 0) return 'DROPPED';
  return errors.length > 0 ? 'REJECTED' : 'UNDECIDED';
}

function printJson(summary: ProbeSummary, steps: readonly RecordedStep[]): void {
  for (const step of steps) {
    const { place, ...rest } = step;
    print(JSON.stringify({ event: 'step', ...rest, node: place.node, place: place.title }));
  }
  print(JSON.stringify({ event: 'verdict', schema: 'cutaway/trace/1', verdict: verdictOf(summary), ...summary }));
}

function usage(message: string): undefined {
  say(`error: ${message}`);
  process.exitCode = EXIT.usage;
  return undefined;
}

export function addTrace(program: Command): void {
  program
    .command('trace')
    .description('send one packet and explain every decision it meets')
    .argument('<topology>')
    .requiredOption('--from <stack>', 'who sends: a node, a container, NODE/comware, NODE/host')
    .requiredOption('--to <address[:port]>', 'IPv4 address, with a port for udp', target)
    .addOption(
      new Option('--proto <protocol>', 'icmp, udp or tcp; default: udp if a port is given').choices([
        'icmp',
        'udp',
        'tcp',
      ]),
    )
    .option('--ttl <n>', 'initial TTL', ttl)
    .option('--source <address>', 'source address', address)
    .option('--size <n>', 'payload bytes', wholeNumber)
    .addOption(new Option('--df <mode>', 'path MTU discovery, as ping -M').choices(['want', 'do', 'dont']))
    .option('--arp', 'show the address resolution too')
    .option('--seed <n>', 'seed of everything random', wholeNumber, 1)
    .option('--exit-code', 'exit with 1 if no answer came back')
    .addOption(json())
    .action(tracePacket);
}
