import { type Errno, strerror } from '../core/errno.ts';
import { cancel, type Timer } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import type { TcpSocketOptions } from '../transport/tcp/connection.ts';
import type { TcpSocket } from '../transport/tcp/socket.ts';
import type { TcpError } from '../transport/tcp/state.ts';
import type { Ipv4 } from '../wire/address.ts';
import type { ProbeResult } from './probe.ts';
import type { ProgramHost } from './program-host.ts';
import type { TcpActorSide } from './tcp-actor.ts';
import { TcpOutbox } from './tcp-outbox.ts';

/** How a program reaches a TCP server. */
export interface TcpTarget {
  readonly destination: Ipv4;
  readonly port: number;
  /** 0 lets the stack choose. */
  readonly source: Ipv4;
  /** 0 for an ephemeral one. */
  readonly sourcePort: number;
  /** How long the handshake may take; undefined leaves it to the stack, which gives up after some two minutes. */
  readonly connectTimeout: SimTime | undefined;
  readonly socket: TcpSocketOptions;
}

/** What a program that connects has seen: its request is the SYN, the answer what completed the handshake. */
export interface TcpProbe extends ProbeResult {
  connected: boolean;
  /** The first error of the connection, refused or broken. */
  error: Errno | undefined;
  /** The peer has ended, or the connection is gone. */
  closed: boolean;
  /** The first packets with data, each way; 0 for none. */
  firstData: { there: number; back: number };
}

/** What comes of a connection; each is called from an event of its own. */
export interface TcpEvents {
  readonly connected: () => void;
  readonly data: (data: Uint8Array, packet: number) => void;
  /** The peer sends nothing more. */
  readonly ended: () => void;
  /** It could not be made, or broke. */
  readonly failed: (errno: Errno) => void;
  /** Nothing more happens on it. */
  readonly over?: () => void;
}

/** A connection of a client program, which writes into its probe what it sees. */
export class TcpConnection implements TcpActorSide {
  /** Whom it tells. A held connection outlives the probe that opened it. */
  probe: TcpProbe;
  readonly #host: ProgramHost;
  readonly #events: TcpEvents;
  readonly #socket: TcpSocket;
  readonly #outbox: TcpOutbox;
  readonly #started: SimTime;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(host: ProgramHost, name: string, target: TcpTarget, probe: TcpProbe, events: TcpEvents) {
    this.#host = host;
    this.probe = probe;
    this.#events = events;
    this.#started = host.clock.now;
    this.#socket = host.tcp.open({ name, place: host.place }, target.socket);
    this.#outbox = new TcpOutbox(this.#socket);
    this.#listen();
    const { destination, port, source, sourcePort, connectTimeout } = target;
    const refused =
      (source === 0 && sourcePort === 0 ? undefined : this.#socket.bind(source, sourcePort)) ??
      this.#socket.connect(destination, port);
    const packet = refused === undefined ? this.#socket.firstPacket : 0;
    probe.sent.push({ sequence: 1, at: this.#started, packet, errno: refused, mtu: 0 });
    probe.source = this.#socket.localAddress;
    if (refused !== undefined) this.#fail(refused);
    else if (connectTimeout !== undefined) {
      this.#timer = host.clock.after(connectTimeout, () => this.#expire(), undefined);
    }
  }

  /** Nothing more can happen on it: it was closed, reset, or never made. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Number of the packet it sent last. */
  get lastPacket(): number {
    return this.#socket.lastPacket;
  }

  /** Sends all of it, as fast as the peer takes it. */
  write(data: Uint8Array): void {
    if (!this.#isOver) this.#outbox.write(data);
  }

  /** Tells when the stack has taken all that was written; never on a connection that broke. */
  whenTaken(tell: () => void): void {
    if (!this.#isOver) this.#outbox.whenTaken(tell);
  }

  /** The program reads nothing from here on. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Nothing more will be written. */
  end(): void {
    if (!this.#isOver) this.#outbox.end();
  }

  /** Closes it once all is written. */
  close(): void {
    cancel(this.#timer);
    if (!this.#isOver) this.#outbox.close();
  }

  abort(): void {
    cancel(this.#timer);
    this.#isOver = true;
    this.probe.closed = true;
    this.#socket.abort();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.onConnect = () => {
      const { probe } = this;
      cancel(this.#timer);
      probe.connected = true;
      probe.source = socket.localAddress;
      const { packet, ttl } = socket.answer;
      const at = this.#host.clock.now;
      const roundTrip = (at - this.#started) as SimTime;
      const from = socket.remoteAddress;
      probe.replies.push({ sequence: 1, at, packet, from, ttl, length: 0, roundTrip, intact: true });
      this.#events.connected();
    };
    socket.onData = (data, packet) => {
      const { firstData } = this.probe;
      firstData.there ||= socket.firstData;
      firstData.back ||= packet;
      this.#events.data(data, packet);
    };
    socket.onEnd = () => {
      this.probe.closed = true;
      this.#events.ended();
    };
    socket.onError = (error) => this.#broken(error);
    socket.onClose = () => {
      this.#isOver = true;
      this.probe.closed = true;
      this.#events.over?.();
    };
  }

  #broken({ errno, packet, type, code, offender }: TcpError): void {
    const from = offender;
    this.probe.errors.push({ sequence: 1, at: this.#host.clock.now, packet, errno, type, code, from, mtu: 0 });
    this.#fail(errno);
  }

  #expire(): void {
    this.abort();
    const { destination } = this.probe;
    this.#broken({ errno: 'ETIMEDOUT', packet: 0, type: 0, code: 0, offender: destination });
  }

  #fail(errno: Errno): void {
    cancel(this.#timer);
    this.#isOver = true;
    this.probe.error ??= errno;
    this.probe.closed = true;
    this.#events.failed(errno);
  }
}

/** `Connection refused`, in lower case as Go's programs print it. */
export function lowerText(errno: Errno): string {
  return strerror(errno).toLowerCase();
}
