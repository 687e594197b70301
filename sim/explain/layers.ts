import { formatIpv4 } from '../wire/address.ts';
import { ARP_LENGTH, ARP_REQUEST, ArpPacket } from '../wire/arp.ts';
import { u8, u16, u32 } from '../wire/bytes.ts';
import { ETHERNET_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4, EthernetHeader } from '../wire/ethernet.ts';
import {
  hasIcmpIdentifier,
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_LENGTH,
  ICMP_REDIRECT,
  IcmpHeader,
  isIcmpError,
} from '../wire/icmp.ts';
import { IPV4_LENGTH, Ipv4Header, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import { formatMac } from '../wire/mac.ts';
import { TCP_LENGTH, TcpHeader } from '../wire/tcp.ts';
import { readTcpOptions } from '../wire/tcp-options.ts';
import { UDP_LENGTH, UdpHeader } from '../wire/udp.ts';

/**
 * One header of a frame, outermost first: its protocol and its fields in the order of the header. Numbers in host order;
 * `length` of IPv4 counts the whole packet, header included. `quoted`: it is part of what an ICMP error quotes.
 */
export interface Layer {
  readonly protocol: 'Ethernet' | 'ARP' | 'IPv4' | 'ICMP' | 'TCP' | 'UDP';
  readonly quoted: boolean;
  readonly fields: Readonly<Record<string, string | number>>;
}

/** Reads the layer at `offset` up to `end` and says what lies behind it. */
type Decoder = (bytes: Uint8Array, offset: number, end: number, quoted: boolean) => Decoded | undefined;

interface Decoded {
  readonly protocol: Layer['protocol'];
  readonly fields: Layer['fields'];
  readonly next?: {
    readonly decode: Decoder;
    readonly offset: number;
    readonly end: number;
    readonly quoted?: boolean;
  };
}

/** The headers of a frame that begins with `first`. A header that is cut short, and what is behind it, is left out. */
export function layersOf(bytes: Uint8Array, first: 'Ethernet' | 'IPv4'): Layer[] {
  const layers: Layer[] = [];
  let decode: Decoder = first === 'Ethernet' ? ethernet : ipv4;
  let offset = 0;
  let end = bytes.length;
  let quoted = false;
  for (;;) {
    const decoded = decode(bytes, offset, end, quoted);
    if (decoded === undefined) return layers;
    layers.push({ protocol: decoded.protocol, quoted, fields: decoded.fields });
    const { next } = decoded;
    if (next === undefined) return layers;
    quoted ||= next.quoted === true;
    ({ decode, offset, end } = next);
  }
}

/** By EtherType. */
const NETWORK: ReadonlyMap<number, Decoder> = new Map([
  [ETHERTYPE_IPV4, ipv4],
  [ETHERTYPE_ARP, arp],
]);

/** By the protocol number of IPv4. */
const TRANSPORT: ReadonlyMap<number, Decoder> = new Map([
  [PROTOCOL_ICMP, icmp],
  [PROTOCOL_TCP, tcp],
  [PROTOCOL_UDP, udp],
]);

function ethernet(bytes: Uint8Array, offset: number, end: number): Decoded | undefined {
  if (end - offset < ETHERNET_LENGTH) return undefined;
  const header = new EthernetHeader(bytes, offset);
  const { source, destination, etherType } = header;
  const fields = {
    destination: formatMac(destination),
    source: formatMac(source),
    type: `0x${etherType.toString(16).padStart(4, '0')}`,
  };
  const decode = NETWORK.get(etherType);
  if (decode === undefined) return { protocol: 'Ethernet', fields };
  return { protocol: 'Ethernet', fields, next: { decode, offset: offset + ETHERNET_LENGTH, end } };
}

function arp(bytes: Uint8Array, offset: number, end: number): Decoded | undefined {
  if (end - offset < ARP_LENGTH) return undefined;
  const packet = new ArpPacket(bytes, offset);
  return {
    protocol: 'ARP',
    fields: {
      operation: packet.operation === ARP_REQUEST ? 'request' : packet.operation === 2 ? 'reply' : packet.operation,
      sender_mac: formatMac(packet.senderMac),
      sender: formatIpv4(packet.senderAddress),
      target_mac: formatMac(packet.targetMac),
      target: formatIpv4(packet.targetAddress),
    },
  };
}

function ipv4(bytes: Uint8Array, offset: number, end: number, quoted: boolean): Decoded | undefined {
  if (end - offset < IPV4_LENGTH) return undefined;
  const header = new Ipv4Header(bytes, offset);
  const { headerLength, protocol, totalLength } = header;
  const fields = {
    source: formatIpv4(header.source),
    destination: formatIpv4(header.destination),
    ttl: header.ttl,
    tos: `0x${header.tos.toString(16).padStart(2, '0')}`,
    id: header.identification,
    flags: flagsText(header),
    offset: header.fragmentOffset,
    protocol: PROTOCOL_NAMES.get(protocol) ?? protocol,
    length: totalLength,
  };
  const decode = TRANSPORT.get(protocol);
  if (decode === undefined || headerLength < IPV4_LENGTH || header.fragmentOffset !== 0) {
    return { protocol: 'IPv4', fields };
  }
  // Ethernet pads short frames; what an error quotes may be cut short.
  const last = quoted ? end : Math.min(end, offset + totalLength);
  return { protocol: 'IPv4', fields, next: { decode, offset: offset + headerLength, end: last } };
}

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [PROTOCOL_ICMP, 'ICMP'],
  [PROTOCOL_TCP, 'TCP'],
  [PROTOCOL_UDP, 'UDP'],
]);

