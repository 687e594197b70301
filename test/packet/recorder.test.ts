import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SimTime } from '../../sim/core/time.ts';
import type { Place, Site } from '../../sim/packet/place.ts';
import { Recorder } from '../../sim/packet/recorder.ts';
import type { Step } from '../../sim/packet/trace.ts';
import { checkTraces } from '../../sim/packet/trace-grammar.ts';

const PLACE: Place = { node: 'a', role: 'linux', title: 'a' };
const SITE: Site = { component: 'Interface', function: 'netif_receive_skb' };
const RECEIVED: Step = { kind: 'receive', device: 'eth0', isPort: false };

const moment = (time: number): SimTime => time as SimTime;

describe('what a recorder keeps', () => {
  it('is every step of every packet, in order, whoever else makes steps in between and whenever it is read', () => {
    // More than a page of rows, of a few packets; negative: the packet is read instead.
    const script = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1500, maxLength: 2500 });
    fc.assert(
      fc.property(script, (acts) => {
        const clock = { now: moment(0) };
        const recorder = new Recorder(clock);
        const expected = new Map<number, object[]>();
        for (let number = 0; number <= 5; number++) {
          recorder.born({ number, parent: 0, cause: 0 });
          expected.set(number, []);
        }
        for (const [order, act] of acts.filter((one) => one >= 0).entries()) {
          clock.now = moment(order * 3);
          const step: Step = order % 2 === 0 ? RECEIVED : { kind: 'hold', where: `queue ${order}` };
          recorder.step({ number: act }, PLACE, SITE, step);
          const told = { ...step, order, time: order * 3, packet: act, place: PLACE };
          expected.get(act)?.push({ ...told, component: 'Interface', function: 'netif_receive_skb' });
          const asked = -(acts[order] as number);
          if (asked > 0) expect(recorder.stepsOf(asked)).toEqual(expected.get(asked));
        }
        for (const [number, steps] of expected) expect(recorder.stepsOf(number)).toEqual(steps);
      }),
      { numRuns: 20 },
    );
  });

  it('is one record for each step, with what the step says first, though many packets share the step', () => {
    const recorder = new Recorder({ now: moment(7) });
    for (const number of [1, 2]) {
      recorder.born({ number, parent: 0, cause: 0 });
      recorder.step({ number }, PLACE, SITE, RECEIVED);
    }
    const [first] = recorder.stepsOf(1);
    expect(recorder.stepsOf(1)[0]).toBe(first);
    expect(recorder.stepsOf(2)[0]).toMatchObject({ packet: 2, order: 1 });
    expect(Object.keys(first ?? {})).toEqual([
      ...['kind', 'device', 'isPort', 'order', 'time', 'packet', 'place', 'component', 'function'],
    ]);
    expect(RECEIVED).toEqual({ kind: 'receive', device: 'eth0', isPort: false });
  });

  it('is nothing of a packet that is not to be kept, of which a watcher is told all the same', () => {
    const told: [number, string][] = [];
    const watch = ({ order, kind }: { order: number; kind: string }): void => void told.push([order, kind]);
    const recorder = new Recorder({ now: moment(0) }, { keeps: ({ number }) => number === 2, watch });
    for (const number of [1, 2]) {
      recorder.born({ number, parent: 0, cause: 0 });
      recorder.step({ number }, PLACE, SITE, RECEIVED);
    }
    expect([recorder.stepsOf(1), recorder.stepsOf(2).length, recorder.length]).toEqual([[], 1, 2]);
    expect(recorder.stepsOf(2)[0]?.order).toBe(1);
    expect(told).toEqual([
      [0, 'receive'],
      [1, 'receive'],
    ]);
  });
});

describe('the grammar of a trace', () => {
  const traced = (...kinds: ('hold' | 'birth' | 'transmit' | 'end')[]): (() => void) => {
    const recorder = new Recorder({ now: moment(0) });
    recorder.born({ number: 1, parent: 0, cause: 0 });
    const steps = {
      hold: { kind: 'hold', where: 'a queue' },
      birth: { kind: 'clone', why: 'flooding' },
      transmit: { kind: 'transmit', device: 'eth0', isPort: false },
      end: { kind: 'consume', by: 'arp' },
    } as const;
    for (const kind of kinds) recorder.step({ number: 1 }, PLACE, SITE, steps[kind]);
    return () => checkTraces(recorder);
  };

  it('is: born at the first step, ended at the last, and what was sent arrives', () => {
    expect(traced('birth', 'hold', 'end')).not.toThrow();
    expect(traced('hold', 'birth')).toThrow('clone at 0 ns in a: born twice');
    expect(traced('birth', 'end', 'hold')).toThrow('hold at 0 ns in a: follows its end, consume');
    expect(traced('birth', 'transmit', 'hold')).toThrow('follows a transmit');
  });

  it('knows that time does not go back', () => {
    const clock = { now: moment(5) };
    const recorder = new Recorder(clock);
    recorder.born({ number: 1, parent: 0, cause: 0 });
    recorder.step({ number: 1 }, PLACE, SITE, RECEIVED);
    clock.now = moment(4);
    recorder.step({ number: 1 }, PLACE, SITE, RECEIVED);
    expect(() => checkTraces(recorder)).toThrow('packet 1, receive at 4 ns in a: before receive');
  });
});
