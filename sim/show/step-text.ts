import { sentenceOf } from '../packet/drop-reasons.ts';
import type { RecordedStep } from '../packet/trace.ts';

/** What a step decided, and by what, in one line. */
export function stepText(step: RecordedStep): string {
  switch (step.kind) {
    case 'originate':
      return `sent by ${step.by}`;
    case 'clone':
      return `copy, for ${step.why}`;
    case 'segment':
      return `segment, data ${step.offset} to ${step.offset + step.length}`;
    case 'fragment':
      return `fragment, data ${step.offset} to ${step.offset + step.length}${step.more ? ', more follow' : ', the last'}`;
    case 'reassemble':
      return `put together from packets ${step.pieces.join(', ')}`;
    case 'receive':
      return 'received';
    case 'transmit':
      return 'sent';
    case 'punt':
      return `to the ${step.to} by ${step.device}: ${step.why}`;
    case 'rule':
      return `rule ${step.priority}: ${step.rule}`;
    case 'route':
      return routeText(step);
    case 'neighbour':
      return step.mac === ''
        ? `next hop ${step.nextHop} on ${step.device}: ${step.state}, asking by ARP`
        : `next hop ${step.nextHop} on ${step.device}: ${step.state}, ${step.mac}`;
    case 'hook':
      return `${step.hook}: ${step.by}: ${step.verdict}`;
    case 'rewrite':
      return `${step.field} ${step.before} -> ${step.after}`;
    case 'bridge':
      return bridgeText(step);
    case 'demultiplex':
      return `${step.key}: ${step.to} (${step.why})`;
    case 'because':
      return step.text;
    case 'hold':
      return `waits in the ${step.where}`;
    case 'deliver':
      return `delivered to ${step.to}`;
    case 'consume':
      return `done: ${step.by}`;
    case 'drop':
      return `DROP ${step.reason}: ${sentenceOf(step.reason)}${step.detail === '' ? '' : ` (${step.detail})`}`;
  }
}

function routeText(step: RecordedStep & { kind: 'route' }): string {
  const { destination, type, prefix, table, device, gateway } = step;
  if (type === 'none') return `no route to ${destination}`;
  const entry = `${prefix}${gateway === '' ? '' : ` via ${gateway}`}${device === '' ? '' : ` dev ${device}`}`;
  const kind = type === 'unicast' || type === 'gateway' || type === 'direct' ? '' : `${type} `;
  return `route to ${destination}: ${kind}${entry} (${table === 'FIB' ? 'FIB' : `table ${table}`})`;
}

function bridgeText(step: RecordedStep & { kind: 'bridge' }): string {
  if (step.decision === 'local') return `${step.mac} is the bridge's own`;
  if (step.decision === 'flood') return `${step.mac} flooded to ${step.port}`;
  return `FDB: ${step.mac} is at ${step.port}`;
}
