import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms, ns, type SimTime, seconds } from '../../sim/core/time.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { LINUX_PROFILE, type StackProfile } from '../../sim/transport/profile.ts';
import type { IncomingSegment } from '../../sim/transport/tcp/incoming.ts';
import type { TcpListener } from '../../sim/transport/tcp/listener.ts';
import { OutgoingSegment } from '../../sim/transport/tcp/segment.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { SynCookies } from '../../sim/transport/tcp/syn-cookie.ts';
import { agreedBy, clockWith, timestampBits } from '../../sim/transport/tcp/timestamp-bits.ts';
import { IPV4_LENGTH, putIpv4 } from '../../sim/wire/ipv4.ts';
import { TCP_ACK } from '../../sim/wire/tcp.ts';
import { TcpPair } from './tcp-bench.ts';

function pairWith(more: Partial<StackProfile['tcp']> = {}, client: Partial<StackProfile['tcp']> = {}): TcpPair {
  const tcp = { ...LINUX_PROFILE.tcp, segmentationOffload: false };
  const profiles = [
    { ...LINUX_PROFILE, tcp: { ...tcp, ...client } },
    { ...LINUX_PROFILE, tcp: { ...tcp, ...more } },
  ] as const;
  return new TcpPair({ delay: ms(50) }, 1, profiles);
}

/** Time passes, and packets may be on their way at its end. */
function pass(pair: TcpPair, time: number): void {
  const until = pair.clock.now + time;
  while ((pair.clock.nextAt() ?? Number.POSITIVE_INFINITY) <= until) pair.clock.runNext();
}

function listen(pair: TcpPair, backlog: number): { listener: TcpListener; accepted: TcpSocket[]; heard: string[] } {
  const accepted: TcpSocket[] = [];
  const heard: string[] = [];
  const accept = (socket: TcpSocket): void => {
    accepted.push(socket);
    socket.onData = (data) => {
      heard.push(String.fromCharCode(...data));
      socket.write(Uint8Array.of(...[...'answer'].map((letter) => letter.charCodeAt(0))));
    };
  };
  const listener = pair.b.tcp.listen({ name: 's', place: pair.b.place }, 0, 80, accept, { backlog });
  if (typeof listener === 'string') throw new Error(listener);
  return { listener, accepted, heard };
}

function clients(pair: TcpPair, count: number): { heard: string[]; errors: string[] } {
  const heard: string[] = [];
  const errors: string[] = [];
  for (let index = 0; index < count; index++) {
    const socket = pair.a.tcp.open({ name: 'c', place: pair.a.place });
    socket.onConnect = () => socket.write(Uint8Array.of(65 + index));
    socket.onData = (data) => heard.push(String.fromCharCode(...data));
    socket.onError = ({ errno }) => errors.push(errno);
    socket.connect(pair.b.address, 80);
  }
  return { heard, errors };
}

describe('a listener with more half-open connections than its backlog', () => {
  it('keeps nothing of further ones and opens them all the same, by the cookie that comes back', () => {
    const pair = pairWith();
    const { listener, accepted, heard } = listen(pair, 2);
    const asked = clients(pair, 10);
    let most = 0;
    while ((pair.clock.nextAt() ?? Number.POSITIVE_INFINITY) < seconds(2)) {
      pair.clock.runNext();
      most = Math.max(most, listener.halfOpen.size);
    }
    expect(most).toBe(3);
    expect(accepted).toHaveLength(10);
    expect(heard.sort().join('')).toBe('ABCDEFGHIJ');
    expect(asked).toEqual({ heard: Array(10).fill('answer'), errors: [] });
    const { counters } = pair.b.tcp;
    expect(counters).toMatchObject({ TcpExtSyncookiesSent: 7, TcpExtTCPReqQFullDoCookies: 7, TcpPassiveOpens: 10 });
    // All come back in one moment, and some have to come again: there is room for three behind the listener.
    expect(counters.TcpExtSyncookiesRecv).toBeGreaterThanOrEqual(7);
    expect(counters.TcpExtSyncookiesFailed).toBe(0);
    // What SYN and SYN-ACK said to each other came back with it.
    for (const { usesSack, usesTimestamps, sndScale, rcvScale, mss } of pair.b.tcp.connections()) {
      expect({ usesSack, usesTimestamps, sndScale, rcvScale, mss }).toEqual({
        ...{ usesSack: true, usesTimestamps: true, sndScale: 7, rcvScale: 7, mss: 1448 },
      });
    }
  });

  it('knows only the segment size of a peer without timestamps', () => {
    const pair = pairWith({ synCookies: 'always' }, { timestamps: false });
    const { accepted } = listen(pair, 2);
    const { heard } = clients(pair, 1);
    pair.run(seconds(2));
    expect([accepted.length, heard]).toEqual([1, ['answer']]);
    const [connection] = pair.b.tcp.connections();
    expect(connection).toMatchObject({ usesSack: false, usesTimestamps: false, sndScale: 0, rcvScale: 0, mss: 1460 });
    const [other] = pair.a.tcp.connections();
    expect(other).toMatchObject({ usesSack: false, sndScale: 0 });
  });

  it('drops them with tcp_syncookies 0, and so it does while its program does not accept', () => {
    const without = pairWith({ synCookies: 'never' });
    listen(without, 2);
    clients(without, 10);
    pass(without, ms(90));
    expect(without.ledger.drops.get('kernel:TCP_LISTEN_OVERFLOW')).toBe(7);
    expect(without.b.tcp.counters.TcpExtTCPReqQFullDrop).toBe(7);
    const busy = pairWith({ synCookies: 'always' });
    const { listener } = listen(busy, 0);
    listener.waiting.add(busy.b.tcp.open({ name: 's', place: busy.b.place }));
    clients(busy, 1);
    pass(busy, ms(90));
    expect(busy.ledger.drops.get('kernel:TCP_LISTEN_OVERFLOW')).toBe(1);
    expect(busy.b.tcp.counters.TcpExtSyncookiesSent).toBe(0);
  });

  it('believes no acknowledgement of what it never sent', () => {
    const pair = pairWith();
    const { accepted } = listen(pair, 0);
    // The answers are lost; whatever acknowledges them is made up.
    pair.wire = { delay: ms(1), loses: (_packet, from) => from === 'b' };
    clients(pair, 3);
    pair.run(ms(10));
    expect(pair.b.tcp.counters.TcpExtSyncookiesSent).toBe(2);
    // The repetitions of a half-open connection go on; of the others there is nothing that could.
    const before = pair.b.sent.length;
    pair.run(seconds(4));
    expect(pair.b.sent.slice(before).every((text) => text === 'SA')).toBe(true);
    forge(pair, 12345);
    expect(pair.b.tcp.counters).toMatchObject({ TcpExtSyncookiesFailed: 1, TcpExtSyncookiesRecv: 0 });
    expect(pair.ledger.drops.get('kernel:TCP_FLAGS')).toBe(1);
    expect(pair.b.sent.at(-1)).toBe('R');
    expect(accepted).toHaveLength(0);
    // And long after the last one was sent they are not even looked for.
    pair.run(seconds(300));
    forge(pair, 12345);
    expect(pair.b.tcp.counters.TcpExtSyncookiesFailed).toBe(1);
  });
});

