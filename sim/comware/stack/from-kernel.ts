import type { PuntDevice } from '../../link/punt.ts';
import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { formatIpv4, isLoopback } from '../../wire/address.ts';
import { ipv4Fault } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import { natInput } from '../forwarding/nat/translate.ts';
import { fibLookup, outputBy } from '../forwarding/output.ts';
import { leavingFlow, tcpFlags } from './flow.ts';
import type { SessionOwner } from './sessions.ts';

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
  // A raw socket of the kernel's may hand over more than the header counts.
  packet.trim(packet.ip.totalLength);
  const { source, destination } = packet.ip;
  const fromHost = packet.inputIfindex !== 0 && packet.inputIfindex === cw.docker0?.device.ifindex;
  // An address of ours as source is the host's after its SNAT (whitepaper 3.5.3), or our own kernel's.
  if (fromHost && source === destination) {
    return drop(packet, cw.place, SITE, 'comware:LAND', `the host's packet from and to ${formatIpv4(source)}`);
  }
  if (cw.isLocalAddress(source)) learnSession(cw, packet, fromHost ? 'host' : 'kernel');
  packet.translation = undefined;
  const leg = cw.interfaces.find((one) => one.nat !== undefined && isContainers(one, packet));
  return leg === undefined ? route(cw, packet) : translateAndRoute(cw, packet, leg);
}

/** A container sent it: to NAT it comes in by the interface whose subnet the container is in. */
function isContainers(one: ComwareInterface, packet: Packet): boolean {
  return one.name.kind === 'virtual-eth-group' && one.hasOnLink(packet.ip.source);
}

function translateAndRoute(cw: Comware, packet: Packet, leg: ComwareInterface): Fate {
  return natInput(cw, packet, leg, translateAndRoute) ?? route(cw, packet);
}

function route(cw: Comware, packet: Packet): Fate {
  const { destination } = packet.ip;
  if (cw.isLocalAddress(destination)) return cw.parts.toStack(packet, undefined);
  // RFC 1812 5.3.7: 127.0.0.0/8 stays inside; the host's address does when nothing translates it.
  if (isLoopback(packet.ip.source)) {
    return drop(packet, cw.place, SITE, 'comware:INVALID_ADDRESS', `from ${formatIpv4(packet.ip.source)}`);
  }
  return outputBy(cw, packet, fibLookup(cw, packet, destination), undefined);
}

/** What the near end sends makes its session: the answers go back there. */
function learnSession(cw: Comware, packet: Packet, owner: SessionOwner): void {
  const { sessions } = cw;
  if (leavingFlow(packet, sessions.flow)) sessions.sent(sessions.flow, owner, tcpFlags(packet));
}
