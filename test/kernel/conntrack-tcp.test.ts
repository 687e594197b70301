import { describe, expect, it } from 'vitest';
import { enableConntrack } from '../../sim/kernel/forwarding/conntrack/hooks.ts';
import { checksum, pseudoHeader } from '../../sim/wire/checksum.ts';
import { Ipv4Header } from '../../sim/wire/ipv4.ts';
import { ipv4, masquerade } from './nat-lab.ts';
import { CLIENT, Conversation, LINUX_SYN_OPTIONS } from './tcp-segments.ts';

/* States and timeouts as net/netfilter/nf_conntrack_proto_tcp.c has them; the times are those of reference lab 07. */

function tracked(sysctls: Record<string, number> = {}): Conversation {
  const talk = new Conversation(sysctls);
  enableConntrack(talk.lab.stack('gw').net, 'test');
  return talk;
}

function opened(): Conversation {
  const talk = tracked();
  talk.open();
  return talk;
}

describe('a TCP connection', () => {
  it('opens: SYN_SENT 120, SYN_RECV 60, ESTABLISHED 432000 and assured', () => {
    const talk = tracked();
    expect(talk.client({ flags: 'S', seq: 1000, options: LINUX_SYN_OPTIONS })).toBe('new');
    expect(talk.state).toBe('SYN_SENT 120 [UNREPLIED]');
    expect(talk.server({ flags: 'SA', seq: 5000, ack: 1001, options: LINUX_SYN_OPTIONS })).toBe('established-reply');
    expect(talk.state).toBe('SYN_RECV 60');
    expect(talk.client({ flags: 'A', seq: 1001, ack: 5001 })).toBe('established');
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
  });

  it('closes: FIN_WAIT 120, CLOSE_WAIT 60, LAST_ACK 30, TIME_WAIT 120', () => {
    const talk = opened();
    talk.client({ flags: 'FA', seq: 1001, ack: 5001 });
    expect(talk.state).toBe('FIN_WAIT 120 [ASSURED]');
    talk.server({ flags: 'A', seq: 5001, ack: 1002 });
    expect(talk.state).toBe('CLOSE_WAIT 60 [ASSURED]');
    talk.server({ flags: 'FA', seq: 5001, ack: 1002 });
    expect(talk.state).toBe('LAST_ACK 30 [ASSURED]');
    talk.client({ flags: 'A', seq: 1002, ack: 5002 });
    expect(talk.state).toBe('TIME_WAIT 120 [ASSURED]');
    talk.wait('119s');
    expect(talk.state).toBe('TIME_WAIT 1 [ASSURED]');
    talk.wait('2s');
    expect(talk.state).toBe('');
  });

  it('in TIME_WAIT is opened anew by a SYN: another connection with the same ports', () => {
    const talk = opened();
    talk.client({ flags: 'FA', seq: 1001, ack: 5001 });
    talk.server({ flags: 'FA', seq: 5001, ack: 1002 });
    talk.client({ flags: 'A', seq: 1002, ack: 5002 });
    expect(talk.state).toBe('TIME_WAIT 120 [ASSURED]');
    expect(talk.client({ flags: 'S', seq: 900000, options: LINUX_SYN_OPTIONS })).toBe('new');
    expect(talk.state).toBe('SYN_SENT 120 [UNREPLIED]');
  });

  it('that is refused leaves nothing behind: the reset to a SYN destroys the entry at once', () => {
    const talk = tracked();
    talk.client({ flags: 'S', seq: 1000 });
    expect(talk.server({ flags: 'RA', seq: 0, ack: 1001, window: 0 })).toBe('established-reply');
    expect(talk.state).toBe('');
  });

  it('that is reset lives 10 s more', () => {
    const talk = opened();
    talk.client({ flags: 'RA', seq: 1001, ack: 5001 });
    expect(talk.state).toBe('CLOSE 10 [ASSURED]');
  });

  it('is not closed by a reset that is off by one: its number must be exact (RFC 5961)', () => {
    const talk = opened();
    talk.client({ flags: 'A', seq: 1001, ack: 5001 });
    expect(talk.server({ flags: 'R', seq: 5002 })).toBe('established-reply');
    expect(talk.state).toMatch(/^ESTABLISHED /);
    expect(talk.server({ flags: 'R', seq: 4000 })).toBe('invalid');
    expect(talk.server({ flags: 'R', seq: 5001 })).toBe('established-reply');
    expect(talk.state).toBe('CLOSE 10 [ASSURED]');
  });

  it('with data that is not acknowledged is given 300 s, and its five days again once it is', () => {
    const talk = opened();
    talk.client({ flags: 'PA', seq: 1001, ack: 5001, length: 100, window: 502 });
    expect(talk.state).toBe('ESTABLISHED 300 [ASSURED]');
    talk.server({ flags: 'A', seq: 5001, ack: 1101, window: 502 });
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
  });

  it('whose segment is sent again and again is given 300 s', () => {
    const talk = opened();
    talk.server({ flags: 'A', seq: 5001, ack: 1001, window: 502 });
    for (let times = 0; times < 4; times++) talk.client({ flags: 'A', seq: 1001, ack: 5001, window: 502 });
    expect(talk.state).toBe('ESTABLISHED 300 [ASSURED]');
  });

  it('whose ends acknowledge each other with the same numbers sends nothing again', () => {
    const talk = tracked();
    const syn = { window: 502, options: LINUX_SYN_OPTIONS };
    talk.client({ flags: 'S', seq: 1000, ...syn });
    talk.server({ flags: 'SA', seq: 1000, ack: 1001, ...syn });
    for (let times = 0; times < 6; times++) {
      talk.client({ flags: 'A', seq: 1001, ack: 1001, window: 502 });
      talk.server({ flags: 'A', seq: 1001, ack: 1001, window: 502 });
    }
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
  });

  it.each([
    ['acknowledges', { ack: 5001, seq: 1001, window: 503 }],
    ['has the same window', { ack: 5001, seq: 1000, window: 502 }],
  ])('a segment that is another, although it %s, begins the count anew', (_, other) => {
    const talk = opened();
    talk.server({ flags: 'A', seq: 5001, ack: 1001, window: 502 });
    const same = { flags: 'A', seq: 1001, ack: 5001, window: 502 };
    for (let times = 0; times < 3; times++) talk.client(same);
    talk.client({ flags: 'A', ...other });
    for (let times = 0; times < 3; times++) talk.client(same);
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
    talk.client(same);
    expect(talk.state).toBe('ESTABLISHED 300 [ASSURED]');
  });

  it('that nobody answers does not live longer for its SYN being sent again', () => {
    const talk = tracked();
    talk.client({ flags: 'S', seq: 1000 });
    talk.wait('60s');
    talk.client({ flags: 'S', seq: 1000 });
    expect(talk.state).toBe('SYN_SENT 60 [UNREPLIED]');
  });

  it('opened from both sides at once gets there', () => {
    const talk = tracked();
    talk.client({ flags: 'S', seq: 1000 });
    talk.server({ flags: 'S', seq: 5000 });
    expect(talk.state).toMatch(/^SYN_SENT2 120/);
    talk.client({ flags: 'SA', seq: 1000, ack: 5001 });
    talk.server({ flags: 'SA', seq: 5000, ack: 1001 });
    talk.server({ flags: 'A', seq: 5001, ack: 1001 });
    expect(talk.state).toMatch(/^ESTABLISHED /);
  });

  it('that was there before the table is picked up by an acknowledgement, for 300 s until both were heard', () => {
    const talk = tracked();
    expect(talk.client({ flags: 'A', seq: 77, ack: 99, window: 500 })).toBe('new');
    expect(talk.state).toBe('ESTABLISHED 300 [UNREPLIED]');
    expect(talk.server({ flags: 'A', seq: 99, ack: 77, window: 500 })).toBe('established-reply');
    expect(talk.state).toBe('ESTABLISHED 300');
    expect(talk.client({ flags: 'A', seq: 77, ack: 99, window: 501 })).toBe('established');
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
  });

  it('is not picked up where tcp_loose is 0', () => {
    const talk = tracked({ 'net.netfilter.nf_conntrack_tcp_loose': 0 });
    expect(talk.client({ flags: 'A', seq: 77, ack: 99 })).toBe('invalid');
  });
});

