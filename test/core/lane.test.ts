import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../sim/core/events.ts';
import { Lane } from '../../sim/core/lane.ts';
import { ns, us } from '../../sim/core/time.ts';
import { TimeRow } from '../../sim/core/time-row.ts';

describe('a lane of the event queue', () => {
  it('calls for each of its own at its time, between timers as they were scheduled', () => {
    const clock = new EventQueue();
    const seen: string[] = [];
    const lane = new Lane<string>((item) => seen.push(`${item} at ${clock.now}`));
    clock.join(lane, ns(20), 'second');
    clock.after(ns(20), () => seen.push('timer'), undefined);
    clock.join(lane, ns(20), 'third');
    clock.join(lane, ns(10), 'overtakes');
    while (clock.runNext());
    expect(seen).toEqual(['overtakes at 10', 'second at 20', 'timer', 'third at 20']);
    expect(clock.ran).toBe(4);
  });

  it('calls for nothing that was taken out before its time', () => {
    const clock = new EventQueue();
    const seen: string[] = [];
    const lane = new Lane<string>((item) => seen.push(item));
    clock.join(lane, us(1), 'cut');
    expect(lane.shift()).toBe('cut');
    expect(clock.nextAt()).toBeUndefined();
    clock.join(lane, us(2), 'whole');
    expect(clock.nextAt()).toBe(us(2));
    while (clock.runNext());
    expect(seen).toEqual(['whole']);
  });

  it('law: lanes, timers and what is due at once run as timers alone would', () => {
    const kinds = fc.constantFrom('lane 0', 'lane 1', 'timer', 'at once');
    const action = fc.record({ kind: kinds, delay: fc.constantFrom(0, 1, 2, 3, 50), again: fc.boolean() });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        expect(order(actions, true)).toEqual(order(actions, false));
      }),
    );
  });
});

interface Action {
  readonly kind: string;
  readonly delay: number;
  /** It schedules the next of the list when it runs; otherwise that is scheduled right away. */
  readonly again: boolean;
}

/** When each of the actions ran; without lanes each is a timer. */
function order(actions: readonly Action[], withLanes: boolean): string[] {
  const clock = new EventQueue();
  const seen: string[] = [];
  const lanes = [0, 1].map(() => new Lane<number>((index) => ran(index)));
  let next = 0;
  const ran = (index: number): void => {
    seen.push(`${index} at ${clock.now}`);
    if (actions[index]?.again) schedule();
  };
  const schedule = (): void => {
    const index = next++;
    const one = actions[index];
    if (one === undefined) return;
    const lane = lanes[Number(one.kind.slice(-1))];
    if (one.kind === 'at once') {
      if (withLanes) clock.atOnce(ran, index);
      else clock.after(ns(0), ran, index);
    } else if (withLanes && lane !== undefined) clock.join(lane, ns(one.delay), index);
    else clock.after(ns(one.delay), ran, index);
    if (!one.again) schedule();
  };
  schedule();
  while (clock.runNext());
  return seen;
}

it('law: a row of moments forgets those that have come, and no other', () => {
  const step = fc.record({ push: fc.nat(5), wait: fc.nat(3), clear: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const row = new TimeRow();
      let list: number[] = [];
      let [now, last] = [0, 0];
      for (const { push, wait, clear } of steps) {
        for (let count = 0; count < push; count++) {
          last += count;
          row.push(ns(last));
          list.push(last);
        }
        now += wait * 3;
        row.dropUntil(ns(now));
        list = list.filter((at) => at > now);
        if (clear === 0) {
          row.clear();
          list = [];
          last = now;
        }
        expect(row.size).toBe(list.length);
      }
    }),
  );
});
