import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fifo } from '../../sim/core/fifo.ts';

const act = fc.constantFrom('push', 'push', 'push', 'shift', 'shift');

describe('a Fifo', () => {
  it('law: is a list to which one adds behind and from which one takes in front', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
        const fifo = new Fifo<number>();
        const list: number[] = [];
        for (const [serial, one] of acts.entries()) {
          if (one === 'push') {
            fifo.push(serial);
            list.push(serial);
          } else if (list.length > 0) expect(fifo.shift()).toBe(list.shift());
          expect(fifo.size).toBe(list.length);
          expect(Array.from({ length: list.length + 1 }, (_, index) => fifo.at(index))).toEqual([...list, undefined]);
        }
      }),
    );
  });

  it('gives nothing that is not there', () => {
    expect(() => new Fifo().shift()).toThrow('shift of an empty queue');
  });
});