describe('a segment', () => {
  it.each([
    ['beyond the window', { flags: 'PA', seq: 1001 + 20_000_000, ack: 5001, length: 100 }],
    ['that acknowledges what was never sent', { flags: 'A', seq: 1001, ack: 9001 }],
    ['with flags that contradict', { flags: 'SFA', seq: 1001, ack: 5001 }],
    ['without flags', { flags: '', seq: 1001 }],
    ['with a wrong checksum', { flags: 'A', seq: 1001, ack: 5001, broken: true }],
    ['from the client that only a server sends', { flags: 'SA', seq: 1001, ack: 5001 }],
  ])('%s is invalid, and changes nothing', (_, segment) => {
    const talk = opened();
    const before = talk.state;
    expect(talk.client(segment)).toBe('invalid');
    expect(talk.state).toBe(before);
    expect(talk.lab.stack('gw').net.conntrack.statistics.invalid).toBe(1);
  });

  it('beyond the window passes where be_liberal is set', () => {
    const talk = tracked({ 'net.netfilter.nf_conntrack_tcp_be_liberal': 1 });
    talk.open();
    expect(talk.client({ flags: 'PA', seq: 20_000_000, ack: 5001, length: 100 })).toBe('established');
  });

  it('that was received already passes, and teaches nothing', () => {
    const talk = opened();
    talk.client({ flags: 'PA', seq: 1001, ack: 5001, length: 100, window: 502 });
    talk.server({ flags: 'A', seq: 5001, ack: 1101, window: 502 });
    expect(talk.client({ flags: 'PA', seq: 1001, ack: 5001, length: 100, window: 502 })).toBe('established');
    expect(talk.server({ flags: 'SA', seq: 5000, ack: 1001 })).toBe('established-reply');
    expect(talk.state).toMatch(/^ESTABLISHED /);
  });

  it('may run ahead as far as the scaled window allows', () => {
    const talk = opened();
    // The server's window is 65160 until it sends a scaled one: 502 * 128.
    talk.server({ flags: 'A', seq: 5001, ack: 1001, window: 502 });
    let seq = 1001;
    for (; seq + 1448 < 1001 + 502 * 128; seq += 1448) {
      expect(talk.client({ flags: 'A', seq, ack: 5001, length: 1448, window: 502 })).toBe('established');
    }
    expect(talk.client({ flags: 'A', seq: seq + 200_000, ack: 5001, length: 1448, window: 502 })).toBe('invalid');
  });

  it('out of order, with SACK blocks for what came behind a hole, is no offence', () => {
    const talk = opened();
    talk.server({ flags: 'A', seq: 5001, ack: 1001, window: 502 });
    expect(talk.client({ flags: 'A', seq: 2449, ack: 5001, length: 1448, window: 502 })).toBe('established');
    const sack = [1, 1, 5, 10, 0, 0, 0x09, 0x91, 0, 0, 0x0f, 0x39];
    expect(talk.server({ flags: 'A', seq: 5001, ack: 1001, window: 502, options: sack })).toBe('established-reply');
    expect(talk.client({ flags: 'A', seq: 1001, ack: 5001, length: 1448, window: 502 })).toBe('established');
    expect(talk.server({ flags: 'A', seq: 5001, ack: 3897, window: 502 })).toBe('established-reply');
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
  });
});

