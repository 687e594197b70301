import { afterEach, describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import type { Lab } from '../bench.ts';
import { faultsOf } from './frame-lines.ts';
import { connect, gaps, pass, Server, segments, tcpLab } from './tcp-lab.ts';

/* TCP between two hosts through a router, as the kernel's captures show it: options, windows, identifications, timing. */

let lab: Lab;

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

const SYN = 'mss=1460 sackok ts nop ws=7';

describe('a connection', () => {
  it('opens, carries a request and an answer, and closes: every segment as Linux sends it', () => {
    lab = tcpLab();
    const server = new Server(lab, 'b', 80, {}, ({ socket }) => {
      socket.onData = () => socket.write(new Uint8Array(3000));
      socket.onEnd = () => socket.close();
    });
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab, ms(1));
    client.write('x'.repeat(100));
    pass(lab, ms(10));
    client.socket.close();
    pass(lab);
    expect(segments(lab)).toEqual([
      `a S 0 win=64240 id=n ${SYN}`,
      `b SA 0 ack=1 win=65160 id=0 ${SYN}`,
      'a A 1 ack=1 win=502 id=n nop nop ts',
      'a PA 1+100 ack=1 win=502 id=n nop nop ts',
      'b A 1 ack=101 win=509 id=n nop nop ts',
      'b A 1+1448 ack=101 win=509 id=n nop nop ts',
      'a A 101 ack=1449 win=525 id=n nop nop ts',
      'b A 1449+1448 ack=101 win=509 id=n nop nop ts',
      'a A 101 ack=2897 win=548 id=n nop nop ts',
      'b PA 2897+104 ack=101 win=509 id=n nop nop ts',
      'a A 101 ack=3001 win=548 id=n nop nop ts',
      'a FA 101 ack=3001 win=548 id=n nop nop ts',
      'b FA 3001 ack=102 win=509 id=n nop nop ts',
      'a A 102 ack=3002 win=548 id=n nop nop ts',
    ]);
    expect([client.notes, server.peer.notes]).toEqual([['connect', 'close'], ['close']]);
    expect(lab.drops()).toEqual({});
    expect(lab.counters('a')).toMatchObject({ TcpActiveOpens: 1, TcpInSegs: 6, TcpOutSegs: 8, TcpExtTW: 1 });
    expect(lab.counters('b')).toMatchObject({ TcpPassiveOpens: 1, TcpInSegs: 8, TcpOutSegs: 6 });
  });

  it('has one counter of identifications, which pure ACKs move too', () => {
    lab = tcpLab();
    new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    client.write('one');
    pass(lab);
    client.write('two');
    pass(lab);
    const ids = lab
      .frames('a:eth0')
      .filter(({ bytes }) => bytes[23] === 6 && bytes[29] === 2 && bytes[28] === 1)
      .map(({ bytes }) => ((bytes[18] ?? 0) << 8) | (bytes[19] ?? 0));
    expect(ids.map((id) => (id - (ids[0] ?? 0)) & 0xffff)).toEqual([0, 1, 2, 3]);
  });

  it('tells of a narrow link in its MSS and in the first windows', () => {
    lab = tcpLab();
    lab.exec('a', 'ip link set eth0 mtu 1450');
    new Server(lab, 'b', 80);
    connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    expect(segments(lab).slice(0, 2)).toEqual([
      'a S 0 win=64860 id=n mss=1410 sackok ts nop ws=7',
      `b SA 0 ack=1 win=65160 id=0 ${SYN}`,
    ]);
  });

  it('over lo has segments of half the window', () => {
    lab = tcpLab();
    const server = new Server(lab, 'a', 80);
    const client = connect(lab, 'a', '127.0.0.1', 80);
    pass(lab);
    client.socket.write(new Uint8Array(65483));
    pass(lab);
    expect(server.peer.received.length).toBe(65483);
    // SYN, SYN-ACK, ACK, two halves and the odd byte, and two ACKs.
    expect(lab.counters('a')).toMatchObject({ TcpOutSegs: 8, TcpInSegs: 8 });
  });

  it('goes on half closed', () => {
    lab = tcpLab();
    const server = new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    client.write('question');
    client.socket.end();
    pass(lab);
    expect([client.socket.state, server.peer.socket.state]).toEqual(['FIN_WAIT2', 'CLOSE_WAIT']);
    expect(server.peer.notes).toEqual(['end']);
    server.peer.write('answer');
    pass(lab);
    expect(client.text).toBe('answer');
    server.peer.socket.close();
    pass(lab);
    expect([client.notes, server.peer.notes]).toEqual([
      ['connect', 'end', 'close'],
      ['end', 'close'],
    ]);
  });

  it('closed by both at once passes through CLOSING to TIME_WAIT at both ends', () => {
    lab = tcpLab({ cable: { delay: '10ms' } });
    const server = new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    client.socket.close();
    server.peer.socket.close();
    pass(lab, ms(30));
    expect([client.socket.state, server.peer.socket.state]).toEqual(['CLOSING', 'CLOSING']);
    pass(lab);
    expect(lab.show('a', 'socket')).toContain('TIME-WAIT');
    expect(lab.show('b', 'socket')).toContain('TIME-WAIT');
    pass(lab, seconds(60));
    expect(lab.show('a', 'socket')).not.toContain('TIME-WAIT');
  });

  it('opened from both ends at once is one connection', () => {
    lab = tcpLab({ cable: { delay: '10ms' } });
    const one = connect(lab, 'a', '10.0.2.2', 5000, 5000);
    const other = connect(lab, 'b', '10.0.1.2', 5000, 5000);
    pass(lab);
    expect([one.notes, other.notes]).toEqual([['connect'], ['connect']]);
    one.write('hello');
    pass(lab);
    expect(other.text).toBe('hello');
    expect(lab.drops()).toEqual({});
  });
});

