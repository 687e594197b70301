import { startTcpEcho } from '../../sim/program/echo-server.ts';
import type { ProgramHost } from '../../sim/program/program-host.ts';
import type { PingSocket } from '../../sim/transport/ping.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import type { UdpSocket } from '../../sim/transport/udp.ts';
import { formatIpv4 } from '../../sim/wire/address.ts';
import { protocolOf } from '../../sim/world/service-schema.ts';
import { stopService } from '../../sim/world/services.ts';
import { programHost, type Stack, type World } from '../../sim/world/world.ts';
import { get32, set32 } from './layers.ts';

/** A conversation that runs while frames are thrown: it says something at each beat, and knows what has to come back. */
export interface Flow {
  readonly name: string;
  readonly origin: FlowOrigin;
  readonly protocol: 'ping' | 'udp' | 'tcp';
  beat(): void;
  /** Whether its last words came back as they were said. */
  readonly isAnswered: boolean;
  /** What went wrong for good: an error, a byte that is not the one that was sent. */
  readonly fault: string | undefined;
  close(): void;
}

/** Who talks to whom: enough to begin again. */
export interface FlowOrigin {
  readonly stack: Stack;
  readonly to: Target;
}

/** Where an echo answers; `port` is not that of the service where it is published by NAT. */
export interface Target {
  readonly address: number;
  readonly port: number;
}

export const ECHO_PORT = 7;
/** What the TCP echo behind a published port is asked for. */
export const PUBLISHED_PORT = 8080;

/** The first byte of what a flow asks, and of what answers it. */
const ASKED = 0xf1;
const ANSWERED = 0xf2;

/**
 * UDP and TCP echo on every stack that has room for them. Any other UDP echo is stopped, and ours answers no answer: a datagram
 * that pretends to come from one echo goes to and fro between it and another one for ever, in real networks too, as soon as they
 * have different ports or NAT gives them some.
 */
export function startEchoes(world: World): void {
  for (const owner of world.services.owners()) {
    for (const service of world.services.of(owner)) {
      if (service.spec.program === 'echo' && protocolOf(service.spec) === 'udp') stopService(service);
    }
  }
  for (const stack of world.stacks()) {
    const host = programHost(world, stack);
    startTcpEcho(host, { name: 'echo', address: 0, port: ECHO_PORT });
    startUdpEcho(host);
  }
}

function startUdpEcho(host: ProgramHost): void {
  const socket = host.udp.open({ name: 'echo', place: host.place }, { broadcast: false });
  if (socket.bind(0, ECHO_PORT) !== undefined) return;
  socket.onDatagram = ({ source, sourcePort, asked, payload, packet }) => {
    // Nothing could mark the answer to nothing.
    if (payload.length === 0 || payload[0] === ANSWERED) return;
    const answer = payload.slice();
    answer[0] = ANSWERED;
    socket.sendTo(answer, source, sourcePort, { source: asked, cause: packet });
  };
}

/** Bytes a flow says at its beats; no datagram is cut into fragments, which a stranger may spoil without seeing them. */
const DATAGRAM_SIZES = [8, 64, 500, 32];
const STREAM_SIZES = [1, 100, 3000, 20];
/** How many requests a flow remembers to compare their answers with. */
const REMEMBERED = 8;

/** The byte of a stream or datagram at a place: tells flows and places apart. */
function byteAt(flow: number, at: number): number {
  return (at * 31 + (at >>> 8) * 7 + flow * 101) & 255;
}

function pattern(flow: number, sequence: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(8, length));
  for (let at = 0; at < bytes.length; at++) bytes[at] = byteAt(flow + sequence, at);
  set32(bytes, 0, ASKED * 0x1000000 + flow);
  set32(bytes, 4, sequence);
  return bytes;
}

/** Requests by number, and whether the answer to the last one came. What others send to its socket it does not count. */
abstract class Datagrams implements Flow {
  readonly name: string;
  readonly origin: FlowOrigin;
  abstract readonly protocol: 'ping' | 'udp';
  readonly fault = undefined;
  protected readonly to: Target;
  readonly #id: number;
  #sequence = 0;
  #answered = 0;
  readonly #asked = new Map<number, Uint8Array>();

  constructor(name: string, origin: FlowOrigin, id: number) {
    this.name = name;
    this.origin = origin;
    this.to = origin.to;
    this.#id = id;
  }

  get isAnswered(): boolean {
    return this.#sequence > 0 && this.#answered === this.#sequence;
  }

