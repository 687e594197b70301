import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';
import { EventQueue } from '../../sim/core/events.ts';
import { ms, type SimTime, seconds } from '../../sim/core/time.ts';
import { IpIdentification } from '../../sim/transport/ip-identification.ts';

class Bench {
  readonly clock = new EventQueue();
  readonly identification: IpIdentification;

  constructor(seed: number) {
    this.identification = new IpIdentification(this.clock, new Chance(seed));
  }

  next(destination = 2, protocol = 17): number {
    return this.identification.next(1, destination, protocol);
  }

  wait(span: SimTime): void {
    this.clock.after(span, () => {}, undefined);
    this.clock.runNext();
  }
}

describe('the identification field', () => {
  it('grows by one within a clock tick, and wraps at 16 bits', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const bench = new Bench(seed);
        const first = bench.next();
        const following = Array.from({ length: 20 }, () => bench.next());
        expect(following).toEqual(following.map((_, index) => (first + 1 + index) & 0xffff));
      }),
    );
  });

  it('after a pause grows by at most the ticks of 4 ms that have gone by', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 10_000 }), (seed, pause) => {
        const bench = new Bench(seed);
        const before = bench.next();
        bench.wait(ms(pause));
        const step = (bench.next() - before) & 0xffff;
        expect(step).toBeGreaterThanOrEqual(1);
        expect(step).toBeLessThanOrEqual(Math.max(1, Math.floor(pause / 4)));
      }),
    );
  });

  it('tells an observer nothing of what is sent to others: each destination and protocol counts alone', () => {
    const [busy, quiet] = [new Bench(3), new Bench(3)];
    const firsts = [busy.next(), quiet.next()];
    expect(firsts[0]).toBe(firsts[1]);
    for (let count = 0; count < 5; count++) {
      busy.next(3);
      busy.next(2, 1);
    }
    expect(busy.next()).toBe(quiet.next());
  });

  it('begins elsewhere with another seed', () => {
    const begins = Array.from({ length: 20 }, (_, seed) => new Bench(seed).next());
    expect(new Set(begins).size).toBeGreaterThan(15);
    expect(new Bench(1).next()).toBe(new Bench(1).next());
  });

  it('stays within 16 bits after a long pause', () => {
    const bench = new Bench(1);
    bench.next();
    bench.wait(seconds(86_400));
    const late = bench.next();
    expect(late).toBe(late & 0xffff);
  });
});
