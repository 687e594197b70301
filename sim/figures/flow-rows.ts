import { compareFlow, type FlowComparison, type StepComparison } from '../whitepaper/compare.ts';
import type { FigureFlow } from '../whitepaper/figure.ts';
import type { FigureRow } from '../whitepaper/row.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';

export interface FlowRun {
  readonly trip: Trip;
  readonly compared: FlowComparison;
}

/**
 * The trips of a run that a flow of a figure speaks of: those that the scenario says replay it, else those between the
 * same parties, answered ones first.
 */
export function tripsOf(run: EvidenceRun, flow: FigureFlow): Trip[] {
  const named = run.trips.filter((trip) => trip.figure === flow.id);
  if (named.length > 0) return named;
  const alike = run.trips.filter((trip) => flow.from.includes(trip.from) && flow.to.includes(trip.to));
  const answered = alike.filter((trip) => trip.report.reply !== 0);
  return answered.length > 0 ? answered : alike;
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
      ...compared.request.flatMap((step) => stepRows(step, `${run.name} packet ${request}`)),
      // An answer that never came contradicts nothing that the figure says of answers.
      ...(reply === 0 ? [] : compared.reply.flatMap((step) => stepRows(step, `${run.name} packet ${reply}`))),
    ];
    const fresh = rows.filter((row) => !told.has(keyOf(row)));
    for (const row of fresh) told.add(keyOf(row));
    return fresh;
  });
}

/** The same sentence met in the same way: packets' numbers and which container it was do not matter. */
function keyOf(row: FigureRow): string {
  const way = row.run.replace(/^\S+ packet \d+: /, '').replace(/@[^ ]+/g, '');
  return `${row.text}|${way}|${row.verdict}`;
}

function stepRows(step: StepComparison, where: string): FigureRow[] {
  const text = `${step.number} ${step.text}`;
  if (!step.passed) {
    const run = `${where}: did not reach ${step.missing}`;
    return [{ kind: 'step', quote: step.quote, text, run, verdict: 'contradicted' }];
  }
  const named = step.seen.filter((station) => !step.extra.includes(station));
  const own = step.inc.find((inc) => inc !== 'INC-18');
  const rows: FigureRow[] = [
    {
      kind: 'step',
      quote: step.quote,
      text,
      run: `${where}: ${named.join(' > ')}`,
      verdict: 'agreed',
      ...(own === undefined ? {} : { inc: own }),
    },
  ];
  if (step.extra.length === 0) return rows;
  const run = `${where}: also passed ${step.extra.join(' > ')}`;
  const inc = step.inc.find((one) => one === 'INC-18');
  const silent = {
    kind: 'step',
    quote: '',
    text: `${step.number} on the way`,
    run,
    verdict: 'not said in the paper',
  } as const;
  return [...rows, { ...silent, ...(inc === undefined ? {} : { inc }) }];
}
