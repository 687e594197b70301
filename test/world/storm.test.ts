import { describe, expect, it } from 'vitest';
import { ns, seconds } from '../../sim/core/time.ts';
import { World } from '../../sim/world/world.ts';

/** A world in which one event follows another, `gap` nanoseconds apart, without end. */
function endless(gap: number): World {
  const world = new World({ seed: 1, trace: false, capture: false });
  const again = (): void => void world.clock.after(ns(gap), again, undefined);
  again();
  return world;
}

describe('a storm', () => {
  it('is not what a long transfer makes: many events, spread over its time', () => {
    expect(endless(10_000).advance(seconds(5))).toBe('reached');
  });

  it('is what crowds into a moment', () => {
    expect(endless(1).advance(seconds(5))).toBe('storm');
  });
});
