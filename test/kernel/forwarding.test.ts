import { afterEach, describe, expect, it } from 'vitest';
import type { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { routerLab } from './router-lab.ts';

/*
 * Host a - router r - host b, the far link with MTU 1400: the frames that Linux 6.18 sent in the same network. Every
 * frame of every story has right lengths and checksums.
 */

let lab: Lab;

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

describe('a ping through a router', () => {
  it('asks on the near link, then on the far one, and the packet that waited follows at once', () => {
    lab = routerLab();
    expect(lab.ping('a', '10.0.2.2').probe.replies).toMatchObject([{ ttl: 63, length: 56, intact: true }]);
    expect(linesOf(lab, 'a:eth0', { arp: true })).toEqual([
      '0a>ff who-has 10.0.1.1 tell 10.0.1.2 (00)',
      '01>0a 10.0.1.1 is-at 01 tell 10.0.1.2 (0a)',
      '0a>01 10.0.1.2>10.0.2.2 len=84 ttl=64 DF id=n echo request 1',
      '01>0a 10.0.2.2>10.0.1.2 len=84 ttl=63 id=n echo reply 1',
    ]);
    expect(linesOf(lab, 'r:eth1', { arp: true })).toEqual([
      '02>ff who-has 10.0.2.2 tell 10.0.2.1 (00)',
      '0b>02 10.0.2.2 is-at 0b tell 10.0.2.1 (02)',
      '02>0b 10.0.1.2>10.0.2.2 len=84 ttl=63 DF id=n echo request 1',
      '0b>02 10.0.2.2>10.0.1.2 len=84 ttl=64 id=n echo reply 1',
    ]);
  });

  it('changes the MAC addresses, the TTL and the header checksum, and no other byte', () => {
    lab = routerLab();
    lab.ping('a', '10.0.2.2', { tos: 0x48 });
    const [before, after] = ['a:eth0', 'b:eth0'].map((point) => lab.frames(point)[2]?.bytes ?? new Uint8Array());
    const changed = [...(before ?? [])].flatMap((byte, index) => (byte === after?.[index] ? [] : [index]));
    expect(changed.filter((index) => index >= 12 && index !== 24 && index !== 25)).toEqual([22]);
    expect([before?.[22], after?.[22]]).toEqual([64, 63]);
    expect(after?.length).toBe(before?.length);
  });

  it('comes back with the TOS it was sent with', () => {
    lab = routerLab();
    lab.ping('a', '10.0.2.2', { tos: 0x48 });
    expect(linesOf(lab, 'b:eth0')).toEqual([
      '02>0b 10.0.1.2>10.0.2.2 len=84 ttl=63 tos=48 DF id=n echo request 1',
      '0b>02 10.0.2.2>10.0.1.2 len=84 ttl=64 tos=48 id=n echo reply 1',
    ]);
  });

  it('is 8 bytes of ICMP, a struct timeval and 0x10, 0x11, ...; the reply gives it all back', () => {
    lab = routerLab();
    lab.ping('a', '10.0.2.2', { count: 2 });
    const [request = new Uint8Array(), reply = new Uint8Array()] = lab
      .frames('a:eth0')
      .slice(4)
      .map((frame) => frame.bytes);
    expect([...request.subarray(42, 58)]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...request.subarray(58)]).toEqual(Array.from({ length: 40 }, (_, index) => 0x10 + index));
    expect(reply.subarray(38)).toEqual(request.subarray(38));
  });

  it('is verified 5 s later by each side that only heard a request, with an ARP request by unicast', () => {
    lab = routerLab();
    lab.ping('a', '10.0.2.2', { count: 3 });
    lab.run({ wait: '60s' });
    const arp = (point: string): string[] =>
      linesOf(lab, point, { arp: true }).filter((line) => !line.includes('len='));
    expect(arp('a:eth0').slice(2)).toEqual([
      '01>0a who-has 10.0.1.2 tell 10.0.1.1 (00)',
      '0a>01 10.0.1.2 is-at 0a tell 10.0.1.1 (01)',
    ]);
    expect(arp('b:eth0').slice(2)).toEqual([
      '0b>02 who-has 10.0.2.1 tell 10.0.2.2 (00)',
      '02>0b 10.0.2.1 is-at 02 tell 10.0.2.2 (0b)',
    ]);
    const verified = lab.frames('b:eth0').at(-2)?.time ?? 0;
    expect(Math.floor(verified / 1e9)).toBe(5);
  });

  it('is counted once received, once forwarded, once sent, in octets of IP', () => {
    lab = routerLab();
    lab.ping('a', '10.0.2.2', { count: 3 });
    expect(lab.counters('r')).toEqual({
      IpInReceives: 6,
      IpForwDatagrams: 6,
      IpOutTransmits: 6,
      IpExtInOctets: 504,
      IpExtOutOctets: 504,
    });
    expect(lab.counters('b')).toMatchObject({ IcmpInMsgs: 3, IcmpInEchos: 3, IcmpOutMsgs: 3, IcmpOutEchoReps: 3 });
    expect(lab.counters('a')).toMatchObject({ IpInDelivers: 3, IpOutRequests: 3, IcmpOutEchos: 3, IcmpInEchoReps: 3 });
  });
});

