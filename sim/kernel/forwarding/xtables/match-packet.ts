import type { NetDevice } from '../../../link/device.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Ipv4 } from '../../../wire/address.ts';
import { u8, u16 } from '../../../wire/bytes.ts';
import { ICMP_LENGTH } from '../../../wire/icmp.ts';
import { TCP_LENGTH, TcpHeader } from '../../../wire/tcp.ts';
import { UDP_LENGTH } from '../../../wire/udp.ts';
import type { Net } from '../../net.ts';
import { bridgeInfoOf } from '../bridge-netfilter-info.ts';
import { connectionOf, stateOf } from '../conntrack/connection.ts';
import { addressType } from '../fib-lookup.ts';
import type { RuleEntry } from './chain.ts';
import { takeCredit } from './limit.ts';
import type { AddressTypes, Match, MatchOf, PortMatch, PortName, PortRange } from './match.ts';
import type { PacketFacts } from './packet-facts.ts';

/** Whether every extension of a rule agrees, asked in order until one does not: a `limit` behind it keeps its credit. */
export function extensionsMatch(net: Net, entry: RuleEntry, packet: Packet, facts: PacketFacts): boolean {
  const { matches } = entry.rule;
  let limits = 0;
  for (let index = 0; index < matches.length; index++) {
    const match = matches[index] as Match;
    if (match.kind === 'limit') {
      const bucket = entry.limits[limits++];
      if (bucket === undefined || !takeCredit(bucket, match.period, match.burst, net.clock.now)) return false;
    } else if (!extensionMatches(net, match, packet, facts)) return false;
  }
  return true;
}

function extensionMatches(
  net: Net,
  match: Exclude<Match, MatchOf<'limit'>>,
  packet: Packet,
  facts: PacketFacts,
): boolean {
  switch (match.kind) {
    case 'tcp':
      return tcpMatches(match, facts);
    case 'udp':
      return udpMatches(match, facts);
    case 'icmp':
      return icmpMatches(match, facts);
    case 'multiport':
      return multiportMatches(match, facts);
    case 'state':
    case 'conntrack':
      return stateMatches(match, packet);
    case 'mark':
      return ((packet.mark & match.mask) >>> 0 === match.value) !== match.not;
    case 'connmark': {
      const connection = connectionOf(packet);
      return connection !== undefined && ((connection.mark & match.mask) >>> 0 === match.value) !== match.not;
    }
    case 'addrtype':
      return addrtypeMatches(net, match, facts);
    case 'physdev':
      return physdevMatches(match, packet);
    case 'comment':
      return true;
  }
}

function inRange([first, last]: PortRange, port: number): boolean {
  return port >= first && port <= last;
}

function portMatches({ range, not }: PortMatch, port: number): boolean {
  return inRange(range, port) !== not;
}

/** Models net/netfilter/xt_tcpudp.c tcp_mt(). Not modelled: --tcp-option. */
function tcpMatches(match: MatchOf<'tcp'>, facts: PacketFacts): boolean {
  if (facts.fragmentOffset !== 0) {
    // RFC 1858 4: a fragment that begins within the TCP header is an attack.
    if (facts.fragmentOffset === 1) facts.hotDrop = true;
    return false;
  }
  if (!facts.hasTransport(TCP_LENGTH)) return false;
  const { bytes, transport } = facts;
  if (!portMatches(match.source, u16(bytes, transport))) return false;
  if (!portMatches(match.destination, u16(bytes, transport + 2))) return false;
  const { mask, set, not } = match.flags;
  return ((new TcpHeader(bytes, transport).flags & mask) === set) !== not;
}

/** Models udp_mt(). */
function udpMatches(match: MatchOf<'udp'>, facts: PacketFacts): boolean {
  if (facts.fragmentOffset !== 0 || !facts.hasTransport(UDP_LENGTH)) return false;
  const { bytes, transport } = facts;
  return portMatches(match.source, u16(bytes, transport)) && portMatches(match.destination, u16(bytes, transport + 2));
}

/** Models icmp_match(). */
function icmpMatches({ type, codes, not }: MatchOf<'icmp'>, facts: PacketFacts): boolean {
  if (facts.fragmentOffset !== 0 || !facts.hasTransport(ICMP_LENGTH)) return false;
  const { bytes, transport } = facts;
  const fits = type === 255 || (u8(bytes, transport) === type && inRange(codes, u8(bytes, transport + 1)));
  return fits !== not;
}

/** Models net/netfilter/xt_multiport.c multiport_mt(). */
function multiportMatches({ which, ranges, not }: MatchOf<'multiport'>, facts: PacketFacts): boolean {
  if (facts.fragmentOffset !== 0 || !facts.hasTransport(4)) return false;
  const source = u16(facts.bytes, facts.transport);
  const destination = u16(facts.bytes, facts.transport + 2);
  for (const range of ranges) {
    if (which !== 'dports' && inRange(range, source)) return !not;
    if (which !== 'sports' && inRange(range, destination)) return !not;
  }
  return not;
}

/** Models net/netfilter/xt_conntrack.c conntrack_mt(): the state, and whether either address is translated. */
function stateMatches({ states, not }: MatchOf<'state' | 'conntrack'>, packet: Packet): boolean {
  const connection = connectionOf(packet);
  const fits =
    states.includes(stateOf(packet)) ||
    (connection?.sourceNat === true && states.includes('SNAT')) ||
    (connection?.destinationNat === true && states.includes('DNAT'));
  return fits !== not;
}

/** Models net/netfilter/xt_addrtype.c addrtype_mt_v1(). */
function addrtypeMatches(net: Net, { source, destination, limit }: MatchOf<'addrtype'>, facts: PacketFacts): boolean {
  const device = limit === 'in' ? facts.input : limit === 'out' ? facts.output : undefined;
  return (
    (source === undefined || isOfType(net, source, facts.source, device)) &&
    (destination === undefined || isOfType(net, destination, facts.destination, device))
  );
}

const TYPE_WORDS = { local: 'LOCAL', broadcast: 'BROADCAST', multicast: 'MULTICAST', unicast: 'UNICAST' } as const;

function isOfType(net: Net, asked: AddressTypes, address: Ipv4, device: NetDevice | undefined): boolean {
  return asked.types.includes(TYPE_WORDS[addressType(net, address, device)]) !== asked.not;
}

/** Models net/netfilter/xt_physdev.c physdev_mt(). */
function physdevMatches(match: MatchOf<'physdev'>, packet: Packet): boolean {
  const info = bridgeInfoOf(packet);
  if (info === undefined) {
    const isAsked = match.isIn === true || match.isOut === true || match.isBridged === true;
    return !isAsked && match.input?.not !== false && match.output?.not !== false;
  }
  const { physicalInput, physicalOutput } = info;
  const leavesByPort = physicalOutput !== undefined;
  if (match.isBridged !== undefined && match.isBridged !== leavesByPort) return false;
  if (match.isIn === false || (match.isOut !== undefined && match.isOut !== leavesByPort)) return false;
  if (match.input !== undefined && isNamed(match.input, physicalInput) === match.input.not) return false;
  if (match.output === undefined) return true;
  return physicalOutput !== undefined && isNamed(match.output, physicalOutput) !== match.output.not;
}

function isNamed({ name }: PortName, device: NetDevice): boolean {
  if (name.endsWith('+')) return device.name.startsWith(name.slice(0, -1));
  return name === '' || device.name === name;
}
