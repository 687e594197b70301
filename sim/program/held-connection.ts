import { cancel, type Timer } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import { concat } from './bytes-list.ts';
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
    this.first = newTcpResult(host, options, options.send.length);
    this.#result = this.first;
    this.#connection = new TcpConnection(host, 'tcp client', options, this.first, {
      connected: () => {
        this.#connection.write(options.send);
        this.#listen();
      },
      data: (data) => {
        this.#received.push(data);
        this.#listen();
      },
      ended: () => this.#finish(),
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
    this.#result = newTcpResult(this.#host, this.#options, action.send.length);
    Object.assign(this.#result, { connected, error, closed, source });
    this.#connection.probe = this.#result;
    this.#started = this.#host.clock.now;
    this.#connection.write(action.send);
    if (action.finish === 'close') this.#connection.close();
    if (action.finish === 'abort') this.#connection.abort();
    if (this.#result.closed) this.#finish();
    else this.#listen();
    return this.#result;
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
