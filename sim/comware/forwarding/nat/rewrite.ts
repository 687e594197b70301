import type { Packet } from '../../../packet/packet.ts';
import type { QuotedPacket } from '../../../transport/icmp-error.ts';
import type { Ipv4 } from '../../../wire/address.ts';
import { put16, u8, u16 } from '../../../wire/bytes.ts';
import { updateChecksum } from '../../../wire/checksum.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';

/** Which end of a packet is rewritten. */
export type Side = 'source' | 'destination';

/** A packet that is being rewritten, or the quotation of one in an ICMP error. One object serves all, one at a time. */
export class Rewritten {
  bytes: Uint8Array = new Uint8Array(0);
  ip = 0;
  /** -1 where there is none: a fragment that is not the first. */
  transport = -1;
  /** Where the bytes end. */
  end = 0;
  protocol = 0;
  /** The ICMP checksum of the error that quotes this packet, -1 where it is not quoted. */
  outerChecksum = -1;

  /** `hasTransport`: it is whole or a first fragment. */
  aim(packet: Packet, hasTransport: boolean): this {
    this.#set(packet, packet.networkOffset, hasTransport ? packet.transportOffset : -1);
    this.outerChecksum = -1;
    return this;
  }

  aimAtQuoted(error: Packet, quoted: QuotedPacket): this {
    this.#set(error, quoted.ip.offset, quoted.transport);
    this.outerChecksum = error.transportOffset + 2;
    return this;
  }

  #set(packet: Packet, ip: number, transport: number): void {
    this.bytes = packet.bytes;
    this.ip = ip;
    this.transport = transport;
    this.end = packet.tail;
    this.protocol = u8(packet.bytes, ip + 9);
  }
}

/** Puts an address in, and mends the checksums that cover it: the IP header's, and TCP's or UDP's (RFC 1624). */
export function rewriteAddress(packet: Rewritten, side: Side, address: Ipv4): void {
  const at = packet.ip + (side === 'source' ? 12 : 16);
  rewriteAddressWord(packet, at, address >>> 16);
  rewriteAddressWord(packet, at + 2, address & 0xffff);
}

/** Puts a port in, or the identifier of an ICMP query, and mends the checksum that covers it. */
export function rewritePort(packet: Rewritten, side: Side, port: number): void {
  const { protocol, transport } = packet;
  if (transport < 0) return;
  const at = protocol === PROTOCOL_ICMP ? transport + 4 : transport + (side === 'source' ? 0 : 2);
  const before = u16(packet.bytes, at);
  if (before === port) return;
  putWord(packet, at, port);
  mendTransport(packet, before, port);
}

function rewriteAddressWord(packet: Rewritten, at: number, word: number): void {
  const before = u16(packet.bytes, at);
  if (before === word) return;
  putWord(packet, at, word);
  putWord(packet, packet.ip + 10, updateChecksum(u16(packet.bytes, packet.ip + 10), before, word));
  // The pseudo header of TCP and UDP has the addresses; ICMP has none.
  if (packet.protocol !== PROTOCOL_ICMP) mendTransport(packet, before, word);
}

function mendTransport(packet: Rewritten, before: number, after: number): void {
  const { bytes, protocol, transport } = packet;
  if (transport < 0) return;
  const at = transport + checksumOffset(protocol);
  // A quotation may end before it.
  if (at < transport || at + 2 > packet.end) return;
  const checksum = u16(bytes, at);
  // UDP: zero says that there is none, and a computed zero is written as all ones (RFC 768).
  if (protocol === PROTOCOL_UDP && checksum === 0) return;
  const mended = updateChecksum(checksum, before, after);
  putWord(packet, at, protocol === PROTOCOL_UDP && mended === 0 ? 0xffff : mended);
}

/** Where the checksum stands in a transport header; negative where the protocol has none that NAT knows. */
function checksumOffset(protocol: number): number {
  if (protocol === PROTOCOL_TCP) return 16;
  if (protocol === PROTOCOL_UDP) return 6;
  return protocol === PROTOCOL_ICMP ? 2 : -1;
}

/** Writes a word, and mends the checksum of the error that quotes it. */
function putWord(packet: Rewritten, at: number, word: number): void {
  const { bytes, outerChecksum } = packet;
  const before = u16(bytes, at);
  put16(bytes, at, word);
  if (outerChecksum >= 0) put16(bytes, outerChecksum, updateChecksum(u16(bytes, outerChecksum), before, word));
}
