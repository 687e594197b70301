import type { PuntDevice } from '../../link/punt.ts';
import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { u8, u16 } from '../../wire/bytes.ts';
import { ICMP_ECHO_REQUEST } from '../../wire/icmp.ts';
import { ipv4Fault, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import { TCP_RST } from '../../wire/tcp.ts';
import type { Comware } from '../comware.ts';
import { fibLookup, outputBy } from '../forwarding/output.ts';

const SITE: Site = { component: 'Comware stack', function: 'from kernel' };

/**
 * The kernel handed over a packet by vrfif0, an ethX or Loop0. One for Comware's own addresses is delivered; any other
 * leaves by Comware's FIB. The kernel lowered its TTL if it was forwarded, so Comware does not.
 */
export function fromKernel(cw: Comware, packet: Packet, device: PuntDevice): Fate {
  cw.counters.fromKernel++;
  const why = 'routed there by the kernel';
  packet.ledger.recorder?.step(packet, cw.place, SITE, { kind: 'punt', device: device.name, to: 'Comware stack', why });
  if (ipv4Fault(packet.bytes, packet.head, packet.length) !== undefined) {
    return drop(packet, cw.place, SITE, 'comware:BAD_IP_HEADER');
  }
  packet.networkOffset = packet.head;
  packet.transportOffset = packet.head + packet.ip.headerLength;
  learnSession(cw, packet);
  const { destination } = packet.ip;
  if (cw.isLocalAddress(destination)) return cw.parts.toStack(packet, undefined);
  return outputBy(cw, packet, fibLookup(cw, packet, destination), undefined);
}

/** A conversation that the kernel's stack begins from an address of ours: its answers go back there. */
function learnSession(cw: Comware, packet: Packet): void {
  const header = packet.ip;
  const at = packet.transportOffset;
  if (!cw.isLocalAddress(header.source) || header.fragmentOffset !== 0 || packet.tail - at < 8) return;
  const ends = { protocol: header.protocol, local: header.source, remote: header.destination };
  // RST begins nothing: a closed port may be opened by either stack a moment later.
  const isReset =
    header.protocol === PROTOCOL_TCP && (packet.tail - at < 14 || (u8(packet.bytes, at + 13) & TCP_RST) !== 0);
  if (header.protocol === PROTOCOL_UDP || (header.protocol === PROTOCOL_TCP && !isReset)) {
    cw.sessions.learn({ ...ends, localPort: u16(packet.bytes, at), remotePort: u16(packet.bytes, at + 2) });
  }
  if (header.protocol === PROTOCOL_ICMP && u8(packet.bytes, at) === ICMP_ECHO_REQUEST) {
    cw.sessions.learn({ ...ends, localPort: u16(packet.bytes, at + 4), remotePort: 0 });
  }
}
