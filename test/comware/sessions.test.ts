import { describe, expect, it } from 'vitest';
import type { FlowKey } from '../../sim/comware/forwarding/flow.ts';
import { SessionTrack } from '../../sim/comware/forwarding/session-track.ts';
import { SessionTable } from '../../sim/comware/stack/sessions.ts';
import { EventQueue } from '../../sim/core/events.ts';
import { seconds } from '../../sim/core/time.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../sim/wire/ipv4.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../sim/wire/tcp.ts';

const ECHO = PROTOCOL_ICMP | (8 << 8);

const key = (kind: number, sourcePort = 40000): FlowKey => ({
  kind,
  source: 0x0a000001,
  sourcePort,
  destination: 0xc0000201,
  destinationPort: kind === ECHO ? 0 : 80,
});

function table(): { sessions: SessionTable; wait: (span: number) => void } {
  const clock = new EventQueue();
  return {
    sessions: new SessionTable(clock),
    wait: (span) => {
      clock.now = seconds(clock.now / 1e9 + span);
    },
  };
}

describe('a session of the near end', () => {
  it.each([
    [PROTOCOL_UDP, 'UDP_OPEN', 30, 'UDP_READY', 60],
    [ECHO, 'ICMP_REQUEST', 60, 'ICMP_REPLY', 30],
  ])('of kind %d is %s for %d s, and %s for %d s once it was answered', (protocol, open, first, ready, then) => {
    const { sessions, wait } = table();
    sessions.sent(key(protocol), 'kernel', 0);
    expect(sessions.list().map(({ track }) => track.state)).toEqual([open]);
    wait(first - 1);
    expect(sessions.find(key(protocol), 0)?.track.state).toBe(ready);
    wait(then - 1);
    expect(sessions.list()).toHaveLength(1);
    wait(1);
    expect(sessions.find(key(protocol), 0)).toBeUndefined();
    expect(sessions.list()).toEqual([]);
  });

  it('of TCP follows the flags: 30 s to open, an hour open, 30 s to close', () => {
    const { sessions, wait } = table();
    const tcp = key(PROTOCOL_TCP);
    sessions.sent(tcp, 'host', TCP_SYN);
    expect(sessions.find(tcp, TCP_SYN | TCP_ACK)?.track.state).toBe('TCP_SYN_RECV');
    sessions.sent(tcp, 'host', TCP_ACK);
    wait(3599);
    expect(sessions.find(tcp, TCP_ACK)?.track.state).toBe('TCP_ESTABLISHED');
    sessions.sent(tcp, 'host', TCP_FIN | TCP_ACK);
    expect(sessions.find(tcp, TCP_ACK)?.track.state).toBe('TCP_FIN_WAIT');
    wait(30);
    expect(sessions.find(tcp, TCP_ACK)).toBeUndefined();
  });

  it('knows a repeated SYN of its own opening, and leaves a SYN of a new connection to be decided anew', () => {
    const { sessions } = table();
    const tcp = key(PROTOCOL_TCP);
    sessions.sent(tcp, 'kernel', TCP_SYN | TCP_ACK);
    expect(sessions.find(tcp, TCP_SYN)).toBeDefined();
    sessions.sent(tcp, 'kernel', TCP_ACK);
    expect(sessions.find(tcp, TCP_SYN)).toBeUndefined();
    expect(sessions.find(tcp, TCP_ACK)).toBeDefined();
  });

  it('of a server that answers a SYN is half open for 30 s', () => {
    const { sessions, wait } = table();
    sessions.sent(key(PROTOCOL_TCP), 'kernel', TCP_SYN | TCP_ACK);
    wait(30);
    expect(sessions.list()).toEqual([]);
  });

  it('is not renewed, and not brought further, by an ICMP error about its packets', () => {
    const { sessions, wait } = table();
    sessions.sent(key(PROTOCOL_TCP), 'kernel', TCP_SYN);
    wait(20);
    expect(sessions.peek(key(PROTOCOL_TCP))?.track.state).toBe('TCP_SYN_SENT');
    wait(10);
    expect(sessions.list()).toEqual([]);
  });

  it('is not begun by a reset', () => {
    const { sessions } = table();
    sessions.sent(key(PROTOCOL_TCP), 'kernel', TCP_RST | TCP_ACK);
    expect(sessions.list()).toEqual([]);
  });

  it('passes to whoever of the two spoke last', () => {
    const { sessions } = table();
    sessions.sent(key(PROTOCOL_UDP), 'kernel', 0);
    sessions.sent(key(PROTOCOL_UDP), 'host', 0);
    expect(sessions.list().map(({ owner }) => owner)).toEqual(['host']);
  });

  it.each([
    ['half open', [TCP_SYN]],
    ['answered', [TCP_SYN | TCP_ACK]],
    ['open', [TCP_SYN, TCP_ACK]],
  ])('of TCP that is %s passes to the other with a SYN, and with nothing else', (_, before) => {
    const owners = (flags: number): unknown => {
      const { sessions } = table();
      for (const own of before) sessions.sent(key(PROTOCOL_TCP), 'host', own);
      sessions.sent(key(PROTOCOL_TCP), 'kernel', flags);
      return sessions.list().map(({ owner }) => owner);
    };
    for (const flags of [0, TCP_ACK, TCP_FIN | TCP_ACK]) expect(owners(flags)).toEqual(['host']);
    for (const flags of [TCP_SYN, TCP_SYN | TCP_ACK]) expect(owners(flags)).toEqual(['kernel']);
  });

  it.each([
    ['closes', TCP_FIN | TCP_ACK],
    ['was reset', TCP_RST],
  ])('of TCP that %s passes to whoever speaks', (_, end) => {
    const { sessions } = table();
    for (const flags of [TCP_SYN, TCP_ACK, end]) sessions.sent(key(PROTOCOL_TCP), 'host', flags);
    sessions.sent(key(PROTOCOL_TCP), 'kernel', TCP_ACK);
    expect(sessions.list().map(({ owner }) => owner)).toEqual(['kernel']);
  });

  it('is swept away with thousands of others when they have run out, and not before', () => {
    const { sessions, wait } = table();
    for (let port = 1; port <= 5000; port++) sessions.sent(key(PROTOCOL_UDP, port), 'kernel', 0);
    expect(sessions.list()).toHaveLength(5000);
    expect(sessions.find(key(PROTOCOL_UDP, 1), 0)).toBeDefined();
    wait(61);
    for (let port = 6000; port <= 14000; port++) sessions.sent(key(PROTOCOL_UDP, port), 'kernel', 0);
    expect(sessions.list()).toHaveLength(8001);
    expect(sessions.find(key(PROTOCOL_UDP, 1), 0)).toBeUndefined();
  });
});