describe('a SYN within a connection', () => {
  it('is let through unbelieved; the reset it provokes ends the entry it did not fit', () => {
    const talk = opened();
    expect(talk.client({ flags: 'S', seq: 700000, options: LINUX_SYN_OPTIONS })).toBe('established');
    expect(talk.state).toMatch(/^ESTABLISHED/);
    expect(talk.server({ flags: 'RA', seq: 0, ack: 700001 })).toBe('established-reply');
    expect(talk.state).toMatch(/^CLOSE 10/);
  });

  it('is believed once the server answers it', () => {
    const talk = opened();
    talk.client({ flags: 'S', seq: 700000, options: LINUX_SYN_OPTIONS });
    talk.server({ flags: 'SA', seq: 90000, ack: 700001, options: LINUX_SYN_OPTIONS });
    expect(talk.state).toMatch(/^SYN_RECV 60/);
    expect(talk.client({ flags: 'A', seq: 700001, ack: 90001, window: 502 })).toBe('established');
    expect(talk.state).toMatch(/^ESTABLISHED 432000/);
  });
});

describe('a SYN when the last ACK is due', () => {
  /** Both have sent FIN; the server's is not acknowledged yet. */
  function closing(): Conversation {
    const talk = opened();
    talk.client({ flags: 'FA', seq: 1001, ack: 5001 });
    talk.server({ flags: 'A', seq: 5001, ack: 1002 });
    talk.server({ flags: 'FA', seq: 5001, ack: 1002 });
    talk.client({ flags: 'S', seq: 900000, options: LINUX_SYN_OPTIONS });
    expect(talk.state).toBe('LAST_ACK 30 [ASSURED]');
    return talk;
  }

  it('is answered by a challenge that acknowledges no FIN; only the next ACK may be the last (RFC 5961 4)', () => {
    const talk = closing();
    expect(talk.server({ flags: 'A', seq: 5002, ack: 1002 })).toBe('established-reply');
    expect(talk.state).toBe('LAST_ACK 30 [ASSURED]');
    talk.server({ flags: 'A', seq: 5002, ack: 1002 });
    expect(talk.state).toBe('TIME_WAIT 120 [ASSURED]');
  });

  it('takes nothing from the ACK of the client that sent it', () => {
    const talk = closing();
    talk.client({ flags: 'A', seq: 1002, ack: 5002 });
    expect(talk.state).toBe('TIME_WAIT 120 [ASSURED]');
  });
});

