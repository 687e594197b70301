import type { SimTime } from '../../sim/core/time.ts';
import type { ProgramHost } from '../../sim/program/program-host.ts';
import type { UdpSocket } from '../../sim/transport/udp.ts';
import type { Ipv4 } from '../../sim/wire/address.ts';

/** The port that every sink listens on: discard (RFC 863). */
export const SINK_PORT = 9;

/** Opens a socket whose datagrams all go to the sink at `destination`. */
export function connected(host: ProgramHost, destination: Ipv4): UdpSocket {
  const socket = host.udp.open({ name: 'sender', place: host.place });
  const errno = socket.connect(destination, SINK_PORT);
  if (errno !== undefined) throw new Error(`connect: ${errno}`);
  return socket;
}

/** Sends one datagram to the peer; nothing of it is kept. */
export function sendOne(socket: UdpSocket, payload: Uint8Array): void {
  const sent = socket.send(payload);
  if ('errno' in sent) throw new Error(`send: ${sent.errno}`);
}

/** Sends `count` datagrams from `start` on, one each `gap`. */
export function sendAll(
  { clock }: ProgramHost,
  socket: UdpSocket,
  options: { readonly payload: Uint8Array; readonly count: number; readonly start: SimTime; readonly gap: SimTime },
): void {
  const { payload, count, start, gap } = options;
  const next = (left: number): void => {
    sendOne(socket, payload);
    if (left > 1) clock.after(gap, next, left - 1);
  };
  if (count > 0) clock.after(start, next, count);
}
