import { stationText } from '../packet/stations.ts';
import type { IncId } from '../whitepaper/data/contradictions.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';

/** One thing that a claim says, and whether a run shows it. */
export interface Finding {
  readonly holds: boolean;
  /** Where it is seen: the scenario, and a packet's number or a row of a table. */
  readonly evidence: string;
  /** The contradictions of the paper that the run shows here. */
  readonly incs?: readonly IncId[];
}

export type ClaimVerdict = 'holds' | 'contradicted' | 'outside the model';

export interface Judgement {
  readonly verdict: ClaimVerdict;
  readonly evidence: readonly string[];
  readonly incs: readonly IncId[];
}

/** Runs by the names of their scenarios, each made once, when first asked for. */
export type Runs = (name: string) => EvidenceRun | undefined;

export type Judge = (runs: Runs) => Judgement;

/** A claim holds if every one of its findings does, and there is one. */
export function judgeBy(findings: readonly Finding[]): Judgement {
  const incs = [...new Set(findings.flatMap((one) => one.incs ?? []))].sort();
  const holds = findings.length > 0 && findings.every((one) => one.holds);
  const evidence = findings.map((one) => (one.holds ? one.evidence : `not so: ${one.evidence}`));
  return { verdict: holds ? 'holds' : 'contradicted', evidence, incs };
}

/** What the simulator does not model, and why. */
export function outside(reason: string): Judge {
  return () => ({ verdict: 'outside the model', evidence: [reason], incs: [] });
}

/** Judges over one run. */
export function over(name: string, find: (run: EvidenceRun) => readonly Finding[]): Judge {
  return (runs) => judgeBy(findingsOf(runs, name, find));
}

/** Judges over several runs: what each shows, together. */
export function overAll(parts: Readonly<Record<string, (run: EvidenceRun) => readonly Finding[]>>): Judge {
  return (runs) => judgeBy(Object.entries(parts).flatMap(([name, find]) => findingsOf(runs, name, find)));
}

/** What one run shows, or that it shows nothing. */
export function findingsOf(
  runs: Runs,
  name: string,
  find: (run: EvidenceRun) => readonly Finding[],
): readonly Finding[] {
  const run = runs(name);
  if (run === undefined) return [{ holds: false, evidence: `${name}: there is no such run` }];
  const found = find(run);
  return found.length > 0 ? found : [{ holds: false, evidence: `${name}: nothing there shows it` }];
}

/** A row of a table, or its absence, as evidence. */
export function tableFinding(
  run: EvidenceRun,
  holds: boolean,
  where: string,
  row: string,
  inc?: IncId | readonly IncId[],
): Finding {
  return { holds, evidence: `${run.name}: ${where}: ${row}`, incs: listOf(inc) };
}

/** The request of a trip as evidence. */
export function tripFinding(
  run: EvidenceRun,
  trip: Trip,
  holds: boolean,
  text: string,
  inc?: IncId | readonly IncId[],
): Finding {
  const { request } = trip.report;
  const packet = request === 0 ? 'no packet' : `packet ${request}`;
  return tableFinding(run, holds, `${packet} (${trip.title})`, text, inc);
}

/** The answer of a trip as evidence. */
export function replyFinding(
  run: EvidenceRun,
  trip: Trip,
  holds: boolean,
  text: string,
  inc?: IncId | readonly IncId[],
): Finding {
  const { reply } = trip.report;
  const packet = reply === 0 ? 'no answer' : `packet ${reply}`;
  return tableFinding(run, holds, `${packet} (answer to ${trip.title})`, text, inc);
}

export function pathText(stations: Trip['request']): string {
  return shortly(stations.map(stationText).join(' > ')) || 'no station';
}

/** `eth0@container3` for `eth0@device-a/container3`: the device is the one that the figure is about. */
export function shortly(path: string): string {
  return path.replace(/@[A-Za-z0-9_.-]+\//g, '@');
}

function listOf(inc: IncId | readonly IncId[] | undefined): readonly IncId[] {
  if (inc === undefined) return [];
  return typeof inc === 'string' ? [inc] : inc;
}
