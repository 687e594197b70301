import type { SimTime } from '../core/time.ts';

/** One thing that a program does with its connection; the next begins when it is done. */
export type TcpAction =
  /** Sleeps; what comes meanwhile is not read. */
  | { readonly kind: 'wait'; readonly time: SimTime }
  /** Until the stack has taken all of it. */
  | { readonly kind: 'write'; readonly data: Uint8Array }
  /** Nothing more will be written (shutdown(2) with SHUT_WR). */
  | { readonly kind: 'end' }
  /** Until so many bytes have come, or the peer has ended; undefined: until it has ended. */
  | { readonly kind: 'read'; readonly count: number | undefined }
  | { readonly kind: 'close' }
  /** RST instead of FIN (SO_LINGER with a time of 0). */
  | { readonly kind: 'abort' };

/**
 * How a program leaves its connection. `end`: shuts down its sending side once all is written, reads until the peer ends, and
 * closes; `wait`: reads until the peer ends, and closes; `close`: closes as soon as it is through; `abort`: resets it.
 */
export type TcpFinish = 'end' | 'wait' | 'close' | 'abort';

/** What a program has to say, and how it goes about it. */
export interface TcpManners {
  /** Before anything else. */
  readonly pause: SimTime;
  /** Rounds of request and answer. */
  readonly rounds: number;
  /** Bytes to read in each round; undefined: all there is, until the peer ends. */
  readonly read: number | undefined;
  /** What is written in each round. */
  readonly data: Uint8Array;
  /** Bytes of each write; undefined: all at once. */
  readonly chunk: number | undefined;
  /** Between the writes of a round, and of a client between rounds. */
  readonly gap: SimTime;
  /** Of a server: before each answer. */
  readonly delay: SimTime;
  readonly finish: TcpFinish;
  /** Before the connection is closed or reset. */
  readonly linger: SimTime;
}

/** A client asks first and reads then. */
export function clientActions(manners: TcpManners): TcpAction[] {
  const { pause, rounds, read, gap, finish } = manners;
  const actions = wait(pause);
  for (let round = 1; round <= rounds; round++) {
    actions.push(...writes(manners));
    if (round === rounds && finish === 'end') actions.push({ kind: 'end' });
    const isWanted = read !== 0 && (read !== undefined || finish !== 'abort');
    if (isWanted) actions.push({ kind: 'read', count: read });
    if (round < rounds) actions.push(...wait(gap));
  }
  return [...actions, ...leave(manners, read === undefined)];
}

/** A server reads first and answers then. */
export function serverActions(manners: TcpManners): TcpAction[] {
  const { pause, rounds, read, delay, finish } = manners;
  const actions = wait(pause);
  for (let round = 1; round <= rounds; round++) {
    if (read !== 0) actions.push({ kind: 'read', count: read });
    actions.push(...wait(delay), ...writes(manners));
  }
  if (finish === 'end') actions.push({ kind: 'end' });
  return [...actions, ...leave(manners, read === undefined)];
}

function wait(time: SimTime): TcpAction[] {
  return time === 0 ? [] : [{ kind: 'wait', time }];
}

function writes({ data, chunk = data.length, gap }: TcpManners): TcpAction[] {
  const actions: TcpAction[] = [];
  for (let at = 0; at < data.length; at += chunk) {
    if (at > 0) actions.push(...wait(gap));
    actions.push({ kind: 'write', data: data.subarray(at, at + chunk) });
  }
  return actions;
}

function leave({ finish, linger }: TcpManners, hasReadAll: boolean): TcpAction[] {
  const isWaiting = (finish === 'end' || finish === 'wait') && !hasReadAll;
  const last: TcpAction[] = isWaiting ? [{ kind: 'read', count: undefined }] : [];
  return [...last, ...wait(linger), { kind: finish === 'abort' ? 'abort' : 'close' }];
}
