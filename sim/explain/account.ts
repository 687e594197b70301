import { strerror } from '../core/errno.ts';
import type { SimTime } from '../core/time.ts';
import type { Recorder } from '../packet/recorder.ts';
import { lineageSteps, stationsOf, stationText } from '../packet/stations.ts';
import type { RecordedStep, Refusal } from '../packet/trace.ts';
import type { ProbeError, ProbeSent } from '../program/probe.ts';
import { isRealDrop } from '../scenario/probe-report.ts';
import type { Probe } from '../scenario/start-probe.ts';
import { formatIpv4 } from '../wire/address.ts';
import type { World } from '../world/world.ts';
import type { DecidedBy } from './decided-by.ts';
import { type DropAccount, dropAccountOf } from './drop-account.ts';
import type { FlowRun } from './flow.ts';
import { type Hop, hopsOf } from './hops.ts';
import { type Kin, kinOf } from './kin.ts';
import { Sightings } from './sightings.ts';
import { lostData } from './stream.ts';
import { outcomeOf, type Verdict } from './verdict.ts';

/** What happened to one request and its answer, as plain data. Times in nanoseconds, addresses as text. */
export interface FlowAccount {
  /** What sent it: `ping`, `udp`, `tcp`, `http`, ... */
  readonly kind: Probe['kind'];
  readonly protocol: 'icmp' | 'udp' | 'tcp' | 'arp';
  /** Title of the stack that sent. */
  readonly from: string;
  /** '' while nothing was sent. */
  readonly source: string;
  readonly to: string;
  /** 0 for ICMP. */
  readonly port: number;
  readonly time: SimTime;
  /** Of the flow: what became of the request, or of its answer if the request arrived and the answer did not. */
  readonly verdict: Verdict;
  /** TCP: the handshake was made, and `there` or `back` is the data that was lost after it. */
  readonly stage: 'request' | 'data';
  /** Undefined where the sender's own stack refused before there was a packet. */
  readonly there: Leg | undefined;
  /** The answer, an error or a refusal that came back or was lost on its way; undefined where nobody made one. */
  readonly back: Leg | undefined;
  /** Deaths of the request, of its answer and of errors about it, in their order; copies for others are left out. */
  readonly drops: readonly DropAccount[];
  /** Answers and errors that a stack could not send. */
  readonly refusals: readonly RefusalAccount[];
  /** What the sender was told instead of an answer. */
  readonly errors: readonly ErrorAccount[];
  /** Packets the program sent, and answers it got, in the whole run. */
  readonly sent: number;
  readonly received: number;
  /** Of the answer. */
  readonly ttl: number | undefined;
  readonly roundTrip: SimTime | undefined;
  /** Why a request that arrived has no answer, where a stack said so: `icmp_echo_ignore_all`. */
  readonly silence: string;
  /** What decided that it stays without an answer, where something did. */
  readonly silencedBy: DecidedBy | undefined;
}

/** One way of a packet. */
export interface Leg {
  /** Of its copies and pieces the one that the way is told of. */
  readonly packet: number;
  readonly verdict: Verdict;
  /** Stations in the whitepaper's words: `eth0@device-a/container3`. */
  readonly path: readonly string[];
  readonly hops: readonly Hop[];
  readonly steps: readonly RecordedStep[];
}

export interface RefusalAccount {
  readonly at: string;
  /** `ICMP echo reply`. */
  readonly what: string;
  readonly to: string;
  readonly errno: string;
  /** What decided: `no route to 10.0.0.2; asked: local, main, default`. */
  readonly why: string;
}

export interface ErrorAccount {
  readonly errno: string;
  /** `Connection refused`. */
  readonly text: string;
  /** Address of who said so; '' for the sender's own stack. */
  readonly from: string;
  /** 0 where no packet brought it. */
  readonly packet: number;
  /** What decided, where the sender's own stack did before there was a packet; else ''. */
  readonly why: string;
}

/** Accounts for a flow that was run in a world that records and captures. */
export function accountOf(world: World, run: Pick<FlowRun, 'from' | 'probe'>): FlowAccount {
  return accountOfRequest(world, new Sightings(world), run, 0);
}

/** Accounts for the request `index` (from 0) of a program. The world records. */
export function accountOfRequest(
  world: World,
  sightings: Sightings,
  { from, probe }: Pick<FlowRun, 'from' | 'probe'>,
  index: number,
): FlowAccount {
  const { recorder } = world;
  if (recorder === undefined) throw new Error('an account is made of what was recorded');
  return new Accountant(recorder, sightings, from, probe, world.halt !== undefined, probe.sent[index]).account();
}

