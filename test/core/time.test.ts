import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatorBug } from '../../sim/core/assert.ts';
import { END_OF_TIME, formatSeconds, later, ms, ns, parseDuration, seconds, us } from '../../sim/core/time.ts';

describe('simulated time', () => {
  it('counts whole nanoseconds', () => {
    expect([ns(1.4), us(1.5), ms(2), seconds(0.1)]).toEqual([1, 1500, 2_000_000, 100_000_000]);
    expect(later(seconds(1), ns(1))).toBe(1_000_000_001);
  });

  it('does not go below zero, or beyond what a double counts exactly', () => {
    for (const value of [-1, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => ns(value)).toThrow(SimulatorBug);
    }
  });

  it('has an end, and what would be due behind it is due at it: never', () => {
    expect(later(ns(2 ** 53 - 1), ns(1))).toBe(END_OF_TIME);
    expect(later(ns(2 ** 53 - 3), ns(1))).toBe(2 ** 53 - 2);
    expect(later(END_OF_TIME, END_OF_TIME)).toBe(END_OF_TIME);
  });

  it.each([
    ['0', 0],
    ['5s', 5e9],
    ['50ms', 50e6],
    ['1.5us', 1500],
    ['10µs', 10e3],
    ['1m30s', 90e9],
    ['1h', 3600e9],
  ])('reads %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['', '5', 's', '-1s', '1 s', '1sec', '1.s', '.5s', '3000h', '1e3s'])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('reads back every whole number of nanoseconds', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 53 - 1 }), (value) => {
        expect(parseDuration(`${value}ns`)).toBe(value);
        expect(Number(formatSeconds(ns(value)).replace('.', ''))).toBe(value);
      }),
    );
  });

  it('prints seconds with nine digits', () => {
    expect(formatSeconds(ns(1_002_345_678))).toBe('1.002345678');
    expect(formatSeconds(ns(5))).toBe('0.000000005');
  });
});
