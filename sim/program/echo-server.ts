import type { Errno } from '../core/errno.ts';
import type { ProgramHost } from './program-host.ts';
import type { Service } from './service.ts';
import { TcpOutbox } from './tcp-outbox.ts';
import { startTcpServer, type TcpServerOptions } from './tcp-server.ts';

/** Echo over TCP (RFC 862): every byte comes back; once the client has ended, so does the server. */
export function startTcpEcho(host: ProgramHost, options: TcpServerOptions): Service | Errno {
  return startTcpServer(host, options, (socket) => {
    const outbox = new TcpOutbox(socket);
    socket.onData = (data) => outbox.write(data);
    socket.onEnd = () => outbox.close();
  });
}

/** Discard over TCP (RFC 863): reads, says nothing, and ends after the client. */
export function startTcpSink(host: ProgramHost, options: TcpServerOptions): Service | Errno {
  return startTcpServer(host, options, (socket) => {
    socket.onData = () => {};
    socket.onEnd = () => socket.close();
  });
}
