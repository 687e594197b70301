import type { FlowName } from '../packet/trace.ts';
import { formatIpv4, type Ipv4 } from '../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import type { PingSocket } from './ping.ts';
import type { UdpSocket } from './udp.ts';

/** The ends of a connection, or of a listener, which has one. */
export interface SocketEnds {
  readonly localAddress: Ipv4;
  readonly localPort: number;
  readonly remoteAddress?: Ipv4;
  readonly remotePort?: number;
}

/** Names a TCP socket in the trace: its own end first, and no port where there is no peer. */
export function tcpSocketName(ends: SocketEnds): FlowName {
  return nameOf(PROTOCOL_TCP, ends);
}

export function udpSocketName(socket: UdpSocket): FlowName {
  return nameOf(PROTOCOL_UDP, socket);
}

/** Its identifier stands where a port would. */
export function pingSocketName({ localAddress, identifier }: PingSocket): FlowName {
  return nameOf(PROTOCOL_ICMP, { localAddress, localPort: identifier });
}

function nameOf(protocol: number, ends: SocketEnds): FlowName {
  const { localAddress, localPort, remoteAddress = 0, remotePort = 0 } = ends;
  return {
    protocol,
    source: formatIpv4(localAddress),
    sourcePort: localPort,
    destination: formatIpv4(remoteAddress),
    destinationPort: remotePort,
  };
}
