import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cancel, EventQueue } from '../../sim/core/events.ts';
import { ms, ns, ZERO } from '../../sim/core/time.ts';

describe('EventQueue', () => {
  it('runs events by time, and those of one time in the order they were scheduled; cancelled ones never', () => {
    const plan = fc.array(fc.record({ at: fc.nat({ max: 20 }), cancelled: fc.boolean() }), { maxLength: 200 });
    fc.assert(
      fc.property(plan, (events) => {
        const queue = new EventQueue();
        const ran: number[] = [];
        const timers = events.map(({ at }, serial) => queue.after(ns(at), (event) => ran.push(event), serial));
        events.forEach((event, serial) => {
          if (event.cancelled) cancel(timers[serial]);
        });
        while (queue.runNext());
        const expected = events
          .map(({ at, cancelled }, serial) => ({ at, serial, cancelled }))
          .filter((event) => !event.cancelled)
          .sort((a, b) => a.at - b.at || a.serial - b.serial);
        expect(ran).toEqual(expected.map((event) => event.serial));
        expect(queue.ran).toBe(expected.length);
      }),
    );
  });

  it('an event sees its own time, and what it schedules for now runs after all that was there before', () => {
    const queue = new EventQueue();
    const log: string[] = [];
    const note = (text: string) => log.push(`${text} at ${queue.now}`);
    queue.after(
      ns(5),
      () => {
        note('first');
        queue.after(ZERO, note, 'scheduled by first');
      },
      undefined,
    );
    queue.after(ns(5), note, 'second');
    while (queue.runNext());
    expect(log).toEqual(['first at 5', 'second at 5', 'scheduled by first at 5']);
  });

  it('keeps its order while events schedule and cancel others', () => {
    const step = fc.record({ delay: fc.nat({ max: 9 }), cancels: fc.nat({ max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const queue = new EventQueue();
        const ran: { at: number; serial: number }[] = [];
        const timers = new Map<number, ReturnType<EventQueue['after']>>();
        let serial = 0;
        const schedule = (delay: number): void => {
          const own = serial++;
          timers.set(own, queue.after(ns(delay), run, own));
        };
        const run = (own: number): void => {
          ran.push({ at: queue.now, serial: own });
          const next = steps[own];
          if (next === undefined) return;
          schedule(next.delay);
          if (next.cancels !== own) cancel(timers.get(next.cancels));
        };
        for (const { delay } of steps.slice(0, 5)) schedule(delay);
        while (queue.runNext());
        const sorted = [...ran].sort((a, b) => a.at - b.at || a.serial - b.serial);
        expect(ran).toEqual(sorted);
        expect(new Set(ran.map((event) => event.serial)).size).toBe(ran.length);
      }),
    );
  });

  it('a cancelled event does not count as the next one', () => {
    const queue = new EventQueue();
    const early = queue.after(ns(1), () => {}, undefined);
    queue.after(ns(2), () => {}, undefined);
    cancel(early);
    expect(queue.nextAt()).toBe(2);
  });

  it('ending a timer that has fired, or none at all, harms nobody', () => {
    const queue = new EventQueue();
    let fired = 0;
    const timer = queue.after(ms(1), () => fired++, undefined);
    expect(queue.runNext()).toBe(true);
    expect(timer.cancelled).toBe(true);
    cancel(timer);
    cancel(undefined);
    expect(queue.runNext()).toBe(false);
    expect([fired, queue.now, queue.nextAt()]).toEqual([1, 1e6, undefined]);
  });
});
