import { assert } from '../../core/assert.ts';
import type { Errno } from '../../core/errno.ts';
import { later, ns, type SimTime, us, ZERO } from '../../core/time.ts';
import type { Ipv4 } from '../../wire/address.ts';
import type { SocketOwner } from '../socket.ts';
import { abort, close, shutdown } from './closing.ts';
import type { Connection, ConnectionUser, TcpSocketOptions, TcpStack } from './connection.ts';
import { programHasRead } from './delayed-ack.ts';
import { connect } from './handshake.ts';
import { noteWrite, pushPending } from './push.ts';
import { growBuffer } from './receive-window.ts';
import type { TcpError, TcpState } from './state.ts';

/** The most bytes a program takes at once. */
const READ_SIZE = 65536;

/**
 * How long a program takes to be woken, and how long a call that sends lasts, both longer than what one burst sets off on cables of
 * no length: the kernel carries that to its end within the call (softirqs run where bottom halves are enabled again), and
 * only then does another program run.
 */
const WAKING = us(1500);
export const SENDING = us(200);
/** How much of that the program has the socket to itself. */
const HOLDING = us(150);

/** What a socket asks of the table it belongs to. */
export interface SocketStack extends Pick<TcpStack, 'clock'> {
  /** Takes an address and port for `socket`, which has none. */
  bindSocket(socket: TcpSocket, address: Ipv4, port: number): Errno | undefined;
  releaseSocket(socket: TcpSocket): void;
  /** Makes the connection to a peer, local address and port chosen. */
  connectSocket(socket: TcpSocket, address: Ipv4, port: number): Connection | Errno;
}

/**
 * A TCP socket as a program sees it. Callbacks run in events of their own, never inside the stack; onClose is the
 * last one. Address 0 is the wildcard, port 0 is none.
 */
export class TcpSocket implements ConnectionUser {
  readonly owner: SocketOwner;
  readonly options: TcpSocketOptions;
  localAddress: Ipv4 = 0;
  localPort = 0;
  remoteAddress: Ipv4 = 0;
  remotePort = 0;
  /** The handshake is done (connecting side). */
  onConnect: (() => void) | undefined;
  /** In order, each byte once; `packet` is the number of the packet that completed it. */
  onData: ((data: Uint8Array, packet: number) => void) | undefined;
  /** The peer's FIN was reached. */
  onEnd: (() => void) | undefined;
  /** There is room in the send buffer again. */
  onWritable: (() => void) | undefined;
  onError: ((error: TcpError) => void) | undefined;
  onClose: (() => void) | undefined;
  readonly #stack: SocketStack;
  /** Called instead of onConnect on a socket that a listener made. */
  readonly #accepted: ((socket: TcpSocket) => void) | undefined;
  #connection: Connection | undefined;
  #readScheduled = false;
  /** The call that wrote last has returned by then. */
  #sendingUntil: SimTime = ZERO;
  #error: TcpError | undefined;
  #endTold = false;
  #finished = false;
  #closeTold = false;
  #closed = false;

  constructor(
    stack: SocketStack,
    owner: SocketOwner,
    options: TcpSocketOptions,
    accepted?: (socket: TcpSocket) => void,
  ) {
    this.#stack = stack;
    this.owner = owner;
    this.options = options;
    this.#accepted = accepted;
  }

  get state(): TcpState {
    return this.#connection?.state ?? 'CLOSE';
  }

  /** Number of the SYN or SYN-ACK it sent, 0 before. */
  get firstPacket(): number {
    return this.#connection?.firstPacket ?? 0;
  }

  /** Number of the first packet in which it sent data, 0 before. */
  get firstData(): number {
    return this.#connection?.firstData ?? 0;
  }

  /** The first packet that came for the connection, such as the SYN-ACK: its number (0: none yet) and TTL. */
  get answer(): { readonly packet: number; readonly ttl: number } {
    return this.#connection?.answer ?? { packet: 0, ttl: 0 };
  }

  /** Number of the packet it sent last, 0 before. */
  get lastPacket(): number {
    return this.#connection?.lastPacket ?? 0;
  }

  /** Takes a local address (0: any) and port (0: any free one). */
  bind(address: Ipv4, port: number): Errno | undefined {
    return this.#stack.bindSocket(this, address, port);
  }

