import { later, ms, type SimTime } from '../../sim/core/time.ts';
import { runScenario } from '../../sim/scenario/runner.ts';
import type { ScenarioSource } from '../../sim/scenario/scenario-source.ts';
import type { World } from '../../sim/world/world.ts';
import { begun } from './simulated.ts';

/*
 * When a record ends: two worlds do not stop in the same moment, so it had better be one in which nothing happens. The
 * simulator says when that is; if something does happen in the kernel then, it is a difference like any other.
 */

/** Not sooner after the last step than this, so that last words are heard, and not later. */
const EARLIEST = ms(1000);
const LATEST = ms(3000);

/** How finely the simulator is looked at. */
const STEP = ms(20);

/** With so much quiet before it and behind it, where tables are still being read, a moment is good enough. */
const BEFORE = ms(300);
const BEHIND = ms(600);

/** Nanoseconds after the last step: the first moment with enough quiet around it, or that with the most. */
export function quietTail(source: ScenarioSource): number {
  const { world } = begun(source);
  runScenario(world, source.scenario);
  if (world.halt !== undefined) throw new Error('the simulation ends in a storm');
  const ended = world.clock.now;
  const changes: number[] = [];
  let known = stateOf(world);
  for (let time = 0; time <= LATEST + BEHIND; time += STEP) {
    world.advance(later(ended, time as SimTime));
    const state = stateOf(world);
    if (state !== known) changes.push(time);
    known = state;
  }
  let best: { readonly time: number; readonly quiet: number } = { time: EARLIEST, quiet: -1 };
  for (let time: number = EARLIEST; time <= LATEST && best.quiet < 1; time += STEP) {
    const shares = changes.map((change) => (change > time ? (change - time) / BEHIND : (time - change) / BEFORE));
    const quiet = Math.min(1, ...shares);
    if (quiet > best.quiet) best = { time, quiet };
  }
  return best.time;
}

/** Whether nothing happens in a world from now until that moment, in ns from now. It is then that moment. */
export function staysQuiet(world: World, until: number): boolean {
  const known = stateOf(world);
  world.advance(later(world.clock.now, Math.max(0, until) as SimTime));
  return stateOf(world) === known;
}

/** All that a record shows of a world and that changes by itself, but for ages. */
function stateOf(world: World): string {
  const frames = (world.captures?.captures() ?? []).map((point) => point.frames.length);
  const tables = world.stacks().map(({ net }) => {
    const neighbours = net.parts.neighbours.list();
    return [net.counters, neighbours.map(({ device, address, state }) => [device.name, address, state])];
  });
  return JSON.stringify([frames, tables, [...world.ledger.drops]]);
}