describe('TIME_WAIT', () => {
  it('answers the peer that did not hear the last ACK, with identification 0, for 60 s from then', () => {
    lab = tcpLab();
    const server = new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    client.socket.close();
    pass(lab);
    lab.exec('r', 'ip route add blackhole 10.0.2.2/32');
    server.peer.socket.close();
    pass(lab);
    lab.exec('r', 'ip route del blackhole 10.0.2.2/32');
    pass(lab);
    const [fin, ack] = ['b FA 1 ack=2 win=510 id=n nop nop ts', 'a A 2 ack=2 win=502 id=0 nop nop ts'];
    expect(segments(lab).slice(-6)).toEqual([fin, ack, fin, ack, fin, ack]);
    expect(server.peer.notes).toEqual(['end', 'close']);
    pass(lab, seconds(58));
    expect(lab.show('a', 'socket')).toContain('TIME-WAIT');
    pass(lab, seconds(2));
    expect(lab.show('a', 'socket')).not.toContain('TIME-WAIT');
  });

  it('lets a new connection take its place when the numbers have moved on', () => {
    lab = tcpLab();
    const server = new Server(lab, 'b', 80, {}, ({ socket }) => socket.close());
    const first = connect(lab, 'a', '10.0.2.2', 80, 40001);
    first.socket.onEnd = () => first.socket.close();
    pass(lab);
    expect(lab.show('b', 'socket')).toContain('TIME-WAIT');
    const second = connect(lab, 'a', '10.0.2.2', 80, 40001);
    pass(lab);
    expect(second.notes[0]).toBe('connect');
    expect(server.accepted).toHaveLength(2);
  });
});