  /** Sends the SYN; onConnect or onError tells what came of it. */
  connect(address: Ipv4, port: number): Errno | undefined {
    if (this.#connection !== undefined) return 'EISCONN';
    const made = this.#stack.connectSocket(this, address, port);
    if (typeof made === 'string') return made;
    this.attach(made);
    made.heldUntil = later(made.now, HOLDING);
    const errno = connect(made);
    if (errno !== undefined) {
      this.#closeTold = true;
      this.#closed = true;
      abort(made);
    }
    return errno;
  }

  /** Ties the socket to its connection, once. */
  attach(connection: Connection): void {
    assert(this.#connection === undefined, 'a socket has one connection');
    this.#connection = connection;
    this.localAddress = connection.localAddress;
    this.localPort = connection.localPort;
    this.remoteAddress = connection.remoteAddress;
    this.remotePort = connection.remotePort;
  }

  /** Copies as much of `data` into the send buffer as there is room for, and gives how many bytes that was. */
  write(data: Uint8Array): number {
    const connection = this.#connection;
    if (connection === undefined || this.#closed || connection.finQueued || connection.state === 'CLOSE') return 0;
    const taken = Math.min(data.length, connection.sendRoom);
    if (taken < data.length) connection.wantsRoom = true;
    if (taken === 0) return 0;
    noteWrite(connection, taken);
    connection.buffer.append(data.subarray(0, taken));
    pushPending(connection);
    connection.heldUntil = later(connection.now, HOLDING);
    this.#sendingUntil = later(connection.now, SENDING);
    return taken;
  }

  /** FIN after what was written (shutdown(2) with SHUT_WR); data still comes in. */
  end(): void {
    const connection = this.#connection;
    if (connection !== undefined) this.#next(() => shutdown(connection));
  }

  /** Gives the socket up (close(2)): FIN after what was written, RST when received data was never read. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const connection = this.#connection;
    if (connection === undefined) this.#stack.releaseSocket(this);
    else this.#next(() => close(connection));
  }

  /** Ends the connection with RST (SO_LINGER with a time of 0). */
  abort(): void {
    if (this.#closed) return;
    this.#closed = true;
    const connection = this.#connection;
    if (connection === undefined) this.#stack.releaseSocket(this);
    else this.#next(() => abort(connection));
  }

  /** A program makes one call after the other. */
  #next(call: () => void): void {
    const { clock } = this.#stack;
    if (clock.now >= this.#sendingUntil) call();
    else clock.after(ns(this.#sendingUntil - clock.now), call, undefined);
  }

  /** The program stops reading: the window closes when the buffer is full. */
  pause(): void {
    if (this.#connection !== undefined) this.#connection.paused = true;
  }

  resume(): void {
    if (this.#connection === undefined || !this.#connection.paused) return;
    this.#connection.paused = false;
    this.readable();
  }

  connected(): void {
    this.#stack.clock.after(WAKING, tellConnected, this);
  }

  readable(): void {
    if (this.#readScheduled) return;
    this.#readScheduled = true;
    this.#stack.clock.after(WAKING, tellData, this);
  }

  writable(): void {
    this.#stack.clock.after(WAKING, tellWritable, this);
  }

  failed(error: TcpError): void {
    this.#error = error;
    this.readable();
  }

  finished(): void {
    this.#finished = true;
    this.readable();
  }

  tellConnected(): void {
    if (this.#closed) return;
    if (this.#accepted !== undefined) this.#accepted(this);
    else this.onConnect?.();
  }

  tellWritable(): void {
    if (!this.#closed) this.onWritable?.();
  }

  /** Hands over what is there, then the end, the error and the close. */
  read(): void {
    this.#readScheduled = false;
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#handOver(connection);
    const isEmpty = connection.received.unread === 0;
    if (connection.finReceived && isEmpty && !this.#endTold && !this.#closed) {
      this.#endTold = true;
      this.onEnd?.();
    }
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined && !this.#closed) {
      this.#closed = true;
      this.onError?.(error);
    }
    if (this.#finished && (isEmpty || this.#closed) && !this.#closeTold) {
      this.#closeTold = true;
      this.onClose?.();
    }
  }

  /** As one recv(2) after the other would: each takes all that has come. Models the end of tcp_recvmsg_locked(). */
  #handOver(connection: Connection): void {
    while (!connection.paused && !this.#closed) {
      const next = connection.received.take(READ_SIZE);
      if (next === undefined) return;
      growBuffer(connection, next.data.length);
      programHasRead(connection, next.data.length);
      // What the program sends now, it sends because of this packet.
      connection.cause = next.packet;
      this.onData?.(next.data, next.packet);
      connection.cause = 0;
    }
  }
}

function tellConnected(socket: TcpSocket): void {
  socket.tellConnected();
}

function tellWritable(socket: TcpSocket): void {
  socket.tellWritable();
}

function tellData(socket: TcpSocket): void {
  socket.read();
}
