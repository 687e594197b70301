import type { Errno } from '../core/errno.ts';
import type { TcpSocketOptions } from '../transport/tcp/connection.ts';
import type { TcpSocket } from '../transport/tcp/socket.ts';
import type { Ipv4 } from '../wire/address.ts';
import type { ProgramHost } from './program-host.ts';
import type { Service } from './service.ts';

export interface TcpServerOptions {
  /** How it is called in listings and traces. */
  readonly name: string;
  /** 0 listens on every address. */
  readonly address: Ipv4;
  readonly port: number;
  /** Of every connection. */
  readonly socket?: TcpSocketOptions;
}

/** What a server does with one connection: it is called once for each, and sets the socket's callbacks. */
export type ServeConnection = (socket: TcpSocket) => void;

/** Listens, and keeps the connections that are open, so that the end of the program ends them too. */
export function startTcpServer(
  host: ProgramHost,
  { name, address, port, socket: socketOptions = {} }: TcpServerOptions,
  serve: ServeConnection,
): Service | Errno {
  const open = new Set<TcpSocket>();
  let received = 0;
  const accept: ServeConnection = (socket) => {
    received++;
    open.add(socket);
    socket.onClose = () => open.delete(socket);
    serve(socket);
  };
  const listener = host.tcp.listen({ name, place: host.place }, address, port, accept, socketOptions);
  if (typeof listener === 'string') return listener;
  return {
    name,
    get received() {
      return received;
    },
    close: () => {
      // As the kernel does when a process ends: every descriptor is closed, unread data or not.
      listener.close();
      for (const socket of open) socket.close();
      open.clear();
    },
  };
}
