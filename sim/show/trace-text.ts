import { formatSeconds } from '../core/time.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { stepText } from './step-text.ts';
import { renderTable } from './table.ts';

/** The steps of a packet as a table: time, packet, place, component, function, what was decided. */
export function traceText(steps: readonly RecordedStep[]): string {
  const rows = steps.map((step) => [
    formatSeconds(step.time),
    `#${step.packet}`,
    step.place.title,
    step.kind === 'bridge' ? step.bridge : componentText(step),
    step.function,
    stepText(step),
  ]);
  const headers = ['TIME', 'PACKET', 'PLACE', 'COMPONENT', 'FUNCTION', 'DECISION'];
  return renderTable(
    headers.map((header) => ({ header, gap: '  ' })),
    rows,
  );
}

/** A device's own steps are told by its name. */
function componentText(step: RecordedStep): string {
  return step.kind === 'receive' || step.kind === 'transmit' ? step.device : step.component;
}
