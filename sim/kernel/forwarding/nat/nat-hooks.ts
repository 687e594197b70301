import type { NetDevice } from '../../../link/device.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Site } from '../../../packet/place.ts';
import { formatIpv4 } from '../../../wire/address.ts';
import { u8 } from '../../../wire/bytes.ts';
import { checksum } from '../../../wire/checksum.ts';
import { ICMP_LENGTH, ICMP_REDIRECT, putIcmpChecksum } from '../../../wire/icmp.ts';
import { PROTOCOL_ICMP } from '../../../wire/ipv4.ts';
import type { Net } from '../../net.ts';
import { type Connection, connectionOf, directionOf } from '../conntrack/connection.ts';
import { connectionName, tupleText } from '../conntrack/record.ts';
import { opposite, Tuple } from '../conntrack/tuple.ts';
import { ACCEPT, HOOK_PRIORITY, type Verdict } from '../netfilter.ts';
import { manipulate } from './manipulate.ts';
import { isBound, nullBinding } from './nat-setup.ts';
import type { NatHook, NatLookup } from './nat-state.ts';
import type { Manipulation } from './range.ts';
import { routeMeHarder } from './route-me-harder.ts';

const SITE: Site = { component: 'Kernel forwarding', function: 'nf_nat_packet' };
const ICMP_SITE: Site = { component: 'Kernel forwarding', function: 'nf_nat_icmp_reply_translation' };

const KINDS: Readonly<Record<NatHook, Manipulation>> = {
  PREROUTING: 'destination',
  OUTPUT: 'destination',
  INPUT: 'source',
  POSTROUTING: 'source',
};

/**
 * Has `lookup` asked at `hook` for each new connection; the first call makes the namespace translate, for good, what it
 * tracks. Lookups are asked in the order they came until one binds the connection. Models
 * net/netfilter/nf_nat_core.c nf_nat_register_fn().
 */
export function registerNat(net: Net, hook: NatHook, lookup: NatLookup): void {
  net.nat.lookups[hook].push(lookup);
  if (net.nat.enabled) return;
  net.nat.enabled = true;
  net.conntrack.onConfirm = (connection) => net.nat.enter(connection);
  net.conntrack.onRemove = (connection) => net.nat.forget(connection);
  const name = 'nf_nat';
  const { natDestination, natSource } = HOOK_PRIORITY;
  net.hooks.register('PREROUTING', { name, priority: natDestination, recordsSteps: true, run: preRouting(net) });
  net.hooks.register('OUTPUT', { name, priority: natDestination, recordsSteps: true, run: localOut(net) });
  for (const at of ['INPUT', 'POSTROUTING'] as const) {
    net.hooks.register(at, {
      name,
      priority: natSource,
      recordsSteps: true,
      run: (packet, input, output) => natHook(net, at, packet, input, output),
    });
  }
}

/** Models nf_nat_proto.c nf_nat_ipv4_pre_routing(): a route found before, on lo, no longer holds. */
function preRouting(net: Net): NatLookup {
  return (packet, input, output) => {
    const before = packet.ip.destination;
    const verdict = natHook(net, 'PREROUTING', packet, input, output);
    if (verdict.verdict === 'accept' && packet.ip.destination !== before) packet.destination = undefined;
    return verdict;
  };
}

/** Models nf_nat_ipv4_local_fn(): what goes elsewhere now needs another route. */
function localOut(net: Net): NatLookup {
  return (packet, input, output) => {
    const verdict = natHook(net, 'OUTPUT', packet, input, output);
    const connection = connectionOf(packet);
    if (verdict.verdict !== 'accept' || connection === undefined) return verdict;
    const direction = directionOf(packet);
    const isElsewhere = connection.tuple(direction).destination !== connection.tuple(opposite(direction)).source;
    return isElsewhere ? routeMeHarder(net, packet) : verdict;
  };
}

/** Models nf_nat_ipv4_fn() and nf_nat_inet_fn(). */
function natHook(
  net: Net,
  hook: NatHook,
  packet: Packet,
  input: NetDevice | undefined,
  output: NetDevice | undefined,
): Verdict {
  const connection = connectionOf(packet);
  if (connection === undefined) return ACCEPT;
  const info = packet.connectionInfo;
  const kind = KINDS[hook];
  const isRelated = info === 'related' || info === 'related-reply';
  if (isRelated && packet.ip.protocol === PROTOCOL_ICMP) return translateError(net, packet, connection, kind);
  if ((info === 'new' || isRelated) && !isBound(connection, kind)) {
    const verdict = lookUp(net, hook, packet, input, output, connection, kind);
    if (verdict !== undefined) return verdict;
  } else if (leavesElsewhere(hook, packet, connection, output)) {
    net.conntrack.kill(connection);
    return dropped(`masqueraded for another interface than ${output?.name ?? ''}`);
  }
  translate(net, packet, connection, kind);
  return ACCEPT;
}

