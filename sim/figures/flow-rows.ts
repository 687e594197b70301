import { compareFlow, type FlowComparison, type StepComparison } from '../whitepaper/compare.ts';
import type { FigureFlow } from '../whitepaper/figure.ts';
import type { FigureRow } from '../whitepaper/row.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import { shortly } from './finding.ts';

export interface FlowRun {
  readonly trip: Trip;
  readonly compared: FlowComparison;
}

/**
 * The trips of a run that a flow of a figure speaks of: those that the scenario says replay it, else those between the
 * same parties that were answered.
 */
export function tripsOf(run: EvidenceRun, flow: FigureFlow): Trip[] {
  const named = run.trips.filter((trip) => trip.figure === flow.id);
  if (named.length > 0) return named;
  const alike = run.trips.filter((trip) => flow.from.includes(trip.from) && flow.to.includes(trip.to));
  return alike.filter((trip) => trip.report.reply !== 0);
}

export function flowRuns(run: EvidenceRun, flow: FigureFlow): FlowRun[] {
  return tripsOf(run, flow).map((trip) => ({ trip, compared: compareFlow(flow, trip.request, trip.reply) }));
}

/** The numbered steps of a figure's flow beside what packets of a run did; ways already told are not told again. */
export function flowRows(run: EvidenceRun, flow: FigureFlow): FigureRow[] {
  const told = new Set<string>();
  const runs = flowRuns(run, flow);
  if (runs.length === 0) {
    const said = flow.request[0];
    const none = `${run.name}: no packet went that way`;
    return [{ kind: 'step', quote: said?.quote ?? '', text: flow.title, run: none, verdict: 'contradicted' }];
  }
  return runs.flatMap(({ trip, compared }) => {
    const { request, reply } = trip.report;
    const rows = [
      ...compared.request.flatMap((step) => stepRows(run, step, request)),
      // An answer that never came contradicts nothing that the figure says of answers.
      ...(reply === 0 ? [] : compared.reply.flatMap((step) => stepRows(run, step, reply))),
    ];
    const fresh = rows.filter((row) => !told.has(keyOf(row)));
    for (const row of fresh) told.add(keyOf(row));
    return fresh;
  });
}

/** The same sentence met in the same way: packets' numbers and which container it was do not matter. */
function keyOf(row: FigureRow): string {
  const way = row.run
    .replace(/^\S+ packet \d+: /, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/@[^ ]+/g, '')
    .replace(/[ >]+/g, ' ')
    .trim();
  return `${row.text}|${way}|${row.verdict}`;
}

function stepRows(run: EvidenceRun, step: StepComparison, packet: number): FigureRow[] {
  const where = `${run.name} packet ${packet}`;
  const { quote } = step;
  const text = `${step.number} ${step.text}`;
  if (!step.passed) {
    return [{ kind: 'step', quote, text, run: `${where}: did not reach ${step.missing}`, verdict: 'contradicted' }];
  }
  const here = step.seen.filter((one) => !step.extra.includes(one) || isOnDevice(run, one));
  const seen = here.map((one) => (step.extra.includes(one) ? `[${one}]` : one)).join(' > ');
  const own = step.inc.find((inc) => inc !== 'INC-18');
  const verdict = own === 'INC-07' ? 'contradicted' : 'agreed';
  const met: FigureRow = { kind: 'step', quote, text, run: `${where}: ${shortly(seen)}`, verdict };
  const rows = [own === undefined ? met : { ...met, inc: own }];
  if (!step.inc.includes('INC-18')) return rows;
  const silent = `${where}: ${shortly(step.extra.join(' > '))}`;
  const said = `${step.number} between the leg and the Comware stack`;
  return [
    ...rows,
    { kind: 'step', quote: '', text: said, run: silent, verdict: 'not said in the paper', inc: 'INC-18' },
  ];
}

/** What a packet passes elsewhere is not what the figure is about. */
function isOnDevice(run: EvidenceRun, station: string): boolean {
  const [, place = ''] = station.split('@');
  return place === run.device?.name || place.startsWith(`${run.device?.name}/`);
}
