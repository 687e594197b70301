import { after } from '../../../transport/tcp/sequence.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import type { Net } from '../../net.ts';
import type { Connection } from '../conntrack/connection.ts';
import { Tuple } from '../conntrack/tuple.ts';
import { jhashAddress, reciprocalScale } from './jhash.ts';
import type { Manipulation, NatRange } from './range.ts';

/** Ports tried in a row before a new place is drawn (NF_NAT_MAX_ATTEMPTS). */
const MOST_ATTEMPTS = 128;
/** Of those, the last ones may take the tuple of a connection that is closing (NF_NAT_HARDER_THRESH). */
const HARDER = MOST_ATTEMPTS / 4;

/**
 * Chooses what `original` is translated to: the mapping this source has already, else an address of the range, and the
 * port it has wherever that is free; else a port of its class. Gives a tuple that is in use when nothing is free: then
 * the connection cannot be confirmed, and its packet is dropped. Models net/netfilter/nf_nat_core.c get_unique_tuple().
 */
export function uniqueTuple(
  net: Net,
  original: Tuple,
  range: NatRange,
  connection: Connection,
  kind: Manipulation,
): Tuple {
  if (kind === 'source' && range.random !== true) {
    if (isInRange(original, range)) {
      if (!isUsed(net, original, connection)) return original.copy();
    } else {
      const mapped = appropriateSource(net, original, range);
      if (mapped !== undefined && !isUsed(net, mapped, connection)) return mapped;
    }
  }
  const tuple = original.copy();
  chooseAddress(tuple, range, kind);
  if (range.random !== true) {
    if (range.ports !== undefined) {
      const isFixed = range.ports[0] === range.ports[1];
      if (range.basePort === undefined && isPortInRange(tuple, range.ports, kind)) {
        if (isFixed || !isUsed(net, tuple, connection)) return tuple;
      }
    } else if (!isUsed(net, tuple, connection)) {
      return tuple;
    }
  }
  choosePort(net, tuple, range, connection, kind);
  return tuple;
}

function isInRange(tuple: Tuple, range: NatRange): boolean {
  const { addresses, ports } = range;
  if (addresses !== undefined && (tuple.source < addresses[0] || tuple.source > addresses[1])) return false;
  return ports === undefined || isPortInRange(tuple, ports, 'source');
}

function isPortInRange(tuple: Tuple, ports: readonly [number, number], kind: Manipulation): boolean {
  switch (tuple.protocol) {
    case PROTOCOL_ICMP:
      return tuple.sourceKey >= ports[0] && tuple.sourceKey <= ports[1];
    case PROTOCOL_TCP:
    case PROTOCOL_UDP: {
      const port = kind === 'source' ? tuple.sourceKey : tuple.destinationKey;
      return port >= ports[0] && port <= ports[1];
    }
    default:
      return true;
  }
}

/**
 * What another connection of the same source is translated to, if the range allows it. Models find_appropriate_src(). The
 * kernel may still meet one that has expired, until its gc_worker comes by a minute later at most; here it is gone at once.
 */
function appropriateSource(net: Net, tuple: Tuple, range: NatRange): Tuple | undefined {
  for (const other of net.nat.fromSameSource(tuple)) {
    if (net.conntrack.isExpired(other)) continue;
    const mapped = new Tuple();
    mapped.invert(other.reply.tuple);
    mapped.destination = tuple.destination;
    mapped.destinationKey = tuple.destinationKey;
    if (isInRange(mapped, range)) return mapped;
  }
  return undefined;
}

/**
 * Whether an answer to `tuple` would be taken for that of another connection. Models nf_nat_used_tuple(), without the
 * race of two datagrams that cross (nf_nat_used_tuple_new).
 */
function isUsed(net: Net, tuple: Tuple, connection: Connection): boolean {
  const reply = net.conntrack.scratch.inverse;
  reply.invert(tuple);
  return net.conntrack.isTaken(reply, connection);
}

/** As isUsed(), but a closed TCP connection whose sequence numbers lie behind gives way (nf_nat_used_tuple_harder). */
function isUsedHarder(net: Net, tuple: Tuple, connection: Connection, attemptsLeft: number): boolean {
  const fresh = connection.tcp;
  if (attemptsLeft > HARDER || tuple.protocol !== PROTOCOL_TCP || fresh?.state !== 'SYN_SENT') {
    return isUsed(net, tuple, connection);
  }
  const reply = net.conntrack.scratch.inverse;
  reply.invert(tuple);
  const entry = net.conntrack.find(reply);
  if (entry === undefined) return false;
  const old = entry.connection;
  if (entry.direction === 'original' || old === connection || old.tcp === undefined || !old.sourceNat) return true;
  if (old.tcp.state !== 'TIME_WAIT' && old.tcp.state !== 'CLOSE') return true;
  if (!after(fresh.seen.original.end, old.tcp.seen.original.end)) return true;
  net.conntrack.kill(old);
  return false;
}

/**
 * An address of the range, the same for the same pair of source and destination. Models find_best_ips_proto(). Not
 * modelled: NETMAP.
 */
function chooseAddress(tuple: Tuple, range: NatRange, kind: Manipulation): void {
  if (range.addresses === undefined) return;
  const [first, last] = range.addresses;
  const count = last - first + 1;
  const hash = count === 1 ? 0 : jhashAddress(tuple.source, range.persistent === true ? 0 : tuple.destination);
  const chosen = first + reciprocalScale(hash, count);
  if (kind === 'source') tuple.source = chosen;
  else tuple.destination = chosen;
}

/** First port, and how many there are, for a source port that must change: the class it comes from is kept. */
function portClass(port: number): readonly [number, number] {
  if (port < 512) return [1, 511];
  return port < 1024 ? [600, 424] : [1024, 64512];
}

/** Models nf_nat_l4proto_unique_tuple(). */
function choosePort(net: Net, tuple: Tuple, range: NatRange, connection: Connection, kind: Manipulation): void {
  const { protocol } = tuple;
  const isIcmp = protocol === PROTOCOL_ICMP;
  if (!isIcmp && protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_UDP) return;
  const key = isIcmp || kind === 'source' ? 'sourceKey' : 'destinationKey';
  let first: number;
  let size: number;
  if (range.ports !== undefined) {
    first = Math.min(...range.ports);
    size = Math.abs(range.ports[1] - range.ports[0]) + 1;
  } else if (isIcmp) {
    [first, size] = [0, 0x10000];
  } else {
    // The port that is asked for belongs to the service: it does not change unless the rule says so.
    if (kind === 'destination') return;
    [first, size] = portClass(tuple.sourceKey);
  }
  const { chance } = net.nat;
  let offset = 0;
  if (range.basePort !== undefined) offset = (tuple[key] - range.basePort) & 0xffff;
  else if (range.random === true || kind === 'source') offset = chance.below(0x10000);
  for (let attempts = Math.min(size, MOST_ATTEMPTS); ; attempts = attempts >> 1) {
    for (let attempt = 0; attempt < attempts; attempt++, offset++) {
      tuple[key] = first + (offset % size);
      if (!isUsedHarder(net, tuple, connection, attempts - attempt)) return;
    }
    if (attempts >= size || attempts < 16) return;
    offset = chance.below(0x10000);
  }
}