/** Asks the lookups until one binds the connection; gives the verdict of one that does not accept. */
function lookUp(
  net: Net,
  hook: NatHook,
  packet: Packet,
  input: NetDevice | undefined,
  output: NetDevice | undefined,
  connection: Connection,
  kind: Manipulation,
): Verdict | undefined {
  for (const lookup of net.nat.lookups[hook]) {
    const verdict = lookup(packet, input, output);
    if (verdict.verdict !== 'accept') return verdict;
    if (isBound(connection, kind)) break;
  }
  if (!isBound(connection, kind)) nullBinding(net, connection, kind);
  const isChanged = kind === 'source' ? connection.sourceNat : connection.destinationNat;
  if (isChanged) {
    packet.ledger.recorder?.step(packet, net.place, SITE, {
      kind: 'hook',
      hook,
      by: `nat: ${kind} bound, answers are ${tupleText(connection.reply.tuple)}`,
      verdict: 'accept',
      connection: connectionName(connection),
    });
  }
  return undefined;
}

/** The route changed under a masqueraded connection: its address is that of another interface (nf_nat_oif_changed). */
function leavesElsewhere(
  hook: NatHook,
  packet: Packet,
  connection: Connection,
  output: NetDevice | undefined,
): boolean {
  return (
    hook === 'POSTROUTING' &&
    connection.masqueradeIfindex !== 0 &&
    connection.masqueradeIfindex !== output?.ifindex &&
    directionOf(packet) === 'original'
  );
}

/** Whether packets of this direction are rewritten here: the reply gets its destination back where the source was hidden. */
function isTranslated(packet: Packet, connection: Connection, kind: Manipulation): boolean {
  const isReply = directionOf(packet) === 'reply';
  return (kind === 'source') !== isReply ? connection.sourceNat : connection.destinationNat;
}

/** Rewrites a packet by its connection. Models nf_nat_packet() and nf_nat_manip_pkt(). */
function translate(net: Net, packet: Packet, connection: Connection, kind: Manipulation): void {
  if (!isTranslated(packet, connection, kind)) return;
  const target = net.conntrack.scratch.inverse;
  target.invert(connection.tuple(opposite(directionOf(packet))));
  rewrite(net, packet, packet.networkOffset, target, kind, connection, '', SITE);
}

/** Rewrites and tells the trace what changed. */
function rewrite(
  net: Net,
  packet: Packet,
  offset: number,
  target: Tuple,
  kind: Manipulation,
  connection: Connection,
  prefix: string,
  site: Site,
): void {
  const { recorder } = packet.ledger;
  if (recorder === undefined) {
    manipulate(packet, offset, target, kind);
    return;
  }
  const before = endpointText(packet, offset, kind);
  manipulate(packet, offset, target, kind);
  const after = endpointText(packet, offset, kind);
  // On its way round by lo a packet is rewritten to what it is already.
  if (before !== after) {
    const fields = { field: `${prefix}${kind}`, before, after, connection: connectionName(connection) };
    recorder.step(packet, net.place, site, { kind: 'rewrite', ...fields });
  }
}

/** `10.0.1.2:40000`, `10.0.1.2 id 1234`, or an address alone. */
function endpointText(packet: Packet, offset: number, kind: Manipulation): string {
  const tuple = new Tuple();
  if (!tuple.read(packet.bytes, offset, packet.tail)) return '';
  const address = formatIpv4(kind === 'source' ? tuple.source : tuple.destination);
  const key = kind === 'source' || tuple.protocol === PROTOCOL_ICMP ? tuple.sourceKey : tuple.destinationKey;
  if (tuple.protocol === PROTOCOL_ICMP) return tuple.destinationKey >>> 8 === 3 ? address : `${address} id ${key}`;
  return tuple.sourceKey === 0 && tuple.destinationKey === 0 ? address : `${address}:${key}`;
}

/**
 * Translates an ICMP error with the packet it quotes, so that each side reads of the connection as it knows it. Models
 * nf_nat_icmp_reply_translation().
 */
function translateError(net: Net, packet: Packet, connection: Connection, kind: Manipulation): Verdict {
  const at = packet.networkOffset + packet.ip.headerLength;
  const length = packet.tail - at;
  if (checksum(packet.bytes, at, length) !== 0) return dropped('the ICMP checksum is wrong');
  if (u8(packet.bytes, at) === ICMP_REDIRECT) {
    const isDone = connection.sourceNatDone && connection.destinationNatDone;
    if (!isDone || connection.sourceNat || connection.destinationNat)
      return dropped('a redirect of translated packets');
  }
  if (!isTranslated(packet, connection, kind)) return ACCEPT;
  const far = connection.tuple(opposite(directionOf(packet)));
  const other = kind === 'source' ? 'destination' : 'source';
  rewrite(net, packet, at + ICMP_LENGTH, far, other, connection, 'quoted ', ICMP_SITE);
  putIcmpChecksum(packet.bytes, at, length);
  const target = net.conntrack.scratch.inverse;
  target.invert(far);
  rewrite(net, packet, packet.networkOffset, target, kind, connection, '', ICMP_SITE);
  return ACCEPT;
}

function dropped(detail: string): Verdict {
  return { verdict: 'drop', reason: 'kernel:NETFILTER_DROP', detail };
}
