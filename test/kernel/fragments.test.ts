import { afterEach, describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { u16 } from '../../sim/wire/bytes.ts';
import { ETHERNET_LENGTH, EthernetHeader } from '../../sim/wire/ethernet.ts';
import { IP_DF, IP_MF, Ipv4Header } from '../../sim/wire/ipv4.ts';
import type { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { routerLab } from './router-lab.ts';

/* Cutting and putting together, as Linux 6.18 does it: far link MTU 1400. */

let lab: Lab;

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

describe('a datagram larger than the next link', () => {
  it('is cut into 1396, data a multiple of 8, and the rest, in order, with one id', () => {
    lab = routerLab();
    expect(lab.ping('a', '10.0.2.2', { size: 1472, df: 'dont' }).probe.replies).toMatchObject([{ intact: true }]);
    expect(linesOf(lab, 'r:eth1')).toEqual([
      '02>0b 10.0.1.2>10.0.2.2 len=1396 ttl=63 id=n 0+ echo request 1',
      '02>0b 10.0.1.2>10.0.2.2 len=124 ttl=63 id=n 1376.',
      '0b>02 10.0.2.2>10.0.1.2 len=1396 ttl=64 id=n 0+ echo reply 1',
      '0b>02 10.0.2.2>10.0.1.2 len=124 ttl=64 id=n 1376.',
    ]);
    const ids = lab
      .frames('r:eth1')
      .slice(2)
      .map((frame) => u16(frame.bytes, ETHERNET_LENGTH + 4));
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).toBe(ids[3]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  it('big-4000: fragments are cut again one by one, MF kept; the far side answers from its own MTU', () => {
    lab = routerLab();
    expect(lab.ping('a', '10.0.2.2', { size: 4000, df: 'dont' }).probe.replies).toMatchObject([{ intact: true }]);
    expect(linesOf(lab, 'a:eth0')).toEqual([
      '0a>01 10.0.1.2>10.0.2.2 len=1500 ttl=64 id=n 0+ echo request 1',
      '0a>01 10.0.1.2>10.0.2.2 len=1500 ttl=64 id=n 1480+',
      '0a>01 10.0.1.2>10.0.2.2 len=1068 ttl=64 id=n 2960.',
      '01>0a 10.0.2.2>10.0.1.2 len=1396 ttl=63 id=n 0+ echo reply 1',
      '01>0a 10.0.2.2>10.0.1.2 len=1396 ttl=63 id=n 1376+',
      '01>0a 10.0.2.2>10.0.1.2 len=1276 ttl=63 id=n 2752.',
    ]);
    expect(linesOf(lab, 'r:eth1').slice(0, 5)).toEqual([
      '02>0b 10.0.1.2>10.0.2.2 len=1396 ttl=63 id=n 0+ echo request 1',
      '02>0b 10.0.1.2>10.0.2.2 len=124 ttl=63 id=n 1376+',
      '02>0b 10.0.1.2>10.0.2.2 len=1396 ttl=63 id=n 1480+',
      '02>0b 10.0.1.2>10.0.2.2 len=124 ttl=63 id=n 2856+',
      '02>0b 10.0.1.2>10.0.2.2 len=1068 ttl=63 id=n 2960.',
    ]);
  });

  it('counts every piece that leaves: sent = asked - cut + pieces', () => {
    lab = routerLab();
    lab.ping('a', '10.0.2.2', { size: 4000, df: 'dont' });
    const a = lab.counters('a');
    expect(a).toMatchObject({ IpOutRequests: 1, IpFragOKs: 1, IpFragCreates: 3, IpOutTransmits: 3 });
    expect(a).toMatchObject({ IpExtOutOctets: 4068, IpReasmReqds: 3, IpReasmOKs: 1, IpInReceives: 3, IpInDelivers: 1 });
    expect(lab.counters('r')).toMatchObject({ IpForwDatagrams: 6, IpFragOKs: 2, IpFragCreates: 4, IpOutTransmits: 8 });
  });

  it.each([1372, 1373, 1376, 1377, 2748, 2752])('%i bytes come back whole', (size) => {
    lab = routerLab();
    expect(lab.ping('a', '10.0.2.2', { size, df: 'dont' }).probe.replies).toMatchObject([
      { length: size, intact: true },
    ]);
    expect(lab.frames('r:eth1').every((frame) => frame.bytes.length <= 1414)).toBe(true);
  });

  it('as large as IPv4 allows comes back whole', () => {
    lab = routerLab();
    const { probe } = lab.ping('a', '10.0.2.2', { size: 65507, df: 'dont' });
    expect(probe.replies).toMatchObject([{ length: 65507, intact: true }]);
  });
});

/** An echo request of 24 bytes of data from a to r, cut into pieces by hand: frames for r's eth0. */
function pieces(...cuts: readonly (readonly [from: number, to: number, more: boolean])[]): Uint8Array[] {
  const source = routerLab();
  source.ping('a', '10.0.1.1', { size: 24 });
  const whole = source.frames('a:eth0')[2]?.bytes ?? new Uint8Array();
  const start = ETHERNET_LENGTH + 20;
  return cuts.map(([from, to, more]) => {
    const frame = new Uint8Array(start + to - from);
    frame.set(whole.subarray(0, start));
    frame.set(whole.subarray(start + from, start + to), start);
    const header = new Ipv4Header(frame, ETHERNET_LENGTH);
    header.totalLength = 20 + to - from;
    header.fragment = (more ? IP_MF : 0) | (from / 8);
    header.writeChecksum();
    return frame;
  });
}

/** Gives frames to r, which knows a already, and returns what it answered by eth0. */
function receive(frames: readonly Uint8Array[], wait = '1s'): string[] {
  lab = routerLab();
  lab.exec('r', 'ip neigh add 10.0.1.2 lladdr 02:00:00:00:00:0a dev eth0');
  const device = lab.stack('r').net.device('eth0');
  if (device === undefined) throw new Error('r has eth0');
  for (const frame of frames) netifReceive(Packet.of(lab.world.ledger, frame), device);
  lab.world.audit();
  lab.run({ wait });
  const lines = linesOf(lab, 'r:eth0').filter((line) => line.startsWith('01>0a'));
  return lines.map((line) => line.replace(/^.*id=n /, ''));
}

describe('putting together', () => {
  it('takes pieces in any order', () => {
    expect(receive(pieces([16, 32, false], [0, 8, true], [8, 16, true]))).toEqual(['echo reply 1']);
    expect(lab.counters('r')).toMatchObject({ IpReasmReqds: 3, IpReasmOKs: 1 });
  });

  it('drops a duplicate and nothing else', () => {
    expect(receive(pieces([0, 16, true], [0, 16, true], [16, 32, false]))).toEqual(['echo reply 1']);
    expect(lab.drops()).toMatchObject({ 'kernel:DUP_FRAG@r': 1 });
    expect(lab.counters('r')).toMatchObject({ IpReasmReqds: 3, IpReasmOKs: 1 });
  });

  it('throws the datagram away when pieces overlap', () => {
    expect(receive(pieces([0, 16, true], [8, 32, false]))).toEqual([]);
    expect(lab.drops()).toEqual({ 'kernel:FRAG_TOO_FAR@r': 2 });
    expect(lab.counters('r')).toMatchObject({ IpReasmFails: 1 });
  });

  it('gives up after 30 s, and tells the sender when it has the first piece', () => {
    const [error] = receive(pieces([0, 16, true]), '31s');
    expect(error).toBe('icmp 11/1 [36 of 36: 10.0.1.2>10.0.1.1 ttl=64 id=n]');
    expect(lab.frames('r:eth0').at(-1)?.time).toBe(30e9);
    expect(lab.drops()).toEqual({ 'kernel:FRAG_REASM_TIMEOUT@r': 1 });
    expect(lab.counters('r')).toMatchObject({ IpReasmTimeout: 1, IpReasmFails: 1, IcmpOutTimeExcds: 1 });
  });

  it('gives up in silence when the first piece is missing', () => {
    expect(receive(pieces([16, 32, false]), '31s')).toEqual([]);
    expect(lab.drops()).toEqual({ 'kernel:FRAG_REASM_TIMEOUT@r': 1 });
  });

  it('cuts a piece that is not the last to a multiple of 8', () => {
    expect(receive(pieces([0, 12, true], [8, 32, false]))).toEqual(['echo reply 1']);
  });

  it('refuses one with less than 8 bytes that is not the last', () => {
    expect(receive(pieces([0, 7, true]))).toEqual([]);
    expect(lab.drops()).toEqual({ 'kernel:FRAG_TOO_FAR@r': 1 });
  });

  it('takes none beyond ipfrag_high_thresh, and says which setting that is', () => {
    const frames = pieces([0, 8, true], [8, 32, false]);
    lab = routerLab();
    lab.exec('r', 'sysctl -w net.ipv4.ipfrag_low_thresh=1000', 'sysctl -w net.ipv4.ipfrag_high_thresh=1000');
    const device = lab.stack('r').net.device('eth0');
    for (const frame of frames) netifReceive(Packet.of(lab.world.ledger, frame), must(device, 'r has eth0'));
    expect(lab.drops()).toEqual({ 'kernel:NOMEM@r': 1 });
    expect(lab.counters('r')).toMatchObject({ IpReasmReqds: 2, IpReasmFails: 1 });
    lab.run({ wait: '31s' });
    expect(lab.drops()).toMatchObject({ 'kernel:FRAG_REASM_TIMEOUT@r': 1 });
  });

  it('waits for ipfrag_time, as it is when the first fragment comes', () => {
    const frames = pieces([16, 32, false]);
    lab = routerLab();
    lab.exec('r', 'sysctl -w net.ipv4.ipfrag_time=5');
    const device = must(lab.stack('r').net.device('eth0'), 'r has eth0');
    for (const frame of frames) netifReceive(Packet.of(lab.world.ledger, frame), device);
    lab.run({ wait: '4900ms' });
    expect(lab.drops()).toEqual({});
    lab.run({ wait: '200ms' });
    expect(lab.drops()).toEqual({ 'kernel:FRAG_REASM_TIMEOUT@r': 1 });
  });

  it('refuses what would reach beyond 65535 bytes', () => {
    const [template = new Uint8Array()] = pieces([0, 8, true]);
    const frames = Array.from({ length: 45 }, (_, index) => {
      const frame = new Uint8Array(ETHERNET_LENGTH + 20 + 1480);
      frame.set(template);
      const header = new Ipv4Header(frame, ETHERNET_LENGTH);
      header.totalLength = 1500;
      header.fragment = (index < 44 ? IP_MF : 0) | (index * 185);
      header.writeChecksum();
      return frame;
    });
    expect(receive(frames)).toEqual([]);
    expect(lab.drops()).toEqual({ 'kernel:FRAG_TOO_FAR@r': 45 });
    expect(lab.counters('r')).toMatchObject({ IpReasmReqds: 45, IpReasmFails: 1 });
  });
});

describe('a fragment on its way', () => {
  it('later ones never provoke an ICMP error, the first one does', () => {
    const [first = new Uint8Array(), second = new Uint8Array()] = pieces([0, 16, true], [16, 32, false]);
    for (const frame of [first, second]) {
      frame.set([10, 0, 9, 9], ETHERNET_LENGTH + 16);
      new Ipv4Header(frame, ETHERNET_LENGTH).writeChecksum();
    }
    expect(receive([second])).toEqual([]);
    expect(receive([first])).toEqual(['icmp 3/0 [36 of 36: 10.0.1.2>10.0.9.9 ttl=64 id=n]']);
  });

  it('with DF that does not fit is refused as any packet', () => {
    const [frame = new Uint8Array()] = pieces([0, 16, true]);
    const large = new Uint8Array(ETHERNET_LENGTH + 1480);
    large.set(frame);
    large.set([10, 0, 2, 2], ETHERNET_LENGTH + 16);
    const header = new Ipv4Header(large, ETHERNET_LENGTH);
    header.totalLength = 1480;
    header.fragment = IP_DF | IP_MF;
    header.writeChecksum();
    expect(new EthernetHeader(large, 0).etherType).toBe(0x0800);
    expect(receive([large])).toEqual(['icmp 3/4 (1400) [548 of 1480: 10.0.1.2>10.0.2.2 ttl=64 DF id=n]']);
  });
});
