import { formatIpv4 } from '../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import type { Connection, DirectionCount } from './forwarding/conntrack/connection.ts';
import type { Tuple } from './forwarding/conntrack/tuple.ts';
import type { Net } from './net.ts';

/** One direction of a connection, in the words of conntrack(8). */
export interface ConntrackTuple {
  readonly src: string;
  readonly dst: string;
  /** TCP and UDP. */
  readonly sport?: number;
  readonly dport?: number;
  /** ICMP. */
  readonly type?: number;
  readonly code?: number;
  readonly id?: number;
  /** Counted while net.netfilter.nf_conntrack_acct is on. */
  readonly packets?: number;
  readonly bytes?: number;
}

/** One connection, as `conntrack -L` lists it. */
export interface ConntrackRow {
  /** `tcp`, `udp`, `icmp`, or `unknown`. */
  readonly protocol: string;
  readonly protonum: number;
  /** Seconds until it ends. */
  readonly timeout: number;
  /** TCP. */
  readonly state?: string;
  readonly original: ConntrackTuple;
  readonly reply: ConntrackTuple;
  /** `UNREPLIED`, `ASSURED`. */
  readonly flags: readonly string[];
  readonly mark: number;
  readonly use: number;
}

/** The connections of a namespace, oldest first; the real command lists them in the order of its hash. */
export function conntrackRows(net: Net): ConntrackRow[] {
  return net.conntrack.list().map((connection) => conntrackRow(net, connection));
}

function conntrackRow(net: Net, connection: Connection): ConntrackRow {
  const { original, reply, counts, tcp, protocol } = connection;
  return {
    protocol: protocolName(protocol),
    protonum: protocol,
    timeout: net.conntrack.secondsLeft(connection),
    ...(tcp === undefined ? {} : { state: tcp.state }),
    original: tupleRow(original.tuple, counts?.original),
    reply: tupleRow(reply.tuple, counts?.reply),
    flags: [...(connection.seenReply ? [] : ['UNREPLIED']), ...(connection.assured ? ['ASSURED'] : [])],
    mark: connection.mark,
    use: 1,
  };
}

/** Names that conntrack(8) knows, of those that are tracked with more than addresses. */
function protocolName(protocol: number): string {
  if (protocol === PROTOCOL_TCP) return 'tcp';
  if (protocol === PROTOCOL_UDP) return 'udp';
  return protocol === PROTOCOL_ICMP ? 'icmp' : 'unknown';
}

function tupleRow(tuple: Tuple, count: DirectionCount | undefined): ConntrackTuple {
  return {
    src: formatIpv4(tuple.source),
    dst: formatIpv4(tuple.destination),
    ...keysOf(tuple),
    ...(count === undefined ? {} : { packets: count.packets, bytes: count.bytes }),
  };
}

function keysOf({ protocol, sourceKey, destinationKey }: Tuple): Partial<ConntrackTuple> {
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) return { sport: sourceKey, dport: destinationKey };
  if (protocol !== PROTOCOL_ICMP) return {};
  return { type: destinationKey >>> 8, code: destinationKey & 0xff, id: sourceKey };
}
