import { describe, expect, it } from 'vitest';
import { devQueueXmit, netifReceive } from '../../sim/link/device.ts';
import { createVethPair } from '../../sim/link/veth.ts';
import { Bench, mac } from './bench.ts';

function pair() {
  const bench = new Bench();
  const a = { name: 'a', mac: mac('0a'), mtu: 1500 };
  const b = { name: 'b', mac: mac('0b'), mtu: 1500 };
  const [one, other] = createVethPair(bench.clock, a, b);
  return { bench, a: one, b: other };
}

describe('veth', () => {
  it('has carrier while the peer is up, and tells only the end whose carrier changed', () => {
    const { a, b } = pair();
    const told: string[] = [];
    a.onCarrier = () => told.push(`a ${a.carrier}`);
    b.onCarrier = () => told.push(`b ${b.carrier}`);
    a.setUp(true);
    expect([a.carrier, b.carrier]).toEqual([false, true]);
    b.setUp(true);
    b.setUp(true);
    b.setUp(false);
    expect(told).toEqual(['b true', 'a true', 'a false']);
  });

  it('delivers at the same time, in an event of its own, and the receiving end holds the packet until then', () => {
    const { bench, a, b } = pair();
    bench.attach(a);
    bench.attach(b);
    const packet = bench.frame('0b', '0a');
    a.startXmit(packet);
    expect([bench.arrivals.length, a.held, b.held]).toEqual([0, 0, 1]);
    bench.settle();
    expect(bench.arrivals).toEqual([{ device: 'b', at: 0, number: packet.number, type: 'host', mark: 0, length: 46 }]);
    expect(b.held).toBe(0);
  });

  it('counts a frame with its Ethernet header at both ends', () => {
    const { bench, a, b } = pair();
    bench.attach(a, b);
    bench.send(a, 'broadcast', '0a', 42);
    expect([a.txPackets, a.txBytes, b.rxPackets, b.rxBytes]).toEqual([1, 42, 1, 42]);
  });

  it('takes the mark off between namespaces and leaves it within one', () => {
    for (const together of [true, false]) {
      const { bench, a, b } = pair();
      if (together) bench.attach(a, b);
      else {
        bench.attach(a);
        bench.attach(b);
      }
      const packet = bench.frame('0b', '0a');
      Object.assign(packet, { mark: 7, forwarded: true, ignoreDf: true, fragMaxSize: 600, inputIfindex: 9 });
      packet.destination = { family: 'ipv4' };
      a.startXmit(packet);
      const { forwarded, ignoreDf, fragMaxSize, destination, inputIfindex } = packet;
      expect({ forwarded, ignoreDf, fragMaxSize, destination, inputIfindex }).toEqual({
        forwarded: false,
        ignoreDf: false,
        fragMaxSize: 0,
        destination: undefined,
        inputIfindex: 0,
      });
      bench.settle();
      expect(bench.arrivals[0]?.mark).toBe(together ? 7 : 0);
    }
  });

  // Measured on Linux 6.18: with both MTUs 1500 a frame of 1518 bytes passes and one of 1519 does not.
  it('lets a frame pass that is four bytes longer than the MTU of the peer allows, and no longer one', () => {
    const { bench, a, b } = pair();
    bench.attach(a, b);
    bench.send(a, '0b', '0a', 1518);
    expect(bench.take()).toEqual(['b']);
    const long = bench.send(a, '0b', '0a', 1519);
    expect(bench.dropOf(long)).toMatchObject({ reason: 'kernel:PKT_TOO_BIG', function: 'veth_xmit' });
  });

  it('drops by DEV_READY what arrives at an end that went down meanwhile', () => {
    const { bench, a, b } = pair();
    bench.attach(a, b);
    a.startXmit(bench.frame('0b', '0a'));
    b.setUp(false);
    bench.settle();
    expect(bench.drops()).toEqual({ 'kernel:DEV_READY': 1 });
    bench.send(a, '0b', '0a');
    expect(bench.drops()).toEqual({ 'kernel:DEV_READY': 1, 'kernel:QDISC_DROP': 1 });
  });

  it('takes what is on the way with it when it is destroyed', () => {
    const { bench, a, b } = pair();
    bench.attach(a, b);
    a.startXmit(bench.frame('0b', '0a'));
    b.startXmit(bench.frame('0a', '0b'));
    b.destroy();
    expect([a.carrier, b.carrier, a.held, b.held]).toEqual([false, false, 1, 1]);
    bench.settle();
    expect(bench.drops()).toEqual({ 'kernel:QUEUE_PURGE': 2 });
    a.startXmit(bench.frame('0b', '0a'));
    expect(bench.drops()).toEqual({ 'kernel:QUEUE_PURGE': 2, 'kernel:DEV_READY': 1 });
  });

  it('says to whom a frame is addressed', () => {
    const { bench, a, b } = pair();
    bench.attach(a, b);
    for (const to of ['0b', 'broadcast', '01:00:5e:00:00:01', '0c']) bench.send(a, to, '0a');
    expect(bench.arrivals.map((arrival) => arrival.type)).toEqual(['host', 'broadcast', 'multicast', 'otherhost']);
  });

  it('drops a frame that ends inside its header', () => {
    const { bench, a, b } = pair();
    bench.attach(a, b);
    const runt = bench.frame('0b', '0a');
    runt.trim(13);
    netifReceive(runt, b);
    expect(bench.drops()).toEqual({ 'kernel:PKT_TOO_SMALL': 1 });
    bench.audit();
  });

  it('drops what finds more than netdev_max_backlog packets waiting, counts it at both ends, and takes more later', () => {
    const { bench, a, b } = pair();
    bench.attach(a);
    bench.attach(b);
    b.backlogLimit = { netdev_max_backlog: 3 };
    for (let count = 0; count < 6; count++) devQueueXmit(bench.frame('0b', '0a', 100), a);
    expect(bench.drops()).toEqual({ 'kernel:CPU_BACKLOG': 2 });
    expect([a.txPackets, a.txBytes, a.txDropped, b.rxDropped, b.held]).toEqual([4, 400, 2, 2, 4]);
    bench.settle();
    devQueueXmit(bench.frame('0b', '0a', 100), a);
    bench.settle();
    expect([b.rxPackets, bench.drops()]).toEqual([5, { 'kernel:CPU_BACKLOG': 2 }]);
  });
});
