import type { Direction } from './tuple.ts';

/** States of a tracked TCP connection, with the kernel's names (enum tcp_conntrack). */
export type TcpState =
  | 'NONE'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'SYN_SENT2';

/** What a segment's flags make of it (enum tcp_bit_set). */
export type TcpKind = 'syn' | 'synack' | 'fin' | 'ack' | 'rst' | 'none';

/** `invalid`: nobody could have sent it here. `ignore`: let through, for the ends may know better than we do. */
export type TcpTransition = TcpState | 'invalid' | 'ignore';

/** What is known of the sequence numbers of one side (struct ip_ct_tcp_state). */
export class TcpSide {
  /** Highest sequence number sent, plus length. */
  end = 0;
  /** Highest sequence number the other side's window allows. */
  maxEnd = 0;
  /** Largest window advertised; 0 while nothing was seen from this side. */
  maxWindow = 0;
  /** Highest acknowledgement sent; meaningful once `maxAckSet`. */
  maxAck = 0;
  scale = 0;
  windowScale = false;
  sackPermitted = false;
  /** This side sent the first FIN. */
  closeInit = false;
  /** Checks of its sequence numbers are off: the connection was picked up in the middle. */
  beLiberal = false;
  unacknowledged = false;
  maxAckSet = false;
}

/** What tracking knows of a TCP connection (struct ip_ct_tcp). */
export class TcpTracking {
  state: TcpState = 'NONE';
  readonly seen: { readonly original: TcpSide; readonly reply: TcpSide } = {
    original: new TcpSide(),
    reply: new TcpSide(),
  };
  /** Of the last segment that counted. */
  lastKind: TcpKind = 'none';
  lastDirection: Direction = 'original';
  lastSeq = 0;
  lastAck = 0;
  lastEnd = 0;
  lastWindow = 0;
  /** Retransmissions of one acknowledgement in a row. */
  retransmissions = 0;
  /** Options of a SYN that was let through without being believed. */
  readonly lastSyn = new TcpSide();
  /** A challenge ACK (RFC 5961) to a spurious SYN is due; it does not acknowledge the FIN. */
  expectsChallenge = false;
  simultaneousOpen = false;
}

const STATES: readonly TcpState[] = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
];

const SHORT: ReadonlyMap<string, TcpTransition> = new Map<string, TcpTransition>([
  ...(['SS', 'SR', 'ES', 'FW', 'CW', 'LA', 'TW', 'CL', 'S2'] as const).map(
    (short, index) => [short, STATES[index + 1] as TcpState] as const,
  ),
  ['--', 'invalid'],
  ['~~', 'ignore'],
]);

type Row = ReadonlyMap<TcpState, TcpTransition>;

/** One line of the table: the next state for each present one, in the order of STATES. */
function row(text: string): Row {
  return new Map(text.split(' ').map((short, index) => [STATES[index] as TcpState, SHORT.get(short) ?? 'invalid']));
}

const RESET = row('-- CL CL CL CL CL CL CL CL CL');
const NONE = row('-- -- -- -- -- -- -- -- -- --');
const FIN = row('-- -- FW FW LA LA LA TW CL --');

/**
 * What a segment does to the state, for each direction. `--` is invalid, `~~` is let through unbelieved: a SYN within a
 * connection (the far end answers with a reset or a challenge), a SYN-ACK that comes again. A SYN opens a connection
 * anew in TIME_WAIT (RFC 1122 4.2.2.13). An acknowledgement out of nowhere is taken for a connection that was there
 * before the table was.
 */
const TRANSITIONS: Readonly<Record<Direction, Readonly<Record<TcpKind, Row>>>> = {
  //             NO SS SR ES FW CW LA TW CL S2
  original: {
    syn: row('SS SS ~~ ~~ ~~ ~~ ~~ SS SS S2'),
    synack: row('-- -- SR -- -- -- -- -- -- SR'),
    fin: FIN,
    ack: row('ES -- ES ES CW CW TW TW CL --'),
    rst: RESET,
    none: NONE,
  },
  reply: {
    syn: row('-- S2 -- -- -- -- -- SS -- S2'),
    synack: row('-- SR ~~ ~~ ~~ ~~ ~~ ~~ ~~ SR'),
    fin: FIN,
    ack: row('-- ~~ SR ES CW CW TW TW CL ~~'),
    rst: RESET,
    none: NONE,
  },
};

/** Models the table tcp_conntracks of net/netfilter/nf_conntrack_proto_tcp.c. */
export function transition(direction: Direction, kind: TcpKind, state: TcpState): TcpTransition {
  return TRANSITIONS[direction][kind].get(state) ?? 'invalid';
}

/** The connection is closing, so it may make room for another one (tcp_can_early_drop). */
export function canEarlyDrop(tcp: TcpTracking | undefined): boolean {
  switch (tcp?.state) {
    case 'FIN_WAIT':
    case 'CLOSE_WAIT':
    case 'LAST_ACK':
    case 'TIME_WAIT':
    case 'CLOSE':
      return true;
    default:
      return false;
  }
}