describe('the table of sessions', () => {
  /** So many UDP sessions that run out before the next ones come. */
  function passing(count: number, at: ReturnType<typeof table>, source = key(PROTOCOL_UDP).source): void {
    for (let port = 1; port <= count; port++) at.sessions.sent({ ...key(PROTOCOL_UDP, port), source }, 'host', 0);
  }

  it('is swept of what ran out: a long life is not cut short by many short ones', () => {
    const at = table();
    at.sessions.sent(key(PROTOCOL_TCP), 'kernel', TCP_ACK);
    for (let minute = 0; minute < 20; minute++) {
      passing(5000, at, minute);
      at.wait(60);
    }
    expect(at.sessions.peek(key(PROTOCOL_TCP))?.owner).toBe('kernel');
  });

  it('forgets the oldest where 65536 live, and no more than that', () => {
    const at = table();
    at.sessions.sent(key(PROTOCOL_TCP), 'kernel', TCP_ACK);
    passing(65535, at);
    expect(at.sessions.peek(key(PROTOCOL_TCP))?.owner).toBe('kernel');
    at.sessions.sent(key(ECHO), 'host', 0);
    expect(at.sessions.peek(key(PROTOCOL_TCP))).toBeUndefined();
    expect(at.sessions.peek(key(PROTOCOL_UDP, 1))?.owner).toBe('host');
    expect(at.sessions.list()).toHaveLength(65536);
  });
});

describe('the state of a TCP session', () => {
  const states = (...passed: readonly (readonly [boolean, number])[]): string[] => {
    const track = new SessionTrack(PROTOCOL_TCP);
    return passed.map(([isReply, flags]) => {
      track.passed(isReply, flags);
      return track.state.slice(4);
    });
  };
  const [OUT, BACK] = [false, true];

  it('follows the handshake, and nothing else opens it', () => {
    expect(states([OUT, TCP_SYN], [BACK, TCP_SYN | TCP_ACK], [OUT, TCP_ACK])).toEqual([
      'SYN_SENT',
      'SYN_RECV',
      'ESTABLISHED',
    ]);
    expect(states([OUT, TCP_SYN], [OUT, TCP_ACK], [OUT, 0])).toEqual(['SYN_SENT', 'SYN_SENT', 'SYN_SENT']);
    expect(states([OUT, TCP_SYN], [BACK, TCP_SYN | TCP_ACK], [OUT, 0])).toEqual(['SYN_SENT', 'SYN_RECV', 'SYN_RECV']);
    expect(states([OUT, TCP_SYN], [BACK, TCP_SYN], [BACK, TCP_ACK])).toEqual(['SYN_SENT', 'SYN_RECV', 'ESTABLISHED']);
  });

  it('met in the middle is established; a SYN-ACK that comes first is half of a handshake', () => {
    expect(states([OUT, TCP_ACK], [BACK, TCP_SYN | TCP_ACK])).toEqual(['ESTABLISHED', 'ESTABLISHED']);
    expect(states([OUT, TCP_SYN | TCP_ACK], [OUT, TCP_ACK])).toEqual(['SYN_RECV', 'ESTABLISHED']);
  });

  it('closes from either side, and is over when both have ended', () => {
    const fin = TCP_FIN | TCP_ACK;
    expect(states([OUT, TCP_ACK], [OUT, fin], [OUT, fin], [BACK, TCP_ACK], [BACK, fin])).toEqual([
      ...['ESTABLISHED', 'FIN_WAIT', 'FIN_WAIT', 'FIN_WAIT', 'TIME_WAIT'],
    ]);
    expect(states([BACK, fin], [BACK, fin], [OUT, fin])).toEqual(['FIN_WAIT', 'FIN_WAIT', 'TIME_WAIT']);
  });

  it('is closed by a reset, and by that for good until a SYN opens it anew', () => {
    const fin = TCP_FIN | TCP_ACK;
    expect(states([OUT, TCP_ACK], [BACK, TCP_RST], [OUT, fin], [BACK, fin], [OUT, TCP_SYN], [OUT, fin])).toEqual([
      ...['ESTABLISHED', 'CLOSE', 'CLOSE', 'CLOSE', 'SYN_SENT', 'FIN_WAIT'],
    ]);
    expect(states([OUT, TCP_RST | TCP_SYN | TCP_FIN])).toEqual(['CLOSE']);
  });
});
