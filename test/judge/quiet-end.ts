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

/** With so much quiet before and behind it a moment is good enough. */
const ENOUGH = ms(400);

/** Nanoseconds after the last step: the first moment with enough quiet around it, or that with the most. */
export function quietTail(source: ScenarioSource): number {
  const { world } = begun(source);
  if (runScenario(world, source.scenario).storm) throw new Error('the simulation ends in a storm');
  const ended = world.clock.now;
  const changes: number[] = [];
  let known = stateOf(world);
  for (let time = 0; time <= LATEST + ENOUGH; time += STEP) {
    world.advance(later(ended, time as SimTime));
    const state = stateOf(world);
    if (state !== known) changes.push(time);
    known = state;
  }
  let best: { readonly time: number; readonly quiet: number } = { time: EARLIEST, quiet: -1 };
  for (let time: number = EARLIEST; time <= LATEST && best.quiet < ENOUGH; time += STEP) {
    const quiet = Math.min(ENOUGH, ...changes.map((change) => Math.abs(time - change)));
    if (quiet > best.quiet) best = { time, quiet };
  }
  return best.time;
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
