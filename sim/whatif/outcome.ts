import { accountOf, type FlowAccount } from '../explain/account.ts';
import type { DropAccount } from '../explain/drop-account.ts';
import type { Verdict } from '../explain/verdict.ts';
import type { Recorder } from '../packet/recorder.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { type DropStep, familyOf } from '../scenario/probe-report.ts';
import type { World } from '../world/world.ts';
import type { Attempt } from './subject.ts';

/** What became of a flow, as plain data. */
export interface Outcome {
  readonly verdict: Verdict;
  /** It came back as its sender meant it: every request is answered, a connection made and ended in order. */
  readonly answered: boolean;
  /** What ended it where it was not answered: `kernel:NETFILTER_DROP`, an errno, or ''. */
  readonly reason: string;
  /** Title of the place that ended it, '' for nowhere. */
  readonly at: string;
  readonly detail: string;
  /** The rule, route, neighbour, setting or socket that decided, as the device prints it; '' where none did. */
  readonly decidedBy: string;
  /** Stations of the request, and of its answer as far as that came. */
  readonly path: readonly string[];
  readonly replyPath: readonly string[];
  /** Of the answer. */
  readonly ttl: number | undefined;
  /** What the last stack saw as the source of the request. */
  readonly source: string;
  /** Nodes that the request met, in their order. */
  readonly nodes: readonly string[];
}

/** Where a packet of a flow died. */
export type Death = DropStep;

export function recorderOf(world: World): Recorder {
  const { recorder } = world;
  if (recorder === undefined) throw new Error('a flow that is to be judged runs with a recorder');
  return recorder;
}

/** Judges one attempt by what its program saw and what its packets met. */
export function outcomeOf(attempt: Attempt): Outcome {
  const { world } = attempt;
  const account = accountOf(world, attempt);
  const answered = world.halt === undefined && isAnswered(attempt, account);
  return {
    verdict: answered ? 'DELIVERED' : account.verdict,
    answered,
    ...(answered ? NO_END : endOf(account, attempt)),
    path: account.there?.path ?? [],
    replyPath: account.back?.path ?? [],
    ttl: account.ttl,
    source: sourceSeen(account),
    nodes: [...new Set((account.there?.steps ?? []).map(({ place }) => place.node))],
  };
}

/** Drops of the flow's own packets and of all they caused, copies that floods made for others left out; oldest first. */
export function deathsOf({ world, probe, since }: Attempt): Death[] {
  const recorder = recorderOf(world);
  const deaths: Death[] = [];
  const strays: Death[] = [];
  for (const number of packetsOf(
    recorder,
    probe.sent.map(({ packet }) => packet),
    since,
  )) {
    const end = recorder.stepsOf(number).at(-1);
    if (end?.kind !== 'drop' || NOISE.includes(end.reason)) continue;
    (STRAY.includes(end.reason) ? strays : deaths).push(end);
  }
  return (deaths.length > 0 ? deaths : strays).sort((a, b) => a.order - b.order);
}

/** A frame at a station it is not for: noise where a flood made it, the end of a packet that nobody else got. */
const STRAY: readonly string[] = ['kernel:OTHERHOST', 'comware:FRAME_OTHER_HOST'];

/** Segments that say what was said before, and the ends of connections. */
const NOISE: readonly string[] = [
  ...['kernel:TCP_OLD_DATA', 'kernel:TCP_OLD_SEQUENCE', 'kernel:TCP_RESET', 'kernel:TCP_CLOSE'],
];

/** Packets of a flow, address resolution left out: what the sender's program sent, and all that was born since. */
function packetsOf(recorder: Recorder, sent: readonly number[], since: number): number[] {
  const family = new Set(sent.flatMap((packet) => (packet === 0 ? [] : familyOf(recorder, packet, false))));
  for (const { number } of recorder.packets()) {
    if (number >= since && !isArp(recorder.stepsOf(number)[0])) family.add(number);
  }
  return [...family];
}