describe('a ping to the router itself', () => {
  it('may have TTL 1, and its far address answers from that address by the near link', () => {
    lab = routerLab();
    expect(lab.ping('a', '10.0.2.1', { ttl: 1 }).probe.replies).toMatchObject([{ ttl: 64 }]);
    expect(linesOf(lab, 'a:eth0')).toEqual([
      '0a>01 10.0.1.2>10.0.2.1 len=84 ttl=1 DF id=n echo request 1',
      '01>0a 10.0.2.1>10.0.1.2 len=84 ttl=64 id=n echo reply 1',
    ]);
    expect(linesOf(lab, 'r:eth1', { arp: true })).toEqual([]);
  });
});

describe('what the router cannot pass on', () => {
  it('time exceeded: the quoted packet has the TTL it came with', () => {
    lab = routerLab();
    const { probe, drops } = lab.ping('a', '10.0.2.2', { ttl: 1, count: 2 });
    expect(probe.errors).toMatchObject([
      { sequence: 1, type: 11, code: 0 },
      { sequence: 2, type: 11, code: 0 },
    ]);
    expect(linesOf(lab, 'a:eth0').slice(0, 2)).toEqual([
      '0a>01 10.0.1.2>10.0.2.2 len=84 ttl=1 DF id=n echo request 1',
      '01>0a 10.0.1.1>10.0.1.2 len=112 ttl=64 tos=c0 id=n icmp 11/0 [84 of 84: 10.0.1.2>10.0.2.2 ttl=1 DF id=n]',
    ]);
    expect(drops.map((step) => step.reason)).toEqual(['kernel:IP_INHDR']);
    expect(lab.counters('r')).toMatchObject({ IpInHdrErrors: 2, IcmpOutTimeExcds: 2 });
    expect(lab.counters('r')).not.toHaveProperty('IpForwDatagrams');
    expect(lab.counters('a')).toMatchObject({ IcmpInTimeExcds: 2 });
  });

  it('no route: net unreachable, quoted TTL as received; each error costs two tokens, so the fifth is not sent', () => {
    lab = routerLab();
    expect(lab.ping('a', '10.0.9.9', { count: 6 }).probe.errors.map((error) => error.sequence)).toEqual([1, 2, 3, 4]);
    expect(linesOf(lab, 'a:eth0')[1]).toBe(
      '01>0a 10.0.1.1>10.0.1.2 len=112 ttl=64 tos=c0 id=n icmp 3/0 [84 of 84: 10.0.1.2>10.0.9.9 ttl=64 DF id=n]',
    );
    expect(lab.drops()).toEqual({ 'kernel:IP_INNOROUTES@r': 6 });
    expect(lab.counters('r')).toMatchObject({ IpExtInNoRoutes: 6, IcmpOutDestUnreachs: 4, IcmpOutRateLimitHost: 2 });
  });

  it.each([
    ['unreachable', 'icmp 3/1'],
    ['prohibit', 'icmp 3/13'],
  ])('an %s route says %s', (type, error) => {
    lab = routerLab();
    lab.exec('r', `ip route add ${type} 10.0.9.0/24`);
    lab.ping('a', '10.0.9.9');
    expect(linesOf(lab, 'a:eth0')[1]).toContain(error);
  });

  it('a blackhole route says nothing', () => {
    lab = routerLab();
    lab.exec('r', 'ip route add blackhole 10.0.9.0/24');
    expect(lab.ping('a', '10.0.9.9').probe.errors).toEqual([]);
    expect(linesOf(lab, 'a:eth0')).toHaveLength(1);
    expect(lab.drops()).toEqual({ 'kernel:IP_INNOROUTES@r': 1 });
  });

  it('host unreachable: after 3 ARP requests every packet that waited is answered, in order, in one burst', () => {
    lab = routerLab();
    const { probe } = lab.ping('a', '10.0.2.99', { count: 5, interval: '1100ms' });
    expect(linesOf(lab, 'r:eth1', { arp: true })).toEqual(Array(6).fill('02>ff who-has 10.0.2.99 tell 10.0.2.1 (00)'));
    expect(lab.frames('r:eth1').map((frame) => Math.round(frame.time / 1e6))).toEqual([
      0, 1000, 2000, 3300, 4300, 5300,
    ]);
    expect(probe.errors.map(({ sequence, at, code }) => [sequence, Math.round(at / 1e6), code])).toEqual([
      [1, 3000, 1],
      [2, 3000, 1],
      [3, 3000, 1],
      [4, 6300, 1],
      [5, 6300, 1],
    ]);
    // It failed after it was forwarded: the quoted TTL is lowered.
    expect(linesOf(lab, 'a:eth0').at(-1)).toBe(
      '01>0a 10.0.1.1>10.0.1.2 len=112 ttl=64 tos=c0 id=n icmp 3/1 [84 of 84: 10.0.1.2>10.0.2.99 ttl=63 DF id=n]',
    );
    expect(lab.drops()).toEqual({ 'kernel:NEIGH_FAILED@r': 5 });
    expect(lab.counters('r')).toMatchObject({ IpForwDatagrams: 5, IpOutRequests: 5, IpOutTransmits: 10 });
  });

  it('with ip_forward off: nothing is said, the packet is counted as misaddressed', () => {
    lab = routerLab({ 'net.ipv4.ip_forward': 0 });
    const { probe } = lab.ping('a', '10.0.2.2');
    expect([probe.replies, probe.errors]).toEqual([[], []]);
    expect(linesOf(lab, 'a:eth0')).toHaveLength(1);
    expect(lab.drops()).toEqual({ 'kernel:IP_INADDRERRORS@r': 1 });
    expect(lab.counters('r')).toEqual({ IpInReceives: 1, IpInAddrErrors: 1, IpExtInOctets: 84 });
    // Its own far address needs no forwarding.
    expect(lab.ping('a', '10.0.2.1').probe.replies).toHaveLength(1);
  });
});

