import type { Flow } from '../explain/flow.ts';
import { parseIpv4 } from '../wire/address.ts';
import type { Change, ChangeFault, FaultyChange } from './change.ts';

const FORMS =
  'flow ttl 1..255, flow df want|do|dont, flow size BYTES, flow source ADDRESS (0.0.0.0: as the stack chooses)';

/** The flow with the changes that are about it. */
export function changedFlow(flow: Flow, changes: readonly Change[]): Flow | FaultyChange {
  let changed = flow;
  for (const change of changes) {
    if (change.target.kind !== 'flow') continue;
    const { text, at } = change.target;
    const part = partOf(text);
    if (part === undefined) {
      const fault: ChangeFault = {
        message: `"${text}" is nothing a flow has`,
        hint: FORMS,
        column: at,
        length: text.length,
      };
      return { change, fault };
    }
    changed = { ...changed, ...part };
  }
  return changed;
}

function partOf(text: string): Partial<Flow> | undefined {
  const [word = '', value = '', ...more] = text.split(/\s+/);
  const number = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (more.length > 0) return undefined;
  switch (word) {
    case 'ttl':
      return number >= 1 && number <= 255 ? { ttl: number } : undefined;
    case 'size':
      return number <= 65507 ? { size: number } : undefined;
    case 'df':
      return value === 'want' || value === 'do' || value === 'dont' ? { df: value } : undefined;
    case 'source': {
      const source = parseIpv4(value);
      return source === undefined ? undefined : { source };
    }
    default:
      return undefined;
  }
}
