import { devQueueXmit } from '../../link/device.ts';
import { byDevice, byMtu } from '../../packet/because.ts';
import { consume, drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { fragment } from '../../transport/ip-fragment.ts';
import { formatIpv4, formatPrefix, type Ipv4 } from '../../wire/address.ts';
import { ETHERNET_LENGTH, ETHERTYPE_IPV4, putEthernet } from '../../wire/ethernet.ts';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, ICMP_NET_UNREACH } from '../../wire/icmp.ts';
import { BROADCAST_MAC, type Mac } from '../../wire/mac.ts';
import type { Comware } from '../comware.ts';
import type { FibEntry } from './fib.ts';
import { comwareIcmpError } from './icmp-error.ts';
import type { ComwareInterface } from './interface.ts';
import { natOutput } from './nat/translate.ts';

const LOOKUP: Site = { component: 'Comware forwarding', function: 'FIB lookup' };
const OUTPUT: Site = { component: 'Comware forwarding', function: 'output' };

/** Looks a destination up in the FIB and records what was found. */
export function fibLookup(cw: Comware, packet: Packet, destination: Ipv4): FibEntry | undefined {
  const entry = cw.fib.lookup(destination);
  packet.ledger.recorder?.step(packet, cw.place, LOOKUP, {
    kind: 'route',
    destination: formatIpv4(destination),
    type: entry?.kind ?? 'none',
    prefix: entry === undefined ? '' : formatPrefix(entry.prefix),
    table: 'FIB',
    device: entry?.interfaceName ?? '',
    gateway: entry?.kind === 'gateway' ? formatIpv4(entry.neighbour) : '',
    ...(entry === undefined ? { asked: ['FIB'] } : {}),
  });
  return entry;
}

/**
 * Sends a packet on by the entry that was found for it, `head` at its IP header. `from` is the interface it came in
 * by, undefined when Comware's stack or the kernel sends it: errors go back that way.
 */
export function outputBy(
  cw: Comware,
  packet: Packet,
  entry: FibEntry | undefined,
  from: ComwareInterface | undefined,
): Fate {
  const destination = packet.ip.destination;
  if (entry === undefined) {
    comwareIcmpError(cw, packet, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0, from);
    return drop(packet, cw.place, LOOKUP, 'comware:NO_ROUTE', formatIpv4(destination));
  }
  const out = entry.interface;
  if (entry.kind === 'discard' || out === undefined) {
    return drop(packet, cw.place, LOOKUP, 'comware:BLACKHOLE', `${formatIpv4(destination)} by ${entry.interfaceName}`);
  }
  const isForKernel = out.name.kind === 'virtual-eth-group';
  // Before NAT: the error has to quote the packet as its sender knows it.
  if (!isForKernel && packet.length > out.mtu && packet.ip.dontFragment && !packet.ignoreDf) {
    comwareIcmpError(cw, packet, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, out.mtu, from);
    const detail = `${packet.length} bytes, MTU ${out.mtu} on ${out.name.short}`;
    packet.ledger.recorder?.step(packet, cw.place, OUTPUT, byMtu(out.name.short, out.mtu, packet.length, 'DF set'));
    return drop(packet, cw.place, OUTPUT, 'comware:DF_SET', detail);
  }
  if ((out.nat !== undefined || packet.translation !== undefined) && entry.kind !== 'broadcast') {
    const fate = natOutput(cw, packet, entry, out, from, outputBy);
    if (fate !== undefined) return fate;
  }
  if (isForKernel) return cw.parts.toKernel(packet, `${out.name.short} is reached through the kernel`);
  if (packet.length > out.mtu) return outputTooBig(cw, packet, entry, out);
  return outputToNeighbour(cw, packet, entry, out);
}

function outputTooBig(cw: Comware, packet: Packet, entry: FibEntry, out: ComwareInterface): Fate {
  const pieces = fragment(packet, out.mtu, cw.place, OUTPUT);
  const fate = consume(packet, cw.place, OUTPUT, `cut into ${pieces.length} fragments`);
  for (const piece of pieces) outputToNeighbour(cw, piece, entry, out);
  return fate;
}

function outputToNeighbour(cw: Comware, packet: Packet, entry: FibEntry, out: ComwareInterface): Fate {
  cw.counters.sent++;
  if (entry.kind === 'broadcast') return transmitTo(cw, packet, out, BROADCAST_MAC);
  return cw.parts.arp.output(packet, out, entry.kind === 'gateway' ? entry.neighbour : packet.ip.destination);
}

/** Puts the Ethernet header in front and gives the frame to the port. */
export function transmitTo(cw: Comware, packet: Packet, out: ComwareInterface, mac: Mac): Fate {
  const { port } = out;
  if (port === undefined || !out.isUp) {
    const state = out.shutdown ? 'shutdown' : 'DOWN';
    packet.ledger.recorder?.step(packet, cw.place, OUTPUT, byDevice(out.name.short, state));
    return drop(packet, cw.place, OUTPUT, 'comware:INTERFACE_DOWN', out.name.short);
  }
  packet.push(ETHERNET_LENGTH);
  putEthernet(packet.bytes, packet.head, mac, port.mac, ETHERTYPE_IPV4);
  return devQueueXmit(packet, port);
}
