import { beforeEach, describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import type { Connection } from '../../sim/transport/tcp/connection.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, TcpHeader } from '../../sim/wire/tcp.ts';
import { readTcpOptions } from '../../sim/wire/tcp-options.ts';
import { type ForgedSegment, forge } from './forged-segment.ts';
import { TcpPair } from './tcp-bench.ts';

/*
 * What comes back to a SYN that nobody was to answer: net/ipv4/tcp_input.c tcp_rcv_synsent_state_process(), and then the
 * listening side's half of the handshake, tcp_check_req() and tcp_rcv_state_process().
 */

let pair: TcpPair;
let client: TcpSocket;
let connection: Connection;
let told: string[];

beforeEach(() => {
  pair = new TcpPair({ loses: () => true });
  told = [];
  client = pair.a.tcp.open({ name: 'client', place: pair.a.place });
  client.onConnect = () => told.push('connected');
  client.onError = ({ errno }) => told.push(errno);
  client.onClose = () => told.push('closed');
  client.bind(0, 40000);
  client.connect(pair.b.address, 80);
  pair.run(ms(10));
  connection = must(pair.a.tcp.connections()[0], 'its connection');
});

const drops = (): Record<string, number> => {
  const { 'link:LOSS': _, ...others } = Object.fromEntries(pair.ledger.drops);
  return others;
};

interface Answer extends Omit<ForgedSegment, 'sequence' | 'acknowledgment' | 'timestamp'> {
  /** Relative to the number the client began with. */
  readonly ack?: number;
  /** Relative to the client's clock. */
  readonly echo?: number;
}

/** The client gets an answer with sequence number 5000, and sends this in return. */
function replyTo({ ack = 1, echo, ...more }: Answer): string[] {
  const before = pair.a.sent.length;
  const acknowledgment = more.flags & TCP_ACK ? connection.initialSequence + ack : 0;
  forge(pair, pair.a, [80, 40000], {
    ...{ sequence: 5000, acknowledgment, ...more },
    ...(echo === undefined ? {} : { timestamp: { value: 77, echo: connection.timestamp + echo } }),
  });
  return pair.a.sent.slice(before);
}

const SYN_ACK = TCP_SYN | TCP_ACK;

describe('a SYN of ours', () => {
  it('is answered by SYN-ACK: open', () => {
    expect(replyTo({ flags: SYN_ACK, echo: 0, mss: 1460 })).toEqual(['A']);
    pair.run(ms(5));
    expect([client.state, told]).toEqual(['ESTABLISHED', ['connected']]);
  });

  it('is answered by RST with ACK: refused', () => {
    expect(replyTo({ flags: TCP_RST | TCP_ACK })).toEqual([]);
    pair.run(ms(5));
    expect([client.state, told]).toEqual(['CLOSE', ['ECONNREFUSED', 'closed']]);
    expect(drops()).toEqual({});
  });

  it.each<[string, Answer, string]>([
    ['its very number', { flags: SYN_ACK, ack: 0 }, 'INVALID_ACK_SEQUENCE'],
    ['more than it sent', { flags: SYN_ACK, ack: 2 }, 'INVALID_ACK_SEQUENCE'],
    ['an old connection', { flags: TCP_ACK, ack: -70_000 }, 'INVALID_ACK_SEQUENCE'],
    ['a clock that it had not reached', { flags: SYN_ACK, echo: 1000 }, 'RFC7323_TSECR'],
    ['a clock from before it', { flags: SYN_ACK, echo: -1000 }, 'RFC7323_TSECR'],
  ])('an answer to %s is refused with RST, and the attempt goes on', (_, answer, reason) => {
    expect(replyTo(answer)).toEqual(['R']);
    expect([client.state, drops()]).toEqual(['SYN_SENT', { [`kernel:TCP_${reason}`]: 1 }]);
    // The same as RST is dropped in silence.
    expect(replyTo({ ...answer, flags: TCP_RST | TCP_ACK })).toEqual([]);
    expect([client.state, drops()]).toEqual(['SYN_SENT', { [`kernel:TCP_${reason}`]: 2 }]);
  });

  it.each<[string, Answer, string]>([
    ['a RST without ACK, which anybody might have sent', { flags: TCP_RST }, 'RESET'],
    ['an ACK without SYN', { flags: TCP_ACK }, 'FLAGS'],
    ['neither SYN nor ACK', { flags: 0, data: 'hello' }, 'FLAGS'],
    ['a FIN alone', { flags: TCP_FIN }, 'FLAGS'],
  ])('%s is dropped', (_, answer, reason) => {
    expect(replyTo(answer)).toEqual([]);
    expect([client.state, drops()]).toEqual(['SYN_SENT', { [`kernel:TCP_${reason}`]: 1 }]);
  });

  it('accepts the clock of its SYN, of now, and none', () => {
    const late = Math.round((pair.clock.now - connection.openedAt) / 1e6);
    for (const echo of [-late - 1, 1]) expect(replyTo({ flags: SYN_ACK, echo })).toEqual(['R']);
    expect(replyTo({ flags: SYN_ACK, echo: -connection.timestamp })).toEqual(['A']);
  });

  it.each([-10, 0])('accepts an echo of %i ms', (echo) => {
    expect(replyTo({ flags: SYN_ACK, echo })).toEqual(['A']);
  });

  it('comes again at once when the answer is one to an old connection: the RST will have ended that', () => {
    const sent = pair.a.sent.length;
    replyTo({ flags: TCP_ACK, ack: -70_000 });
    pair.run(ms(9));
    expect(pair.a.sent.slice(sent)).toEqual(['R', 'S']);
    // Only the first time: two such stations would else keep each other busy.
    replyTo({ flags: TCP_ACK, ack: -70_000 });
    pair.run(ms(500));
    expect(pair.a.sent.slice(sent)).toEqual(['R', 'S', 'R']);
    pair.run(ms(600));
    expect(pair.a.sent.slice(sent)).toEqual(['R', 'S', 'R', 'S']);
  });

  it('that the program gives up before an answer leaves nothing, and its port is free', () => {
    client.close();
    pair.run(ms(5));
    expect([pair.a.tcp.connections(), pair.a.sent]).toEqual([[], ['S']]);
    expect(pair.a.tcp.open({ name: 'next', place: pair.a.place }).bind(0, 40000)).toBeUndefined();
  });

  it('that the program ends for writing goes on, and FIN follows the SYN-ACK', () => {
    client.end();
    expect(client.write(Uint8Array.of(1))).toBe(0);
    expect(replyTo({ flags: SYN_ACK, mss: 1460 })).toEqual(['A', 'FA']);
    expect(client.state).toBe('FIN_WAIT1');
  });

  it('is one: a socket connects once', () => {
    expect(client.connect(pair.b.address, 81)).toBe('EISCONN');
    expect(client.bind(0, 41000)).toBe('EINVAL');
    expect(pair.a.sent).toEqual(['S']);
  });
});

describe('the window of a socket that asked for a buffer', () => {
  it.each([
    // Whole segments, as always.
    [2000, 1460, 0],
    [65_535, 64_240, 0],
    [65_536, 64_240, 1],
    [131_070, 64_240, 1],
    [131_072, 64_240, 2],
    [1_000_000, 64_240, 4],
    [2 ** 31, 64_240, 14],
  ])('of %i bytes is %i in the SYN, with scale %i', (receiveBuffer, window, scale) => {
    const socket = pair.a.tcp.open({ name: 'client', place: pair.a.place }, { receiveBuffer });
    let syn: TcpHeader | undefined;
    pair.wire = {
      loses: (packet) => {
        syn = new TcpHeader(packet.bytes.slice(packet.head + 20, packet.tail), 0);
        return true;
      },
    };
    socket.connect(pair.b.address, 81);
    const { bytes, window: told } = must(syn, 'its SYN');
    expect([told, readTcpOptions(bytes, 0).windowScale]).toEqual([window, scale]);
  });
});

describe('a station that begins anew while its peer thinks that the old connection stands', () => {
  it('is told of the old number, resets it, and is let in (RFC 9293 figure 9)', () => {
    pair = new TcpPair();
    pair.b.tcp.listen({ name: 'server', place: pair.b.place }, 0, 80, () => {});
    const connectFrom = (end: 'first' | 'second'): void => {
      const socket = pair.a.tcp.open({ name: end, place: pair.a.place });
      socket.onConnect = () => told.push(end);
      socket.bind(0, 40000);
      socket.connect(pair.b.address, 80);
    };
    connectFrom('first');
    pair.run(ms(10));
    // The station was switched off and on.
    pair.a.tcp.destroy();
    connectFrom('second');
    pair.run(ms(30));
    expect(told).toEqual(['first', 'second']);
    expect(pair.b.sent).toEqual(['SA', 'A', 'SA']);
  });
});

describe('the third segment of the handshake', () => {
  beforeEach(() => {
    pair = new TcpPair({ loses: (_, from) => from === 'b' });
    pair.b.tcp.listen({ name: 'server', place: pair.b.place }, 0, 80, (socket) => {
      told.push('accepted');
      socket.onData = (data) => told.push(String.fromCharCode(...data));
      socket.onError = ({ errno }) => told.push(errno);
    });
    forge(pair, pair.b, [40000, 80], { flags: TCP_SYN, sequence: 1000, mss: 1460 });
    connection = must(pair.b.tcp.connections()[0], 'the half-open one');
  });

  /** What b sends to a segment that acknowledges `ack` from where b began. */
  function sentTo(flags: number, at: number, ack: number, data = ''): string[] {
    const before = pair.b.sent.length;
    const acknowledgment = connection.initialSequence + ack;
    forge(pair, pair.b, [40000, 80], { flags, sequence: 1000 + at, acknowledgment, data });
    return pair.b.sent.slice(before);
  }

  it('opens it', () => {
    expect(sentTo(TCP_ACK, 1, 1)).toEqual([]);
    pair.run(ms(5));
    expect([connection.state, told]).toEqual(['ESTABLISHED', ['accepted']]);
  });

  it('may bring data and FIN', () => {
    sentTo(TCP_ACK | TCP_FIN, 1, 1, 'bye');
    pair.run(ms(5));
    expect([connection.state, told]).toEqual(['CLOSE_WAIT', ['accepted', 'bye']]);
  });

  it.each([0, 2, -5])('with a number that is %i behind where b began is refused with RST', (ack) => {
    expect(sentTo(TCP_ACK, 1, ack)).toEqual(['R']);
    expect([connection.state, drops()]).toEqual(['SYN_RECV', { 'kernel:TCP_INVALID_ACK_SEQUENCE': 1 }]);
  });

  it('the SYN once more is answered once more, with the numbers of the first time', () => {
    const { sndNxt, rcvNxt } = connection;
    expect(sentTo(TCP_SYN, 0, 0)).toEqual(['SA']);
    expect([connection.state, connection.sndNxt, connection.rcvNxt]).toEqual(['SYN_RECV', sndNxt, rcvNxt]);
  });

  it('another SYN is asked about', () => {
    expect(sentTo(TCP_SYN, 10, 0)).toEqual(['A']);
    expect(connection.state).toBe('SYN_RECV');
  });

  it('an exact RST ends the attempt, and nobody hears of it', () => {
    expect(sentTo(TCP_RST, 1, 0)).toEqual([]);
    pair.run(seconds(2));
    expect([pair.b.tcp.connections(), told]).toEqual([[], []]);
    expect(pair.b.tcp.counters.TcpAttemptFails).toBe(1);
  });

  it('never comes: the SYN-ACK is repeated five times, then it is forgotten without a word', () => {
    pair.run(seconds(70));
    expect([pair.b.sent, pair.b.tcp.connections(), told]).toEqual([Array(6).fill('SA'), [], []]);
  });
});
