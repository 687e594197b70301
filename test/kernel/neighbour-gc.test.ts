import { describe, expect, it } from 'vitest';
import { ms, seconds } from '../../sim/core/time.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { Shell } from './shell.ts';

/*
 * A namespace with a link on which nobody answers, and one that does (an address of its own far end). What is expected is what
 * Linux 6.18 did with 1500 datagrams to as many addresses: 1024 waited for their neighbour, 476 were discarded.
 */

const FIRST = parseIpv4('10.9.1.0') as number;

class Link extends Shell {
  constructor(...settings: readonly string[]) {
    super();
    this.veth('e0', 'far');
    expect(this.run('ip addr add 10.9.0.1/16 dev e0', 'ip link set e0 up', 'ip link set far up')).toBe('');
    for (const setting of settings) expect(this.run(`sysctl -w ${setting}`)).toBe('');
  }

  /** A datagram to each of `count` addresses from the `from`-th on. */
  send(count: number, from = 0): void {
    const owner = { name: 'test', place: this.net.place };
    const socket = this.net.parts.udp.open(owner);
    for (let index = from; index < from + count; index++) socket.sendTo(new Uint8Array(1), FIRST + index, 9);
    socket.close();
  }

  wait(duration: number): void {
    const end = this.clock.now + duration;
    while ((this.clock.nextAt() ?? Number.POSITIVE_INFINITY) <= end) this.clock.runNext();
    this.clock.after((end - this.clock.now) as never, () => {}, undefined);
    this.clock.runNext();
  }

  get states(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { state } of this.net.parts.neighbours.list()) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  get overflows(): number {
    return this.net.ledger.drops.get('kernel:NEIGH_CREATEFAIL') ?? 0;
  }
}

describe('a table of neighbours that is full (gc_thresh3)', () => {
  it('takes no more: the datagram is dropped and counted, and its sender is told nothing', () => {
    const link = new Link();
    link.send(1500);
    expect(link.states).toEqual({ INCOMPLETE: 1024 });
    expect(link.overflows).toBe(476);
    const { IpOutDiscards, UdpSndbufErrors, UdpOutDatagrams } = link.net.counters;
    expect({ IpOutDiscards, UdpSndbufErrors, UdpOutDatagrams }).toEqual({
      ...{ IpOutDiscards: 476, UdpSndbufErrors: 476, UdpOutDatagrams: 1024 },
    });
    link.net.ledger.audit(link.net.held);
  });

  it('has room again when searches have failed', () => {
    const link = new Link();
    link.send(1500);
    link.wait(seconds(4));
    expect(link.states).toEqual({ FAILED: 1024 });
    link.send(1, 2000);
    // 1024 - gc_thresh2 went, and the new one came.
    expect(link.states).toEqual({ FAILED: 512, INCOMPLETE: 1 });
    expect(link.overflows).toBe(476);
  });

  it('of searches still has room for what is entered by hand for good, and for nothing else', () => {
    const link = new Link('net.ipv4.neigh.default.gc_thresh3=3', 'net.ipv4.neigh.default.gc_thresh2=2');
    link.send(5);
    expect(link.states).toEqual({ INCOMPLETE: 3 });
    const add = 'ip neigh add 10.9.200.1 lladdr 02:00:00:00:00:99 dev e0 nud';
    expect(link.run(`${add} stale`)).toBe('RTNETLINK answers: No buffer space available');
    expect(link.run(`${add} permanent`)).toBe('');
    expect(link.states).toEqual({ INCOMPLETE: 3, PERMANENT: 1 });
    // What is permanent does not count: three may be searched for beside it.
    link.wait(seconds(4));
    link.send(3, 100);
    expect(link.states.PERMANENT).toBe(1);
    expect(link.overflows).toBe(2);
    expect(link.run('ip neigh del 10.9.200.1 dev e0', 'ip neigh flush all')).toBe('');
    link.send(5, 200);
    expect(link.overflows).toBe(4);
  });
});

describe('above gc_thresh2', () => {
  const SETTINGS = ['net.ipv4.neigh.default.gc_thresh2=4', 'net.ipv4.neigh.default.gc_thresh1=1000'];

  it('a new entry makes others go: failed ones, and any that changed nothing for five seconds', () => {
    const link = new Link(...SETTINGS);
    const add = (index: number) => link.run(`ip neigh add 10.9.9.${index} lladdr 02:00:00:00:00:99 dev e0 nud stale`);
    for (let index = 1; index <= 8; index++) expect(add(index)).toBe('');
    // All are young, and the collection that found nothing to collect was the last for five seconds.
    expect(link.states).toEqual({ STALE: 8 });
    link.wait(seconds(5));
    add(9);
    expect(link.states).toEqual({ STALE: 9 });
    link.wait(ms(1));
    add(10);
    // Down to the threshold, the oldest first.
    expect(link.states).toEqual({ STALE: 5 });
    expect(link.net.parts.neighbours.list().map(({ address }) => address & 0xff)).toEqual([6, 7, 8, 9, 10]);
  });

  it('an entry that is searched for, or in use, stays', () => {
    const link = new Link(...SETTINGS);
    link.send(5);
    link.wait(seconds(2));
    link.send(5, 50);
    expect(link.states).toEqual({ INCOMPLETE: 10 });
  });
});

describe('from gc_thresh1 on', () => {
  it('what failed, or was not used for gc_stale_time, goes by itself', () => {
    const link = new Link();
    link.send(130);
    link.wait(seconds(14));
    expect(link.states).toEqual({ FAILED: 130 });
    link.wait(seconds(2));
    expect(link.states).toEqual({});
    expect(link.clock.nextAt()).toBeUndefined();
  });

  it('and below it nothing does', () => {
    const link = new Link();
    link.send(127);
    link.wait(seconds(1000));
    expect(link.states).toEqual({ FAILED: 127 });
  });

  it('an entry stays for gc_stale_time after it was used last', () => {
    const link = new Link('net.ipv4.neigh.default.gc_thresh1=1', 'net.ipv4.neigh.e0.gc_stale_time=20');
    link.run('ip neigh add 10.9.9.1 lladdr 02:00:00:00:00:99 dev e0 nud stale');
    link.wait(seconds(16));
    expect(link.states).toEqual({ STALE: 1 });
    link.wait(seconds(15));
    expect(link.states).toEqual({});
  });

  it('what is permanent stays, and keeps no clock running', () => {
    const link = new Link('net.ipv4.neigh.default.gc_thresh1=1');
    link.run('ip neigh add 10.9.9.1 lladdr 02:00:00:00:00:99 dev e0');
    link.wait(seconds(100));
    expect(link.states).toEqual({ PERMANENT: 1 });
    expect(link.clock.nextAt()).toBeUndefined();
  });
});
