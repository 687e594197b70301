import { formatIpv4 } from '../../wire/address.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import type { Comware, SendToCpu } from '../comware.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import type { Words } from './words.ts';

/**
 * `tpa ip send-to-cpu protocol { 6 | 17 } { destination-port P | source-port P } * [ destination-ip A ]`, or
 * `protocol N [ destination-ip A ]`; in an interface view for what comes in there.
 */
export function sendToCpu(
  cw: Comware,
  one: ComwareInterface | undefined,
  words: Words,
  undo: boolean,
): string | undefined {
  words.expect('protocol');
  const protocol = words.integer('protocol', 1, 255);
  const hasPorts = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
  let destinationPort: number | undefined;
  let sourcePort: number | undefined;
  while (hasPorts) {
    if (destinationPort === undefined && words.accept('destination-port')) destinationPort = words.port();
    else if (sourcePort === undefined && words.accept('source-port')) sourcePort = words.port();
    else break;
  }
  if (hasPorts && destinationPort === undefined && sourcePort === undefined) {
    words.fail('`destination-port` or `source-port` is missing.');
  }
  const destination = words.accept('destination-ip') ? words.address('destination address') : undefined;
  const fault = words.end();
  if (fault !== undefined) return fault;
  const rule: SendToCpu = { interface: one?.name.long, protocol, destinationPort, sourcePort, destination };
  const { settings } = cw;
  const left = settings.sendToCpu.filter((other) => sendToCpuText(other) !== sendToCpuText(rule));
  if (undo && left.length === settings.sendToCpu.length) return 'There is no such rule.';
  settings.sendToCpu = undo ? left : [...left, rule];
  cw.parts.settingsChanged();
  return undefined;
}

/** A rule as the configuration has it, with the interface it belongs to. */
function sendToCpuText(rule: SendToCpu): string {
  return `${rule.interface ?? 'system'} ${sendToCpuCommand(rule)}`;
}

/** What follows `tpa ip send-to-cpu` in the view it belongs to. */
export function sendToCpuCommand(rule: SendToCpu): string {
  const parts = [`protocol ${rule.protocol}`];
  if (rule.destinationPort !== undefined) parts.push(`destination-port ${rule.destinationPort}`);
  if (rule.sourcePort !== undefined) parts.push(`source-port ${rule.sourcePort}`);
  if (rule.destination !== undefined) parts.push(`destination-ip ${formatIpv4(rule.destination)}`);
  return parts.join(' ');
}