describe('a refusal', () => {
  it('of a closed port is a RST that acknowledges the SYN', () => {
    lab = tcpLab();
    const client = connect(lab, 'a', '10.0.2.2', 81);
    pass(lab);
    expect(client.notes).toEqual(['ECONNREFUSED', 'close']);
    expect(segments(lab)).toEqual([`a S 0 win=64240 id=n ${SYN}`, 'b RA 0 ack=1 win=0 id=0']);
    // What the RST does is what it is for: no drop at a.
    expect(lab.drops()).toEqual({ 'kernel:NO_SOCKET@b': 1 });
    expect(lab.counters('b')).toMatchObject({ TcpOutRsts: 1, TcpInSegs: 1 });
    expect(lab.counters('a')).toMatchObject({ TcpAttemptFails: 1 });
  });

  it('by ICMP ends the attempt at once', () => {
    lab = tcpLab();
    lab.exec('r', 'ip route add unreachable 10.0.9.0/24', 'ip route add prohibit 10.0.8.0/24');
    const lost = connect(lab, 'a', '10.0.9.9', 80);
    const forbidden = connect(lab, 'a', '10.0.8.8', 80, 40002);
    pass(lab, seconds(20));
    expect([lost.notes, forbidden.notes]).toEqual([
      ['EHOSTUNREACH', 'close'],
      ['EHOSTUNREACH', 'close'],
    ]);
    expect(segments(lab)).toHaveLength(2);
  });

  it('for want of a route is told by connect()', () => {
    lab = tcpLab();
    lab.exec('a', 'ip route del default via 10.0.1.1');
    expect(connect(lab, 'a', '10.0.2.2', 80).notes).toEqual(['refused at once: ENETUNREACH']);
  });

  it('of data for a closed socket is a bare RST', () => {
    lab = tcpLab();
    new Server(lab, 'b', 80, {}, ({ socket }) => socket.close());
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    client.write('too late');
    pass(lab);
    expect(segments(lab).at(-1)).toBe('b R 2 win=0 id=0');
    expect(client.notes).toEqual(['connect', 'end', 'EPIPE', 'close']);
  });

  it('is a RST with the ACK where the program leaves data unread, or wants it so', () => {
    lab = tcpLab();
    const unread = new Server(lab, 'b', 80, {}, ({ socket }) => socket.pause());
    const linger = new Server(lab, 'b', 81);
    const one = connect(lab, 'a', '10.0.2.2', 80);
    const other = connect(lab, 'a', '10.0.2.2', 81, 40002);
    pass(lab);
    one.write('never read');
    pass(lab);
    unread.peer.socket.close();
    linger.peer.socket.abort();
    pass(lab);
    expect(
      segments(lab)
        .slice(-2)
        .map((line) => line.replace(/\d+ ack/, 'n ack')),
    ).toEqual([
      expect.stringMatching(/^b RA n ack=\d+ win=\d+ id=n nop nop ts$/),
      expect.stringMatching(/^b RA n ack=\d+ win=\d+ id=n nop nop ts$/),
    ]);
    expect([one.notes, other.notes]).toEqual([
      ['connect', 'ECONNRESET', 'close'],
      ['connect', 'ECONNRESET', 'close'],
    ]);
    expect([unread.peer.notes, linger.peer.notes]).toEqual([['close'], ['close']]);
  });
});

describe('when nobody answers', () => {
  it('the SYN goes out five times a second apart, then at doubling intervals, then ETIMEDOUT', () => {
    lab = tcpLab();
    lab.exec('r', 'ip route add blackhole 10.0.9.0/24');
    const client = connect(lab, 'a', '10.0.9.9', 80);
    pass(lab, seconds(200));
    expect(gaps(lab, /^a S /)).toEqual([1000, 1000, 1000, 1000, 1000, 2000, 4000, 8000, 16000, 32000]);
    expect(client.notes).toEqual(['ETIMEDOUT', 'close']);
  });

  it('the SYN-ACK goes out after 1, 2, 4, 8, 16 s', () => {
    lab = tcpLab();
    new Server(lab, 'b', 80);
    lab.exec('r', 'ip route add blackhole 10.0.1.2/32');
    connect(lab, 'a', '10.0.2.2', 80).socket.abort();
    pass(lab, seconds(100));
    expect(lab.counters('b')).toMatchObject({ TcpRetransSegs: 5, TcpAttemptFails: 1 });
  });

  it('data goes out again: a probe of the tail after 200 ms, then at doubling intervals, ETIMEDOUT after 15 minutes', () => {
    lab = tcpLab();
    new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    lab.exec('r', 'ip route add blackhole 10.0.2.2/32');
    client.write('hello');
    pass(lab, seconds(1100));
    expect(gaps(lab, /^a PA /).slice(0, 6)).toEqual([200, 200, 400, 800, 1600, 3200]);
    expect(client.notes).toEqual(['connect', 'ETIMEDOUT', 'close']);
    expect(must(lab.world.find('a'), 'a').net.parts.tcp.connections()).toEqual([]);
  });
});

