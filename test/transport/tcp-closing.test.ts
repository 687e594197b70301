import { beforeEach, describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import { LINUX_PROFILE, type TcpProfile } from '../../sim/transport/profile.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { TCP_ACK, TCP_PSH } from '../../sim/wire/tcp.ts';
import { forge } from './forged-segment.ts';
import { TcpPair } from './tcp-bench.ts';

/* How programs give a connection up, and what the peer, the counters and the port hear of it (__tcp_close()). */

let pair: TcpPair;
let client: TcpSocket;
let server: TcpSocket;
let told: string[];

/** The client is connected; both programs have been told. */
function open(more: Partial<TcpProfile> = {}): void {
  const profile = { ...LINUX_PROFILE, tcp: { ...LINUX_PROFILE.tcp, ...more } };
  pair = new TcpPair({}, 1, [profile, profile]);
  told = [];
  pair.b.tcp.listen({ name: 'server', place: pair.b.place }, 0, 80, (socket) => {
    server = listenedTo('server', socket);
  });
  client = listenedTo('client', pair.a.tcp.open({ name: 'client', place: pair.a.place }));
  client.bind(0, 40000);
  client.connect(pair.b.address, 80);
  pair.run(ms(20));
}

function listenedTo(name: string, socket: TcpSocket): TcpSocket {
  socket.onEnd = () => told.push(`${name}: end`);
  socket.onError = ({ errno }) => told.push(`${name}: ${errno}`);
  socket.onClose = () => told.push(`${name}: closed`);
  return socket;
}

/** What b sends while `act` runs and 200 ms after. */
function sentBy(end: 'a' | 'b', act: () => void): string[] {
  const before = pair[end].sent.length;
  act();
  pair.run(ms(200));
  return pair[end].sent.slice(before);
}

const counters = (): Record<string, number> => {
  const { TcpExtTCPAbortOnClose, TcpExtTCPAbortOnData, TcpEstabResets, TcpExtTW } = pair.b.tcp.counters;
  const all = { TcpExtTCPAbortOnClose, TcpExtTCPAbortOnData, TcpEstabResets, TcpExtTW };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
};

beforeEach(() => open());

describe('close() with data that was never read', () => {
  beforeEach(() => {
    server.pause();
    client.write(new Uint8Array(100));
    pair.run(ms(200));
  });

  it('resets the connection (RFC 2525 2.17)', () => {
    expect(sentBy('b', () => server.close())).toEqual(['RA']);
    expect(told).toEqual(['server: closed', 'client: ECONNRESET', 'client: closed']);
    expect(counters()).toEqual({ TcpExtTCPAbortOnClose: 1, TcpEstabResets: 1 });
  });

  it('resets it as well once the peer has ended', () => {
    client.end();
    pair.run(ms(200));
    expect([server.state, told]).toEqual(['CLOSE_WAIT', []]);
    expect(sentBy('b', () => server.close())).toEqual(['RA']);
    expect(counters()).toEqual({ TcpExtTCPAbortOnClose: 1, TcpEstabResets: 1 });
  });

  it.each<[string, boolean]>([
    ['FIN_WAIT2', true],
    ['FIN_WAIT1', false],
  ])('resets it in %s too: the program had ended writing, and the rest is lost all the same', (state, isHeard) => {
    if (!isHeard) pair.wire = { loses: () => true };
    server.end();
    pair.run(ms(50));
    expect(server.state).toBe(state);
    expect(sentBy('b', () => server.close())).toEqual(['RA']);
    expect([pair.b.tcp.connections(), pair.b.tcp.records()]).toEqual([[], []]);
    expect(counters()).toEqual({ TcpExtTCPAbortOnClose: 1 });
  });
});

describe('close() with nothing left to read', () => {
  it('sends FIN; the second call, and one after abort(), do nothing', () => {
    expect(sentBy('b', () => server.close())).toEqual(['FA']);
    expect(sentBy('b', () => [server.close(), server.abort()])).toEqual([]);
    expect(counters()).toEqual({ TcpExtTW: 1 });
    expect(told).toEqual(['client: end', 'server: closed']);
  });

  it('in FIN_WAIT2 leaves a record that the peer can still end', () => {
    server.end();
    pair.run(ms(200));
    expect(sentBy('b', () => server.close())).toEqual([]);
    expect(pair.b.tcp.records().map(({ state }) => state)).toEqual(['FIN_WAIT2']);
    expect(sentBy('b', () => client.close())).toEqual(['A']);
    expect(pair.b.tcp.records().map(({ state }) => state)).toEqual(['TIME_WAIT']);
    expect(pair.a.tcp.connections()).toEqual([]);
  });

  it('while the FIN is on its way: both ends closed at once, and both wait', () => {
    server.close();
    client.close();
    pair.run(ms(200));
    for (const { tcp } of [pair.a, pair.b]) {
      expect([tcp.connections(), tcp.records().map(({ state }) => state)]).toEqual([[], ['TIME_WAIT']]);
    }
    expect(pair.b.sent.slice(-2)).toEqual(['FA', 'A']);
  });

  it('lets what was written go first', () => {
    let heard = 0;
    client.onData = (data) => {
      heard += data.length;
    };
    server.write(new Uint8Array(20_000));
    server.close();
    pair.run(seconds(1));
    expect([heard, told]).toEqual([20_000, ['client: end', 'server: closed']]);
  });

  it('data that comes afterwards is refused, and the sender told', () => {
    expect(sentBy('b', () => server.close())).toEqual(['FA']);
    expect(sentBy('b', () => client.write(new Uint8Array(5)))).toEqual(['R']);
    expect(told.slice(-2)).toEqual(['client: EPIPE', 'client: closed']);
  });

  it('before its FIN is acknowledged, too: the connection is gone then', () => {
    pair.wire = { loses: (_, from) => from === 'b' };
    server.close();
    pair.run(ms(5));
    expect(sentBy('b', () => client.write(new Uint8Array(5))).at(-1)).toBe('R');
    expect(pair.b.tcp.counters.TcpExtTCPAbortOnData).toBe(1);
    expect(pair.b.tcp.connections()).toEqual([]);
  });
});

describe('end()', () => {
  it('leaves the other direction open', () => {
    let heard = '';
    server.onData = (data) => {
      heard += String.fromCharCode(...data);
    };
    server.end();
    pair.run(ms(200));
    client.write(Uint8Array.of(104, 105));
    pair.run(ms(200));
    expect([heard, server.state, client.state, told]).toEqual(['hi', 'FIN_WAIT2', 'CLOSE_WAIT', ['client: end']]);
    client.end();
    pair.run(ms(200));
    expect([server.state, client.state, pair.b.tcp.records().length]).toEqual(['CLOSE', 'CLOSE', 1]);
  });

  it('once is enough, and nothing can be written behind it', () => {
    expect(sentBy('b', () => [server.end(), server.end()])).toEqual(['FA']);
    expect(server.write(Uint8Array.of(1))).toBe(0);
  });
});

describe('abort()', () => {
  it('resets with data on its way in either direction', () => {
    server.write(new Uint8Array(1000));
    expect(sentBy('b', () => server.abort())).toContain('RA');
    expect(counters()).toEqual({ TcpExtTCPAbortOnData: 1, TcpEstabResets: 1 });
    expect(told).toEqual(['server: closed', 'client: ECONNRESET', 'client: closed']);
  });

  it('of a socket that is bound gives its port back; connected or not', () => {
    const bound = pair.a.tcp.open({ name: 'bound', place: pair.a.place });
    expect(bound.bind(0, 41000)).toBeUndefined();
    const next = (): unknown => pair.a.tcp.open({ name: 'next', place: pair.a.place }).bind(0, 41000);
    expect(next()).toBe('EADDRINUSE');
    bound.abort();
    expect(next()).toBeUndefined();
  });
});

describe('a stack with few of them', () => {
  it('resets the first connection without a program that is one too many', () => {
    open({ mostOrphans: 0 });
    expect(sentBy('b', () => server.close())).toEqual(['FA', 'RA']);
    expect(pair.b.tcp.counters.TcpExtTCPAbortOnMemory).toBe(1);
    expect(pair.b.tcp.connections()).toEqual([]);
  });

  it('keeps no record where there is room for none, and counts that', () => {
    open({ mostRecords: 0 });
    server.close();
    pair.run(ms(100));
    client.close();
    pair.run(ms(100));
    expect([pair.b.tcp.records(), pair.b.tcp.connections()]).toEqual([[], []]);
    expect(pair.b.tcp.counters).toMatchObject({ TcpExtTCPTimeWaitOverflow: 1, TcpExtTW: 0 });
  });
});

describe('a listener that closes', () => {
  const listen = (port: number, address = 0, device = '') =>
    must(
      [
        pair.b.tcp.listen({ name: `${port}`, place: pair.b.place }, address, port, () => told.push('accepted'), {
          device,
        }),
      ]
        .filter((one) => typeof one !== 'string')
        .at(0),
      'it listens',
    );

  it('takes half-open connections with it without a word, and resets those that no program has taken', () => {
    const listener = listen(81);
    pair.wire = { loses: (_, from) => from === 'b' };
    forge(pair, pair.b, [41000, 81], { flags: 2, sequence: 1, mss: 1460 });
    expect(listener.halfOpen.size).toBe(1);
    expect(sentBy('b', () => listener.close())).toEqual([]);
    expect(pair.b.tcp.connections().map(({ localPort }) => localPort)).toEqual([80]);
    expect(pair.b.tcp.counters.TcpAttemptFails).toBe(1);
    listener.close();
    expect(pair.b.tcp.counters.TcpAttemptFails).toBe(1);
  });

  it('resets those that wait behind it', () => {
    const listener = listen(81);
    const waiting = pair.a.tcp.open({ name: 'waiting', place: pair.a.place });
    waiting.connect(pair.b.address, 81);
    while (listener.waiting.size === 0) pair.clock.runNext();
    expect(sentBy('b', () => listener.close())).toEqual(['RA']);
    expect(told).toEqual([]);
    expect(waiting.state).toBe('CLOSE');
  });

  it('leaves others on its port: for one address, for one device', () => {
    const own = listen(81, pair.b.address);
    expect(pair.b.tcp.findListener(pair.b.address, 81, 'eth0')).toBe(own);
    expect(pair.b.tcp.findListener(0x0a000063, 81, 'eth0')).toBeUndefined();
    expect(pair.b.tcp.listen({ name: 'any', place: pair.b.place }, 0, 81, () => {})).toBe('EADDRINUSE');
    const bound = listen(82, 0, 'eth1');
    expect(pair.b.tcp.findListener(pair.b.address, 82, 'eth1')).toBe(bound);
    expect(pair.b.tcp.findListener(pair.b.address, 82, 'eth0')).toBeUndefined();
    own.close();
    expect(pair.b.tcp.findListener(pair.b.address, 81, 'eth0')).toBeUndefined();
    expect(pair.b.tcp.listeners().map(({ localPort }) => localPort)).toEqual([80, 82]);
  });
});

describe('a window that is closed', () => {
  it('takes neither data nor what lies behind it; a bare FIN it takes', () => {
    server.pause();
    const b = must(pair.b.tcp.connections()[0], 'the server side');
    let written = 1;
    while (written > 0 || b.receiveWindow > 0) {
      written = client.write(new Uint8Array(100_000));
      pair.run(ms(500));
    }
    const full = pair.ledger.drops.get('kernel:TCP_ZEROWINDOW') ?? 0;
    const bring = (flags: number, at: number, data: string): void =>
      forge(pair, pair.b, [40000, 80], {
        ...{ flags, data, sequence: b.rcvNxt + at, acknowledgment: b.sndNxt },
        timestamp: { value: b.tsRecent, echo: b.timestamp },
      });
    bring(TCP_ACK | TCP_PSH, 0, 'x');
    expect(pair.ledger.drops.get('kernel:TCP_ZEROWINDOW') ?? 0).toBe(full);
    expect(pair.ledger.drops.get('kernel:TCP_INVALID_END_SEQUENCE')).toBe(1);
    bring(TCP_ACK | 1, 0, '');
    expect(server.state).toBe('CLOSE_WAIT');
  });
});
