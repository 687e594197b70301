import type { SimTime } from '../core/time.ts';
import { concat } from '../wire/bytes.ts';
import { newProbe } from './probe.ts';
import type { ProgramHost } from './program-host.ts';
import type { TcpAction } from './tcp-actions.ts';
import { TcpActor } from './tcp-actor.ts';
import { TcpConnection, type TcpProbe, type TcpTarget } from './tcp-connection.ts';

export interface TcpClientOptions extends TcpTarget {
  readonly send: Uint8Array;
  /** How long the server may be silent once connected. */
  readonly silence: SimTime;
  /** What it does once connected; default: sends everything, ends, reads until the server ends too, closes. */
  readonly actions?: readonly TcpAction[];
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
 * Connects and does what it is to do: by default it sends everything, closes its sending side and reads what the server
 * has to say until that ends too, as `nc -N` does; a server that says nothing is given up once it has been silent for so long.
 */
export function startTcpClient(
  host: ProgramHost,
  options: TcpClientOptions,
  done: (result: TcpResult) => void,
): TcpResult {
  const result = newTcpResult(host, options, options.send.length, false);
  const started = host.clock.now;
  const received: Uint8Array[] = [];
  let connection: TcpConnection | undefined;
  let actor: TcpActor | undefined;
  connection = new TcpConnection(host, 'tcp client', options, result, {
    connected: () => {
      if (connection === undefined) return;
      actor = new TcpActor(host, connection, options.actions ?? asNetcat(options.send), options.silence, finish);
      actor.start();
    },
    data: (data) => {
      received.push(data);
      actor?.got(data.length);
    },
    ended: () => actor?.ended(),
    failed: () => (actor === undefined ? finish() : actor.broken()),
  });
  return result;

  function finish(): void {
    if (result.finished) return;
    result.finished = true;
    result.received = concat(received);
    result.took = (host.clock.now - started) as SimTime;
    done(result);
  }
}

/** `nc -N`. */
function asNetcat(data: Uint8Array): TcpAction[] {
  return [{ kind: 'write', data }, { kind: 'end' }, { kind: 'read', count: undefined }, { kind: 'close' }];
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