/** An ACK from nowhere. */
function forge(pair: TcpPair, acknowledgment: number): void {
  const packet = Packet.allocate(pair.ledger, IPV4_LENGTH + 20);
  packet.networkOffset = packet.head;
  packet.transportOffset = packet.head + IPV4_LENGTH;
  const segment = new OutgoingSegment();
  Object.assign(segment, { sourcePort: 7, destinationPort: 80, sequence: 1, acknowledgment, flags: TCP_ACK });
  segment.measure();
  segment.write(packet.bytes, packet.transportOffset, 0x0a000063, pair.b.address);
  const ends = { source: 0x0a000063, destination: pair.b.address };
  const fields = { tos: 0, totalLength: 40, identification: 0, fragment: 0, ttl: 64, protocol: 6 };
  putIpv4(packet.bytes, packet.head, { ...fields, ...ends });
  pair.b.tcp.receive(packet, '');
}

const anyEnds = fc.record({
  localAddress: fc.nat(0xffffffff),
  localPort: fc.nat(0xffff),
  remoteAddress: fc.nat(0xffffffff),
  remotePort: fc.nat(0xffff),
  device: fc.constant(''),
});

/** As much of a segment as a cookie is made and read of. */
function segment(sequence: number, acknowledgment: number, mss: number | undefined): IncomingSegment {
  const options = { mss, windowScale: undefined, sackPermitted: false, timestamp: undefined, sack: [] };
  return { sequence, header: { acknowledgment }, options } as unknown as IncomingSegment;
}

describe('a cookie', () => {
  it('law: tells the segment size for a minute, to who brings it back from where it was sent, and to nobody else', () => {
    const times = fc.record({ made: fc.nat(1e15).map(ns), later: fc.nat(59e9) });
    fc.assert(
      fc.property(
        ...[anyEnds, anyEnds, fc.nat(0xffffffff), fc.integer({ min: 1, max: 9000 }), times, fc.nat(0xffffffff)],
        (ends, others, theirs, mss, { made, later }, secret) => {
          const cookies = new SynCookies(secret);
          expect(cookies.isExpected(made)).toBe(false);
          const first = cookies.make(ends, segment(theirs, 0, mss), made);
          const now = ns(made + later);
          expect(cookies.isExpected(now)).toBe(true);
          const read = (from: typeof ends, ack: number, at: SimTime = now) =>
            cookies.read(from, segment((theirs + 1) >>> 0, ack >>> 0, undefined), 0, at)?.mss;
          const told = [1460, 1440, 1300].find((size) => mss >= size) ?? 536;
          expect(read(ends, first + 1)).toBe(told);
          expect(read(ends, first + 1 + 100)).toBeUndefined();
          expect(read(ends, first + 1, ns(made + 180e9))).toBeUndefined();
          if (JSON.stringify(others) !== JSON.stringify(ends)) expect(read(others, first + 1)).toBeUndefined();
          expect(cookies.isExpected(ns(made + 121e9))).toBe(false);
        },
      ),
    );
  });

  it('law: the clock never runs ahead for what its low bits tell', () => {
    fc.assert(
      fc.property(fc.nat(1e12), fc.option(fc.nat(14), { nil: undefined }), fc.boolean(), (clock, scale, sack) => {
        const options = { windowScale: scale, sackPermitted: sack };
        const bits = timestampBits({ ...options, mss: undefined, timestamp: undefined, sack: [] });
        const told = clockWith(bits, clock);
        if (clock >= 64) expect(told >= 0 && told <= clock && clock - told < 64).toBe(true);
        if (clock < 2 ** 31 && clock >= 64) expect(agreedBy(told)).toEqual(options);
      }),
    );
    expect(agreedBy(undefined)).toEqual({ windowScale: undefined, sackPermitted: false });
  });
});
