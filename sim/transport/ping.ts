import type { Chance } from '../core/chance.ts';
import type { Errno } from '../core/errno.ts';
import type { Clock } from '../core/events.ts';
import type { Ipv4 } from '../wire/address.ts';
import { ICMP_ECHO_REQUEST, ICMP_LENGTH, putIcmp } from '../wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import type { StackProfile } from './profile.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import type { Datagram, IpSender, SendResult, SocketError, SocketOptions, SocketOwner } from './socket.ts';

/** An echo reply; `sequence` is that of the request, the payload what followed the ICMP header. */
export interface EchoReply extends Omit<Datagram, 'asked'> {
  readonly sequence: number;
}

/** To which iputils connects a UDP socket before it pings. */
const PROBED_PORT = 1025;

/** A socket that sends echo requests and gets the replies to its identifier (net/ipv4/ping.c). */
export class PingSocket {
  readonly owner: SocketOwner;
  /** The ICMP identifier. */
  readonly identifier: number;
  localAddress: Ipv4 = 0;
  onReply: ((reply: EchoReply) => void) | undefined;
  onError: ((error: SocketError) => void) | undefined;
  closed = false;
  readonly #table: PingTable;
  readonly #options: SocketOptions;
  readonly #buffer = new ReceiveBuffer();
  readonly #read = ({ reply, cost }: { readonly reply: EchoReply; readonly cost: number }): void => {
    this.#buffer.give(cost);
    if (!this.closed) this.onReply?.(reply);
  };

  constructor(table: PingTable, owner: SocketOwner, identifier: number, options: SocketOptions) {
    this.#table = table;
    this.owner = owner;
    this.identifier = identifier;
    this.#options = options;
  }

  /** The only interface it may use, '' for any. */
  get device(): string {
    return this.#options.device ?? '';
  }

  bind(address: Ipv4): Errno | undefined {
    if (address !== 0 && !this.#table.sender.isLocalAddress(address)) return 'EADDRNOTAVAIL';
    this.localAddress = address;
    return undefined;
  }

  /** What a UDP socket is told that connects to `destination`: how ping learns whether there is a way, and from where. */
  whyNotTo(destination: Ipv4): Errno | undefined {
    const { sender } = this.#table;
    const { tos = 0, broadcast: mayBroadcast = false } = this.#options;
    const selectors = { protocol: PROTOCOL_UDP, sourcePort: 0, destinationPort: PROBED_PORT, tos, mayBroadcast };
    const source = sender.sourceFor(destination, this.device, selectors);
    return typeof source === 'string'
      ? source
      : sender.whyNotTo(destination, source, this.device, selectors, 'connect');
  }

  /** Sends one echo request with this payload. */
  sendEcho(destination: Ipv4, sequence: number, payload: Uint8Array): SendResult {
    const length = ICMP_LENGTH + payload.length;
    return this.#table.sender.send({
      protocol: PROTOCOL_ICMP,
      source: this.localAddress,
      destination,
      sourcePort: 0,
      destinationPort: 0,
      ttl: this.#options.ttl ?? 0,
      tos: this.#options.tos ?? 0,
      pathMtu: this.#options.pathMtu ?? 'want',
      device: this.#options.device ?? '',
      length,
      write: (bytes, offset) => {
        bytes.set(payload, offset + ICMP_LENGTH);
        putIcmp(bytes, offset, length, {
          type: ICMP_ECHO_REQUEST,
          code: 0,
          word1: this.identifier,
          word2: sequence & 0xffff,
        });
      },
      by: this.owner.name,
      program: this.owner.place,
      cause: 0,
      confirm: false,
      mayBroadcast: this.#options.broadcast ?? false,
    });
  }

  close(): void {
    this.closed = true;
    this.#table.remove(this);
  }

  /** As of a UDP socket. */
  receive(clock: Clock, reply: EchoReply, cost: number): boolean {
    if (!this.#buffer.take(cost, this.#table.receiveBuffer)) return false;
    clock.atOnce(this.#read, { reply, cost });
    return true;
  }

  receiveError(clock: Clock, error: SocketError): void {
    clock.atOnce((arrived) => this.closed || this.onError?.(arrived), error);
  }
}

/** The ping sockets of one stack, by identifier. */
export class PingTable {
  readonly sender: IpSender;
  readonly #chance: Chance;
  readonly #profile: Pick<StackProfile, 'receiveBuffer'>;
  readonly #byIdentifier = new Map<number, PingSocket>();

  constructor(sender: IpSender, profile: Pick<StackProfile, 'receiveBuffer'>, chance: Chance) {
    this.sender = sender;
    this.#profile = profile;
    this.#chance = chance;
  }

  /** Bytes that each socket may hold. */
  get receiveBuffer(): number {
    return this.#profile.receiveBuffer;
  }

  /** A socket with a free identifier, or with the one that is `asked` for; undefined when that, or all, are taken. */
  open(owner: SocketOwner, options: SocketOptions = {}, asked = 0): PingSocket | undefined {
    const first = asked === 0 ? this.#chance.below(0xffff) : asked - 1;
    const tries = asked === 0 ? 0xffff : 1;
    for (let step = 0; step < tries; step++) {
      const identifier = 1 + ((first + step) % 0xffff);
      if (this.#byIdentifier.has(identifier)) continue;
      const socket = new PingSocket(this, owner, identifier, options);
      this.#byIdentifier.set(identifier, socket);
      return socket;
    }
    return undefined;
  }

  remove(socket: PingSocket): void {
    this.#byIdentifier.delete(socket.identifier);
  }

  /** The socket an echo reply to `destination`, or an error about a request from there, that came by `device` belongs to. */
  lookup(identifier: number, destination: Ipv4, device = ''): PingSocket | undefined {
    const socket = this.#byIdentifier.get(identifier);
    if (socket === undefined || (socket.device !== '' && socket.device !== device)) return undefined;
    return socket.localAddress === 0 || socket.localAddress === destination ? socket : undefined;
  }

  list(): PingSocket[] {
    return [...this.#byIdentifier.values()].sort((a, b) => a.identifier - b.identifier);
  }
}
