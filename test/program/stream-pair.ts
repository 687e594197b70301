import { EventQueue } from '../../sim/core/events.ts';
import { us } from '../../sim/core/time.ts';
import type { ProgramHost } from '../../sim/program/program-host.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';

/**
 * Two program hosts whose connections carry bytes in pieces that the test chooses: for what programs make of a stream
 * however it is cut, without a network between. The client is 10.0.0.1, the server 10.0.0.2.
 */
export class StreamPair {
  readonly clock = new EventQueue();
  readonly client: ProgramHost;
  readonly server: ProgramHost;
  /** Every byte that was sent, by direction, and how each end closed. */
  readonly log = { toServer: [] as number[], toClient: [] as number[] };
  readonly #listeners = new Map<number, (socket: TcpSocket) => void>();
  readonly #piece: () => number;

  constructor(piece: () => number = () => 1000) {
    this.#piece = piece;
    this.client = this.#host('client');
    this.server = this.#host('server');
  }

  run(): void {
    while (this.clock.runNext());
  }

  #host(name: string): ProgramHost {
    const tcp = {
      open: () => new End(this.clock, this.#piece, this.log.toServer, (end, port) => this.#connect(end, port)),
      listen: (_owner: unknown, _address: number, port: number, onAccept: (socket: TcpSocket) => void) => {
        if (this.#listeners.has(port)) return 'EADDRINUSE';
        this.#listeners.set(port, onAccept);
        return { close: () => this.#listeners.delete(port) };
      },
    };
    const place = { node: name, role: 'linux', title: name } as const;
    return { clock: this.clock, place, udp: undefined, ping: undefined, tcp, flavour: 'Linux' } as never;
  }

  #connect(end: End, port: number): void {
    const accept = this.#listeners.get(port);
    if (accept === undefined) {
      end.fail('ECONNREFUSED');
      return;
    }
    const other = new End(this.clock, this.#piece, this.log.toClient, () => {});
    end.join(other);
    accept(other as never);
    end.onConnect?.();
  }
}

/** One end of a connection, with the calls of a TCP socket. */
class End {
  localAddress = 0x0a000001;
  remoteAddress = 0x0a000002;
  firstPacket = 1;
  answer = { packet: 2, ttl: 64 };
  onConnect: (() => void) | undefined;
  onData: ((data: Uint8Array, packet: number) => void) | undefined;
  onEnd: (() => void) | undefined;
  onWritable: (() => void) | undefined;
  onError: ((error: unknown) => void) | undefined;
  onClose: (() => void) | undefined;
  readonly #clock: EventQueue;
  readonly #piece: () => number;
  readonly #log: number[];
  readonly #dial: (end: End, port: number) => void;
  #peer: End | undefined;
  #buffer: number[] = [];
  #ended = false;
  #closed = false;

  constructor(clock: EventQueue, piece: () => number, log: number[], dial: (end: End, port: number) => void) {
    this.#clock = clock;
    this.#piece = piece;
    this.#log = log;
    this.#dial = dial;
  }

  join(peer: End): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  connect(_address: number, port: number): undefined {
    this.#clock.after(us(10), () => this.#dial(this, port), undefined);
  }

  fail(errno: string): void {
    this.#closed = true;
    this.onError?.({ errno, packet: 0, type: 0, code: 0, offender: this.remoteAddress });
    this.onClose?.();
  }

  write(data: Uint8Array): number {
    // A send buffer of 1000 bytes.
    const taken = Math.min(data.length, 1000 - this.#buffer.length);
    if (taken === 0) return 0;
    if (this.#buffer.length === 0) this.#clock.after(us(10), () => this.#deliver(), undefined);
    this.#buffer.push(...data.subarray(0, taken));
    this.#log.push(...data.subarray(0, taken));
    return taken;
  }

  #deliver(): void {
    const piece = this.#buffer.splice(0, Math.max(1, this.#piece()));
    const peer = this.#peer;
    if (piece.length > 0 && peer !== undefined && !peer.#closed) peer.onData?.(Uint8Array.from(piece), 0);
    if (this.#buffer.length > 0) this.#clock.after(us(10), () => this.#deliver(), undefined);
    else if (this.#ended)
      this.#clock.after(us(10), () => peer !== undefined && !peer.#closed && peer.onEnd?.(), undefined);
    if (!this.#ended) this.onWritable?.();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#buffer.length === 0) this.#clock.after(us(10), () => this.#deliver(), undefined);
  }

  close(): void {
    if (this.#closed) return;
    this.end();
    this.#closed = true;
    this.#clock.after(us(10), () => this.onClose?.(), undefined);
  }

  abort(): void {
    this.#closed = true;
    this.#peer?.fail('ECONNRESET');
  }
}
