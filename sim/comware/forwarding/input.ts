import type { NetDevice } from '../../link/device.ts';
import { byDevice, byTtl } from '../../packet/because.ts';
import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { ttlLowered } from '../../packet/ttl-step.ts';
import { formatIpv4, isLimitedBroadcast, isLoopback, isMulticast, isZeronet } from '../../wire/address.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4 } from '../../wire/ethernet.ts';
import { ICMP_REDIRECT, ICMP_REDIRECT_HOST, ICMP_TIME_EXCEEDED, ICMP_TTL_EXCEEDED } from '../../wire/icmp.ts';
import { ipv4Fault } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import { arpReceive } from './arp.ts';
import type { FibEntry } from './fib.ts';
import { comwareIcmpError } from './icmp-error.ts';
import type { ComwareInterface } from './interface.ts';
import { natInput } from './nat/translate.ts';
import { fibLookup, outputBy } from './output.ts';
import { isSentToCpu } from './send-to-cpu.ts';

const INPUT: Site = { component: 'Comware forwarding', function: 'input' };
const FORWARD: Site = { component: 'Comware forwarding', function: 'forward' };

/** A frame arrives on a physical port, `head` behind its Ethernet header. */
export function portReceive(cw: Comware, packet: Packet, port: NetDevice): Fate {
  const on = cw.interfaceOfPort(port);
  cw.counters.received++;
  if (on.shutdown) {
    packet.ledger.recorder?.step(packet, cw.place, INPUT, byDevice(on.name.short, 'shutdown'));
    return drop(packet, cw.place, INPUT, 'comware:INTERFACE_DOWN', on.name.short);
  }
  if (packet.packetType === 'otherhost') return drop(packet, cw.place, INPUT, 'comware:FRAME_OTHER_HOST');
  if (packet.protocol === ETHERTYPE_ARP) return arpReceive(cw, packet, on);
  if (packet.protocol === ETHERTYPE_IPV4) return ipReceive(cw, packet, on);
  const detail = `EtherType 0x${packet.protocol.toString(16).padStart(4, '0')}`;
  return drop(packet, cw.place, INPUT, 'comware:UNKNOWN_ETHERTYPE', detail);
}

/** Checks the header, looks the destination up: up to the stack, down to the kernel, or out by a port. */
function ipReceive(cw: Comware, packet: Packet, on: ComwareInterface): Fate {
  const fault = ipv4Fault(packet.bytes, packet.head, packet.length);
  if (fault !== undefined) {
    return drop(packet, cw.place, INPUT, fault === 'IP_CSUM' ? 'comware:BAD_IP_CHECKSUM' : 'comware:BAD_IP_HEADER');
  }
  packet.networkOffset = packet.head;
  packet.transportOffset = packet.head + packet.ip.headerLength;
  packet.trim(packet.ip.totalLength);
  packet.translation = undefined;
  const { source, destination } = packet.ip;
  if (isMulticast(source) || isLimitedBroadcast(source) || isLoopback(source) || isLoopback(destination)) {
    return drop(
      packet,
      cw.place,
      INPUT,
      'comware:INVALID_ADDRESS',
      `${formatIpv4(source)} to ${formatIpv4(destination)}`,
    );
  }
  return translateAndRoute(cw, packet, on);
}

function translateAndRoute(cw: Comware, packet: Packet, on: ComwareInterface): Fate {
  if (on.nat !== undefined && packet.packetType === 'host') {
    const fate = natInput(cw, packet, on, translateAndRoute);
    if (fate !== undefined) return fate;
  }
  const { source, destination } = packet.ip;
  const entry = fibLookup(cw, packet, destination);
  if (entry?.kind === 'local' || entry?.kind === 'broadcast' || isSentToCpu(cw, packet, on)) {
    return cw.parts.toStack(packet, on);
  }
  if (packet.packetType !== 'host' || isZeronet(source) || isMulticast(destination)) {
    return drop(
      packet,
      cw.place,
      INPUT,
      'comware:INVALID_ADDRESS',
      `${packet.packetType} frame, to ${formatIpv4(destination)}`,
    );
  }
  if (entry?.interface?.name.kind === 'virtual-eth-group') return outputBy(cw, packet, entry, on);
  return forward(cw, packet, on, entry);
}

/** From port to port: the one case in which Comware lowers the TTL. */
function forward(cw: Comware, packet: Packet, on: ComwareInterface, entry: FibEntry | undefined): Fate {
  const header = packet.ip;
  const before = header.ttl;
  if (before <= 1) {
    comwareIcmpError(cw, packet, ICMP_TIME_EXCEEDED, ICMP_TTL_EXCEEDED, 0, on);
    packet.ledger.recorder?.step(packet, cw.place, FORWARD, byTtl(before));
    return drop(packet, cw.place, FORWARD, 'comware:TTL_EXPIRED', `TTL ${before}`);
  }
  if (entry === undefined || entry.kind === 'discard') return outputBy(cw, packet, entry, on);
  if (entry.interface === on) redirect(cw, packet, on, entry);
  header.decreaseTtl();
  packet.ledger.recorder?.step(packet, cw.place, FORWARD, ttlLowered(before));
  cw.counters.forwarded++;
  return outputBy(cw, packet, entry, on);
}

/**
 * A neighbour's packet goes out by the port it came in by: the sender could have reached the next hop itself (RFC 1812
 * 5.2.7.2). Not where NAT works, which hides who is whose neighbour.
 */
function redirect(cw: Comware, packet: Packet, on: ComwareInterface, entry: FibEntry): void {
  const nextHop = entry.kind === 'gateway' ? entry.neighbour : packet.ip.destination;
  if (on.nat !== undefined || !on.hasOnLink(packet.ip.source) || !on.hasOnLink(nextHop)) return;
  comwareIcmpError(cw, packet, ICMP_REDIRECT, ICMP_REDIRECT_HOST, nextHop, on);
}
