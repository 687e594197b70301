import { afterEach, describe, expect, it } from 'vitest';
import type { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { routerLab } from './router-lab.ts';

/* Datagrams through a router, to open and to closed ports, as Linux 6.18 answers them. */

let lab: Lab;

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

describe('an open port', () => {
  it('gets the datagram with DF and an id, and answers from its own MTU discovery', () => {
    lab = routerLab();
    const { probe } = lab.udp('a', '10.0.2.2:7', { payload: 'cutaway', source_port: 40000 });
    expect(probe.replies).toMatchObject([{ ttl: 63, length: 7, intact: true }]);
    expect(linesOf(lab, 'b:eth0')).toEqual([
      '02>0b 10.0.1.2>10.0.2.2 len=35 ttl=63 DF id=n udp 40000>7',
      '0b>02 10.0.2.2>10.0.1.2 len=35 ttl=64 DF id=n udp 7>40000',
    ]);
    expect(lab.counters('b')).toMatchObject({ UdpInDatagrams: 1, UdpOutDatagrams: 1 });
  });

  it('takes an empty datagram too', () => {
    lab = routerLab();
    expect(lab.udp('a', '10.0.2.2:7', { size: 0 }).probe.replies).toMatchObject([{ length: 0, intact: true }]);
  });

  it('takes one that has to be cut and put together on the way there and back', () => {
    lab = routerLab();
    const { probe } = lab.udp('a', '10.0.2.2:7', { size: 4000, df: 'dont' });
    expect(probe.replies).toMatchObject([{ length: 4000, intact: true }]);
  });
});

describe('a closed port', () => {
  it('is unreachable: a short datagram is quoted whole, with the TTL it arrived with', () => {
    lab = routerLab();
    const { probe } = lab.udp('a', '10.0.2.2:9999', { size: 20, source_port: 40001 });
    expect(probe.errors).toMatchObject([{ errno: 'ECONNREFUSED', type: 3, code: 3, from: 0x0a000202 }]);
    expect(linesOf(lab, 'a:eth0')).toEqual([
      '0a>01 10.0.1.2>10.0.2.2 len=48 ttl=64 DF id=n udp 40001>9999',
      '01>0a 10.0.2.2>10.0.1.2 len=76 ttl=63 tos=c0 id=n icmp 3/3 [48 of 48: 10.0.1.2>10.0.2.2 ttl=63 DF id=n]',
    ]);
    expect(lab.counters('b')).toMatchObject({ UdpNoPorts: 1, IcmpOutDestUnreachs: 1, IpInDelivers: 1 });
    expect(lab.drops()).toEqual({ 'kernel:NO_SOCKET@b': 1 });
  });

  it('quotes no more than fits into 576 bytes: 548', () => {
    lab = routerLab();
    lab.udp('a', '10.0.2.2:9999', { size: 1200 });
    expect(linesOf(lab, 'a:eth0')[1]).toBe(
      '01>0a 10.0.2.2>10.0.1.2 len=576 ttl=63 tos=c0 id=n icmp 3/3 [548 of 1228: 10.0.1.2>10.0.2.2 ttl=63 DF id=n]',
    );
    expect(lab.frames('a:eth0').at(-1)?.bytes.length).toBe(590);
  });

  it.each(['10.0.1.1', '10.0.2.1'])('of the router answers from the address that was asked, %s', (address) => {
    lab = routerLab();
    lab.udp('a', `${address}:9999`, { size: 20 });
    expect(linesOf(lab, 'a:eth0')[1]).toBe(
      `01>0a ${address}>10.0.1.2 len=76 ttl=64 tos=c0 id=n icmp 3/3 [48 of 48: 10.0.1.2>${address} ttl=64 DF id=n]`,
    );
  });

  it('keeps the TOS bits of the datagram beside the precedence of the error', () => {
    lab = routerLab();
    lab.udp('a', '10.0.2.2:9999', { size: 20, tos: 0x48 });
    expect(linesOf(lab, 'a:eth0')[1]).toContain('ttl=63 tos=c8 id=n icmp 3/3');
  });

  it('answers the first 6 of 12 datagrams in 0.6 s', () => {
    lab = routerLab();
    const { probe } = lab.udp('a', '10.0.2.2:9999', { size: 20, count: 12, interval: '50ms' });
    expect(probe.errors.map((error) => error.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lab.counters('b')).toMatchObject({
      UdpNoPorts: 12,
      IcmpOutMsgs: 6,
      IcmpOutDestUnreachs: 6,
      IcmpOutRateLimitHost: 6,
    });
  });

  it('says nothing about a broadcast, and does not count it', () => {
    lab = routerLab();
    expect(lab.udp('a', '10.0.1.255:9999').probe.errors).toEqual([]);
    expect(linesOf(lab, 'a:eth0')).toHaveLength(1);
    expect(lab.drops()).toMatchObject({ 'kernel:NO_SOCKET@r': 1 });
    expect(lab.counters('r')).not.toHaveProperty('UdpNoPorts');
  });

  it('reports to nobody when the socket is closed by then: an ICMP error in vain', () => {
    lab = routerLab();
    lab.udp('a', '10.0.2.99:9999', { timeout: '1s' });
    lab.run({ wait: '10s' });
    expect(lab.counters('a')).toMatchObject({ IcmpInMsgs: 1, IcmpInDestUnreachs: 1, IcmpInErrors: 1 });
  });
});
