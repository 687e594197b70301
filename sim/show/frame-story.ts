import { sentenceOf } from '../packet/drop-reasons.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { stepText } from './step-text.ts';

/** Steps that decide: what a frame's comment tells of a hop. */
const DECIDING: readonly RecordedStep['kind'][] = [
  ...(['rule', 'route', 'rewrite', 'bridge', 'punt', 'demultiplex', 'hook', 'deliver', 'consume', 'drop'] as const),
];

export type DropStep = RecordedStep & { readonly kind: 'drop' };

/** What a frame's comment says, and the death that it tells of. */
export interface FrameStory {
  readonly text: string;
  readonly drop: DropStep | undefined;
}

/**
 * What was decided about a packet around one of its `receive` or `transmit` steps: for a received frame what follows
 * until the packet leaves that stack, for a sent one what came before since it entered, and how it died where no device
 * saw it after that. '' for nothing.
 */
export function frameStory(steps: readonly RecordedStep[], index: number): FrameStory {
  const before = steps.slice(0, index).findLastIndex(isAtDevice) + 1;
  const next = steps.findIndex((step, at) => at > index && isAtDevice(step));
  const after = steps.slice(index + 1, next < 0 ? steps.length : next);
  const isReceived = steps[index]?.kind === 'receive';
  const hop = isReceived ? after : [...steps.slice(before, index), ...after.filter((step) => step.kind === 'drop')];
  return storyOf(hop);
}

/** Of a packet that never met a device: all that happened to it. */
export function wholeStory(steps: readonly RecordedStep[]): FrameStory {
  return storyOf(steps.filter((step) => !isAtDevice(step)));
}

/** The death comes first: a column of Wireshark shows the beginning of a comment. */
function storyOf(hop: readonly RecordedStep[]): FrameStory {
  const drop = hop.find((step): step is DropStep => step.kind === 'drop');
  const told = hop.filter((step) => DECIDING.includes(step.kind) && step.kind !== 'drop' && !isRepeated(step, hop));
  let component: string = drop?.component ?? '';
  const parts = told.map((step) => {
    const text = natText(step, hop) ?? stepText(step);
    const head = step.component === component ? '' : `${step.component}: `;
    component = step.component;
    return `${head}${text}`;
  });
  const end = drop === undefined ? [] : [dropText(drop)];
  const before = drop !== undefined && parts.length > 0 ? ['before that:'] : [];
  const text = [...end, [...before, parts.join('; ')].join(' ')].filter((part) => part !== '').join('; ');
  return { text, drop };
}

/** `Kernel forwarding: DROPPED NEIGH_FAILED: the next hop did not answer address resolution (10.0.0.9 on eth0)`. */
function dropText({ component, reason, detail }: DropStep): string {
  const name = reason.slice(reason.indexOf(':') + 1);
  return `${component}: DROPPED ${name}: ${sentenceOf(reason)}${detail === '' ? '' : ` (${detail})`}`;
}

/**
 * A translation in one line, with the rule that asked for it: `SNAT 10.0.0.1:4 -> 192.0.2.1:4, rule 2 of POSTROUTING`. What
 * goes the other way has its translation taken back, and no rule is asked.
 */
function natText(step: RecordedStep, hop: readonly RecordedStep[]): string | undefined {
  if (step.kind !== 'rewrite' || (step.field !== 'source' && step.field !== 'destination')) return undefined;
  const { field, before, after } = step;
  const kind = field === 'source' ? 'SNAT' : 'DNAT';
  const rule = hop.findLast((one) => isNatDecision(one, field) && one.order < step.order);
  const change = `${before} -> ${after}`;
  if (rule?.kind === 'hook' && rule.rule !== undefined) {
    return `${kind} ${change}, rule ${rule.rule.number} of ${rule.rule.chain}`;
  }
  // Comware's sessions translate both directions, whichever began.
  if (rule?.kind === 'hook') return `${kind} ${change}, ${rule.by === 'session' ? 'by its session' : rule.by}`;
  if (isAnswer(hop)) return `${field === 'source' ? 'DNAT' : 'SNAT'} taken back: ${field} ${change}`;
  return `${kind} ${change}, as the connection's first packet`;
}

/** A rule of iptables that translates this side, or one of Comware's. */
function isNatDecision(step: RecordedStep, side: 'source' | 'destination'): boolean {
  if (step.kind !== 'hook') return false;
  if (step.rule === undefined) return step.verdict === 'translate';
  if (step.rule.table !== 'nat' || step.rule.number === 0) return false;
  return (side === 'source' ? ['SNAT', 'MASQUERADE'] : ['DNAT', 'REDIRECT']).includes(step.verdict);
}

function isAnswer(hop: readonly RecordedStep[]): boolean {
  return hop.some((step) => step.kind === 'hook' && /\breply of\b/.test(step.by));
}

/** Policies that let pass what nothing is decided about, and rules whose translation is told with its addresses. */
function isRepeated(step: RecordedStep, hop: readonly RecordedStep[]): boolean {
  if (step.kind !== 'hook') return false;
  if (step.rule?.number === 0 && /^accept$/i.test(step.verdict)) return true;
  if (/^nat: (source|destination) bound/.test(step.by)) return true;
  const sides = ['source', 'destination'] as const;
  return sides.some(
    (side) => isNatDecision(step, side) && hop.some((one) => one.kind === 'rewrite' && one.field === side),
  );
}

function isAtDevice(step: RecordedStep): boolean {
  return step.kind === 'receive' || step.kind === 'transmit';
}
