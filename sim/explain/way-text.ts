import type { RecordedStep } from '../packet/trace.ts';
import { stepText } from '../show/step-text.ts';
import { changesText } from './header-text.ts';
import type { Hop } from './hops.ts';

/**
 * A way in a line for each hop: where, in and out by which device, what was decided there, what changed. Of a death
 * no more than that: why is told elsewhere.
 */
export function wayLines(hops: readonly Hop[]): string[] {
  return hops.map((hop) => {
    const { place, boxes, deviceIn, deviceOut, changes, steps } = hop;
    const arrival = deviceIn === '' ? [] : [`in by ${deviceIn}`];
    const departure = deviceOut === '' ? [] : [`out by ${deviceOut}`];
    const decisions = steps.filter(isDecision).map(stepText);
    // Of a bridge its name tells more than the namespace it stands in.
    const name = steps.some((step) => step.kind === 'bridge') ? `${place} (${boxes.join(', ')})` : place;
    const changed = changes.length === 0 ? [] : [changesText(changes)];
    const died = steps.some((step) => step.kind === 'drop') ? ['died'] : [];
    const words = [...arrival, ...decisions, ...changed, ...departure, ...died];
    return `${name}: ${words.length === 0 ? boxes.join(', ') : words.join('; ')}`;
  });
}

/** What chose the way; not what is told by the hop's changes, nor what only let it pass. */
function isDecision(step: RecordedStep): boolean {
  switch (step.kind) {
    case 'originate':
    case 'reassemble':
    case 'fragment':
    case 'route':
    case 'bridge':
    case 'punt':
    case 'demultiplex':
    case 'deliver':
    case 'consume':
      return true;
    case 'rule':
      return step.table !== 'local' && step.table !== 'main' && step.table !== 'default';
    case 'hook':
      return step.rule !== undefined && step.rule.number > 0 && step.verdict !== 'drop';
    default:
      return false;
  }
}
