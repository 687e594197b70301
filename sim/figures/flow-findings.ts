import { must } from '../core/assert.ts';
import { FIGURE_FLOWS } from '../whitepaper/figures.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import { type Finding, pathText, tripFinding } from './finding.ts';
import { flowRuns } from './flow-rows.ts';

/** Each trip of a flow, and whether it took the steps of the figure there and back. */
export function flowFindings(run: EvidenceRun, id: string): { readonly trip: Trip; readonly finding: Finding }[] {
  const flow = must(
    FIGURE_FLOWS.find((one) => one.id === id),
    `there is a flow ${id}`,
  );
  return flowRuns(run, flow).map(({ trip, compared }) => {
    const there = compared.request.every((step) => step.passed);
    const back = trip.report.reply === 0 || compared.reply.every((step) => step.passed);
    const inc = [...compared.request, ...compared.reply].flatMap((step) => step.inc);
    return { trip, finding: tripFinding(run, trip, there && back, pathText(trip.request), inc) };
  });
}
