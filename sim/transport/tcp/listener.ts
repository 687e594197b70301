import { formatIpv4, type Ipv4 } from '../../wire/address.ts';
import type { SocketOwner } from '../socket.ts';
import type { Connection, TcpEnds, TcpSocketOptions } from './connection.ts';
import type { IncomingSegment } from './incoming.ts';
import type { PortHolder } from './ports.ts';
import type { TcpSocket } from './socket.ts';

/** What a listener may be told beside its address. */
export interface ListenOptions extends TcpSocketOptions {
  /** Connections that wait for the program, and as many half-open ones; the most that the stack allows where it is not said. */
  readonly backlog?: number;
}

/** A socket that waits for connections. Address 0 is the wildcard. */
export class TcpListener implements PortHolder {
  readonly owner: SocketOwner;
  readonly localAddress: Ipv4;
  readonly localPort: number;
  readonly options: ListenOptions;
  /** Connections that may wait for the program, and as many half-open ones (sk_max_ack_backlog). */
  readonly backlog: number;
  readonly onAccept: (socket: TcpSocket) => void;
  /** Connections whose handshake is not over. */
  readonly halfOpen = new Set<Connection>();
  /** Sockets the program has not been given yet. */
  readonly waiting = new Set<TcpSocket>();
  readonly #end: (listener: TcpListener) => void;

  constructor(
    owner: SocketOwner,
    address: Ipv4,
    port: number,
    onAccept: (socket: TcpSocket) => void,
    options: ListenOptions,
    largestBacklog: number,
    end: (listener: TcpListener) => void,
  ) {
    this.owner = owner;
    this.localAddress = address;
    this.localPort = port;
    this.onAccept = onAccept;
    this.options = options;
    this.backlog = Math.min(options.backlog ?? largestBacklog, largestBacklog);
    this.#end = end;
  }

  /** `0.0.0.0:80 web`. */
  get text(): string {
    const { device = '' } = this.options;
    const on = device === '' ? '' : `%${device}`;
    return `${formatIpv4(this.localAddress)}${on}:${this.localPort} ${this.owner.name}`;
  }

  /** Both ends of the connection that a segment for it is of. */
  endsOf({ packet, header }: IncomingSegment): TcpEnds {
    const { source, destination } = packet.ip;
    const { device = '' } = this.options;
    const local = { localAddress: destination, localPort: header.destinationPort, device };
    return { ...local, remoteAddress: source, remotePort: header.sourcePort };
  }

  get isHalfOpenFull(): boolean {
    return this.halfOpen.size > this.backlog;
  }

  get isFull(): boolean {
    return this.waiting.size > this.backlog;
  }

  /** Stops listening: half-open connections are forgotten, connections nobody took are reset. */
  close(): void {
    this.#end(this);
  }
}
