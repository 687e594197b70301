import { beforeEach, describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import { LINUX_PROFILE } from '../../sim/transport/profile.ts';
import type { Connection } from '../../sim/transport/tcp/connection.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { TCP_ACK, TCP_PSH, TCP_RST, TCP_SYN } from '../../sim/wire/tcp.ts';
import { forge as forgeTo } from './forged-segment.ts';
import { TcpPair } from './tcp-bench.ts';

/* Segments that do not fit: forged, late, or from another life. Each is refused under its own name. */

let pair: TcpPair;
let client: TcpSocket;
let server: TcpSocket;
let b: Connection;
let received: string;
let errors: string[];

beforeEach(() => {
  pair = new TcpPair();
  received = '';
  errors = [];
  pair.b.tcp.listen({ name: 'server', place: pair.b.place }, 0, 80, (socket) => {
    server = socket;
    socket.onData = (data) => {
      received += String.fromCharCode(...data);
    };
    socket.onError = (error) => errors.push(error.errno);
  });
  client = pair.a.tcp.open({ name: 'client', place: pair.a.place });
  client.bind(0, 40000);
  client.connect(pair.b.address, 80);
  pair.run(ms(10));
  b = must(pair.b.tcp.connections()[0], 'the server side');
});

interface Forged {
  readonly flags: number;
  /** Relative to what b expects next. */
  readonly seq: number;
  /** Relative to what b has sent. */
  readonly ack?: number;
  readonly data?: string;
  readonly timestamp?: number;
}

/** A segment from a's address and port, not sent by a. */
function forge({ flags, seq, ack = 0, data = '', timestamp }: Forged): void {
  forgeTo(pair, pair.b, [40000, 80], {
    ...{ flags, data, sequence: b.rcvNxt + seq, acknowledgment: b.sndNxt + ack },
    timestamp: { value: timestamp ?? b.tsRecent, echo: b.timestamp },
  });
}

function drops(): Record<string, number> {
  return Object.fromEntries(pair.ledger.drops);
}

/** What b sent since `from`. */
function answers(from: number): string[] {
  return pair.b.sent.slice(from);
}

describe('RFC 5961', () => {
  it('a RST with the exact number ends the connection', () => {
    forge({ flags: TCP_RST, seq: 0 });
    pair.run(ms(5));
    expect([server.state, errors]).toEqual(['CLOSE', ['ECONNRESET']]);
  });

  it('a RST elsewhere in the window is asked about, twice a second at most', () => {
    const before = pair.b.sent.length;
    for (let count = 0; count < 5; count++) forge({ flags: TCP_RST, seq: 100 + count });
    expect(answers(before)).toEqual(['A']);
    pair.run(ms(499));
    forge({ flags: TCP_RST, seq: 100 });
    expect(answers(before)).toEqual(['A']);
    pair.run(ms(1));
    forge({ flags: TCP_RST, seq: 100 });
    expect(answers(before)).toEqual(['A', 'A']);
    expect([server.state, errors]).toEqual(['ESTABLISHED', []]);
    expect(drops()).toEqual({ 'kernel:TCP_RESET': 7 });
  });

  it('a SYN in the window is asked about', () => {
    const before = pair.b.sent.length;
    forge({ flags: TCP_SYN, seq: 10 });
    expect(answers(before)).toEqual(['A']);
    expect(server.state).toBe('ESTABLISHED');
    expect(drops()).toEqual({ 'kernel:TCP_INVALID_SYN': 1 });
  });

  it('an ACK of what was never sent is refused', () => {
    forge({ flags: TCP_ACK, seq: 0, ack: 1000 });
    expect(drops()).toEqual({ 'kernel:TCP_ACK_UNSENT_DATA': 1 });
  });

  it('an ACK older than any window is refused', () => {
    forge({ flags: TCP_ACK, seq: 0, ack: -100_000 });
    expect(drops()).toEqual({ 'kernel:TCP_TOO_OLD_ACK': 1 });
  });
});

describe('what lies outside the window', () => {
  it('before it: acknowledged again', () => {
    client.write(new Uint8Array(10));
    pair.run(ms(100));
    const before = pair.b.sent.length;
    forge({ flags: TCP_ACK | TCP_PSH, seq: -10, data: 'x'.repeat(9) });
    expect(answers(before)).toEqual(['A']);
    expect(drops()).toEqual({ 'kernel:TCP_OLD_SEQUENCE': 1 });
  });

  it('beyond it: refused', () => {
    forge({ flags: TCP_ACK | TCP_PSH, seq: 70_000, data: 'far' });
    expect(drops()).toEqual({ 'kernel:TCP_INVALID_SEQUENCE': 1 });
  });

  it('with an old timestamp: refused (PAWS)', () => {
    forge({ flags: TCP_ACK | TCP_PSH, seq: 0, data: 'old', timestamp: b.tsRecent - 5 });
    expect(drops()).toEqual({ 'kernel:TCP_RFC7323_PAWS': 1 });
    expect(pair.b.tcp.counters.TcpExtPAWSEstab).toBe(1);
  });

  it('without ACK: refused', () => {
    forge({ flags: TCP_PSH, seq: 0, data: 'x' });
    expect(drops()).toEqual({ 'kernel:TCP_FLAGS': 1 });
  });
});

describe('out of order', () => {
  it('pieces wait for the gap before them, overlaps count once', () => {
    forge({ flags: TCP_ACK, seq: 6, data: 'world' });
    forge({ flags: TCP_ACK, seq: 4, data: 'o wor' });
    forge({ flags: TCP_ACK, seq: 2, data: 'll' });
    pair.run(ms(1));
    expect(received).toBe('');
    forge({ flags: TCP_ACK, seq: 0, data: 'hell' });
    pair.run(ms(5));
    expect(received).toBe('hello world');
  });

  it('a piece that is there already is told by D-SACK', () => {
    forge({ flags: TCP_ACK, seq: 5, data: 'later' });
    forge({ flags: TCP_ACK, seq: 5, data: 'later' });
    expect(drops()).toEqual({ 'kernel:TCP_OFOMERGE': 1 });
    expect(b.received.blocks).toHaveLength(1);
  });
});

describe('a socket with a receive buffer of its own', () => {
  it('keeps twice as much out of order as it asked for, as the kernel counts, and no more', () => {
    pair.b.tcp.listen({ name: 'small', place: pair.b.place }, 0, 81, () => {}, { receiveBuffer: 4000 });
    const other = pair.a.tcp.open({ name: 'c', place: pair.a.place });
    other.bind(0, 41000);
    other.connect(pair.b.address, 81);
    pair.run(ms(10));
    const small = must(
      pair.b.tcp.connections().find(({ localPort }) => localPort === 81),
      'the server side',
    );
    // 100 bytes and their headers take 832.
    for (let piece = 1; piece <= 12; piece++) {
      forgeTo(pair, pair.b, [41000, 81], {
        ...{ flags: TCP_ACK, sequence: small.rcvNxt + 200 * piece, acknowledgment: small.sndNxt },
        ...{ data: 'x'.repeat(100), timestamp: { value: small.tsRecent, echo: small.timestamp } },
      });
    }
    expect(drops()).toEqual({ 'kernel:PROTO_MEM': 3 });
    expect(pair.b.tcp.counters).toMatchObject({ TcpExtTCPOFODrop: 3, TcpExtTCPOFOQueue: 9, TcpExtOfoPruned: 0 });
  });
});

describe('the round trip of what was sent twice', () => {
  it('is told by the echo of the clock alone, and ends the backing off', () => {
    const a = must(pair.a.tcp.connections()[0], 'the client side');
    pair.run(seconds(1));
    const before = a.roundTrip.smoothed;
    let lost = 0;
    pair.wire = { delay: ms(60), loses: (packet, from) => from === 'a' && packet.length > 100 && lost++ < 3 };
    client.write(new Uint8Array(100));
    pair.run(seconds(5));
    expect([a.sent.packetsOut, a.backoff, lost]).toEqual([0, 0, 4]);
    expect(Math.round((a.roundTrip.smoothed - before) / 1e6)).toBe(Math.round((120 - before / 1e6) / 8));
  });
});

describe('a closed window', () => {
  it('takes no data but still tells so', () => {
    server.pause();
    let written = client.write(new Uint8Array(80_000)) + client.write(new Uint8Array(80_000));
    pair.run(seconds(1));
    written += client.write(new Uint8Array(80_000));
    pair.run(seconds(3));
    expect(b.receiveWindow).toBe(0);
    forge({ flags: TCP_ACK, seq: 0, data: 'more' });
    expect(Object.keys(drops()).every((name) => /ZEROWINDOW|OLD_SEQUENCE|INVALID_END/.test(name))).toBe(true);
    server.resume();
    pair.run(seconds(20));
    expect(received).toHaveLength(written);
  });
});

describe('a listener', () => {
  it('with a full backlog and no SYN cookies drops SYNs; they come again', () => {
    const profile = { ...LINUX_PROFILE, tcp: { ...LINUX_PROFILE.tcp, synCookies: 'never' } } as const;
    pair = new TcpPair({ delay: ms(50) }, 1, [LINUX_PROFILE, profile]);
    const accepted: TcpSocket[] = [];
    const listener = pair.b.tcp.listen({ name: 's', place: pair.b.place }, 0, 81, (one) => accepted.push(one), {
      backlog: 0,
    });
    expect(typeof listener).toBe('object');
    const clients = [1, 2, 3].map(() => pair.a.tcp.open({ name: 'c', place: pair.a.place }));
    for (const one of clients) one.connect(pair.b.address, 81);
    pair.run(ms(200));
    expect(accepted).toHaveLength(1);
    expect(drops()['kernel:TCP_LISTEN_OVERFLOW']).toBe(2);
    pair.run(seconds(8));
    expect(accepted).toHaveLength(3);
  });

  it('that closes forgets the half-open, and a port is free again', () => {
    const owner = { name: 's', place: pair.b.place };
    const listener = pair.b.tcp.listen(owner, 0, 81, () => {});
    expect(pair.b.tcp.listen(owner, 0, 81, () => {})).toBe('EADDRINUSE');
    if (typeof listener === 'string') throw new Error(listener);
    listener.close();
    expect(typeof pair.b.tcp.listen(owner, pair.b.address, 81, () => {})).toBe('object');
    expect(pair.b.tcp.listen(owner, 0x01020304, 81, () => {})).toBe('EADDRNOTAVAIL');
  });
});

describe('local ports', () => {
  it('are even and go up in small steps for connect(), odd for bind()', () => {
    const ports = Array.from({ length: 5 }, () => {
      const socket = pair.a.tcp.open({ name: 'c', place: pair.a.place });
      socket.connect(pair.b.address, 80);
      return socket.localPort;
    });
    expect(ports.every((port) => port % 2 === 0)).toBe(true);
    const steps = ports.slice(1).map((port, index) => port - (ports[index] ?? 0));
    expect(steps.every((step) => step >= 2 && step <= 16)).toBe(true);
    const bound = pair.a.tcp.open({ name: 'c', place: pair.a.place });
    expect(bound.bind(0, 0)).toBe(undefined);
    expect(bound.localPort % 2).toBe(1);
  });
});