/** Of frames that multiply the first deaths tell as much as thousands. */
const MOST_DROPS_OF_A_STORM = 20;

/** What is known of one request while its account is drawn up. */
class Accountant {
  readonly #recorder: Recorder;
  readonly #sightings: Sightings;
  readonly #from: string;
  readonly #probe: Probe;
  readonly #isCut: boolean;
  readonly #sent: ProbeSent | undefined;
  readonly #kin: Kin;

  constructor(
    recorder: Recorder,
    sightings: Sightings,
    from: string,
    probe: Probe,
    isCut: boolean,
    sent: ProbeSent | undefined,
  ) {
    this.#recorder = recorder;
    this.#sightings = sightings;
    this.#from = from;
    this.#probe = probe;
    this.#isCut = isCut;
    this.#sent = sent;
    this.#kin = kinOf(recorder, sent?.packet ?? 0);
  }

  account(): FlowAccount {
    const probe = this.#probe;
    const sequence = this.#sent?.sequence;
    const first = probe.replies.find((one) => one.sequence === sequence);
    // What traceroute takes for an answer is an error all the same: its request died.
    const isError = first !== undefined && this.#kin.roles.get(first.packet) === 'error';
    const reply = isError ? undefined : first;
    const error = probe.errors.find((one) => one.sequence === sequence && isTold(one));
    const refusals = this.#refusals();
    const lost = 'firstData' in probe ? lostData(this.#recorder, this.#sightings, probe) : undefined;
    const there = this.#there(lost?.there ?? 0, reply?.packet ?? error?.packet ?? 0, error !== undefined);
    const back =
      lost === undefined || lost.there === 0 ? this.#back(lost?.back ?? 0, reply?.packet ?? 0, error) : undefined;
    const silent = reply === undefined ? (there?.steps ?? []) : [];
    return {
      kind: probe.kind,
      protocol: protocolOf(probe.kind),
      from: this.#from,
      source: probe.source === 0 ? '' : formatIpv4(probe.source),
      to: formatIpv4(probe.destination),
      port: probe.port,
      time: this.#sent?.at ?? (0 as SimTime),
      verdict: this.#verdict(there, back, refusals, reply !== undefined && lost === undefined),
      stage: lost === undefined ? 'request' : 'data',
      there,
      back,
      drops: this.#drops(lost === undefined ? [] : [lost.there || lost.back]),
      refusals,
      errors: this.#errors(sequence),
      sent: probe.sent.filter((one) => one.packet !== 0).length,
      received: probe.replies.length,
      ttl: reply?.ttl || undefined,
      roundTrip: reply?.roundTrip,
      silence: silenceOf(silent),
      silencedBy: decidedSilence(silent),
    };
  }

  #verdict(
    there: Leg | undefined,
    back: Leg | undefined,
    refusals: readonly RefusalAccount[],
    isAnswered: boolean,
  ): Verdict {
    if (isAnswered) return 'DELIVERED';
    if (there === undefined) return 'REJECTED';
    if (there.verdict !== 'DELIVERED') return there.verdict;
    // It arrived. Whoever answers loses the answer: the sender hears nothing, whatever the one who answered was told.
    if (back !== undefined && back.verdict !== 'DELIVERED')
      return back.verdict === 'REJECTED' ? 'DROPPED' : back.verdict;
    if (refusals.length > 0) return 'DROPPED';
    return this.#isCut ? 'UNDECIDED' : 'DELIVERED';
  }

