import type { Packet } from '../../packet/packet.ts';
import { TcpHeader } from '../../wire/tcp.ts';
import { readTcpOptions, type TcpOptions } from '../../wire/tcp-options.ts';
import { plus } from './sequence.ts';

/** A segment whose length and checksum were checked, while it is taken in (struct tcp_skb_cb). */
export interface IncomingSegment {
  readonly packet: Packet;
  readonly header: TcpHeader;
  readonly options: TcpOptions;
  readonly sequence: number;
  /** Behind data, SYN and FIN. */
  readonly end: number;
  readonly dataLength: number;
}

/** Opens the segment at packet.transportOffset; it ends at packet.tail. */
export function incomingSegment(packet: Packet): IncomingSegment {
  const header = new TcpHeader(packet.bytes, packet.transportOffset);
  const dataLength = packet.tail - packet.transportOffset - header.headerLength;
  const { sequence } = header;
  const end = plus(sequence, dataLength + (header.syn ? 1 : 0) + (header.fin ? 1 : 0));
  return { packet, header, options: readTcpOptions(packet.bytes, packet.transportOffset), sequence, end, dataLength };
}

/** Its data, where they lie: whoever takes a segment in is the last who has its packet. */
export function dataOf({ packet, dataLength }: IncomingSegment): Uint8Array {
  return packet.bytes.subarray(packet.tail - dataLength, packet.tail);
}
