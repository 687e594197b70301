import { Packet } from '../packet/packet.ts';
import type { Place, Site } from '../packet/place.ts';
import { put8, u8 } from '../wire/bytes.ts';
import { IP_DF, IP_MF, IP_OFFSET_MASK, Ipv4Header } from '../wire/ipv4.ts';

/** A piece smaller than this carries no data beside the largest header (60 bytes): ip_fragment() asks for 68. */
export const MIN_FRAGMENT_MTU = 68;

/**
 * Cuts the IPv4 packet at `head` into pieces of at most `mtu` bytes, header included. Models the slow path of
 * net/ipv4/ip_output.c ip_do_fragment(): data in multiples of 8, options that are not "copied" replaced by NOPs in all
 * but the first piece, MF kept on the last one when the packet was itself a fragment that had it. The pieces are new
 * packets; the caller ends the original.
 */
export function fragment(packet: Packet, mtu: number, place: Place, site: Site): Packet[] {
  const whole = packet.ip;
  const headerLength = whole.headerLength;
  const room = (mtu - headerLength) & ~7;
  const dataLength = packet.length - headerLength;
  const firstOffset = whole.fragmentOffset;
  const pieces: Packet[] = [];
  for (let done = 0; done < dataLength; ) {
    const left = dataLength - done;
    // The last piece may fill the MTU to the byte; only the others must end on a multiple of 8.
    const length = left <= mtu - headerLength ? left : room;
    const more = done + length < dataLength || whole.moreFragments;
    pieces.push(cut(packet, headerLength, done, length, firstOffset, more, place, site));
    done += length;
  }
  for (const piece of pieces) piece.countWith(packet, packet.share / pieces.length);
  return pieces;
}

function cut(
  packet: Packet,
  headerLength: number,
  done: number,
  length: number,
  firstOffset: number,
  more: boolean,
  place: Place,
  site: Site,
): Packet {
  const piece = Packet.allocate(packet.ledger, headerLength + length, 0, packet.number);
  const data = packet.head + headerLength + done;
  piece.bytes.set(packet.bytes.subarray(packet.head, packet.head + headerLength), piece.head);
  piece.bytes.set(packet.bytes.subarray(data, data + length), piece.head + headerLength);
  piece.networkOffset = piece.head;
  piece.protocol = packet.protocol;
  piece.packetType = packet.packetType;
  piece.inputIfindex = packet.inputIfindex;
  piece.mark = packet.mark;
  piece.destination = packet.destination;
  piece.connection = packet.connection;
  piece.connectionInfo = packet.connectionInfo;
  piece.forwarded = packet.forwarded;
  if (done > 0) blankUncopiedOptions(piece.bytes, piece.head, headerLength);
  const header = new Ipv4Header(piece.bytes, piece.head);
  header.totalLength = headerLength + length;
  // ip_do_fragment() keeps DF on the pieces of a packet that was reassembled from fragments with DF; none other has it.
  const offset = firstOffset + done;
  header.fragment = (packet.ip.fragment & IP_DF) | (more ? IP_MF : 0) | ((offset / 8) & IP_OFFSET_MASK);
  header.writeChecksum();
  packet.ledger.recorder?.step(piece, place, site, { kind: 'fragment', offset, length, more });
  return piece;
}

/** Models net/ipv4/ip_options.c ip_options_fragment(). */
function blankUncopiedOptions(bytes: Uint8Array, header: number, headerLength: number): void {
  const end = header + headerLength;
  for (let at = header + 20; at < end; ) {
    const type = u8(bytes, at);
    if (type === 0) return;
    const length = type === 1 ? 1 : at + 1 < end ? u8(bytes, at + 1) : 0;
    if (length < 1 || (type !== 1 && length < 2) || at + length > end) return;
    if ((type & 0x80) === 0) for (let index = at; index < at + length; index++) put8(bytes, index, 1);
    at += length;
  }
}