/** As tcpdump -v lists them. */
function flagsText(header: Ipv4Header): string {
  const names = [...(header.dontFragment ? ['DF'] : []), ...(header.moreFragments ? ['MF'] : [])];
  return names.length === 0 ? 'none' : names.join(',');
}

function icmp(bytes: Uint8Array, offset: number, end: number): Decoded | undefined {
  if (end - offset < ICMP_LENGTH) return undefined;
  const header = new IcmpHeader(bytes, offset);
  const { type, code } = header;
  const fields: Record<string, string | number> = { type, code };
  if (hasIcmpIdentifier(type)) {
    fields.id = header.identifier;
    fields.sequence = header.sequence;
  }
  if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) fields.mtu = header.nextHopMtu;
  if (type === ICMP_REDIRECT) fields.gateway = formatIpv4(u32(bytes, offset + 4));
  if (!isIcmpError(type)) return { protocol: 'ICMP', fields };
  return { protocol: 'ICMP', fields, next: { decode: ipv4, offset: offset + ICMP_LENGTH, end, quoted: true } };
}

/** An error quotes at least the ports (RFC 792); the rest of a quoted header may be missing. */
function udp(bytes: Uint8Array, offset: number, end: number, quoted: boolean): Decoded | undefined {
  if (end - offset < UDP_LENGTH) return quoted ? ports('UDP', bytes, offset, end) : undefined;
  const header = new UdpHeader(bytes, offset);
  const { sourcePort, destinationPort, length } = header;
  return { protocol: 'UDP', fields: { source_port: sourcePort, destination_port: destinationPort, length } };
}

function tcp(bytes: Uint8Array, offset: number, end: number, quoted: boolean): Decoded | undefined {
  if (end - offset < TCP_LENGTH) return quoted ? ports('TCP', bytes, offset, end) : undefined;
  const header = new TcpHeader(bytes, offset);
  const fields: Record<string, string | number> = {
    source_port: header.sourcePort,
    destination_port: header.destinationPort,
    sequence: header.sequence,
    acknowledgment: header.acknowledgment,
    flags: tcpFlagsText(header),
    window: header.window,
    data: Math.max(0, end - offset - header.headerLength),
  };
  const { mss } = header.headerLength <= end - offset ? readTcpOptions(bytes, offset) : { mss: undefined };
  if (mss !== undefined) fields.mss = mss;
  return { protocol: 'TCP', fields };
}

function ports(protocol: 'TCP' | 'UDP', bytes: Uint8Array, offset: number, end: number): Decoded | undefined {
  if (end - offset < 4) return undefined;
  return { protocol, fields: { source_port: u16(bytes, offset), destination_port: u16(bytes, offset + 2) } };
}

const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'] as const;

function tcpFlagsText(header: TcpHeader): string {
  const bits = u8(header.bytes, header.offset + 13);
  const names = TCP_FLAGS.filter((_, bit) => (bits >>> bit) & 1);
  return names.length === 0 ? 'none' : names.join(',');
}

/** The outermost layer of a protocol that is the packet's own, not part of what it quotes. */
export function layerNamed(layers: readonly Layer[], protocol: Layer['protocol']): Layer | undefined {
  return layers.find((layer) => layer.protocol === protocol && !layer.quoted);
}
