import type { SimTime } from '../../core/time.ts';
import type { TcpEnds } from './connection.ts';

/**
 * Where a connection's numbers begin: further on with time, so that a new connection between the same ends stands clear
 * of the old one. Models net/core/secure_seq.c secure_tcp_seq().
 */
export function initialSequence(ends: TcpEnds, secret: number, now: SimTime): number {
  const ports = (ends.localPort << 16) | ends.remotePort;
  const mixed = Math.imul(ends.localAddress ^ secret, 0xc2b2ae35) ^ Math.imul(ends.remoteAddress + ports, 0x27d4eb2f);
  return (Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) + Math.floor(now / 64)) >>> 0;
}
