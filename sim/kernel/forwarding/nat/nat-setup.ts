import type { NetDevice } from '../../../link/device.ts';
import type { Packet } from '../../../packet/packet.ts';
import { LOOPBACK } from '../../../wire/address.ts';
import type { Net } from '../../net.ts';
import { type Connection, connectionOf } from '../conntrack/connection.ts';
import { Tuple } from '../conntrack/tuple.ts';
import { selectAddress } from '../fib-lookup.ts';
import { SCOPE_GLOBAL } from '../fib-table.ts';
import { ACCEPT, type Verdict } from '../netfilter.ts';
import { rtableOf } from '../rtable.ts';
import type { Manipulation, NatRange } from './range.ts';
import { uniqueTuple } from './unique-tuple.ts';

/*
 * What the targets of a nat table call, from within a lookup registered by registerNat():
 *
 *     SNAT        natSetup(net, packet, 'source', range)              POSTROUTING, INPUT
 *     DNAT        natSetup(net, packet, 'destination', range)         PREROUTING, OUTPUT
 *     MASQUERADE  natMasquerade(net, packet, output, range)           POSTROUTING
 *     REDIRECT    natRedirect(net, packet, input, range)              PREROUTING, OUTPUT
 *
 * Each gives the verdict of the target. The packet is rewritten after the lookup, by the hook it runs in.
 */

/**
 * Binds the connection of a new packet to a translation out of `range`. Without a connection, or with one that has its
 * binding, nothing happens. Models net/netfilter/nf_nat_core.c nf_nat_setup_info().
 */
export function natSetup(net: Net, packet: Packet, kind: Manipulation, range: NatRange): Verdict {
  const connection = connectionOf(packet);
  if (connection !== undefined && !connection.confirmed && !isBound(connection, kind)) {
    bind(net, connection, kind, range);
  }
  return ACCEPT;
}

/** Models nf_nat_initialized(). */
export function isBound(connection: Connection, kind: Manipulation): boolean {
  return kind === 'source' ? connection.sourceNatDone : connection.destinationNatDone;
}

function bind(net: Net, connection: Connection, kind: Manipulation, range: NatRange): void {
  const current = new Tuple();
  current.invert(connection.reply.tuple);
  const chosen = uniqueTuple(net, current, range, connection, kind);
  if (!chosen.equals(current)) {
    connection.reply.tuple.invert(chosen);
    if (kind === 'source') connection.sourceNat = true;
    else connection.destinationNat = true;
  }
  if (kind === 'source') connection.sourceNatDone = true;
  else connection.destinationNatDone = true;
}

/**
 * No rule translates the connection; its source port still must not be one that another connection was given. Models
 * nf_nat_alloc_null_binding().
 */
export function nullBinding(net: Net, connection: Connection, kind: Manipulation): void {
  if (connection.confirmed) return;
  const reply = connection.reply.tuple;
  const address = kind === 'source' ? reply.destination : reply.source;
  bind(net, connection, kind, { addresses: [address, address], ports: undefined });
}

/**
 * The source becomes the address that `output` would use towards the next hop, for as long as it has it. Of `range` only
 * ports and `random` count. Models net/netfilter/nf_nat_masquerade.c nf_nat_masquerade_ipv4().
 */
export function natMasquerade(net: Net, packet: Packet, output: NetDevice, range: NatRange): Verdict {
  const connection = connectionOf(packet);
  if (connection === undefined || connection.original.tuple.source === 0) return ACCEPT;
  const nextHop = rtableOf(packet).gateway || packet.ip.destination;
  const address = selectAddress(net, output, nextHop, SCOPE_GLOBAL);
  if (address === 0) {
    return { verdict: 'drop', reason: 'kernel:NETFILTER_DROP', detail: `${output.name} ate my IP address` };
  }
  connection.masqueradeIfindex = output.ifindex;
  return natSetup(net, packet, 'source', { ...range, addresses: [address, address] });
}

/**
 * The destination becomes this namespace: the first address of the device the packet came in by, or 127.0.0.1 in OUTPUT,
 * where `input` is undefined. Of `range` only ports and `random` count. Models nf_nat_redirect_ipv4().
 */
export function natRedirect(net: Net, packet: Packet, input: NetDevice | undefined, range: NatRange): Verdict {
  const address = input === undefined ? LOOPBACK : net.addressesOf(input)[0]?.address;
  if (address === undefined) {
    return { verdict: 'drop', reason: 'kernel:NETFILTER_DROP', detail: `${input?.name ?? ''} has no address` };
  }
  return natSetup(net, packet, 'destination', { ...range, addresses: [address, address] });
}
