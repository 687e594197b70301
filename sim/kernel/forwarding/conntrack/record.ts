import type { Packet } from '../../../packet/packet.ts';
import type { Site } from '../../../packet/place.ts';
import type { FlowName } from '../../../packet/trace.ts';
import { formatIpv4 } from '../../../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import type { Net } from '../../net.ts';
import type { Hook } from '../netfilter.ts';
import { ipProtocolName } from '../rule-text.ts';
import { type Connection, connectionOf, directionOf, stateOf } from './connection.ts';
import type { Tuple } from './tuple.ts';

const SITE: Site = { component: 'Kernel forwarding', function: 'nf_conntrack_in' };

/** Tells the trace which connection a packet was found to belong to. */
export function recordTracking(net: Net, packet: Packet, hook: Hook, verdict: string): void {
  const recorder = packet.ledger.recorder;
  if (recorder === undefined) return;
  const connection = connectionOf(packet);
  const what = connection === undefined ? '' : `, ${directionOf(packet)} of ${tupleText(connection.original.tuple)}`;
  const tcp = connection?.tcp === undefined ? '' : ` ${connection.tcp.state}`;
  recorder.step(packet, net.place, SITE, {
    kind: 'hook',
    hook,
    by: `conntrack: ${stateOf(packet)}${what}${tcp}`,
    verdict,
    ...(connection === undefined ? {} : { connection: connectionName(connection) }),
  });
}

/** Names a connection by its original direction. */
export function connectionName({ original: { tuple } }: Connection): FlowName {
  return {
    protocol: tuple.protocol,
    source: formatIpv4(tuple.source),
    sourcePort: tuple.sourceKey,
    destination: formatIpv4(tuple.destination),
    destinationPort: tuple.destinationKey,
  };
}

/** `udp 10.0.1.2:40000 -> 198.51.100.2:5000`, `icmp 10.0.1.2 -> 198.51.100.2 id 1234`. */
export function tupleText(tuple: Tuple): string {
  const { protocol, sourceKey, destinationKey } = tuple;
  const source = formatIpv4(tuple.source);
  const destination = formatIpv4(tuple.destination);
  const name = ipProtocolName(protocol);
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) {
    return `${name} ${source}:${sourceKey} -> ${destination}:${destinationKey}`;
  }
  return `${name} ${source} -> ${destination}${protocol === PROTOCOL_ICMP ? ` id ${sourceKey}` : ''}`;
}
