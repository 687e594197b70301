import { Packet } from '../../sim/packet/packet.ts';
import { OutgoingSegment } from '../../sim/transport/tcp/segment.ts';
import { IPV4_LENGTH, putIpv4 } from '../../sim/wire/ipv4.ts';
import type { End, TcpPair } from './tcp-bench.ts';

export interface ForgedSegment {
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment?: number;
  readonly data?: string;
  readonly window?: number;
  readonly timestamp?: { readonly value: number; readonly echo: number };
  readonly mss?: number;
}

/** `to` receives a segment from the other end's address and from port `ports[0]`, which the other end has not sent. */
export function forge(pair: TcpPair, to: End, ports: readonly [number, number], forged: ForgedSegment): void {
  const { data = '', timestamp, mss } = forged;
  const from = to === pair.a ? pair.b : pair.a;
  const segment = new OutgoingSegment();
  segment.sourcePort = ports[0];
  segment.destinationPort = ports[1];
  segment.destination = to.address;
  segment.sequence = forged.sequence >>> 0;
  segment.acknowledgment = (forged.acknowledgment ?? 0) >>> 0;
  segment.flags = forged.flags;
  segment.window = forged.window ?? 500;
  if (timestamp !== undefined) segment.options.timestamp = { value: timestamp.value >>> 0, echo: timestamp.echo >>> 0 };
  segment.options.mss = mss;
  segment.measure();
  segment.length += data.length;
  const packet = Packet.allocate(pair.ledger, IPV4_LENGTH + segment.length);
  packet.networkOffset = packet.head;
  packet.transportOffset = packet.head + IPV4_LENGTH;
  for (let index = 0; index < data.length; index++)
    packet.bytes[packet.tail - data.length + index] = data.charCodeAt(index);
  putIpv4(packet.bytes, packet.head, {
    ...{ tos: 0, totalLength: packet.length, identification: 0, fragment: 0, ttl: 64, protocol: 6 },
    source: from.address,
    destination: to.address,
  });
  segment.write(packet.bytes, packet.transportOffset, from.address, to.address);
  to.tcp.receive(packet, '');
}
