import { cancel, type Timer } from '../../core/events.ts';
import type { SimTime } from '../../core/time.ts';
import type { Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { TCP_ACK } from '../../wire/tcp.ts';
import type { Connection, TcpEnds, TcpStack } from './connection.ts';
import type { IncomingSegment } from './incoming.ts';
import { noOptions, OutgoingSegment } from './segment.ts';
import { after, before, plus } from './sequence.ts';

/** What a record needs of the table it stands in. */
export interface TimeWaitStack
  extends Pick<TcpStack, 'clock' | 'sender' | 'profile' | 'counters' | 'consume' | 'drop' | 'refuse'> {
  forgetRecord(record: TimeWait): void;
}

/** Between two answers to what does not fit (tcp_invalid_ratelimit). */
const ANSWER_GAP = 500e6;

/**
 * What is left of a closed connection (struct tcp_timewait_sock): enough to acknowledge the peer's FIN again, and to
 * keep old segments out of a new connection. It begins in FIN_WAIT2 when the peer has not closed yet.
 */
export class TimeWait implements TcpEnds {
  readonly localAddress: Ipv4;
  readonly localPort: number;
  readonly remoteAddress: Ipv4;
  readonly remotePort: number;
  readonly device: string;
  state: 'FIN_WAIT2' | 'TIME_WAIT';
  expires: SimTime;
  readonly sndNxt: number;
  readonly #stack: TimeWaitStack;
  readonly #usesTimestamps: boolean;
  readonly #timestampOffset: number;
  /** As it goes into the header. */
  readonly #window: number;
  readonly #windowBytes: number;
  #rcvNxt: number;
  #tsRecent: number;
  #answeredAt: SimTime | undefined;
  #timer: Timer | undefined;

  constructor(stack: TimeWaitStack, connection: Connection, state: 'FIN_WAIT2' | 'TIME_WAIT', timeout: SimTime) {
    this.#stack = stack;
    this.localAddress = connection.localAddress;
    this.localPort = connection.localPort;
    this.remoteAddress = connection.remoteAddress;
    this.remotePort = connection.remotePort;
    this.device = connection.device;
    this.state = state;
    this.sndNxt = connection.sndNxt;
    this.#rcvNxt = connection.rcvNxt;
    this.#windowBytes = connection.receiveWindow;
    this.#window = Math.min(connection.receiveWindow >>> connection.rcvScale, 65535);
    this.#usesTimestamps = connection.usesTimestamps;
    this.#timestampOffset = connection.timestampOffset;
    this.#tsRecent = connection.tsRecent;
    this.expires = stack.clock.now;
    this.#schedule(timeout);
  }

  /** The number a new connection between the same ends must begin above. */
  get nextInitialSequence(): number {
    return plus(this.sndNxt, 65535 + 2);
  }

  end(): void {
    cancel(this.#timer);
    this.#stack.forgetRecord(this);
  }

  /**
   * Models net/ipv4/tcp_minisocks.c tcp_timewait_state_process(). Undefined: the segment opens a new connection, if
   * somebody listens; else declineSyn() answers it.
   */
  receive(segment: IncomingSegment): Fate | undefined {
    return this.state === 'FIN_WAIT2' ? this.#inFinWait2(segment) : this.#inTimeWait(segment);
  }

  /** A SYN for a new connection that nobody listens for (tcp_v4_rcv() falls through from TCP_TW_SYN). */
  declineSyn({ packet }: IncomingSegment): Fate {
    this.#sendAck(packet);
    return this.#stack.consume(packet, 'SYN that nobody listens for, answered with ACK');
  }

  #inFinWait2(segment: IncomingSegment): Fate {
    const { header, packet, sequence, end } = segment;
    if (this.#isRejected(segment) || !this.#isInWindow(sequence, end)) return this.#answerStray(segment);
    if (header.rst) {
      this.end();
      return this.#stack.consume(packet, 'RST: the record is gone');
    }
    if (header.syn && !before(sequence, this.#rcvNxt)) return this.#refuse(segment);
    if (!header.ack || !after(end, this.#rcvNxt) || end === sequence) {
      return this.#stack.consume(packet, 'ACK, for a closed socket in FIN_WAIT2');
    }
    // Data after close(): nobody will ever read it.
    if (!header.fin || end !== plus(this.#rcvNxt, 1)) return this.#refuse(segment);
    this.state = 'TIME_WAIT';
    this.#rcvNxt = end;
    this.#noteTimestamp(segment);
    this.#schedule(this.#stack.profile.tcp.timeWait);
    this.#sendAck(packet);
    return this.#stack.consume(packet, 'FIN');
  }

  #inTimeWait(segment: IncomingSegment): Fate | undefined {
    const { header, packet, sequence, end } = segment;
    const isRejected = this.#isRejected(segment);
    if (!isRejected && sequence === this.#rcvNxt && (sequence === end || header.rst)) {
      if (header.rst) {
        this.end();
        return this.#stack.consume(packet, 'RST: the record is gone');
      }
      this.#schedule(this.#stack.profile.tcp.timeWait);
      this.#noteTimestamp(segment);
      return this.#stack.consume(packet, 'ACK, in TIME_WAIT');
    }
    if (header.syn && !header.rst && !header.ack && !isRejected && this.#isNewer(segment)) return undefined;
    if (header.rst) return this.#stack.consume(packet, 'RST, in TIME_WAIT');
    if (isRejected || header.ack) this.#schedule(this.#stack.profile.tcp.timeWait);
    return this.#answerStray(segment);
  }

  #isRejected({ options }: IncomingSegment): boolean {
    return this.#usesTimestamps && options.timestamp !== undefined && before(options.timestamp.value, this.#tsRecent);
  }

  #isNewer(segment: IncomingSegment): boolean {
    if (after(segment.sequence, this.#rcvNxt)) return true;
    const { timestamp } = segment.options;
    return this.#usesTimestamps && timestamp !== undefined && after(timestamp.value, this.#tsRecent);
  }

  /** Models tcp_in_window(). */
  #isInWindow(sequence: number, end: number): boolean {
    const limit = plus(this.#rcvNxt, this.#windowBytes);
    if (sequence === this.#rcvNxt) return true;
    if (after(end, this.#rcvNxt) && before(sequence, limit)) return true;
    return sequence === limit && sequence === end;
  }

  #noteTimestamp({ options }: IncomingSegment): void {
    if (this.#usesTimestamps && options.timestamp !== undefined) this.#tsRecent = options.timestamp.value;
  }

  #refuse(segment: IncomingSegment): Fate {
    this.end();
    this.#stack.refuse(segment.packet);
    return this.#stack.drop(segment.packet, 'CLOSE', 'the program has closed its socket');
  }

  /** Not more often than twice a second, unless it brings data or the peer's FIN once more (tcp_oow_rate_limited). */
  #answerStray(segment: IncomingSegment): Fate {
    const { packet, sequence, end, header } = segment;
    const { now } = this.#stack.clock;
    const isFree = sequence !== end && !header.syn;
    if (!isFree) {
      if (this.#answeredAt !== undefined && now - this.#answeredAt < ANSWER_GAP) {
        return this.#stack.consume(packet, 'does not fit a closed connection, answered a moment ago');
      }
      this.#answeredAt = now;
    }
    this.#sendAck(packet);
    return this.#stack.consume(packet, 'does not fit a closed connection, answered with ACK');
  }

  /** Models tcp_v4_timewait_ack(): sent without a socket, so the identification is 0. */
  #sendAck(packet: Packet): void {
    const { clock, profile, sender, counters } = this.#stack;
    const segment = new OutgoingSegment();
    segment.isUnicastReply = true;
    segment.source = this.localAddress;
    segment.destination = this.remoteAddress;
    segment.sourcePort = this.localPort;
    segment.destinationPort = this.remotePort;
    segment.pathMtu = profile.tcp.pathMtuDiscovery ? 'do' : 'dont';
    segment.identification = profile.tcp.zeroIdentification ? 0 : undefined;
    segment.sequence = this.sndNxt;
    segment.acknowledgment = this.#rcvNxt;
    segment.flags = TCP_ACK;
    segment.window = this.#window;
    if (this.#usesTimestamps) {
      const value = (Math.floor(clock.now / 1e6) + this.#timestampOffset) >>> 0;
      Object.assign(segment.options, noOptions(), { timestamp: { value, echo: this.#tsRecent } });
    }
    segment.by = 'TCP ACK';
    segment.cause = packet.number;
    segment.measure();
    counters.TcpOutSegs++;
    sender.send(segment);
  }

  #schedule(timeout: SimTime): void {
    cancel(this.#timer);
    this.expires = (this.#stack.clock.now + timeout) as SimTime;
    this.#timer = this.#stack.clock.after(timeout, endRecord, this);
  }
}

function endRecord(record: TimeWait): void {
  record.end();
}
