import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';
import { ms, seconds, us, ZERO } from '../../sim/core/time.ts';
import { Cable, type CableOptions } from '../../sim/link/cable.ts';
import { devQueueXmit } from '../../sim/link/device.ts';
import { EthernetPort } from '../../sim/link/ethernet-port.ts';
import { Bench, mac } from './bench.ts';

const IDEAL: CableOptions = { delay: ZERO, jitter: ZERO, rate: undefined, loss: 0 };

function cable(options: Partial<CableOptions> = {}, seed = 1) {
  const bench = new Bench();
  const a = new EthernetPort({ name: 'a', mac: mac('0a'), mtu: 1500 });
  const b = new EthernetPort({ name: 'b', mac: mac('0b'), mtu: 1500 });
  const line = new Cable(bench.clock, new Chance(seed), a, b, { ...IDEAL, ...options });
  bench.attach(a);
  bench.attach(b);
  return { bench, a, b, line };
}

describe('cable', () => {
  it('carries the same packet, as bytes, after the delay', () => {
    const { bench, a, b } = cable({ delay: ms(5) });
    const packet = bench.frame('0b', '0a');
    Object.assign(packet, { mark: 4, forwarded: true, inputIfindex: 7 });
    a.startXmit(packet);
    expect([a.held, b.held]).toEqual([0, 1]);
    bench.settle();
    expect(bench.arrivals).toEqual([
      { device: 'b', at: 5e6, number: packet.number, type: 'host', mark: 0, length: 46 },
    ]);
    expect(packet.forwarded).toBe(false);
  });

  it('sends one frame after the other at its rate, with 24 bytes on the wire beside each', () => {
    const { bench, a } = cable({ rate: 1e9, delay: us(1) });
    // (1226 + 24) * 8 bits at 1 Gbit/s are exactly 10 us.
    for (let count = 0; count < 3; count++) a.startXmit(bench.frame('0b', '0a', 1226));
    bench.settle();
    expect(bench.arrivals.map((arrival) => arrival.at)).toEqual([11e3, 21e3, 31e3]);
  });

  it('is full duplex: one direction does not wait for the other', () => {
    const { bench, a, b } = cable({ rate: 1e9 });
    a.startXmit(bench.frame('0b', '0a', 1226));
    b.startXmit(bench.frame('0a', '0b', 1226));
    bench.settle();
    expect(bench.arrivals.map((arrival) => arrival.at)).toEqual([10e3, 10e3]);
  });

  it('queues 1000 frames behind the one that leaves, drops further ones, and takes more when one has left', () => {
    const { bench, a } = cable({ rate: 1e9 });
    for (let count = 0; count < 1003; count++) a.startXmit(bench.frame('0b', '0a', 1226));
    expect(bench.drops()).toEqual({ 'kernel:QDISC_DROP': 2 });
    bench.clock.runNext();
    a.startXmit(bench.frame('0b', '0a', 1226));
    bench.settle();
    expect(bench.arrivals.length).toBe(1002);
    expect(bench.drops()).toEqual({ 'kernel:QDISC_DROP': 2 });
  });

  it('queues as many as txqueuelen of the port says', () => {
    const { bench, a } = cable({ rate: 1e9 });
    a.txQueueLength = 5;
    for (let count = 0; count < 10; count++) a.startXmit(bench.frame('0b', '0a', 1226));
    bench.settle();
    expect([bench.arrivals.length, bench.drops()]).toEqual([6, { 'kernel:QDISC_DROP': 4 }]);
  });

  it('loses about as many as `loss` says, the same ones for the same seed', () => {
    const survivors = (seed: number) => {
      const { bench, a } = cable({ loss: 0.25 }, seed);
      for (let count = 0; count < 4000; count++) a.startXmit(bench.frame('0b', '0a'));
      bench.settle();
      expect(bench.arrivals.length + (bench.drops()['link:LOSS'] ?? 0)).toBe(4000);
      return bench.arrivals.map((arrival) => arrival.number);
    };
    const once = survivors(7);
    expect(once.length).toBeGreaterThan(2900);
    expect(once.length).toBeLessThan(3100);
    expect(survivors(7)).toEqual(once);
    expect(survivors(8)).not.toEqual(once);
  });

  it('may let frames overtake each other with jitter, within its bounds', () => {
    const { bench, a } = cable({ delay: ms(10), jitter: ms(2) }, 3);
    for (let count = 0; count < 100; count++) a.startXmit(bench.frame('0b', '0a'));
    bench.settle();
    const numbers = bench.arrivals.map((arrival) => arrival.number);
    expect(numbers).not.toEqual([...numbers].sort((x, y) => x - y));
    for (const { at } of bench.arrivals) {
      expect(at).toBeGreaterThanOrEqual(10e6);
      expect(at).toBeLessThanOrEqual(12e6);
    }
  });

  it('loses what is under way when it is pulled out, for good', () => {
    const { bench, a, b, line } = cable({ delay: seconds(1), rate: 1e6 });
    const told: string[] = [];
    a.onCarrier = () => told.push(`a ${a.carrier}`);
    b.onCarrier = () => told.push(`b ${b.carrier}`);
    a.startXmit(bench.frame('0b', '0a'));
    b.startXmit(bench.frame('0a', '0b'));
    line.setPlugged(false);
    line.setPlugged(false);
    bench.send(a, '0b', '0a');
    line.setPlugged(true);
    bench.settle();
    expect(bench.arrivals).toEqual([]);
    expect(bench.drops()).toEqual({ 'link:LINK_DOWN': 2, 'kernel:QDISC_DROP': 1 });
    expect(told).toEqual(['a false', 'b false', 'a true', 'b true']);
    bench.send(a, '0b', '0a');
    // Whatever had queued before is forgotten: 84 bytes at 1 Mbit/s and the delay, nothing else.
    expect(bench.arrivals.map((arrival) => arrival.at)).toEqual([1e9 + 672e3]);
  });

  it('takes the carrier of a port whose far end is shut down, and drops what is under way', () => {
    const { bench, a, b } = cable({ delay: ms(1) });
    devQueueXmit(bench.frame('0b', '0a'), a);
    b.setUp(false);
    bench.settle();
    expect(a.carrier).toBe(false);
    bench.send(a, '0b', '0a');
    expect(bench.drops()).toEqual({ 'link:LINK_DOWN': 1, 'kernel:QDISC_DROP': 1 });
  });

  it('leaves a port without a cable without carrier', () => {
    const bench = new Bench();
    const port = new EthernetPort({ name: 'p', mac: mac('0a'), mtu: 1500 });
    bench.attach(port);
    expect([port.carrier, port.held]).toEqual([false, 0]);
    bench.send(port, '0b', '0a');
    port.startXmit(bench.frame('0b', '0a'));
    expect(bench.drops()).toEqual({ 'kernel:QDISC_DROP': 1, 'link:LINK_DOWN': 1 });
  });

  it('law: without jitter, frames arrive in order, none earlier than its bits and the delay allow', () => {
    const lengths = fc.array(fc.integer({ min: 14, max: 1514 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1e4, max: 1e10 }), (sizes, rate) => {
        const { bench, a } = cable({ rate, delay: us(3) });
        for (const size of sizes) a.startXmit(bench.frame('0b', '0a', size));
        bench.settle();
        let bits = 0;
        for (const [index, arrival] of bench.arrivals.entries()) {
          bits += ((sizes[index] ?? 0) + 24) * 8;
          expect(arrival.length).toBe((sizes[index] ?? 0) - 14);
          expect(Math.abs(arrival.at - 3000 - (bits / rate) * 1e9)).toBeLessThanOrEqual(index + 1);
        }
        expect(bench.arrivals.length).toBe(sizes.length);
      }),
    );
  });
});
