import type { DroppedFrame } from '../packet/dropped-frame.ts';
import { formatIpv4, type Ipv4 } from '../wire/address.ts';
import { u8, u16 } from '../wire/bytes.ts';
import { ETHERNET_LENGTH, ETHERTYPE_IPV4 } from '../wire/ethernet.ts';
import { IPV4_LENGTH, Ipv4Header, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';

/** What a rule can name of a packet. */
export interface PacketFacts {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly protocol: number;
  /** 0 where there are none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpType: number;
  readonly icmpCode: number;
}

/** Reads a packet as it was when it died; undefined where it is no IPv4 or cut short. */
export function factsOf({ bytes, linkLength }: DroppedFrame): PacketFacts | undefined {
  if (linkLength === ETHERNET_LENGTH && u16(bytes, 12) !== ETHERTYPE_IPV4) return undefined;
  if (bytes.length < linkLength + IPV4_LENGTH) return undefined;
  const header = new Ipv4Header(bytes, linkLength);
  const { source, destination, protocol, headerLength, fragmentOffset } = header;
  const at = linkLength + headerLength;
  const isWhole = fragmentOffset === 0 && bytes.length >= at + 4;
  const hasPorts = isWhole && (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP);
  const isIcmp = isWhole && protocol === PROTOCOL_ICMP;
  return {
    source,
    destination,
    protocol,
    sourcePort: hasPorts ? u16(bytes, at) : 0,
    destinationPort: hasPorts ? u16(bytes, at + 2) : 0,
    icmpType: isIcmp ? u8(bytes, at) : 0,
    icmpCode: isIcmp ? u8(bytes, at + 1) : 0,
  };
}

/** Names of ICMP types as iptables writes them, of those that a filter may have to let pass. */
const ICMP_NAMES: Readonly<Record<number, string>> = {
  0: 'echo-reply',
  3: 'destination-unreachable',
  8: 'echo-request',
  11: 'time-exceeded',
};

/** The selectors of an iptables rule for just this flow, which asks for `port`: `-s 10.0.0.1 -d 10.0.1.2 -p tcp --dport 80`. */
export function matchText(packet: PacketFacts, asked: number): string {
  const ends = `-s ${formatIpv4(packet.source)} -d ${formatIpv4(packet.destination)}`;
  switch (packet.protocol) {
    case PROTOCOL_ICMP: {
      const isTooBig = packet.icmpType === 3 && packet.icmpCode === 4;
      const name = isTooBig ? 'fragmentation-needed' : (ICMP_NAMES[packet.icmpType] ?? String(packet.icmpType));
      // An error comes from whoever had to send it.
      return `${packet.icmpType === 3 || packet.icmpType === 11 ? '' : `${ends} `}-p icmp --icmp-type ${name}`;
    }
    case PROTOCOL_TCP:
    case PROTOCOL_UDP: {
      const name = packet.protocol === PROTOCOL_TCP ? 'tcp' : 'udp';
      // Where the port was translated on its way, the well-known end of a conversation has the lower one.
      const isLower = packet.sourcePort < packet.destinationPort;
      const isAnswer = packet.sourcePort === asked || (packet.destinationPort !== asked && isLower);
      const port = isAnswer ? `--sport ${packet.sourcePort}` : `--dport ${packet.destinationPort}`;
      return packet.sourcePort === 0 ? `${ends} -p ${name}` : `${ends} -p ${name} ${port}`;
    }
    default:
      return `${ends} -p ${packet.protocol}`;
  }
}
