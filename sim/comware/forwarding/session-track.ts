import { type SimTime, seconds } from '../../core/time.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../wire/tcp.ts';
import { isIcmpQuery, protocolOf } from './flow.ts';

/** As `display nat session verbose` prints it. */
type SessionState =
  | 'TCP_SYN_SENT'
  | 'TCP_SYN_RECV'
  | 'TCP_ESTABLISHED'
  | 'TCP_FIN_WAIT'
  | 'TCP_TIME_WAIT'
  | 'TCP_CLOSE'
  | 'UDP_OPEN'
  | 'UDP_READY'
  | 'ICMP_REQUEST'
  | 'ICMP_REPLY'
  | 'RAWIP_OPEN'
  | 'RAWIP_READY';

/** `display session aging-time state`, in seconds. What closes, or was reset, ages like FIN. */
const AGING: Readonly<Record<SessionState, number>> = {
  TCP_SYN_SENT: 30,
  TCP_SYN_RECV: 30,
  TCP_ESTABLISHED: 3600,
  TCP_FIN_WAIT: 30,
  TCP_TIME_WAIT: 30,
  TCP_CLOSE: 30,
  UDP_OPEN: 30,
  UDP_READY: 60,
  ICMP_REQUEST: 60,
  ICMP_REPLY: 30,
  RAWIP_OPEN: 30,
  RAWIP_READY: 60,
};

/**
 * How far a session has come, by the packets that pass: of the sessions of NAT, and of those that keep two stacks on one
 * address apart. TCP's sequence numbers are not looked at, as in the loose mode of the device's session management.
 */
export class SessionTrack {
  readonly #kind: number;
  #state: SessionState;
  #isBegun = false;
  #initiatorEnded = false;
  #responderEnded = false;

  /** `kind` is that of its flow. */
  constructor(kind: number) {
    this.#kind = kind;
    this.#state = firstState(kind);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** How long it lives without another packet. */
  get aging(): SimTime {
    return seconds(AGING[this.#state]);
  }

  /** A packet passed; `flags` are those of its TCP header, 0 for a later fragment and for other protocols. */
  passed(isReply: boolean, flags: number): void {
    if (protocolOf(this.#kind) === PROTOCOL_TCP) this.#segment(isReply, flags);
    else if (isReply) this.#state = answeredState(this.#kind);
    this.#isBegun = true;
  }

  /** A SYN that opens another connection than this one: neither its first nor that repeated. */
  isSynOfAnother(flags: number): boolean {
    const isOpening = this.#state === 'TCP_SYN_SENT' || this.#state === 'TCP_SYN_RECV';
    return (flags & (TCP_SYN | TCP_ACK)) === TCP_SYN && !isOpening;
  }

  /**
   * Another near end sends with the same ports, and the session stays whose it is: a connection of TCP that has not begun
   * to close gives way to one that begins, and not to a segment out of the middle of one.
   */
  outlives(flags: number): boolean {
    if (protocolOf(this.#kind) !== PROTOCOL_TCP || (flags & TCP_SYN) !== 0) return false;
    return this.#state === 'TCP_SYN_SENT' || this.#state === 'TCP_SYN_RECV' || this.#state === 'TCP_ESTABLISHED';
  }

  #segment(isReply: boolean, flags: number): void {
    if ((flags & TCP_RST) !== 0) this.#state = 'TCP_CLOSE';
    else if ((flags & TCP_SYN) !== 0) this.#syn(isReply, flags);
    else if ((flags & TCP_FIN) !== 0) this.#fin(isReply);
    else if (this.#state === 'TCP_SYN_RECV' && (flags & TCP_ACK) !== 0) this.#state = 'TCP_ESTABLISHED';
  }

  #syn(isReply: boolean, flags: number): void {
    // One that no ACK comes with begins the connection, or begins it anew.
    if ((flags & TCP_ACK) === 0 && !isReply) {
      this.#state = 'TCP_SYN_SENT';
      this.#initiatorEnded = false;
      this.#responderEnded = false;
    } else if (this.#state === 'TCP_SYN_SENT' || !this.#isBegun) this.#state = 'TCP_SYN_RECV';
  }

  #fin(isReply: boolean): void {
    if (isReply) this.#responderEnded = true;
    else this.#initiatorEnded = true;
    if (this.#state === 'TCP_CLOSE') return;
    this.#state = this.#initiatorEnded && this.#responderEnded ? 'TCP_TIME_WAIT' : 'TCP_FIN_WAIT';
  }
}

/** A connection that is met in its middle counts as established. */
function firstState(kind: number): SessionState {
  switch (protocolOf(kind)) {
    case PROTOCOL_TCP:
      return 'TCP_ESTABLISHED';
    case PROTOCOL_UDP:
      return 'UDP_OPEN';
    case PROTOCOL_ICMP:
      return 'ICMP_REQUEST';
    default:
      return 'RAWIP_OPEN';
  }
}

function answeredState(kind: number): SessionState {
  switch (protocolOf(kind)) {
    case PROTOCOL_UDP:
      return 'UDP_READY';
    case PROTOCOL_ICMP:
      return isIcmpQuery(kind) ? 'ICMP_REPLY' : 'ICMP_REQUEST';
    default:
      return 'RAWIP_READY';
  }
}
