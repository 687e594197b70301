import type { Packet } from '../../../packet/packet.ts';
import type { Site } from '../../../packet/place.ts';
import { quotedPacket } from '../../../transport/icmp-error.ts';
import { formatIpv4 } from '../../../wire/address.ts';
import type { Comware } from '../../comware.ts';
import { readFlowAt } from '../flow.ts';
import { natSessionName } from './names.ts';
import { rewriteAddress, rewritePort, type Side } from './rewrite.ts';
import type { FlowEnd, NatSession } from './session.ts';

const SITE: Site = { component: 'Comware forwarding', function: 'NAT' };

/**
 * An ICMP error belongs to the session of the packet it quotes, and goes the way that answers to that packet go. What
 * it quotes is translated back, so that the sender knows its own packet again (RFC 5508 4).
 */
export function translateErrorIn(cw: Comware, packet: Packet): void {
  const end = sessionOfQuoted(cw, packet);
  if (end === undefined) return;
  packet.translation = end;
  const { source, sourcePort } = end.other;
  if (source === end.destination && sourcePort === end.destinationPort) return;
  rewriteQuoted(cw, packet, end.session, 'source', end.destination, end.destinationPort, source, sourcePort);
  if (packet.ip.destination === end.destination) rewriteOuter(cw, packet, end.session, 'destination', source);
}

/**
 * The same behind the FIB. Whoever reports it on the inside is hidden like the host the packet was for; the device's own
 * address is not.
 */
export function translateErrorOut(cw: Comware, packet: Packet, carried: FlowEnd | undefined): void {
  const end = carried ?? sessionOfQuoted(cw, packet);
  if (end === undefined) return;
  const { destination, destinationPort } = end.other;
  if (destination === end.source && destinationPort === end.sourcePort) return;
  rewriteQuoted(cw, packet, end.session, 'destination', end.source, end.sourcePort, destination, destinationPort);
  if (!cw.isLocalAddress(packet.ip.source)) rewriteOuter(cw, packet, end.session, 'source', destination);
}

/** The direction that an answer to the quoted packet would have. */
function sessionOfQuoted(cw: Comware, packet: Packet): FlowEnd | undefined {
  const quoted = cw.nat.alg.icmpError ? quotedPacket(packet) : undefined;
  if (quoted === undefined || quoted.ip.fragmentOffset !== 0) return undefined;
  const { flow, sessions } = cw.nat;
  if (readFlowAt(quoted.ip, quoted.transport, flow) !== 'flow') return undefined;
  return sessions.find(flow.invert());
}

function rewriteQuoted(
  cw: Comware,
  packet: Packet,
  session: NatSession,
  side: Side,
  address: number,
  port: number,
  newAddress: number,
  newPort: number,
): void {
  const quoted = quotedPacket(packet);
  if (quoted === undefined) return;
  const target = cw.nat.target.aimAtQuoted(packet, quoted);
  rewriteAddress(target, side, newAddress);
  if (port !== newPort) rewritePort(target, side, newPort);
  packet.ledger.recorder?.step(packet, cw.place, SITE, {
    kind: 'rewrite',
    field: `quoted ${side}`,
    before: `${formatIpv4(address)}:${port}`,
    after: `${formatIpv4(newAddress)}:${newPort}`,
    connection: natSessionName(session),
  });
}

function rewriteOuter(cw: Comware, packet: Packet, session: NatSession, side: Side, address: number): void {
  const before = side === 'source' ? packet.ip.source : packet.ip.destination;
  if (before === address) return;
  rewriteAddress(cw.nat.target.aim(packet, true), side, address);
  packet.ledger.recorder?.step(packet, cw.place, SITE, {
    kind: 'rewrite',
    field: side,
    before: formatIpv4(before),
    after: formatIpv4(address),
    connection: natSessionName(session),
  });
}
