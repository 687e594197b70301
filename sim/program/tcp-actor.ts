import { cancel, type Timer } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import { SENDING } from '../transport/tcp/socket.ts';
import type { ProgramHost } from './program-host.ts';
import type { TcpAction } from './tcp-actions.ts';

/** What an actor does things with: a connection of a client or of a server. */
export interface TcpActorSide {
  write(data: Uint8Array): void;
  /** Tells, perhaps at once, when the stack has taken all that was written. */
  whenTaken(tell: () => void): void;
  end(): void;
  close(): void;
  abort(): void;
  /** Nothing is read from here on. */
  pause(): void;
  resume(): void;
}

/** Does one thing after the other with a connection, and is told by its owner what comes of that. */
export class TcpActor {
  readonly #host: ProgramHost;
  readonly #side: TcpActorSide;
  readonly #actions: TcpAction[];
  readonly #silence: SimTime | undefined;
  readonly #done: () => void;
  /** It reads while it writes, unless it is to read certain amounts. */
  readonly #readsAlong: boolean;
  #current: TcpAction | undefined;
  /** Bytes that a read in progress still wants; below 0: what came beyond the last one, which counts for the next. */
  #wanted = 0;
  #isListening = true;
  #hasEnded = false;
  #isOver = false;
  #isDone = false;
  #timer: Timer | undefined;

  /**
   * `silence`: how long a read waits for the next bytes before the program gives up; undefined: for ever. `done` is
   * called once, when the last action is done or the connection is no more.
   */
  constructor(
    host: ProgramHost,
    side: TcpActorSide,
    actions: readonly TcpAction[],
    silence: SimTime | undefined,
    done: () => void,
  ) {
    this.#host = host;
    this.#side = side;
    this.#actions = [...actions];
    this.#silence = silence;
    this.#done = done;
    this.#readsAlong = !actions.some((action) => action.kind === 'read' && action.count !== undefined);
  }

  start(): void {
    this.#next();
  }

  /** Bytes have come. */
  got(count: number): void {
    this.#wanted -= count;
    if (this.#current?.kind !== 'read') return;
    if (this.#wanted <= 0) this.#next();
    else this.#awaitData();
  }

  /** The peer sends nothing more. */
  ended(): void {
    this.#hasEnded = true;
    if (this.#current?.kind === 'read') this.#next();
  }

  /** It broke: whoever sleeps finds out when it wakes. */
  broken(): void {
    this.#isOver = true;
    if (this.#current?.kind !== 'wait') this.#finish();
  }

  #next(): void {
    cancel(this.#timer);
    const action = this.#actions.shift();
    this.#current = action;
    if (action === undefined || this.#isOver) this.#finish();
    else this.#begin(action);
  }

  #begin(action: TcpAction): void {
    const side = this.#side;
    switch (action.kind) {
      case 'wait':
        this.#listens(false);
        this.#timer = this.#host.clock.after(action.time, () => this.#next(), undefined);
        return;
      case 'write':
        this.#listens(this.#readsAlong);
        side.write(action.data);
        side.whenTaken(() => {
          this.#timer = this.#host.clock.after(SENDING, () => this.#next(), undefined);
        });
        return;
      case 'end':
        side.end();
        this.#next();
        return;
      case 'read':
        this.#read(action.count);
        return;
      case 'close':
        side.close();
        this.#next();
        return;
      case 'abort':
        side.abort();
        this.#next();
        return;
    }
  }

  #listens(isListening: boolean): void {
    if (this.#isListening === isListening) return;
    this.#isListening = isListening;
    if (isListening) this.#side.resume();
    else this.#side.pause();
  }

  #read(count: number | undefined): void {
    this.#wanted = Math.min(this.#wanted, 0) + (count ?? Number.POSITIVE_INFINITY);
    if (this.#hasEnded || this.#wanted <= 0) {
      this.#next();
      return;
    }
    this.#listens(true);
    this.#awaitData();
  }

  #awaitData(): void {
    cancel(this.#timer);
    if (this.#silence === undefined) return;
    this.#timer = this.#host.clock.after(this.#silence, () => this.#giveUp(), undefined);
  }

  /** The peer says nothing: the connection is closed as it is. */
  #giveUp(): void {
    this.#side.close();
    this.#finish();
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    cancel(this.#timer);
    this.#actions.length = 0;
    this.#current = undefined;
    this.#done();
  }
}