function isArp(birth: RecordedStep | undefined): boolean {
  return birth?.kind === 'originate' && birth.origin === 'arp';
}

/** Whether the program got what it asked for. Datagrams that nobody answers are well when they arrived and none died. */
function isAnswered({ probe }: Attempt, { there, drops, refusals, errors }: FlowAccount): boolean {
  const isClean = drops.length === 0 && refusals.length === 0 && errors.every(({ packet }) => packet === 0);
  switch (probe.kind) {
    case 'ping':
      return probe.sent.length > 0 && probe.replies.length >= probe.sent.length;
    case 'udp':
      if (probe.sent.length > 0 && probe.replies.length >= probe.sent.length) return true;
      return there?.verdict === 'DELIVERED' && isClean;
    case 'tcp':
      return probe.connected && probe.error === undefined && probe.closed;
    case 'http':
      return probe.response !== undefined && probe.response.status < 400;
    case 'tftp':
      return probe.file !== undefined && probe.failure === undefined && probe.error === undefined;
    case 'pull':
      return probe.finished && probe.failure === undefined;
    case 'arping':
      return probe.answers.length > 0;
    case 'traceroute':
      return probe.replies.length > 0 && probe.failure === undefined;
  }
}

type End = Pick<Outcome, 'reason' | 'at' | 'detail' | 'decidedBy'>;

const NO_END: End = { reason: '', at: '', detail: '', decidedBy: '' };

/** What ended it: the death of the packet the account is told of, or another; else a refusal to answer or to send. */
function endOf(account: FlowAccount, attempt: Attempt): End {
  const { there, back, drops, refusals, errors, silence } = account;
  const leg = there !== undefined && there.verdict !== 'DELIVERED' ? there : back;
  const died = drops.find(({ packet }) => packet === leg?.packet);
  if (died !== undefined) return endOfDrop(died);
  const [refusal] = refusals;
  if (refusal !== undefined) {
    const { errno, at, what, to } = refusal;
    return { reason: errno, at, detail: `${what} to ${to}`, decidedBy: `no way to ${to}` };
  }
  const [drop] = drops;
  if (drop !== undefined) return endOfDrop(drop);
  const [stray] = deathsOf(attempt);
  if (stray !== undefined) {
    return { reason: stray.reason, at: stray.place.title, detail: stray.detail, decidedBy: '' };
  }
  const [error] = errors;
  if (error !== undefined) {
    const { errno, from, text } = error;
    return { reason: errno, at: from === '' ? account.from : from, detail: text, decidedBy: '' };
  }
  return { ...NO_END, at: there?.steps.at(-1)?.place.title ?? '', detail: silence };
}

function endOfDrop({ reason, at, detail, decidedBy }: DropAccount): End {
  return { reason, at, detail, decidedBy: decidedBy.text };
}

/**
 * How far the flow came: the decisions its packets met, there and back, each once, so that going round in circles is no
 * progress. What a drop caused, such as an error, is none either.
 */
export function reachOf({ world, probe, since }: Attempt): number {
  const recorder = recorderOf(world);
  const met = new Set<string>();
  const sent = probe.sent.map(({ packet }) => packet);
  for (const number of packetsOf(recorder, sent, since)) {
    const cause = recorder.lineageOf(number)?.cause ?? 0;
    if (cause !== 0 && recorder.stepsOf(cause).at(-1)?.kind === 'drop') continue;
    const born = recorder.stepsOf(number)[0]?.place.title ?? '';
    for (const step of recorder.stepsOf(number)) {
      if (step.kind !== 'drop') met.add(`${born} ${step.place.title} ${step.function}`);
    }
  }
  return met.size;
}

/** The last rewrite of the source on the way there. */
function sourceSeen({ there, source }: FlowAccount): string {
  let seen = source;
  for (const step of there?.steps ?? []) {
    if (step.kind === 'rewrite' && step.field === 'source') seen = step.after.replace(/[: ].*$/, '');
  }
  return seen;
}