  #there(lost: number, caused: number, isTold: boolean): Leg | undefined {
    const request = lost || (this.#sent?.packet ?? 0);
    if (request === 0) return undefined;
    // Of frames that multiply the way of the first tells as much as that of the last.
    if (this.#isCut && caused === 0) return this.#leg(request, 'UNDECIDED');
    const refused = lost === 0 && this.#sent?.errno !== undefined;
    const outcome = outcomeOf(this.#recorder, request, lost === 0 ? caused : 0, (lost === 0 && isTold) || refused);
    const verdict = this.#isCut && outcome.verdict !== 'DELIVERED' ? 'UNDECIDED' : outcome.verdict;
    return this.#leg(outcome.main, verdict);
  }

  /** What came back: the answer, else what told the sender of an error; else the answer that was lost. */
  #back(lost: number, reply: number, error: { readonly packet: number } | undefined): Leg | undefined {
    if (lost === 0 && reply !== 0) return this.#leg(reply, 'DELIVERED');
    if (lost === 0 && error !== undefined && error.packet !== 0) return this.#leg(error.packet, 'DELIVERED');
    const { answers, errors } = this.#kin;
    const root = lost || (answers[0] ?? errors[0] ?? 0);
    if (root === 0) return undefined;
    if (this.#isCut) return this.#leg(root, 'UNDECIDED');
    const isTold = this.#recorder.lineageOf(root) !== undefined && this.#hasErrorAbout(root);
    const { main, verdict } = outcomeOf(this.#recorder, root, 0, isTold);
    return this.#leg(main, verdict);
  }

  /** Whether an ICMP error about a packet reached a stack. */
  #hasErrorAbout(root: number): boolean {
    return kinOf(this.#recorder, root).errors.some(
      (error) => outcomeOf(this.#recorder, error, 0, false).verdict === 'DELIVERED',
    );
  }

  #leg(packet: number, verdict: Verdict): Leg {
    const steps = lineageSteps(this.#recorder, packet);
    const path = stationsOf(steps).map(stationText);
    return { packet, verdict, path, hops: hopsOf(steps, this.#sightings), steps };
  }

  #drops(more: readonly number[]): DropAccount[] {
    const roles = new Map(this.#kin.roles);
    for (const lost of more) for (const [one, role] of kinOf(this.#recorder, lost).roles) roles.set(one, role);
    const drops = [...roles].flatMap(([packet, role]) => {
      const end = this.#recorder.stepsOf(packet).at(-1);
      return isRealDrop(end) ? [{ role, end }] : [];
    });
    drops.sort((a, b) => a.end.order - b.end.order);
    return (this.#isCut ? drops.slice(0, MOST_DROPS_OF_A_STORM) : drops).flatMap(
      ({ role, end }) => dropAccountOf(this.#recorder, this.#sightings, end.packet, role) ?? [],
    );
  }

  #refusals(): RefusalAccount[] {
    return this.#recorder.refusals
      .filter((refusal) => this.#kin.roles.has(refusal.cause))
      .map((refusal) => {
        const { place, by, destination, errno } = refusal;
        return { at: place.title, what: by, to: destination, errno, why: this.#why(refusal) };
      });
  }

  /** What decided a refusal; the stack tells it where it looked for a way, which may be another layer than the one that refuses. */
  #why({ place, time, destination, errno, why }: Omit<Refusal, 'by' | 'cause'>): string {
    if (why !== '') return why;
    const same = (one: Refusal): boolean =>
      one.place === place && one.time === time && one.destination === destination && one.errno === errno;
    return this.#recorder.refusals.find((one) => same(one) && one.why !== '')?.why ?? '';
  }

  #errors(sequence: number | undefined): ErrorAccount[] {
    const own = this.#sent?.errno;
    const refused =
      own === undefined ? [] : [{ errno: own, text: strerror(own), from: '', packet: 0, why: this.#whyNotSent(own) }];
    const told = this.#probe.errors
      .filter((error) => error.sequence === sequence)
      .map(({ errno, from, packet }) => ({ errno, text: strerror(errno), from: formatIpv4(from), packet, why: '' }));
    return [...refused, ...told];
  }

  #whyNotSent(errno: string): string {
    const at = this.#sent?.at;
    const to = formatIpv4(this.#probe.destination);
    const own = this.#recorder.refusals.find(
      (one) => one.cause === 0 && one.time === at && one.destination === to && one.errno === errno,
    );
    return own?.why ?? '';
  }
}

/** An error that somebody sent, or the own stack gave; that nothing came in time is nobody's word. */
function isTold({ packet, errno }: ProbeError): boolean {
  return packet !== 0 || errno !== 'ETIMEDOUT';
}

function protocolOf(kind: Probe['kind']): FlowAccount['protocol'] {
  if (kind === 'ping') return 'icmp';
  if (kind === 'arping') return 'arp';
  return kind === 'udp' || kind === 'tftp' || kind === 'traceroute' ? 'udp' : 'tcp';
}

function decidedSilence(steps: readonly RecordedStep[]): DecidedBy | undefined {
  const because = steps.at(-2);
  if (steps.at(-1)?.kind !== 'consume' || because?.kind !== 'because') return undefined;
  return { kind: because.of, text: because.text, facts: because.facts };
}

/** What a stack says of a request that it uses up without an answer. */
function silenceOf(steps: readonly RecordedStep[]): string {
  const end = steps.at(-1);
  if (end?.kind !== 'consume') return '';
  return /ignore|not answered|no reply possible|no way back/.test(end.by) ? end.by : '';
}
