import type { Errno } from '../core/errno.ts';
import type { Ipv4 } from '../wire/address.ts';
import type { ProgramHost } from './program-host.ts';
import type { Service } from './service.ts';

/** What a UDP service does with a datagram: sends it back, or keeps it. */
export type ServiceProgram = 'echo' | 'sink';

export interface ServiceOptions {
  /** How it is called in listings and traces. */
  readonly name: string;
  readonly program: ServiceProgram;
  /** 0 listens on every address. */
  readonly address: Ipv4;
  readonly port: number;
}

/** Starts a UDP service; the errno when its address or port cannot be had. */
export function startUdpService(host: ProgramHost, options: ServiceOptions): Service | Errno {
  const socket = host.udp.open({ name: options.name, place: host.place }, { broadcast: false });
  const errno = socket.bind(options.address, options.port);
  if (errno !== undefined) return errno;
  let received = 0;
  socket.onDatagram = (datagram) => {
    received++;
    if (options.program !== 'echo') return;
    // An echo of an echo would go on for ever (RFC 862 says nothing of it, every implementation learnt it).
    if (datagram.sourcePort === options.port) return;
    const { source, sourcePort, asked, payload, packet } = datagram;
    socket.sendTo(payload, source, sourcePort, { source: asked, cause: packet });
  };
  return {
    name: options.name,
    get received() {
      return received;
    },
    close: () => socket.close(),
  };
}
