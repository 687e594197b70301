import type { Packet } from '../../packet/packet.ts';
import { u16 } from '../../wire/bytes.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import type { Comware, SendToCpu } from '../comware.ts';
import type { ComwareInterface } from './interface.ts';

/**
 * A packet that came in by `on` goes up to the stack because `tpa ip send-to-cpu` says so. What is for an address of the
 * device, or for everybody, goes there anyhow; multicast does only by such a rule.
 */
export function isSentToCpu(cw: Comware, packet: Packet, on: ComwareInterface): boolean {
  const { sendToCpu } = cw.settings;
  return sendToCpu.length > 0 && sendToCpu.some((rule) => matches(rule, packet, on));
}

function matches(rule: SendToCpu, packet: Packet, on: ComwareInterface): boolean {
  const { protocol, destination, fragmentOffset } = packet.ip;
  if (rule.interface !== undefined && rule.interface !== on.name.long) return false;
  if (rule.protocol !== protocol) return false;
  if (rule.destination !== undefined && rule.destination !== destination) return false;
  if (rule.sourcePort === undefined && rule.destinationPort === undefined) return true;
  const at = packet.transportOffset;
  const hasPorts = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
  if (!hasPorts || fragmentOffset !== 0 || packet.tail - at < 4) return false;
  return (
    (rule.sourcePort === undefined || rule.sourcePort === u16(packet.bytes, at)) &&
    (rule.destinationPort === undefined || rule.destinationPort === u16(packet.bytes, at + 2))
  );
}