describe('a TCP connection through a masquerade', () => {
  const OUTSIDE = '198.51.100.1';

  it('keeps its port, sequence numbers and options; checksums are mended', () => {
    const talk = new Conversation();
    masquerade(talk.lab, 'gw', 'eth2');
    talk.open(OUTSIDE);
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
    const segments = ['gw:eth0', 'gw:eth2'].map((point) =>
      talk.lab.frames(point).filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 6),
    );
    expect(segments.map((frames) => frames.length)).toEqual([3, 3]);
    const [inside = [], outside = []] = segments;
    for (const [index, { bytes }] of outside.entries()) {
      const ip = new Ipv4Header(bytes, 14);
      const length = bytes.length - 34;
      expect(checksum(bytes, 34, length, pseudoHeader(ip.source, ip.destination, 6, length))).toBe(0);
      // All of the segment but its checksum is as it was.
      const was = inside[index]?.bytes ?? new Uint8Array();
      expect([...bytes.slice(34, 50), ...bytes.slice(52)]).toEqual([...was.slice(34, 50), ...was.slice(52)]);
    }
  });

  it('tcp-2: in TIME_WAIT still holds its tuple, so the second host gets another port', () => {
    const talk = new Conversation();
    masquerade(talk.lab, 'gw', 'eth2');
    talk.open(OUTSIDE);
    talk.client({ flags: 'FA', seq: 1001, ack: 5001 });
    talk.server({ flags: 'FA', seq: 5001, ack: 1002 }, OUTSIDE);
    talk.client({ flags: 'A', seq: 1002, ack: 5002 });
    expect(talk.state).toBe('TIME_WAIT 120 [ASSURED]');
    talk.client({ flags: 'S', seq: 3000 }, '10.0.1.78');
    const ports = [...talk.lab.show('gw', 'conntrack').matchAll(/sport=80 dport=(\d+)/g)].map((match) => match[1]);
    expect(ports).toHaveLength(2);
    expect(ports[0]).toBe('40000');
    expect(ports[1]).not.toBe('40000');
  });

  it('gives way in TIME_WAIT to a newer one of its sequence space, where only its port is left', () => {
    const talk = new Conversation();
    masquerade(talk.lab, 'gw', 'eth2', { ports: [40000, 40001] });
    talk.open(OUTSIDE);
    talk.client({ flags: 'FA', seq: 1001, ack: 5001 });
    talk.server({ flags: 'FA', seq: 5001, ack: 1002 }, OUTSIDE);
    talk.client({ flags: 'A', seq: 1002, ack: 5002 });
    talk.client({ flags: 'S', seq: 1 }, '10.0.1.78');
    expect(talk.state).toMatch(/^TIME_WAIT 120 .*, SYN_SENT 120/);
    // Both ports are taken, one by a connection that is over: the newcomer's numbers lie beyond it, so it may have it.
    talk.client({ flags: 'S', seq: 9000 }, '10.0.1.79');
    expect(talk.state).toMatch(/^SYN_SENT 120 \[UNREPLIED\], SYN_SENT 120 \[UNREPLIED\]$/);
  });

  it('gets the reset that refuses it', () => {
    const talk = new Conversation();
    masquerade(talk.lab, 'gw', 'eth2');
    talk.client({ flags: 'S', seq: 1000 });
    talk.server({ flags: 'RA', seq: 0, ack: 1001, window: 0 }, OUTSIDE);
    const last = talk.lab.frames('gw:eth0').at(-1)?.bytes ?? new Uint8Array();
    expect(new Ipv4Header(last, 14).destination).toBe(ipv4(CLIENT));
    expect(talk.state).toBe('');
  });
});

