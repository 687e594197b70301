import { beforeEach, describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import type { TimeWait } from '../../sim/transport/tcp/time-wait.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../sim/wire/tcp.ts';
import { type ForgedSegment, forge } from './forged-segment.ts';
import { TcpPair } from './tcp-bench.ts';

/*
 * What is left of a closed connection, and what segments still do to it: net/ipv4/tcp_minisocks.c
 * tcp_timewait_state_process(), branch by branch.
 */

let pair: TcpPair;
let server: TcpSocket;
let record: TimeWait;
/** What the record expects next, and the last timestamp it has seen. */
let expected: number;
let clock: number;
let window: number;

beforeEach(() => {
  pair = new TcpPair();
  pair.b.tcp.listen({ name: 'server', place: pair.b.place }, 0, 80, (socket) => {
    server = socket;
  });
  const client = pair.a.tcp.open({ name: 'client', place: pair.a.place });
  client.bind(0, 40000);
  client.connect(pair.b.address, 80);
  pair.run(ms(10));
  const connection = must(pair.a.tcp.connections()[0], 'the client side');
  client.close();
  pair.run(ms(500));
  expected = connection.rcvNxt;
  clock = connection.tsRecent;
  window = connection.receiveWindow;
  record = must(pair.a.tcp.records()[0], 'a record of it');
});

interface Stray extends Omit<ForgedSegment, 'sequence' | 'timestamp'> {
  /** Relative to what the record expects. */
  readonly at: number;
  /** Relative to the last one it has seen. */
  readonly clock?: number | 'none';
}

/** The client's end gets a segment of the server's, and sends this in return. */
function answerTo({ at, clock: late = 0, ...more }: Stray): string[] {
  const before = pair.a.sent.length;
  forge(pair, pair.a, [80, 40000], {
    ...{ sequence: expected + at, acknowledgment: record.sndNxt, ...more },
    ...(late === 'none' ? {} : { timestamp: { value: clock + late, echo: 0 } }),
  });
  return pair.a.sent.slice(before);
}

const isThere = (): boolean => pair.a.tcp.records().includes(record);
const drops = (): Record<string, number> => Object.fromEntries(pair.ledger.drops);

describe('a socket that was closed first, in FIN_WAIT2', () => {
  it('waits for the FIN of its peer for a minute, and no longer', () => {
    expect(record.state).toBe('FIN_WAIT2');
    pair.run(seconds(59));
    expect(isThere()).toBe(true);
    pair.run(seconds(1));
    expect(isThere()).toBe(false);
  });

  it('answers the FIN, and stands for a minute more in TIME_WAIT', () => {
    pair.run(seconds(30));
    server.close();
    pair.run(ms(500));
    expect([record.state, isThere()]).toEqual(['TIME_WAIT', true]);
    pair.run(seconds(59));
    expect(isThere()).toBe(true);
    pair.run(seconds(1));
    expect(isThere()).toBe(false);
    expect(pair.b.tcp.connections()).toEqual([]);
  });

  it('an exact RST ends it, without a word', () => {
    expect(answerTo({ flags: TCP_RST, at: 0 })).toEqual([]);
    expect(isThere()).toBe(false);
  });

  it('a bare ACK does nothing to it', () => {
    expect(answerTo({ flags: TCP_ACK, at: 0 })).toEqual([]);
    expect([record.state, isThere()]).toEqual(['FIN_WAIT2', true]);
  });

  it.each<[string, Stray]>([
    ['data', { flags: TCP_ACK, at: 0, data: 'for nobody' }],
    ['data that ends with FIN', { flags: TCP_ACK | TCP_FIN, at: 0, data: 'x' }],
    ['a FIN after data that is missing', { flags: TCP_ACK | TCP_FIN, at: 1 }],
    ['a new SYN', { flags: TCP_SYN, at: 0 }],
    ['a SYN within the window', { flags: TCP_SYN, at: 100 }],
  ])('%s is refused with RST: nobody will ever read it', (_, stray) => {
    expect(answerTo(stray)).toEqual([stray.flags & TCP_ACK ? 'R' : 'RA']);
    expect(isThere()).toBe(false);
    expect(drops()).toEqual({ 'kernel:TCP_CLOSE': 1 });
  });

  it('data without ACK is not looked at, and an older SYN with data neither', () => {
    expect(answerTo({ flags: 0, at: 0, data: 'x' })).toEqual([]);
    expect(answerTo({ flags: TCP_SYN, at: -3, data: 'hello' })).toEqual([]);
    expect(isThere()).toBe(true);
  });

  it.each<[string, Stray]>([
    ['a RST before the window', { flags: TCP_RST, at: -1 }],
    ['a RST beyond it', { flags: TCP_RST, at: 100_000 }],
    ['old data', { flags: TCP_ACK, at: -5, data: 'five!' }],
    ['an old clock', { flags: TCP_ACK | TCP_FIN, at: 0, clock: -1 }],
    ['a RST with an old clock', { flags: TCP_RST, at: 0, clock: -1 }],
  ])('%s is answered with an ACK, and changes nothing', (_, stray) => {
    expect(answerTo(stray)).toEqual(['A']);
    expect([record.state, isThere()]).toEqual(['FIN_WAIT2', true]);
  });

  it('looks at no clock where the segment has none', () => {
    expect(answerTo({ flags: TCP_RST, at: 0, clock: 'none' })).toEqual([]);
    expect(isThere()).toBe(false);
  });

  it('takes what begins within its window, and at the end of it what is empty', () => {
    expect(answerTo({ flags: TCP_ACK, at: window })).toEqual([]);
    expect(answerTo({ flags: TCP_ACK, at: window, data: 'x' })).toEqual(['A']);
    pair.run(seconds(1));
    expect(answerTo({ flags: TCP_ACK, at: window + 1 })).toEqual(['A']);
    expect(isThere()).toBe(true);
    expect(answerTo({ flags: TCP_ACK, at: window - 1, data: 'x' })).toEqual(['R']);
    expect(isThere()).toBe(false);
  });
});

describe('an answer to what does not fit', () => {
  const stray: Stray = { flags: TCP_ACK, at: -1 };

  it('comes twice a second at most: two such records would answer each other for ever', () => {
    expect(answerTo(stray)).toEqual(['A']);
    pair.run(ms(499));
    expect(answerTo(stray)).toEqual([]);
    pair.run(ms(1));
    expect(answerTo(stray)).toEqual(['A']);
  });

  it('always comes to data, which makes no such loop, and which takes nothing from what the others may have', () => {
    const data: Stray = { flags: TCP_ACK, at: -5, data: 'five!' };
    expect([...answerTo(data), ...answerTo(data)]).toEqual(['A', 'A']);
    expect(answerTo(stray)).toEqual(['A']);
    expect(answerTo(stray)).toEqual([]);
    expect(answerTo(data)).toEqual(['A']);
    // A SYN is no data, whatever it carries.
    expect(answerTo({ flags: TCP_SYN, at: -5, data: 'five' })).toEqual([]);
  });
});

describe('in TIME_WAIT', () => {
  beforeEach(() => {
    server.close();
    pair.run(ms(500));
    expect(record.state).toBe('TIME_WAIT');
    expected++;
    // The server's clock went on.
    clock += 510;
    pair.run(seconds(30));
  });

  /** Seconds for which it will still be there. */
  const left = (): number => Math.round((record.expires - pair.clock.now) / 1e9);

  it('an exact RST ends it (RFC 1337 is not heeded by default)', () => {
    expect(answerTo({ flags: TCP_RST, at: 0 })).toEqual([]);
    expect(isThere()).toBe(false);
  });

  it.each<[string, Stray]>([
    ['a RST elsewhere', { flags: TCP_RST, at: 1 }],
    ['a RST with an old clock', { flags: TCP_RST, at: 0, clock: -100_000 }],
  ])('%s does nothing', (_, stray) => {
    const before = left();
    expect(answerTo(stray)).toEqual([]);
    expect([isThere(), left()]).toEqual([true, before]);
  });

  it('a bare ACK begins the minute anew, unanswered', () => {
    expect(left()).toBeLessThan(31);
    expect(answerTo({ flags: TCP_ACK, at: 0 })).toEqual([]);
    expect(left()).toBe(60);
  });

  it.each<[string, Stray, number]>([
    ['the FIN once more', { flags: TCP_ACK | TCP_FIN, at: -1 }, 60],
    ['data', { flags: TCP_ACK, at: 0, data: 'x' }, 60],
    ['an old SYN without ACK', { flags: TCP_SYN, at: -10, clock: 'none' }, 30],
    ['a SYN at the very number', { flags: TCP_SYN, at: 0, clock: 'none' }, 30],
    ['a SYN with ACK', { flags: TCP_SYN | TCP_ACK, at: 10, clock: 'none' }, 60],
    ['an old clock', { flags: TCP_ACK, at: 0, clock: -100_000 }, 60],
    ['a later SYN with an old clock', { flags: TCP_SYN, at: 10, clock: -100_000 }, 60],
  ])('%s is answered with an ACK, and begins the minute anew or not', (_, stray, remaining) => {
    expect(answerTo(stray)).toEqual(['A']);
    expect([isThere(), left()]).toEqual([true, remaining]);
  });

  it('a RST with SYN opens nothing', () => {
    expect(answerTo({ flags: TCP_SYN | TCP_RST, at: 10, clock: 'none' })).toEqual([]);
    expect(isThere()).toBe(true);
  });

  it.each<[string, Stray]>([
    ['later in number', { flags: TCP_SYN, at: 1, clock: 'none' }],
    ['later by its clock', { flags: TCP_SYN, at: -1000, clock: 100_000 }],
  ])('a SYN that is %s opens a new connection beyond the old one, where somebody listens', (_, stray) => {
    pair.a.tcp.listen({ name: 'again', place: pair.a.place }, 0, 40000, () => {});
    expect(answerTo(stray)).toEqual(['SA']);
    expect(isThere()).toBe(false);
    const [connection] = pair.a.tcp.connections();
    expect(connection).toMatchObject({ state: 'SYN_RECV', sndUna: (record.sndNxt + 65537) >>> 0 });
  });

  it('where nobody listens it is answered as any other that does not fit, each time', () => {
    const stray: Stray = { flags: TCP_SYN, at: 1, clock: 'none' };
    expect([...answerTo(stray), ...answerTo(stray)]).toEqual(['A', 'A']);
    expect([isThere(), drops()]).toEqual([true, {}]);
  });
});
