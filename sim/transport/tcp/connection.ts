import type { Chance } from '../../core/chance.ts';
import { type Clock, cancel, type Timer } from '../../core/events.ts';
import { type SimTime, ZERO } from '../../core/time.ts';
import type { Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Ipv4 } from '../../wire/address.ts';
import type { StackProfile, TcpProfile } from '../profile.ts';
import type { SegmentSender, SocketOptions, SocketOwner } from '../socket.ts';
import { type CongestionControl, Cubic, NewReno } from './congestion.ts';
import type { TcpCounters } from './counters.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { RoundTrip } from './round-trip.ts';
import { OutgoingSegment } from './segment.ts';
import { SendBuffer } from './send-buffer.ts';
import { type Arrival, SentQueue } from './sent-queue.ts';
import { plus } from './sequence.ts';
import type { TcpError, TcpFault, TcpState } from './state.ts';
import { clockWith } from './timestamp-bits.ts';
import { WriteQueue } from './write-queue.ts';

/** What a connection needs of the stack it belongs to. */
export interface TcpStack {
  readonly clock: Clock;
  readonly sender: SegmentSender;
  readonly profile: StackProfile;
  readonly counters: TcpCounters;
  readonly chance: Chance;
  retransmitTimerFired(connection: Connection): void;
  ackTimerFired(connection: Connection): void;
  /** Where the clock of timestamps stands between two addresses: every connection of theirs goes on with it. */
  timestampOffset(ends: TcpEnds): number;
  /** The connection is no more: it leaves the table. */
  forget(connection: Connection): void;
  /** The ends of an arrived packet, recorded in the stack's own words. */
  drop(packet: Packet, fault: TcpFault, detail?: string): Fate;
  consume(packet: Packet, by: string): Fate;
  deliver(packet: Packet, owner: SocketOwner): Fate;
  /** Answers a segment that has no connection with a RST. */
  refuse(packet: Packet): void;
  /** The listener behind a passive connection has room for one more. */
  mayAccept(connection: Connection): boolean;
  /** Its program has given it up; false where too many are kept for nobody already. */
  mayBeOrphan(connection: Connection): boolean;
  /** It is no more, but a record answers what still comes. */
  leaveTimeWait(connection: Connection, state: 'FIN_WAIT2' | 'TIME_WAIT', timeout: SimTime): void;
}

/** Who is told: the socket over the connection. Each call may come from inside the stack. */
export interface ConnectionUser {
  connected(): void;
  readable(): void;
  writable(): void;
  failed(error: TcpError): void;
  finished(): void;
}

/** Both ends of a connection. */
export interface TcpEnds {
  readonly localAddress: Ipv4;
  readonly localPort: number;
  readonly remoteAddress: Ipv4;
  readonly remotePort: number;
  /** The only interface it may use, '' for any (sk_bound_dev_if). */
  readonly device: string;
}

/** What may be set of a TCP socket; the rest is as for other sockets. */
export interface TcpSocketOptions extends SocketOptions {
  /** Small writes go out at once, whatever is under way (TCP_NODELAY). */
  readonly noDelay?: boolean;
  /** Bytes of receive space for good (SO_RCVBUF before connect or listen); no window scaling beyond what it needs. */
  readonly receiveBuffer?: number;
}

/** The kernel's TCP_INIT_CWND, and its IW10 (RFC 6928). */
const INITIAL_WINDOW = 10;
/** What an established socket may buffer, tcp_wmem[2]. */
const SEND_BUFFER = 87040;
const LARGEST_SEND_BUFFER = 4194304;
/** TCP_ATO_MIN. */
export const ACK_TIMEOUT = 40e6 as SimTime;

/**
 * One connection (struct tcp_sock): state only. What happens to it stands beside: input.ts, acknowledge.ts, output.ts,
 * timers.ts.
 */
