import type { Place } from './place.ts';
import type { Recorder } from './recorder.ts';
import type { RecordedStep } from './trace.ts';

/** A box or an interface that a packet passed: `Comware stack` at device-a/comware, `eth0` at device-a/container3. */
export interface Station {
  /** A component in the whitepaper's words, a bridge's title, or a device's name. */
  readonly what: string;
  readonly kind: 'application' | 'component' | 'bridge' | 'device';
  readonly place: Place;
  /** The first step there. */
  readonly step: RecordedStep;
}

/**
 * All steps of a packet from its first birth on: what happened to its ancestors before it was copied off them, then
 * its own.
 */
export function lineageSteps(recorder: Recorder, packet: number): RecordedStep[] {
  const generations = [recorder.stepsOf(packet)];
  // A loop of bridges makes lineages of many thousand copies: no recursion.
  for (let number = packet; ; ) {
    const parent = recorder.lineageOf(number)?.parent ?? 0;
    const birth = recorder.stepsOf(number)[0];
    if (parent === 0 || birth === undefined) return generations.reverse().flat();
    generations.push(recorder.stepsOf(parent).filter((step) => isBefore(step, birth)));
    number = parent;
  }
}

/**
 * Steps of the parent up to the copy's birth. At the moment of birth itself the parent's later steps are those that
 * end it ("cut into fragments") or that send it elsewhere.
 */
function isBefore(step: RecordedStep, birth: RecordedStep): boolean {
  if (step.time !== birth.time) return step.time < birth.time;
  if (step.kind === 'drop' || step.kind === 'consume' || step.kind === 'deliver') return false;
  return step.order < birth.order;
}

/** Every packet that descends from `packet`, itself included, in the order of their birth. */
export function descendants(recorder: Recorder, packet: number): number[] {
  const family = new Set([packet]);
  for (const { number, parent } of recorder.packets()) if (family.has(parent)) family.add(number);
  return [...family];
}

/** The stations of a packet's steps, neighbouring repetitions folded. Ports of a bridge belong to the bridge. */
export function stationsOf(steps: readonly RecordedStep[]): Station[] {
  const stations: Station[] = [];
  for (const step of steps) {
    for (const station of stationsOfStep(step)) {
      const last = stations.at(-1);
      if (last?.what === station.what && last.place === station.place) continue;
      stations.push(station);
    }
  }
  return stations;
}

function stationsOfStep(step: RecordedStep): Station[] {
  const { place, component } = step;
  const box: Station = { what: component, kind: 'component', place, step };
  switch (step.kind) {
    case 'receive':
    case 'transmit':
      return step.isPort ? [] : [{ what: step.device, kind: 'device', place, step }];
    case 'bridge':
      return [{ what: step.bridge, kind: 'bridge', place, step }];
    case 'originate':
      return step.origin === 'program' ? [applicationAt(step, step.program), box] : [box];
    case 'deliver':
      return [box, applicationAt(step, step.program)];
    default:
      return component === 'Bridge' || component === 'Interface' || component === 'Cable' ? [] : [box];
  }
}

/**
 * The stations of a packet's steps as far as it was meant to go: what TCP uses up for a program's socket, as it does the
 * segments of a handshake, ends at that program.
 */
export function stationsToProgram(steps: readonly RecordedStep[]): Station[] {
  const stations = stationsOf(steps);
  const end = steps.at(-1);
  const program = ownerOf(steps);
  return end?.kind === 'consume' && program !== undefined ? [...stations, applicationAt(end, program)] : stations;
}

/** Who got a packet in the end: where the program runs, or the stack that used it up; undefined while nobody has. */
export function takerOf(steps: readonly RecordedStep[]): Place | undefined {
  const end = steps.at(-1);
  if (end?.kind === 'deliver') return end.program;
  return end?.kind === 'consume' ? (ownerOf(steps) ?? end.place) : undefined;
}

/** Where the program runs whose socket a packet was for, in the stack that it ended in. */
function ownerOf(steps: readonly RecordedStep[]): Place | undefined {
  const place = steps.at(-1)?.place;
  for (const step of steps) {
    if (step.kind === 'demultiplex' && step.program !== undefined && step.place === place) return step.program;
  }
  return undefined;
}

function applicationAt(step: RecordedStep, place: Place): Station {
  const what = place.role === 'comware' ? 'Comware application' : 'Application';
  return { what, kind: 'application', place, step };
}

/** `eth0@device-a/container3`; Comware's own boxes and ports belong to the node: `GE1/0/1@device-a`. */
export function stationText({ what, place }: Station): string {
  return boxText(what, place);
}

/** The text of the station that a box or a device at `place` is, such as `Inet stack@host-b`. */
export function boxText(what: string, place: Place): string {
  return `${what}@${placeText({ what, place })}`;
}

function placeText({ what, place }: { readonly what: string; readonly place: Place }): string {
  const isComwares = what.startsWith('Comware ') || what.includes('/');
  return place.role === 'comware' && isComwares ? place.node : place.title;
}

/**
 * Whether a station is the one that `pattern` names: `WHAT` or `WHAT@PLACE`, PLACE being the whole title, its last
 * part, or the node.
 */
export function isStation(station: Station, pattern: string): boolean {
  const at = pattern.indexOf('@');
  const what = at < 0 ? pattern : pattern.slice(0, at);
  if (what !== station.what) return false;
  if (at < 0) return true;
  const where = pattern.slice(at + 1);
  const { title, node } = station.place;
  return where === title || where === node || where === placeText(station) || title.endsWith(`/${where}`);
}
