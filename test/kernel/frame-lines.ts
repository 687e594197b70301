import { formatIpv4 } from '../../sim/wire/address.ts';
import { ARP_REQUEST, ArpPacket } from '../../sim/wire/arp.ts';
import { checksum } from '../../sim/wire/checksum.ts';
import { ETHERNET_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4, EthernetHeader } from '../../sim/wire/ethernet.ts';
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST, ICMP_LENGTH, IcmpHeader, isIcmpError } from '../../sim/wire/icmp.ts';
import { Ipv4Header, ipv4Fault, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../sim/wire/ipv4.ts';
import { TCP_LENGTH, TcpHeader, tcpChecksumHolds } from '../../sim/wire/tcp.ts';
import { UDP_LENGTH, UdpHeader, udpChecksumHolds } from '../../sim/wire/udp.ts';
import type { StoredFrame } from '../../sim/world/frame-log.ts';
import type { Lab } from '../bench.ts';

/*
 * Frames as one line each, every header field in it that a stack chooses. `0a>01` are the last bytes of the MAC
 * addresses; an identification is only told from zero, because it comes from a generator:
 *
 *     0a>01 10.0.1.2>10.0.2.2 len=84 ttl=64 DF id=n echo request 1
 *     01>0a 10.0.1.1>10.0.1.2 len=112 ttl=64 tos=c0 id=n icmp 11/0 [84 of 84: 10.0.1.2>10.0.2.2 ttl=1 DF id=n]
 */

export function lineOf(frame: StoredFrame): string {
  const ethernet = new EthernetHeader(frame.bytes, 0);
  const macs = `${shortMac(ethernet.source)}>${shortMac(ethernet.destination)}`;
  if (ethernet.etherType === ETHERTYPE_ARP) return `${macs} ${arpText(frame.bytes)}`;
  if (ethernet.etherType !== ETHERTYPE_IPV4) return `${macs} type ${ethernet.etherType.toString(16)}`;
  return `${macs} ${ipText(frame.bytes)}`;
}

/** Frames of a capture point, ARP left out unless it is asked for. */
export function linesOf(lab: Lab, point: string, options: { readonly arp?: boolean } = {}): string[] {
  const lines = lab.frames(point).map(lineOf);
  return options.arp === true
    ? lines
    : lines.filter((line) => !line.includes(' who-has ') && !line.includes(' is-at '));
}

function shortMac(mac: number): string {
  return (mac % 0x100).toString(16).padStart(2, '0');
}

function arpText(bytes: Uint8Array): string {
  const arp = new ArpPacket(bytes, ETHERNET_LENGTH);
  const sender = formatIpv4(arp.senderAddress);
  const target = formatIpv4(arp.targetAddress);
  if (arp.operation === ARP_REQUEST) return `who-has ${target} tell ${sender} (${shortMac(arp.targetMac)})`;
  return `${sender} is-at ${shortMac(arp.senderMac)} tell ${target} (${shortMac(arp.targetMac)})`;
}

function ipText(bytes: Uint8Array): string {
  const ip = new Ipv4Header(bytes, ETHERNET_LENGTH);
  const at = ETHERNET_LENGTH + ip.headerLength;
  const piece = ip.isFragment ? ` ${ip.fragmentOffset}${ip.moreFragments ? '+' : '.'}` : '';
  const head = `${addressesOf(ip)} len=${ip.totalLength} ${choicesOf(ip)}${piece}`;
  if (ip.fragmentOffset > 0) return head;
  if (ip.protocol === PROTOCOL_UDP) {
    const udp = new UdpHeader(bytes, at);
    return `${head} udp ${udp.sourcePort}>${udp.destinationPort}`;
  }
  if (ip.protocol === PROTOCOL_TCP) return `${head} ${tcpText(bytes, at, ETHERNET_LENGTH + ip.totalLength)}`;
  return ip.protocol === PROTOCOL_ICMP ? `${head} ${icmpText(bytes, at)}` : `${head} protocol ${ip.protocol}`;
}

/** `tcp 40001>80 SA mss=1460 sack ts nop ws=7`, or `PA 100 nop nop ts`: flags, data, options in their order. */
export function tcpText(bytes: Uint8Array, at: number, end: number): string {
  const tcp = new TcpHeader(bytes, at);
  const flags = [...'FSRPA'].filter((_, bit) => (tcp.flags >> bit) & 1).join('');
  const data = end - at - tcp.headerLength;
  const words = [`tcp ${tcp.sourcePort}>${tcp.destinationPort} ${flags}`];
  if (data > 0) words.push(String(data));
  for (let next = at + TCP_LENGTH; next < at + tcp.headerLength; ) {
    const kind = bytes[next] ?? 0;
    if (kind === 2) words.push(`mss=${((bytes[next + 2] ?? 0) << 8) | (bytes[next + 3] ?? 0)}`);
    else if (kind === 3) words.push(`ws=${bytes[next + 2]}`);
    else if (kind === 5) words.push(`sack=${((bytes[next + 1] ?? 0) - 2) / 8}`);
    else words.push({ 1: 'nop', 4: 'sackok', 8: 'ts' }[kind] ?? `option ${kind}`);
    next += kind === 1 ? 1 : bytes[next + 1] || 1;
  }
  return words.join(' ');
}

function icmpText(bytes: Uint8Array, at: number): string {
  if (bytes.length < at + ICMP_LENGTH) return 'icmp, cut short';
  const icmp = new IcmpHeader(bytes, at);
  if (icmp.type === ICMP_ECHO_REQUEST) return `echo request ${icmp.sequence}`;
  if (icmp.type === ICMP_ECHO_REPLY) return `echo reply ${icmp.sequence}`;
  const word = new DataView(bytes.buffer, bytes.byteOffset + at + 4, 4).getUint32(0);
  const text = `icmp ${icmp.type}/${icmp.code}${word === 0 ? '' : ` (${word < 0x10000 ? word : formatIpv4(word)})`}`;
  if (!isIcmpError(icmp.type)) return text;
  const quoted = new Ipv4Header(bytes, at + ICMP_LENGTH);
  const length = bytes.length - at - ICMP_LENGTH;
  return `${text} [${length} of ${quoted.totalLength}: ${addressesOf(quoted)} ${choicesOf(quoted)}]`;
}

function addressesOf(ip: Ipv4Header): string {
  return `${formatIpv4(ip.source)}>${formatIpv4(ip.destination)}`;
}

function choicesOf(ip: Ipv4Header): string {
  const tos = ip.tos === 0 ? '' : ` tos=${ip.tos.toString(16)}`;
  return `ttl=${ip.ttl}${tos}${ip.dontFragment ? ' DF' : ''} id=${ip.identification === 0 ? '0' : 'n'}`;
}

/**
 * What is wrong with the IPv4 frames of a run: header, lengths, and the checksums of IP, ICMP, TCP and UDP, as `POINT NUMBER:
 * fault`. Fragments are checked as far as one alone can be.
 */
export function faultsOf(lab: Lab): string[] {
  const captures = lab.world.captures?.captures() ?? [];
  return captures.flatMap(({ name, device, frames }) =>
    [...frames].flatMap(({ bytes }, index) => {
      const fault = faultOf(bytes, device.headerLength);
      return fault === undefined ? [] : [`${name} ${index + 1}: ${fault}`];
    }),
  );
}

function faultOf(bytes: Uint8Array, start: number): string | undefined {
  if (start > 0 && new EthernetHeader(bytes, 0).etherType !== ETHERTYPE_IPV4) return undefined;
  const fault = ipv4Fault(bytes, start, bytes.length - start);
  if (fault !== undefined) return fault;
  const ip = new Ipv4Header(bytes, start);
  const at = start + ip.headerLength;
  const length = ip.totalLength - ip.headerLength;
  if (bytes.length !== start + ip.totalLength) return 'bytes behind the packet';
  if (ip.isFragment) return undefined;
  if (ip.protocol === PROTOCOL_ICMP && (length < ICMP_LENGTH || checksum(bytes, at, length) !== 0))
    return 'ICMP checksum';
  if (ip.protocol === PROTOCOL_TCP && !tcpChecksumHolds(bytes, at, length, ip.source, ip.destination)) {
    return 'TCP checksum';
  }
  if (ip.protocol !== PROTOCOL_UDP) return undefined;
  const holds = length >= UDP_LENGTH && udpChecksumHolds(bytes, at, length, ip.source, ip.destination);
  return holds && new UdpHeader(bytes, at).length === length ? undefined : 'UDP checksum or length';
}