export class Connection implements TcpEnds {
  readonly stack: TcpStack;
  readonly owner: SocketOwner;
  readonly options: TcpSocketOptions;
  readonly localAddress: Ipv4;
  readonly localPort: number;
  readonly remoteAddress: Ipv4;
  readonly remotePort: number;
  readonly device: string;
  readonly user: ConnectionUser;
  state: TcpState = 'CLOSE';
  /** Opened by a SYN that came to a listener. */
  readonly isPassive: boolean;
  /** Number of the first packet it sent. */
  firstPacket = 0;
  /** Number of the first packet in which it sent data. */
  firstData = 0;
  /** Number of the packet it sent last. */
  lastPacket = 0;
  /** The first packet that came from the peer. */
  answer = { packet: 0, ttl: 0 };
  /** The packet in hand, for the lineage of what is sent because of it; 0 outside input. */
  cause = 0;

  /** Sending. Names are those of RFC 9293 3.3.1 and struct tcp_sock. */
  readonly initialSequence: number;
  sndUna: number;
  sndNxt: number;
  /** In bytes, scaled. */
  sndWnd = 0;
  sndWl1 = 0;
  maxWindow = 0;
  sndScale = 0;
  /** Data bytes a segment may carry, options taken off (mss_cache). */
  mss = 536;
  /** Of the path, in bytes, as segments were last cut for it (icsk_pmtu_cookie). */
  pathMtu = 0;
  /** What the peer's SYN allows (rx_opt.mss_clamp), options not taken off. */
  mssClamp = 536;
  readonly buffer: SendBuffer;
  readonly writes: WriteQueue;
  readonly sent = new SentQueue();
  /** The program will write no more: FIN follows the data. */
  finQueued = false;
  finSent = false;
  /** End of the last segment that was not full (snd_sml): Nagle's rule as Minshall mended it. */
  smallSent: number;
  /** End of what was in flight when the tail was probed, until that is acknowledged (tlp_high_seq). */
  tailProbe: number | undefined;
  lastSentAt: SimTime = ZERO;
  /** Until then the program is in the call in which it connects or sends, and has the socket to itself (sock_owned_by_user). */
  heldUntil: SimTime = ZERO;
  readonly segment = new OutgoingSegment();
  /** A write was cut short: tell when there is room. */
  wantsRoom = false;
  /** Identification of the next IP packet. */
  identification: number;

  /** Receiving. */
  initialReceived = 0;
  rcvNxt = 0;
  /** rcvNxt when a window was last sent, and that window. */
  rcvWup = 0;
  rcvWnd = 0;
  rcvScale = 0;
  /** The window scale option goes into our SYN or SYN-ACK. */
  offersScale: boolean;
  /** Receive space that may be announced (rcv_ssthresh), and where it ends (window_clamp). */
  rcvSpace = 0;
  rcvSpaceLimit = 0;
  advertisedMss = 536;
  readonly received = new ReceiveQueue();
  finReceived = false;

  /** Options agreed on. */
  usesTimestamps = false;
  usesSack = false;
  readonly timestampOffset: number;
  /** Low bits of the clock that tell something (SYN cookies). */
  timestampBits: number | undefined;
  tsRecent = 0;
  tsRecentAt: SimTime = ZERO;
  lastAckSent = 0;
  /** What a segment repeated that was here already: reported in the next acknowledgement (D-SACK, RFC 2883). */
  duplicate: { start: number; end: number } | undefined;

  /** Delayed acknowledgement (struct inet_connection_sock icsk_ack). */
  ackScheduled = false;
  ackPushed = 0;
  quickAcks = 0;
  ackDelay: SimTime = ZERO;
  pingPong = false;
  lastDataAt: SimTime = ZERO;
  receivedMss = 88;
  ackTimer: Timer | undefined;

