import type { Errno } from '../core/errno.ts';
import type { SocketOptions, SocketOwner } from '../transport/socket.ts';
import type { Ipv4 } from '../wire/address.ts';

export interface TcpError {
  readonly errno: Errno;
  readonly type: number;
  readonly code: number;
  readonly offender: Ipv4;
  readonly packet: number;
}

/** What a program sees of a TCP connection. */
export interface TcpSocket {
  readonly owner: SocketOwner;
  readonly localAddress: Ipv4;
  readonly localPort: number;
  readonly remoteAddress: Ipv4;
  readonly remotePort: number;
  readonly state: string;
  readonly firstPacket: number;
  readonly answer: { readonly packet: number; readonly ttl: number };
  onConnect: (() => void) | undefined;
  onData: ((data: Uint8Array, packet: number) => void) | undefined;
  onEnd: (() => void) | undefined;
  onWritable: (() => void) | undefined;
  onError: ((error: TcpError) => void) | undefined;
  onClose: (() => void) | undefined;
  bind(address: Ipv4, port: number): Errno | undefined;
  connect(address: Ipv4, port: number): Errno | undefined;
  write(data: Uint8Array): number;
  end(): void;
  close(): void;
  abort(): void;
  pause(): void;
  resume(): void;
}

export interface TcpListener {
  close(): void;
}

export interface TcpTable {
  open(owner: SocketOwner, options?: SocketOptions): TcpSocket;
  listen(
    owner: SocketOwner,
    address: Ipv4,
    port: number,
    onAccept: (socket: TcpSocket) => void,
    options?: { readonly backlog?: number },
  ): TcpListener | Errno;
}
