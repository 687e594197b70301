import type { Recorder } from '../packet/recorder.ts';
import type { Because, DecidingRule, RecordedStep } from '../packet/trace.ts';
import type { DropStep } from '../scenario/probe-report.ts';
import { stepText } from '../show/step-text.ts';

/** The entry, setting or header field that decided that a packet dies, as the device prints it. */
export interface DecidedBy {
  readonly kind:
    | Because
    | 'rule'
    | 'policy'
    | 'no-route'
    | 'policy-rule'
    | 'connection'
    | 'nat'
    | 'bridge'
    | 'program'
    | 'header';
  readonly text: string;
  /** Of `rule` and `policy`: where it stands. */
  readonly rule?: DecidingRule;
  /** The values it decided on: `name` and `value` of a sysctl, `device` and `mtu`, `prefix` and `table` of a route. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Of `neighbour`: how the requests for its MAC ended, one line for each end. */
  readonly resolution?: readonly string[];
}

/** What decided a drop, by the steps that were recorded before it, `steps` being those of the packet and its ancestors. */
export function decidedBy(recorder: Recorder, steps: readonly RecordedStep[], drop: DropStep): DecidedBy {
  const before = steps.slice(0, steps.indexOf(drop));
  // A hook that drops may put its own step between.
  const because = before.slice(-2).findLast((step) => step.kind === 'because');
  if (because?.kind === 'because') return { kind: because.of, text: because.text, facts: because.facts };
  const here = before.slice(before.findLastIndex((step) => step.place !== drop.place) + 1);
  const found = fromStep(here, drop);
  if (found?.kind === 'neighbour') return { ...found, resolution: resolutionOf(recorder, drop) };
  return found ?? { kind: 'header', text: stepText(drop).replace('DROP ', ''), facts: {} };
}

/** How the ARP requests that a packet caused where it died, and the answers to them, ended: where, and why there. */
function resolutionOf(recorder: Recorder, drop: DropStep): string[] {
  const asked = new Set<number>();
  for (const { number, parent, cause } of recorder.packets()) {
    const birth = recorder.stepsOf(number)[0];
    const isArp = birth?.kind === 'originate' && birth.origin === 'arp';
    if (asked.has(parent) || (isArp && (asked.has(cause) || (cause === drop.packet && birth.place === drop.place))))
      asked.add(number);
  }
  const ends = [...asked].flatMap((number) => {
    const steps = recorder.stepsOf(number);
    const end = steps.at(-1);
    if (end === undefined || end.kind === 'transmit') return [];
    const because = steps.findLast((step) => step.kind === 'because');
    const why = because === undefined ? '' : `${stepText(because)}; `;
    return [`${end.place.title}: ${why}${stepText(end)}`];
  });
  return [...new Set(ends)];
}

/** Which step of the same place decides a drop of this kind. */
function fromStep(here: readonly RecordedStep[], drop: DropStep): DecidedBy | undefined {
  switch (drop.reason) {
    case 'kernel:NETFILTER_DROP':
      return fromHook(here, drop);
    case 'kernel:IP_INNOROUTES':
    case 'kernel:IP_INVALID_DEST':
    case 'comware:NO_ROUTE':
    case 'comware:BLACKHOLE':
      return fromRoute(here);
    case 'comware:NAT_NO_ADDRESS':
    case 'comware:NAT_NO_PORT':
    case 'comware:NAT_CLASH':
      return { kind: 'nat', text: drop.detail, facts: {} };
    case 'kernel:NEIGH_FAILED':
    case 'comware:ARP_FAILED':
    case 'kernel:NEIGH_QUEUEFULL':
    case 'comware:ARP_QUEUE_FULL':
      return fromNeighbour(here, drop);
    default:
      return undefined;
  }
}

function fromHook(here: readonly RecordedStep[], drop: DropStep): DecidedBy | undefined {
  const step = here.findLast((one) => one.kind === 'hook');
  if (step?.kind !== 'hook') return undefined;
  const { rule, hook, by, verdict } = step;
  if (rule === undefined || verdict === 'accept') {
    return { kind: by.startsWith('nat') ? 'nat' : 'connection', text: drop.detail || by, facts: { hook } };
  }
  const { table, chain, number, text } = rule;
  if (number > 0) return { kind: 'rule', text: `-t ${table} ${text}`, rule, facts: { hook } };
  return { kind: 'policy', text: `:${chain} DROP (table ${table})`, rule, facts: { hook } };
}

function fromRoute(here: readonly RecordedStep[]): DecidedBy | undefined {
  const index = here.findLastIndex((one) => one.kind === 'route');
  const step = here[index];
  if (step?.kind !== 'route') return undefined;
  const { destination, type, prefix, table, device, gateway } = step;
  const rule = here[index - 1];
  if (type === 'none') {
    if (rule?.kind === 'rule' && /\b(unreachable|prohibit|blackhole)$/.test(rule.rule)) {
      const { priority } = rule;
      return { kind: 'policy-rule', text: `${priority}: ${rule.rule}`, facts: { priority, destination } };
    }
    const asked = (step.asked ?? []).join(', ');
    return { kind: 'no-route', text: `no route to ${destination}; asked: ${asked}`, facts: { destination, asked } };
  }
  const words = [type === 'unicast' ? '' : type, prefix, gateway && `via ${gateway}`, device && `dev ${device}`];
  const text = `${words.filter((word) => word !== '').join(' ')} ${table === 'FIB' ? '(FIB)' : `table ${table}`}`;
  return { kind: 'route', text, facts: { destination, type, prefix, table, device, gateway } };
}

function fromNeighbour(here: readonly RecordedStep[], drop: DropStep): DecidedBy | undefined {
  const step = here.findLast((one) => one.kind === 'neighbour');
  if (step?.kind !== 'neighbour') return undefined;
  const { nextHop: address, device } = step;
  const state = drop.reason === 'kernel:NEIGH_FAILED' ? 'FAILED' : 'INCOMPLETE';
  const text = drop.reason.startsWith('comware:')
    ? `ARP entry ${address} on ${device}`
    : `${address} dev ${device} ${state}`;
  return { kind: 'neighbour', text, facts: { address, device } };
}
