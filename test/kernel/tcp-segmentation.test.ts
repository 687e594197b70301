import { describe, expect, it } from 'vitest';
import { ms } from '../../sim/core/time.ts';
import { faultsOf } from './frame-lines.ts';
import { connect, pass, Server, segments, tcpLab } from './tcp-lab.ts';

/* Several segments go through the stack as one packet, and are cut as they leave: as Linux 6.18 does without any offload of a device. */

function written(bytes: number) {
  const lab = tcpLab();
  lab.exec('a', 'iptables -A OUTPUT -p tcp');
  const server = new Server(lab, 'b', 80);
  const client = connect(lab, 'a', '10.0.2.2', 80);
  pass(lab, ms(10));
  lab.exec('a', 'iptables -Z');
  const before = { ...lab.counters('a') };
  client.socket.write(new Uint8Array(bytes));
  pass(lab);
  expect(server.peer.received).toHaveLength(bytes);
  expect(faultsOf(lab)).toEqual([]);
  const after = lab.counters('a');
  const rise = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
  return { lab, rise, data: segments(lab).filter((line) => line.startsWith('a ') && line.includes('+')) };
}

describe('a write of three segments', () => {
  it('is one packet for the counters of IP and for the packet filter, three for TCP', () => {
    const { lab, rise } = written(3000);
    expect([rise('IpOutRequests'), rise('IpOutTransmits'), rise('IpExtOutOctets')]).toEqual([1, 1, 3052]);
    expect(rise('TcpOutSegs')).toBe(3);
    expect(lab.show('a', 'iptables -L')).toMatch(/^1 +1 +3052 /m);
  });

  it('has PSH on its last one, and identifications that count on', () => {
    const { lab, data } = written(3000);
    expect(data.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      'A 1+1448',
      'A 1449+1448',
      'PA 2897+104',
    ]);
    const ids = lab
      .frames('a:eth0')
      .filter(({ bytes }) => bytes[23] === 6 && bytes[29] === 2 && bytes.length > 70)
      .map(({ bytes }) => ((bytes[18] ?? 0) << 8) | (bytes[19] ?? 0));
    expect(ids.slice(-3).map((id) => (id - (ids.at(-3) ?? 0)) & 0xffff)).toEqual([0, 1, 2]);
  });
});

describe('a write of three segments that are too large for the path', () => {
  it('goes again as one, cut anew and pushed, when the call that wrote it is over; the errors name only its first', () => {
    const lab = tcpLab({ mtu: 1300 });
    const server = new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab, ms(10));
    client.socket.write(new Uint8Array(4000));
    client.socket.end();
    pass(lab);
    expect(server.peer.received).toHaveLength(4000);
    const data = segments(lab).filter((line) => /^a (?!S)/.test(line) && !/^a A \d+ /.test(line));
    expect(data.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      ...['A 1+1448', 'A 1449+1448', 'PA 2897+1104', 'A 1+1248', 'A 1249+1248', 'PA 2497+400', 'FA 4001'],
    ]);
    expect(lab.counters('a')).toMatchObject({ TcpExtOutOfWindowIcmps: 1 });
  });
});

describe('a server that reads', () => {
  it('takes all that has come, so that what it sends back is pushed at its end alone', () => {
    const lab = tcpLab();
    new Server(lab, 'b', 80, {}, ({ socket }) => {
      socket.onData = (data) => socket.write(data);
    });
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab, ms(10));
    client.socket.write(new Uint8Array(4000));
    pass(lab);
    const data = segments(lab).filter((line) => line.startsWith('b ') && line.includes('+'));
    expect(data.map((line) => line.split(' ')[1])).toEqual(['A', 'A', 'PA']);
  });
});

describe('a long write', () => {
  it('leaves by half congestion windows, each pushed: 5 and 5 segments at first', () => {
    const { data } = written(60_000);
    expect(data.slice(0, 10).map((line) => line.split(' ')[1])).toEqual([
      ...['A', 'A', 'A', 'A', 'PA'],
      ...['A', 'A', 'A', 'A', 'PA'],
    ]);
  });
});

describe('what a rule of OUTPUT drops', () => {
  it('is discarded: counted for datagrams, not for TCP', () => {
    const lab = tcpLab();
    lab.exec('a', 'iptables -A OUTPUT -d 10.0.2.2 -j DROP');
    lab.udp('a', '10.0.2.2:9', { timeout: '100ms' });
    connect(lab, 'a', '10.0.2.2', 80);
    pass(lab, ms(10));
    expect(lab.counters('a')).toMatchObject({ IpOutDiscards: 1, IpOutRequests: 2 });
  });
});
