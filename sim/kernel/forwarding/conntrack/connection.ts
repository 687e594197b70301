import type { SimTime } from '../../../core/time.ts';
import { ZERO } from '../../../core/time.ts';
import type { ConnectionInfo, Packet, Tracked } from '../../../packet/packet.ts';
import type { TcpTracking } from './tcp-states.ts';
import { type Direction, Tuple } from './tuple.ts';

/*
 * What other parts of the kernel ask of tracking, packet by packet: connectionOf() for the entry, stateOf() for the
 * word that the matches `state` and `conntrack` use, directionOf() for the side it comes from; untrack() is the target
 * NOTRACK. enableConntrack() in hooks.ts makes a namespace track; nat/nat-setup.ts sets translations up.
 */

/** One of a connection's two entries in the table (struct nf_conntrack_tuple_hash). */
export class TupleEntry {
  readonly connection: Connection;
  readonly direction: Direction;
  readonly tuple = new Tuple();
  /** Hash of the tuple while it is in the table. */
  hash = 0;
  next: TupleEntry | undefined;

  constructor(connection: Connection, direction: Direction) {
    this.connection = connection;
    this.direction = direction;
  }
}

/** Packets and bytes of one direction, counted while net.netfilter.nf_conntrack_acct is on. */
export interface DirectionCount {
  packets: number;
  bytes: number;
}

/** A tracked connection (struct nf_conn); status bits are fields of their own. */
export class Connection implements Tracked {
  readonly tracked = true;
  readonly original = new TupleEntry(this, 'original');
  readonly reply = new TupleEntry(this, 'reply');
  /** In the table: its first packet has left, or was delivered (IPS_CONFIRMED). */
  confirmed = false;
  /** Taken out of the table (IPS_DYING). */
  dying = false;
  seenReply = false;
  /** Not given up when the table is full. */
  assured = false;
  sourceNat = false;
  destinationNat = false;
  sourceNatDone = false;
  destinationNatDone = false;
  /** Interface a masquerade chose the address of, 0 for none. */
  masqueradeIfindex = 0;
  mark = 0;
  /** When it ends, unless another packet comes. */
  expires: SimTime = ZERO;
  /** Timeout in seconds that the first packet asked for: it starts to run when the entry is confirmed. */
  timeout = 0;
  /** UDP: from then on it is a stream. */
  streamFrom: SimTime = ZERO;
  tcp: TcpTracking | undefined;
  /** Serial number: the order in which entries were made. */
  readonly serial: number;
  readonly counts: { readonly original: DirectionCount; readonly reply: DirectionCount } | undefined;

  constructor(serial: number, counted: boolean) {
    this.serial = serial;
    this.counts = counted ? { original: { packets: 0, bytes: 0 }, reply: { packets: 0, bytes: 0 } } : undefined;
  }

  get protocol(): number {
    return this.original.tuple.protocol;
  }

  /** The tuple of one direction, or of the other. */
  tuple(direction: Direction): Tuple {
    return direction === 'original' ? this.original.tuple : this.reply.tuple;
  }
}

/** The connection a packet belongs to; undefined when it is untracked or invalid (nf_ct_get). */
export function connectionOf(packet: Packet): Connection | undefined {
  return packet.connection as Connection | undefined;
}

/** The direction of a packet that belongs to a connection (CTINFO2DIR). */
export function directionOf(packet: Packet): Direction {
  const info = packet.connectionInfo;
  return info === 'established-reply' || info === 'related-reply' ? 'reply' : 'original';
}

export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** The state that `-m state` and `-m conntrack --ctstate` compare (net/netfilter/xt_state.c, xt_conntrack.c). */
export function stateOf(packet: Packet): ConnectionState {
  switch (packet.connectionInfo) {
    case 'new':
      return 'NEW';
    case 'established':
    case 'established-reply':
      return 'ESTABLISHED';
    case 'related':
    case 'related-reply':
      return 'RELATED';
    case 'untracked':
      return 'UNTRACKED';
    case 'none':
    case 'invalid':
      return 'INVALID';
  }
}

/** Puts a packet into a connection (nf_ct_set). */
export function attach(packet: Packet, connection: Connection, info: ConnectionInfo): void {
  packet.connection = connection;
  packet.connectionInfo = info;
}

/** Keeps a packet from being tracked: the target `CT --notrack`, to be used before priority -200. */
export function untrack(packet: Packet): void {
  packet.connection = undefined;
  packet.connectionInfo = 'untracked';
}

/** Nothing is known any more of the connection of a packet that has come to where it goes (nf_reset_ct). */
export function detach(packet: Packet): void {
  packet.connection = undefined;
  packet.connectionInfo = 'none';
}

/**
 * What this namespace answers to a packet belongs to the packet's connection: an ICMP error, a reset. Models
 * nf_conntrack_core.c nf_conntrack_attach().
 */
export function attachAnswer(answer: Packet, asked: Packet): void {
  const connection = connectionOf(asked);
  if (connection === undefined) return;
  attach(answer, connection, directionOf(asked) === 'original' ? 'related-reply' : 'related');
}
