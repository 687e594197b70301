import type { Chance } from '../core/chance.ts';
import type { Errno } from '../core/errno.ts';
import type { Clock } from '../core/events.ts';
import type { Ipv4 } from '../wire/address.ts';
import { PROTOCOL_UDP } from '../wire/ipv4.ts';
import { OutgoingDatagram } from './outgoing-datagram.ts';
import type { StackProfile } from './profile.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import type {
  Datagram,
  IpSender,
  QueuedDatagram,
  SendResult,
  SocketError,
  SocketOptions,
  SocketOwner,
} from './socket.ts';

/** Largest payload of an IPv4 UDP datagram: 65535 less 20 less 8. */
const MAX_PAYLOAD = 65507;

/** Which of the own addresses a datagram comes from, 0 for the socket's own; and the packet that it answers. */
interface DatagramOrigin {
  readonly source?: Ipv4;
  readonly cause?: number;
}

const ANY_ORIGIN: DatagramOrigin = {};

/** A UDP socket. Address 0 is the wildcard, port 0 is none. */
export class UdpSocket {
  localAddress: Ipv4 = 0;
  localPort = 0;
  remoteAddress: Ipv4 = 0;
  remotePort = 0;
  readonly owner: SocketOwner;
  /** Called from an event of its own, never from inside the stack. */
  onDatagram: ((datagram: Datagram) => void) | undefined;
  onError: ((error: SocketError) => void) | undefined;
  closed = false;
  readonly #table: UdpTable;
  readonly #options: SocketOptions;
  /** Made by the first that it sends. */
  #outgoing: OutgoingDatagram | undefined;
  readonly #buffer = new ReceiveBuffer();
  readonly #read = (datagram: QueuedDatagram): void => {
    this.#buffer.give(datagram.cost);
    if (!this.closed) this.onDatagram?.(datagram);
  };

  constructor(table: UdpTable, owner: SocketOwner, options: SocketOptions) {
    this.#table = table;
    this.owner = owner;
    this.#options = options;
  }

  get device(): string {
    return this.#options.device ?? '';
  }

  /** Takes an address (0: any) and a port (0: any free one). */
  bind(address: Ipv4, port: number): Errno | undefined {
    return this.#table.bind(this, address, port);
  }

  /** Fixes the peer: only its datagrams are received from then on. */
  connect(address: Ipv4, port: number): Errno | undefined {
    if (this.localPort === 0) {
      const errno = this.bind(0, 0);
      if (errno !== undefined) return errno;
    }
    const selectors = {
      protocol: PROTOCOL_UDP,
      sourcePort: this.localPort,
      destinationPort: port,
      tos: this.#options.tos ?? 0,
      mayBroadcast: this.#options.broadcast ?? false,
    };
    const { sender } = this.#table;
    const source = this.localAddress || sender.sourceFor(address, this.device, selectors);
    if (typeof source === 'string') return source;
    const refused = sender.whyNotTo(address, source, this.device, selectors, 'connect');
    if (refused !== undefined) return refused;
    this.localAddress = source;
    this.remoteAddress = address;
    this.remotePort = port;
    return undefined;
  }

  /** Sends to the connected peer. */
  send(payload: Uint8Array, cause = 0): SendResult {
    return this.#send(payload, this.remoteAddress, this.remotePort, 0, cause);
  }

  /** Sends one datagram. `from.source` answers from the address that was asked (IP_PKTINFO). */
  sendTo(payload: Uint8Array, destination: Ipv4, port: number, from: DatagramOrigin = ANY_ORIGIN): SendResult {
    return this.#send(payload, destination, port, from.source ?? 0, from.cause ?? 0);
  }

  #send(payload: Uint8Array, destination: Ipv4, port: number, source: Ipv4, cause: number): SendResult {
    if (payload.length > MAX_PAYLOAD) return { errno: 'EMSGSIZE', mtu: 0 };
    if (this.localPort === 0) {
      const errno = this.bind(0, 0);
      if (errno !== undefined) return { errno, mtu: 0 };
    }
    this.#outgoing ??= new OutgoingDatagram(this.owner, this.#options);
    const outgoing = this.#outgoing;
    outgoing.source = source || this.localAddress;
    outgoing.destination = destination;
    outgoing.sourcePort = this.localPort;
    outgoing.destinationPort = port;
    outgoing.cause = cause;
    outgoing.carry(payload);
    return this.#table.sender.send(outgoing);
  }

  close(): void {
    this.closed = true;
    this.#table.unbind(this);
  }

  /**
   * The stack hands over a datagram; the program sees it in an event of the same time. False where so many wait for that
   * already that it does not fit.
   */
  receive(clock: Clock, datagram: QueuedDatagram): boolean {
    if (!this.#buffer.take(datagram.cost, this.#table.receiveBuffer)) return false;
    clock.atOnce(this.#read, datagram);
    return true;
  }

  receiveError(clock: Clock, error: SocketError): void {
    clock.atOnce((arrived) => this.closed || this.onError?.(arrived), error);
  }
}

/** The UDP sockets of one stack (struct udp_table): port allocation and demultiplexing. */
export class UdpTable {
  readonly sender: IpSender;
  readonly #profile: StackProfile;
  readonly #chance: Chance;
  readonly #byPort = new Map<number, UdpSocket[]>();
  readonly #changed: () => void;

  /** `changed` is called when a socket has got a port, or given it back. */
  constructor(sender: IpSender, profile: StackProfile, chance: Chance, changed: () => void = () => {}) {
    this.sender = sender;
    this.#profile = profile;
    this.#chance = chance;
    this.#changed = changed;
  }

  /** Bytes that each socket may hold. */
  get receiveBuffer(): number {
    return this.#profile.receiveBuffer;
  }

  open(owner: SocketOwner, options: SocketOptions = {}): UdpSocket {
    return new UdpSocket(this, owner, options);
  }

  bind(socket: UdpSocket, address: Ipv4, port: number): Errno | undefined {
    if (socket.localPort !== 0) return 'EINVAL';
    if (address !== 0 && !this.sender.isLocalAddress(address)) return 'EADDRNOTAVAIL';
    const chosen = port || this.#freePort(address);
    if (chosen === undefined || this.#conflicts(address, chosen)) return 'EADDRINUSE';
    socket.localAddress = address;
    socket.localPort = chosen;
    this.#byPort.set(chosen, [...(this.#byPort.get(chosen) ?? []), socket]);
    this.#changed();
    return undefined;
  }

  unbind(socket: UdpSocket): void {
    const rest = (this.#byPort.get(socket.localPort) ?? []).filter((other) => other !== socket);
    if (rest.length > 0) this.#byPort.set(socket.localPort, rest);
    else this.#byPort.delete(socket.localPort);
    this.#changed();
  }

  /** The best match for a datagram, by the score of net/ipv4/udp.c compute_score(): the most selectors matched wins. */
  lookup(source: Ipv4, sourcePort: number, destination: Ipv4, port: number, device: string): UdpSocket | undefined {
    let best: UdpSocket | undefined;
    let bestScore = -1;
    for (const socket of this.#byPort.get(port) ?? []) {
      const score = scoreOf(socket, source, sourcePort, destination, device);
      if (score > bestScore) {
        best = socket;
        bestScore = score;
      }
    }
    return best;
  }

  /** All bound sockets, by port. */
  list(): UdpSocket[] {
    return [...this.#byPort.values()].flat().sort((a, b) => a.localPort - b.localPort);
  }

  #conflicts(address: Ipv4, port: number): boolean {
    const sockets = this.#byPort.get(port) ?? [];
    return sockets.some((other) => address === 0 || other.localAddress === 0 || other.localAddress === address);
  }

  #freePort(address: Ipv4): number | undefined {
    const [low, high] = this.#profile.ephemeralPorts;
    const count = high - low + 1;
    const first = this.#chance.below(count);
    for (let step = 0; step < count; step++) {
      const port = low + ((first + step) % count);
      if (!this.#conflicts(address, port)) return port;
    }
    return undefined;
  }
}

function scoreOf(socket: UdpSocket, source: Ipv4, sourcePort: number, destination: Ipv4, device: string): number {
  let score = 0;
  if (socket.localAddress !== 0) {
    if (socket.localAddress !== destination) return -1;
    score += 4;
  }
  if (socket.remotePort !== 0) {
    if (socket.remoteAddress !== source || socket.remotePort !== sourcePort) return -1;
    score += 8;
  }
  if (socket.device !== '') {
    if (socket.device !== device) return -1;
    score += 4;
  }
  return score;
}