describe('a SYN in the middle of a connection', () => {
  it('that is answered opens another one, with what that SYN and its answer agreed on', () => {
    const talk = opened();
    // The client was started anew; nobody but the server knows whether it may be believed.
    talk.client({ flags: 'S', seq: 9000, window: 64240, options: LINUX_SYN_OPTIONS });
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
    expect(talk.server({ flags: 'SA', seq: 7000, ack: 9001, options: LINUX_SYN_OPTIONS })).toBe('established-reply');
    expect(talk.state).toBe('SYN_RECV 60 [ASSURED]');
    expect(talk.client({ flags: 'A', seq: 9001, ack: 7001, window: 502 })).toBe('established');
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
    // 502 times 128, the scale that the client offered in it, and as much again is forgiven.
    expect(talk.server({ flags: 'A', seq: 7001 + 100_000, ack: 9001, length: 1000 })).toBe('established-reply');
    expect(talk.server({ flags: 'A', seq: 7001 + 200_000, ack: 9001, length: 1000 })).toBe('invalid');
  });

  it('that is answered by something else changes nothing', () => {
    const talk = opened();
    talk.client({ flags: 'S', seq: 9000, options: LINUX_SYN_OPTIONS });
    expect(talk.server({ flags: 'SA', seq: 7000, ack: 9002, options: LINUX_SYN_OPTIONS })).toBe('established-reply');
    expect(talk.state).toBe('ESTABLISHED 432000 [ASSURED]');
    expect(talk.client({ flags: 'A', seq: 1001, ack: 5001, length: 10 })).toBe('established');
  });
});
