import { cancel, type Timer } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import { concat } from './bytes-list.ts';
import { newProbe } from './probe.ts';
import type { ProgramHost } from './program-host.ts';
import { TcpConnection, type TcpProbe, type TcpTarget } from './tcp-connection.ts';

export interface TcpClientOptions extends TcpTarget {
  readonly send: Uint8Array;
  /** How long the server may be silent once connected. */
  readonly silence: SimTime;
}

export interface TcpResult extends TcpProbe {
  readonly kind: 'tcp';
  received: Uint8Array;
  /** A step on a connection that an earlier one opened. */
  readonly isResumed: boolean;
  /** From the beginning to the end, waiting included. */
  took: SimTime;
}

/**
 * Connects, sends everything, closes its sending side and reads what the server has to say until that ends too, as
 * `nc -N` does; a server that never ends is given up once it has been silent for so long.
 */
export function startTcpClient(
  host: ProgramHost,
  options: TcpClientOptions,
  done: (result: TcpResult) => void,
): TcpResult {
  const result = newTcpResult(host, options, options.send.length, false);
  const started = host.clock.now;
  const received: Uint8Array[] = [];
  let waiting: Timer | undefined;
  let connection: TcpConnection | undefined;
  connection = new TcpConnection(host, 'tcp client', options, result, {
    connected: () => {
      connection?.write(options.send);
      connection?.end();
      listen();
    },
    data: (data) => {
      received.push(data);
      listen();
    },
    ended: finish,
    failed: finish,
  });
  return result;

  function listen(): void {
    cancel(waiting);
    waiting = host.clock.after(options.silence, finish, undefined);
  }

  function finish(): void {
    if (result.finished) return;
    cancel(waiting);
    connection?.close();
    result.finished = true;
    result.received = concat(received);
    result.took = (host.clock.now - started) as SimTime;
    done(result);
  }
}

export function newTcpResult(
  host: ProgramHost,
  to: { readonly destination: TcpTarget['destination']; readonly port: number },
  size: number,
  isResumed: boolean,
): TcpResult {
  return {
    ...newProbe('tcp', host.flavour, { destination: to.destination, port: to.port, size }),
    ...{
      connected: false,
      error: undefined,
      closed: false,
      firstData: { there: 0, back: 0 },
      received: new Uint8Array(0),
      isResumed,
      took: 0 as SimTime,
    },
  };
}
