import type { RecordedStep, Recorder } from '../packet/trace.ts';
import { type DropStep, familyOf, reportProbe } from '../scenario/probe-report.ts';
import { type ProbeSummary, summarize } from '../scenario/report.ts';
import type { World } from '../world/world.ts';
import type { Attempt } from './subject.ts';

export type Verdict = 'DELIVERED' | 'DROPPED' | 'REJECTED' | 'UNDECIDED';

/** What became of a flow, as plain data. */
export interface Outcome {
  readonly verdict: Verdict;
  /** It came back as its sender meant it: every request is answered, a connection made and ended in order. */
  readonly answered: boolean;
  /** What ended it where it was not delivered: `kernel:NETFILTER_DROP`, an errno, or ''. */
  readonly reason: string;
  /** Title of the place that ended it, '' for nowhere. */
  readonly at: string;
  readonly detail: string;
  /** Stations of the request and of its answer. */
  readonly path: readonly string[];
  readonly replyPath: readonly string[];
  /** Of the answer. */
  readonly ttl: number | undefined;
  /** What the last stack saw as the source of the request. */
  readonly source: string;
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
  const { world, from, probe, storm } = attempt;
  const recorder = recorderOf(world);
  const report = reportProbe(recorder, probe);
  const summary = summarize(from, probe, report);
  const deaths = deathsOf(attempt);
  const answered = !storm && isAnswered(attempt, summary, deaths);
  const end = endOf(summary, deaths, attempt, report.requestSteps);
  return {
    verdict: answered ? 'DELIVERED' : verdictOf(summary, end, deaths),
    answered,
    ...(answered ? { reason: '', at: '', detail: '' } : end),
    path: summary.path,
    replyPath: summary.replyPath,
    ttl: summary.ttl,
    source: sourceSeen(report.requestSteps, summary.source),
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

export function isArp(birth: RecordedStep | undefined): boolean {
  return birth?.kind === 'originate' && birth.origin === 'arp';
}

/** Whether the program got what it asked for. Datagrams that nobody answers are well when they arrived and none died. */
function isAnswered({ probe }: Attempt, summary: ProbeSummary, deaths: readonly Death[]): boolean {
  const isClean =
    deaths.every(({ reason }) => STRAY.includes(reason)) && summary.refusals.length === 0 && probe.errors.length === 0;
  switch (probe.kind) {
    case 'ping':
      return probe.sent.length > 0 && probe.replies.length >= probe.sent.length;
    case 'udp':
      return probe.sent.length > 0 && (probe.replies.length >= probe.sent.length || (summary.delivered && isClean));
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

type End = Pick<Outcome, 'reason' | 'at' | 'detail'>;

/** What ended it: the first death; else a refusal to answer or to send. */
function endOf(summary: ProbeSummary, deaths: readonly Death[], attempt: Attempt, steps: readonly RecordedStep[]): End {
  const death = decisiveDeath(deaths);
  if (death !== undefined) return { reason: death.reason, at: death.place.title, detail: death.detail };
  const [refusal] = recorderOf(attempt.world).refusals;
  const told = summary.refusals[0];
  if (told !== undefined && refusal !== undefined) {
    return { reason: refusal.errno, at: refusal.place.title, detail: `${refusal.by} to ${refusal.destination}` };
  }
  const error = summary.errors[0];
  if (error !== undefined) {
    const errno = error.split(' ')[0] ?? error;
    return { reason: errno, at: error.includes(' ') ? '' : attempt.from, detail: error };
  }
  return { reason: '', at: steps.at(-1)?.place.title ?? '', detail: '' };
}

/** What a drop leads to is dropped too: the first one is the one to be healed. */
export function decisiveDeath(deaths: readonly Death[]): Death | undefined {
  return deaths[0];
}

function verdictOf(summary: ProbeSummary, { reason }: End, deaths: readonly Death[]): Verdict {
  if (deaths.length > 0 || summary.refusals.length > 0) return 'DROPPED';
  if (summary.errors.length > 0) return 'REJECTED';
  return summary.delivered && reason === '' ? 'DELIVERED' : 'UNDECIDED';
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
    for (const step of recorder.stepsOf(number)) {
      if (step.kind !== 'drop') met.add(`${step.place.title} ${step.function} ${step.kind} ${sent.includes(number)}`);
    }
  }
  return met.size;
}

/** The last rewrite of the source on the way there. */
function sourceSeen(steps: readonly RecordedStep[], own: string): string {
  let seen = own;
  for (const step of steps) {
    if (step.kind === 'rewrite' && step.field === 'source') seen = step.after.replace(/[: ].*$/, '');
  }
  return seen;
}
