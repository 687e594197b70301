import { Packet } from '../packet/packet.ts';
import type { Place, Site } from '../packet/place.ts';
import { put8, put32 } from '../wire/bytes.ts';
import { Ipv4Header } from '../wire/ipv4.ts';
import { TCP_FIN, TCP_PSH, TcpHeader, writeTcpChecksum } from '../wire/tcp.ts';

/**
 * Cuts the TCP packet at `head` into segments of at most `packet.segmentLength` bytes, IP header included: FIN and PSH
 * are the last one's, identifications count on. The segments are new packets; the caller ends the original. Models
 * net/ipv4/tcp_offload.c tcp_gso_segment() and net/ipv4/af_inet.c inet_gso_segment().
 */
export function segmentTcp(packet: Packet, place: Place, site: Site): Packet[] {
  const { headerLength } = packet.ip;
  const headers = headerLength + new TcpHeader(packet.bytes, packet.head + headerLength).headerLength;
  const most = packet.segmentLength - headers;
  const dataLength = packet.length - headers;
  const pieces: Packet[] = [];
  for (let offset = 0; offset < dataLength; offset += most) {
    const length = Math.min(most, dataLength - offset);
    const piece = cut(packet, headers, offset, length, pieces.length, offset + length === dataLength);
    packet.ledger.recorder?.step(piece, place, site, { kind: 'segment', offset, length });
    pieces.push(piece);
  }
  return pieces;
}

function cut(whole: Packet, headers: number, offset: number, length: number, index: number, isLast: boolean): Packet {
  const piece = Packet.allocate(whole.ledger, headers + length, 0, whole.number);
  const { head, bytes } = piece;
  const data = whole.head + headers + offset;
  bytes.set(whole.bytes.subarray(whole.head, whole.head + headers), head);
  bytes.set(whole.bytes.subarray(data, data + length), head + headers);
  copyMetadata(whole, piece);
  const ip = new Ipv4Header(bytes, head);
  ip.totalLength = headers + length;
  ip.identification = (ip.identification + index) & 0xffff;
  ip.writeChecksum();
  const transport = head + ip.headerLength;
  const tcp = new TcpHeader(bytes, transport);
  put32(bytes, transport + 4, (tcp.sequence + offset) >>> 0);
  if (!isLast) put8(bytes, transport + 13, tcp.flags & ~(TCP_FIN | TCP_PSH));
  writeTcpChecksum(bytes, transport, piece.tail - transport, ip.source, ip.destination);
  piece.checksum = 'unnecessary';
  piece.transportOffset = transport;
  return piece;
}

/** What __copy_skb_header() gives every segment. */
function copyMetadata(whole: Packet, piece: Packet): void {
  piece.networkOffset = piece.head;
  piece.protocol = whole.protocol;
  piece.packetType = whole.packetType;
  piece.inputIfindex = whole.inputIfindex;
  piece.mark = whole.mark;
  piece.destination = whole.destination;
  piece.connection = whole.connection;
  piece.connectionInfo = whole.connectionInfo;
  piece.translation = whole.translation;
  piece.bridgeInfo = whole.bridgeInfo;
  piece.forwarded = whole.forwarded;
  piece.ignoreDf = whole.ignoreDf;
  piece.confirmsNeighbour = whole.confirmsNeighbour;
}
