import type { Recorder } from '../packet/recorder.ts';
import { descendants, lineageSteps, type Station, stationsOf, stationsToProgram } from '../packet/stations.ts';
import type { RecordedStep, Refusal } from '../packet/trace.ts';
import type { ProbeResult } from '../program/probe.ts';
import type { TcpProbe } from '../program/tcp-connection.ts';

/** What the recorder tells of one request and its answer. */
export interface ProbeReport {
  /** The request packet, 0 when the stack refused to send one. */
  readonly request: number;
  readonly requestSteps: readonly RecordedStep[];
  readonly requestPath: readonly Station[];
  /** The packet that brought the answer, 0 for none. */
  readonly reply: number;
  readonly replySteps: readonly RecordedStep[];
  readonly replyPath: readonly Station[];
  /** Drops of the request and of what it caused, copies made by flooding and meant for others left out. */
  readonly drops: readonly DropStep[];
  /** Answers to it, or errors about it, that could not be sent. */
  readonly refusals: readonly Refusal[];
}

export interface ProgramPaths {
  readonly there: readonly Station[];
  readonly back: readonly Station[];
}

export type DropStep = RecordedStep & { readonly kind: 'drop' };

/** Reports on the first request of a probe. */
export function reportProbe(recorder: Recorder, probe: ProbeResult): ProbeReport {
  const request = probe.sent[0]?.packet ?? 0;
  const sequence = probe.sent[0]?.sequence;
  const reply = probe.replies.find((one) => one.sequence === sequence)?.packet ?? 0;
  const requestSteps = request === 0 ? [] : lineageSteps(recorder, mainLine(recorder, request, reply));
  const replySteps = reply === 0 ? [] : lineageSteps(recorder, reply);
  return {
    request,
    requestSteps,
    requestPath: stationsOf(requestSteps),
    reply,
    replySteps,
    replyPath: stationsOf(replySteps),
    drops: request === 0 ? [] : dropsOf(recorder, request),
    refusals: request === 0 ? [] : refusalsOf(recorder, request),
  };
}

/**
 * The ways of a request and its answer from program to program. A connection's handshake ends in the stacks: there the
 * first data of each side goes instead; where there is none, the handshake is taken as far as the program's socket.
 */
export function programPaths(recorder: Recorder, probe: ProbeResult, report: ProbeReport): ProgramPaths {
  const { there, back } = 'firstData' in probe ? (probe as TcpProbe).firstData : { there: 0, back: 0 };
  const pathOf = (packet: number): Station[] => stationsOf(lineageSteps(recorder, mainLine(recorder, packet, 0)));
  return {
    there: there === 0 ? stationsToProgram(report.requestSteps) : pathOf(there),
    back: back === 0 ? stationsToProgram(report.replySteps) : stationsOf(lineageSteps(recorder, back)),
  };
}

/**
 * Of a packet and its copies and pieces, the one that got where it was meant to go, or furthest. `reply` is what it
 * caused and its sender got, 0 for nothing.
 */
export function mainLine(recorder: Recorder, request: number, reply: number): number {
  const family = descendants(recorder, request);
  const answered = rootOf(recorder, reply);
  const cause = recorder.lineageOf(answered)?.cause ?? 0;
  if (cause !== 0 && family.includes(cause)) return cause;
  const endOf = (number: number): RecordedStep | undefined => recorder.stepsOf(number).at(-1);
  const delivered = family.find((number) => endOf(number)?.kind === 'deliver');
  if (delivered !== undefined) return delivered;
  const taken = family.find((number) => isTaken(recorder, number, family));
  if (taken !== undefined) return taken;
  const dropped = family.filter((number) => isRealDrop(endOf(number)));
  if (dropped.length > 0) return decisiveDrop(recorder, dropped);
  return family.findLast((number) => endOf(number)?.kind === 'hold') ?? family.at(-1) ?? request;
}

/** A stack used it up for what it was; not so a fragment that went into a whole. */
function isTaken(recorder: Recorder, number: number, family: readonly number[]): boolean {
  const end = recorder.stepsOf(number).at(-1);
  if (end?.kind !== 'consume' || (end.component !== 'Inet stack' && end.component !== 'Comware stack')) return false;
  return !family.some((other) => {
    const birth = recorder.stepsOf(other)[0];
    return birth?.kind === 'reassemble' && birth.pieces.includes(number);
  });
}

/** Fragments that waited in vain for another one died of its death. */
const CONSEQUENCES: readonly string[] = ['kernel:FRAG_REASM_TIMEOUT', 'comware:FRAGMENT_TIMEOUT'];

/** Of several that died: what was no consequence of another death, then what got furthest, then what died first. */
function decisiveDrop(recorder: Recorder, dropped: readonly number[]): number {
  const rows = dropped.map((number) => {
    const steps = lineageSteps(recorder, number);
    const end = steps.at(-1) as DropStep;
    const received = steps.filter((step) => step.kind === 'receive').length;
    return { number, isConsequence: CONSEQUENCES.includes(end.reason), received, order: end.order };
  });
  rows.sort(
    (a, b) => Number(a.isConsequence) - Number(b.isConsequence) || b.received - a.received || a.order - b.order,
  );
  return rows[0]?.number ?? 0;
}

/** The packet that was not made from another one. */
function rootOf(recorder: Recorder, packet: number): number {
  let number = packet;
  for (let parent = recorder.lineageOf(number)?.parent ?? 0; parent !== 0; ) {
    number = parent;
    parent = recorder.lineageOf(number)?.parent ?? 0;
  }
  return number;
}

/**
 * A packet, its copies and pieces, and what they caused: answers and errors, with their own copies and pieces. What
 * resolved addresses on the way is part of it only where `withArp` asks for it.
 */
export function familyOf(recorder: Recorder, request: number, withArp: boolean): number[] {
  const family = new Set(descendants(recorder, request));
  for (const { number, parent, cause } of recorder.packets()) {
    if (family.has(parent) || (family.has(cause) && (withArp || !isArp(recorder, number)))) family.add(number);
  }
  return [...family];
}

function isArp(recorder: Recorder, number: number): boolean {
  const birth = recorder.stepsOf(number)[0];
  return birth?.kind === 'originate' && birth.origin === 'arp';
}

function refusalsOf(recorder: Recorder, request: number): Refusal[] {
  const family = familyOf(recorder, request, false);
  return recorder.refusals.filter((refusal) => family.includes(refusal.cause));
}

function dropsOf(recorder: Recorder, request: number): DropStep[] {
  return familyOf(recorder, request, false)
    .map((number) => recorder.stepsOf(number).at(-1))
    .filter(isRealDrop);
}

/** A frame flooded to a station it is not for is noise, not a loss. */
export function isRealDrop(step: RecordedStep | undefined): step is DropStep {
  return step?.kind === 'drop' && step.reason !== 'kernel:OTHERHOST' && step.reason !== 'comware:FRAME_OTHER_HOST';
}
