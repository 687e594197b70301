import type { Errno } from '../core/errno.ts';
import type { TcpSocket } from '../transport/tcp/socket.ts';
import type { ProgramHost } from './program-host.ts';
import type { Service } from './service.ts';
import type { TcpAction } from './tcp-actions.ts';
import { TcpActor, type TcpActorSide } from './tcp-actor.ts';
import { TcpOutbox } from './tcp-outbox.ts';
import { startTcpServer, type TcpServerOptions } from './tcp-server.ts';

/** A server that does the same things with every connection, whatever the client says. */
export function startResponder(
  host: ProgramHost,
  options: TcpServerOptions,
  actions: readonly TcpAction[],
): Service | Errno {
  return startTcpServer(host, options, (socket) => {
    const actor = new TcpActor(host, sideOf(socket), actions, undefined, () => {});
    socket.onData = (data) => actor.got(data.length);
    socket.onEnd = () => actor.ended();
    socket.onError = () => actor.broken();
    actor.start();
  });
}

function sideOf(socket: TcpSocket): TcpActorSide {
  const outbox = new TcpOutbox(socket);
  return {
    write: (data) => outbox.write(data),
    whenTaken: (tell) => outbox.whenTaken(tell),
    end: () => outbox.end(),
    close: () => outbox.close(),
    abort: () => socket.abort(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}