describe('a window that closes', () => {
  it('is probed, and opens by itself when the program reads', () => {
    lab = tcpLab();
    const server = new Server(lab, 'b', 80, { receiveBuffer: 8192 }, ({ socket }) => socket.pause());
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    expect(segments(lab)[1]).toBe('b SA 0 ack=1 win=7240 id=0 mss=1460 sackok ts nop ws=0');
    client.socket.write(new Uint8Array(60000));
    client.socket.close();
    pass(lab, seconds(8));
    expect(segments(lab).some((line) => /^b A .* win=0 /.test(line))).toBe(true);
    const probes = gaps(lab, /^a A \d+ ack=1 /).slice(-4);
    expect(probes.slice(1).map((gap, index) => Math.round(gap / (probes[index] ?? 1)))).toEqual([2, 2, 2]);
    server.peer.socket.resume();
    pass(lab, seconds(2));
    expect(server.peer.received.length).toBe(60000);
    expect(server.peer.notes).toEqual(['end']);
    expect(segments(lab)).toContainEqual(expect.stringMatching(/^a FPA \d+\+\d+ /));
  });
});

describe('a path that is narrower than it looks', () => {
  it('makes segments smaller after the first ICMP error, and nothing is lost', () => {
    lab = tcpLab({ mtu: 1300 });
    const server = new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    client.socket.write(new Uint8Array(10000));
    pass(lab);
    expect(server.peer.received.length).toBe(10000);
    expect(segments(lab).filter((line) => line.includes('+1248'))).not.toHaveLength(0);
    expect(lab.counters('a')).toMatchObject({ IcmpInDestUnreachs: expect.any(Number) });
  });
});

describe('acknowledgements', () => {
  it('of small writes that nobody reads come at once sixteen times, then after 40 ms', () => {
    lab = tcpLab();
    const server = new Server(lab, 'b', 80, {}, ({ socket }) => socket.pause());
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    for (let write = 0; write < 20; write++) {
      client.write('x'.repeat(10));
      pass(lab, ms(20));
    }
    pass(lab);
    const texts = segments(lab).slice(3);
    // Sixteen pairs of segment and ACK; the next write waits alone, the rest is held back by Nagle and goes together.
    expect(texts.slice(0, 32).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
      Array.from({ length: 32 }, (_, index) => (index % 2 === 0 ? 'a PA' : 'b A')),
    );
    expect(texts.slice(32, 36).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'a PA 161+10',
      'b A 1',
      expect.stringMatching(/^a PA 171\+/),
      expect.stringMatching(/^b A 1/),
    ]);
    server.peer.socket.resume();
    pass(lab);
    expect(server.peer.received.length).toBe(200);
  });
});

describe('a trace', () => {
  it('tells who has the segment, what it brought, and which packet made which', () => {
    lab = tcpLab();
    const server = new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    client.write('hi');
    pass(lab);
    const recorder = must(lab.world.recorder, 'a recorder');
    const syn = client.socket.firstPacket;
    const synAck = server.peer.socket.firstPacket;
    expect(lab.steps(syn)[0]).toMatchObject({ kind: 'originate', by: 'client', origin: 'program' });
    expect(lab.steps(syn).at(-1)).toMatchObject({ kind: 'consume', by: `SYN, answered by packet ${synAck}` });
    expect(recorder.lineageOf(synAck)).toMatchObject({ cause: syn });
    expect(lab.steps(synAck)[0]).toMatchObject({ kind: 'originate', origin: 'stack' });
    const [data = 0] = server.peer.packets;
    expect(lab.steps(data).slice(-2)).toMatchObject([
      { kind: 'demultiplex', key: 'TCP port 80', to: 'server', why: 'connection, ESTABLISHED' },
      { kind: 'deliver', to: 'server' },
    ]);
  });
});
