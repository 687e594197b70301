import type { Packet } from '../../packet/packet.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { u8, u16 } from '../../wire/bytes.ts';
import { ICMP_LENGTH, icmpQueryOf, icmpReplyTo, isIcmpError } from '../../wire/icmp.ts';
import { type Ipv4Header, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import { TCP_LENGTH } from '../../wire/tcp.ts';
import { UDP_LENGTH } from '../../wire/udp.ts';

/**
 * What a session is found by. The identifier of an ICMP query stands where a port would: as the source port of a
 * request and the destination port of its reply, so that the flow back is always this one with its ends swapped.
 */
export interface FlowKey {
  /** The IP protocol; for ICMP with the type of the request in bits 8 to 15. */
  readonly kind: number;
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
}

/** A key that is filled in again and again: one packet's at a time. */
export class Flow implements FlowKey {
  kind = 0;
  source: Ipv4 = 0;
  sourcePort = 0;
  destination: Ipv4 = 0;
  destinationPort = 0;
  /** A query of ICMP, as against its reply and other messages; a TCP or UDP packet: PAT can translate its source. */
  hasSourcePort = false;

  get protocol(): number {
    return protocolOf(this.kind);
  }

  set(kind: number, source: Ipv4, sourcePort: number, destination: Ipv4, destinationPort: number): this {
    this.kind = kind;
    this.source = source;
    this.sourcePort = sourcePort;
    this.destination = destination;
    this.destinationPort = destinationPort;
    return this;
  }

  /** Swaps the ends. */
  invert(): this {
    return this.set(this.kind, this.destination, this.destinationPort, this.source, this.sourcePort);
  }
}

export const protocolOf = (kind: number): number => kind & 0xff;

/** The kind of an ICMP flow, by the type of its request. */
const icmpKind = (requestType: number): number => PROTOCOL_ICMP | (requestType << 8);

/** The type of an ICMP flow's requests, or of its replies. */
export function icmpTypeOf(kind: number, isReply: boolean): number {
  const type = kind >>> 8;
  return isReply ? (icmpReplyTo(type) ?? type) : type;
}

export const isIcmpQuery = (kind: number): boolean => icmpReplyTo(kind >>> 8) !== undefined;

/** What a packet is to NAT. `truncated`: its transport header is not all there. */
export type FlowReading = 'flow' | 'icmp error' | 'truncated';

/** Reads the flow of the packet, which is whole or a first fragment. */
export function readFlow(packet: Packet, into: Flow): FlowReading {
  const { protocol } = packet.ip;
  const available = packet.tail - packet.transportOffset;
  const needed = protocol === PROTOCOL_TCP ? TCP_LENGTH : protocol === PROTOCOL_UDP ? UDP_LENGTH : ICMP_LENGTH;
  const hasHeader = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP || protocol === PROTOCOL_ICMP;
  if (hasHeader && available < needed) return 'truncated';
  return readFlowAt(packet.ip, packet.transportOffset, into);
}

/** The same for the packet that an ICMP error quotes, of whose transport header 8 bytes must be there. */
export function readFlowAt(ip: Ipv4Header, transportOffset: number, into: Flow): FlowReading {
  const { bytes, protocol, source, destination } = ip;
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) {
    into.set(protocol, source, u16(bytes, transportOffset), destination, u16(bytes, transportOffset + 2));
    into.hasSourcePort = true;
    return 'flow';
  }
  into.hasSourcePort = false;
  if (protocol !== PROTOCOL_ICMP) {
    into.set(protocol, source, 0, destination, 0);
    return 'flow';
  }
  const type = u8(bytes, transportOffset);
  if (isIcmpError(type)) return 'icmp error';
  readIcmp(bytes, transportOffset, type, source, destination, into);
  return 'flow';
}

function readIcmp(bytes: Uint8Array, at: number, type: number, source: Ipv4, destination: Ipv4, into: Flow): void {
  if (icmpReplyTo(type) !== undefined) {
    into.set(icmpKind(type), source, u16(bytes, at + 4), destination, 0);
    into.hasSourcePort = true;
    return;
  }
  const query = icmpQueryOf(type);
  if (query === undefined) into.set(icmpKind(type), source, 0, destination, 0);
  else into.set(icmpKind(query), source, 0, destination, u16(bytes, at + 4));
}