  beat(): void {
    const sequence = ++this.#sequence;
    const payload = pattern(this.#id, sequence, DATAGRAM_SIZES[sequence % DATAGRAM_SIZES.length] ?? 8);
    this.#asked.set(sequence, payload);
    this.#asked.delete(sequence - REMEMBERED);
    this.send(payload, sequence);
  }

  protected abstract send(payload: Uint8Array, sequence: number): void;
  abstract close(): void;

  protected heard(payload: Uint8Array): void {
    const sequence = payload.length < 8 ? 0 : get32(payload, 4);
    const asked = this.#asked.get(sequence);
    // Ping's own echo leaves the first byte as it is.
    const isEqual = asked?.length === payload.length && asked.every((byte, at) => at === 0 || byte === payload[at]);
    if (isEqual) this.#answered = Math.max(this.#answered, sequence);
  }
}

class PingFlow extends Datagrams {
  readonly protocol = 'ping';
  readonly #socket: PingSocket | undefined;

  constructor(name: string, host: ProgramHost, origin: FlowOrigin, id: number) {
    super(name, origin, id);
    this.#socket = host.ping.open({ name: 'ping', place: host.place });
    if (this.#socket !== undefined) this.#socket.onReply = ({ payload }) => this.heard(payload);
  }

  protected send(payload: Uint8Array, sequence: number): void {
    this.#socket?.sendEcho(this.to.address, sequence, payload);
  }

  close(): void {
    this.#socket?.close();
  }
}

class UdpFlow extends Datagrams {
  readonly protocol = 'udp';
  readonly #socket: UdpSocket;

  constructor(name: string, host: ProgramHost, origin: FlowOrigin, id: number) {
    super(name, origin, id);
    this.#socket = host.udp.open({ name: 'udp', place: host.place });
    this.#socket.bind(0, 0);
    // Every other one is connected: its socket hears of nobody else.
    if (id % 2 === 0) this.#socket.connect(this.to.address, this.to.port);
    this.#socket.onDatagram = ({ payload }) => this.heard(payload);
  }

  protected send(payload: Uint8Array): void {
    this.#socket.sendTo(payload, this.to.address, this.to.port);
  }

  close(): void {
    this.#socket.close();
  }
}

/** Bytes that the program has written and not read back, at most: what does not move is not piled up. */
const OUTSTANDING = 20_000;

export class TcpFlow implements Flow {
  readonly name: string;
  readonly origin: FlowOrigin;
  readonly protocol = 'tcp';
  readonly socket: TcpSocket;
  fault: string | undefined;
  readonly #id: number;
  #beats = 0;
  #isOpen = false;
  #written = 0;
  #read = 0;

  constructor(name: string, host: ProgramHost, origin: FlowOrigin, id: number) {
    const { to } = origin;
    this.name = name;
    this.origin = origin;
    this.#id = id;
    this.socket = host.tcp.open({ name: 'tcp', place: host.place });
    this.socket.onConnect = () => {
      this.#isOpen = true;
    };
    this.socket.onData = (data) => this.#heard(data);
    this.socket.onEnd = () => this.#broken('the peer has ended it');
    this.socket.onError = ({ errno }) => this.#broken(errno);
    const errno = this.socket.connect(to.address, to.port);
    if (errno !== undefined) this.fault = errno;
  }

  get isAnswered(): boolean {
    return this.#isOpen && this.#read > 0 && this.#read === this.#written;
  }

  beat(): void {
    if (!this.#isOpen || this.fault !== undefined || this.#written - this.#read > OUTSTANDING) return;
    const length = STREAM_SIZES[this.#beats++ % STREAM_SIZES.length] ?? 8;
    const data = Uint8Array.from({ length }, (_, at) => byteAt(this.#id, this.#written + at));
    this.#written += this.socket.write(data);
  }

  close(): void {
    this.socket.abort();
  }

  #heard(data: Uint8Array): void {
    for (const byte of data) {
      if (byte !== byteAt(this.#id, this.#read)) {
        this.#broken(`byte ${this.#read} of the stream is another one`);
        return;
      }
      this.#read++;
    }
    if (this.#read > this.#written) this.#broken('more came back than was sent');
  }

  #broken(why: string): void {
    this.fault ??= why;
  }
}

export function openFlow(world: World, protocol: Flow['protocol'], id: number, origin: FlowOrigin): Flow {
  const { stack, to } = origin;
  const host = programHost(world, stack);
  const name = `${protocol} ${stack.title} -> ${formatIpv4(to.address)}:${to.port}`;
  if (protocol === 'ping') return new PingFlow(name, host, origin, id);
  return protocol === 'udp' ? new UdpFlow(name, host, origin, id) : new TcpFlow(name, host, origin, id);
}