describe('what a host cannot send', () => {
  it('without a route: no frame, Network is unreachable', () => {
    lab = routerLab();
    lab.exec('a', 'ip route del default');
    const { probe } = lab.ping('a', '10.0.2.2');
    expect(probe.sent).toMatchObject([{ packet: 0, errno: 'ENETUNREACH' }]);
    expect(lab.frames('a:eth0')).toEqual([]);
    expect(lab.counters('a')).toEqual({ IpOutNoRoutes: 1 });
  });

  it('to a neighbour that is not there: the error is its own and never leaves', () => {
    lab = routerLab();
    const { probe } = lab.ping('a', '10.0.1.99', { count: 4, interval: '1100ms' });
    expect(probe.errors).toMatchObject(Array(4).fill({ errno: 'EHOSTUNREACH', type: 3, code: 1, from: 0x0a000102 }));
    expect(probe.errors.map((error) => Math.round(error.at / 1e6))).toEqual([3000, 3000, 3000, 6300]);
    expect(linesOf(lab, 'a:eth0', { arp: true })).toEqual(Array(6).fill('0a>ff who-has 10.0.1.99 tell 10.0.1.2 (00)'));
    expect(lab.drops()).toEqual({ 'kernel:NEIGH_FAILED@a': 4 });
  });
});