  /** Retransmission and congestion. */
  readonly roundTrip = new RoundTrip();
  readonly congestion: CongestionControl;
  phase: 'open' | 'recovery' | 'loss' = 'open';
  /** Recovery ends when this is acknowledged. */
  highSequence = 0;
  /** What arrived of that which was sent last (tcp_sock.rack). */
  readonly latest: Arrival = { sentAt: ZERO, end: 0, roundTrip: 0 };
  /** In recovery: segments that arrived, that were sent, and the window before it (RFC 6937). */
  recovery = { delivered: 0, sent: 0, window: 0 };
  window = INITIAL_WINDOW;
  threshold = Number.POSITIVE_INFINITY;
  windowCredit = 0;
  /** The most segments that were in flight in this round trip, and where it ends: a window not used does not grow. */
  mostInFlight = 0;
  flightEnd = 0;
  wasWindowLimited = false;
  duplicateAcks = 0;
  retransmits = 0;
  backoff = 0;
  probes = 0;
  /** When the first of a row of retransmissions went out (retrans_stamp). */
  retransmittingSince: SimTime | undefined;
  timer: Timer | undefined;
  timerKind: 'none' | 'retransmit' | 'probe tail' | 'probe window' | 'reorder' = 'none';
  challengedAt: SimTime | undefined;
  openedAt: SimTime;
  /** An ICMP error while established: the reason if it times out (sk_err_soft). */
  softError: TcpError | undefined;

  /** The program closed its socket: nobody reads (SOCK_DEAD). */
  orphan = false;
  /** The program has stopped reading. */
  paused = false;

  constructor(
    stack: TcpStack,
    owner: SocketOwner,
    ends: TcpEnds,
    options: TcpSocketOptions,
    user: ConnectionUser,
    isPassive: boolean,
    initialSequence: number,
  ) {
    this.stack = stack;
    this.owner = owner;
    this.options = options;
    this.user = user;
    this.isPassive = isPassive;
    this.localAddress = ends.localAddress;
    this.localPort = ends.localPort;
    this.remoteAddress = ends.remoteAddress;
    this.remotePort = ends.remotePort;
    this.device = ends.device;
    this.initialSequence = initialSequence;
    this.sndUna = initialSequence;
    this.sndNxt = initialSequence;
    this.smallSent = initialSequence;
    this.buffer = new SendBuffer(plus(initialSequence, 1));
    this.writes = new WriteQueue(plus(initialSequence, 1));
    this.offersScale = stack.profile.tcp.windowScale !== undefined;
    this.identification = stack.chance.below(0x10000);
    this.timestampOffset = stack.timestampOffset(ends);
    this.congestion = stack.profile.tcp.congestion === 'cubic' ? new Cubic() : new NewReno();
    this.openedAt = stack.clock.now;
  }

  get profile(): TcpProfile {
    return this.stack.profile.tcp;
  }

  get now(): SimTime {
    return this.stack.clock.now;
  }

  /** Bytes written and not sent. */
  get unsent(): number {
    const first = this.isSynchronized ? this.sndNxt : plus(this.initialSequence, 1);
    return this.finSent ? 0 : (this.buffer.end - first) | 0;
  }

  /** Most bytes written and not acknowledged: tcp_wmem[1] at first, then twice what may be in flight. */
  get sendLimit(): number {
    return Math.min(Math.max(SEND_BUFFER, 2 * this.window * this.mss), LARGEST_SEND_BUFFER);
  }

  get sendRoom(): number {
    return Math.max(0, this.sendLimit - this.buffer.length);
  }

  /** The handshake is over as far as sending goes. */
  get isSynchronized(): boolean {
    return this.state !== 'CLOSE' && this.state !== 'SYN_SENT' && this.state !== 'SYN_RECV';
  }

  /** What of the announced window is left (tcp_receive_window). */
  get receiveWindow(): number {
    return Math.max(0, (this.rcvWup + this.rcvWnd - this.rcvNxt) | 0);
  }

  /** The kernel's clock for timestamps: milliseconds. */
  get timestamp(): number {
    const clock = Math.floor(this.now / 1e6);
    const told = this.timestampBits === undefined ? clock : clockWith(this.timestampBits, clock);
    return (told + this.timestampOffset) >>> 0;
  }

  stopTimers(): void {
    cancel(this.timer);
    cancel(this.ackTimer);
    this.timerKind = 'none';
  }
}
