import { z } from 'zod';
import { type SimTime, ZERO } from '../core/time.ts';
import type { TcpFinish, TcpManners } from '../program/tcp-actions.ts';
import type { TcpSocketOptions } from '../transport/tcp/connection.ts';
import { duration } from './schema-values.ts';

/* How a program at either end of a TCP connection goes about it. */

const bytes = z.int().min(0).max(2_097_152);

/** What it does with a connection, and when. While it waits it reads nothing. */
export const manners = {
  pause: duration.optional().describe('How long it waits once connected, before anything else.'),
  rounds: z.int().min(1).max(1000).optional().describe('Rounds of request and answer; default 1.'),
  read: bytes
    .optional()
    .describe('Bytes that it reads in each round, 0 for none; default all there is, until the other end ends.'),
  chunk: z.int().min(1).max(2_097_152).optional().describe('Bytes of each write; default all in one.'),
  gap: duration.optional().describe('Between two writes; of a client between two rounds, too.'),
  linger: duration.optional().describe('How long it waits before it closes.'),
  finish: z
    .enum(['end', 'wait', 'close', 'abort'])
    .optional()
    .describe(
      'end: shuts down its sending side (FIN) once all is written, reads until the other end ends, closes; default of a client. ' +
        'wait: reads until the other end ends, then closes; default of a server. close: closes when it has read and ' +
        'written what it is to (RST instead of FIN where something is unread). abort: resets (RST), as with SO_LINGER 0.',
    ),
};

/** Options of its socket. */
export const tcpSocket = {
  nodelay: z.boolean().optional().describe('Small writes go out at once (TCP_NODELAY).'),
  receive_buffer: z
    .int()
    .min(1152)
    .max(4_194_304)
    .optional()
    .describe('Bytes of receive space, for good (SO_RCVBUF before connect or listen).'),
};

type MannersSpec = { readonly [Key in keyof typeof manners]?: z.output<(typeof manners)[Key]> };

/** What a file says of the manners of a program, with the defaults for what it leaves out. */
export function mannersOf(spec: MannersSpec, data: Uint8Array, finish: TcpFinish, delay: SimTime = ZERO): TcpManners {
  return {
    pause: spec.pause ?? ZERO,
    rounds: spec.rounds ?? 1,
    read: spec.read,
    data,
    chunk: spec.chunk,
    gap: spec.gap ?? ZERO,
    delay,
    finish: spec.finish ?? finish,
    linger: spec.linger ?? ZERO,
  };
}

/** The options of the socket, as the stack takes them. */
export function tcpSocketOf(spec: {
  readonly nodelay?: boolean | undefined;
  readonly receive_buffer?: number | undefined;
}): TcpSocketOptions {
  return {
    ...(spec.nodelay === undefined ? {} : { noDelay: spec.nodelay }),
    ...(spec.receive_buffer === undefined ? {} : { receiveBuffer: spec.receive_buffer }),
  };
}
