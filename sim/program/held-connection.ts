import { cancel, type Timer } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import { concat } from '../wire/bytes.ts';
import type { ProgramHost } from './program-host.ts';
import { newTcpResult, type TcpClientOptions, type TcpResult } from './tcp-client.ts';
import { TcpConnection } from './tcp-connection.ts';

/** What a step does to a connection that an earlier one left open. */
export interface HeldAction {
  readonly send: Uint8Array;
  readonly finish: 'close' | 'abort' | undefined;
}

/**
 * A connection that outlives the step that made it. A step on it ends when the peer has been silent for a while, has
 * ended, or the connection is gone.
 */
export class HeldConnection {
  /** Of the step that opened it. */
  readonly first: TcpResult;
  readonly #host: ProgramHost;
  readonly #options: TcpClientOptions;
  readonly #connection: TcpConnection;
  #result: TcpResult;
  #started: SimTime;
  /** What came and no step has been given yet. */
  #received: Uint8Array[] = [];
  #waiting: Timer | undefined;

  /** Connects and sends; closes by itself after `hold`. */
  constructor(host: ProgramHost, options: TcpClientOptions, hold: SimTime) {
    this.#host = host;
    this.#options = options;
    this.#started = host.clock.now;
    this.first = newTcpResult(host, options, options.send.length, false);
    this.#result = this.first;
    this.#connection = new TcpConnection(host, 'tcp client', options, this.first, {
      connected: () => {
        this.#connection.write(options.send);
        this.#listen();
      },
      data: (data, packet) => {
        this.#received.push(data);
        this.#answered(packet);
        this.#listen();
      },
      // It may still be told that what it sends is not wanted.
      ended: () => this.#listen(),
      failed: () => this.#finish(),
      over: () => this.#finish(),
    });
    // Refused at once: nobody was told, because nobody could be.
    if (this.first.error !== undefined) this.#finish();
    host.clock.after(hold, () => this.#connection.close(), undefined);
  }

  /** A step on the open connection. It is given what came since the step before, too. */
  act(action: HeldAction): TcpResult {
    this.#finish();
    const { connected, error, closed, source } = this.#result;
    this.#result = newTcpResult(this.#host, this.#options, action.send.length, true);
    Object.assign(this.#result, { connected, error, closed, source });
    this.#connection.probe = this.#result;
    this.#started = this.#host.clock.now;
    const before = this.#connection.lastPacket;
    this.#connection.write(action.send);
    if (action.finish === 'close') this.#connection.close();
    if (action.finish === 'abort') this.#connection.abort();
    // What goes out at once is this step's request; nothing does when the window is closed.
    const packet = this.#connection.lastPacket;
    if (packet !== before) {
      this.#result.firstData.there = packet;
      this.#result.sent.push({ sequence: 1, at: this.#started, packet, errno: undefined, mtu: 0 });
    }
    if (this.#connection.isOver) this.#finish();
    else this.#listen();
    return this.#result;
  }

  /** The first data after a step's request is its answer. Of the step that connects, the answer came with the handshake. */
  #answered(packet: number): void {
    const { replies, sent, destination } = this.#result;
    const request = sent[0];
    if (this.#result.finished || request === undefined || replies.length > 0) return;
    const at = this.#host.clock.now;
    const roundTrip = (at - request.at) as SimTime;
    replies.push({ sequence: 1, at, packet, from: destination, ttl: 0, length: 0, roundTrip, intact: true });
  }

  #listen(): void {
    if (this.#result.finished) return;
    cancel(this.#waiting);
    this.#waiting = this.#host.clock.after(this.#options.silence, () => this.#finish(), undefined);
  }

  #finish(): void {
    const result = this.#result;
    if (result.finished) return;
    cancel(this.#waiting);
    result.finished = true;
    result.received = concat(this.#received);
    this.#received = [];
    result.took = (this.#host.clock.now - this.#started) as SimTime;
  }
}
