import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../sim/app/package-root.ts';
import { loadScenario } from '../../../sim/app/sources.ts';
import type { RecordedStep } from '../../../sim/packet/trace.ts';
import { runScenario } from '../../../sim/scenario/runner.ts';
import type { ScenarioSource } from '../../../sim/scenario/scenario-source.ts';
import type { StackSnapshot } from '../../../sim/world/stack-snapshot.ts';
import { buildSource } from '../../../sim/world/topology-source.ts';
import type { World } from '../../../sim/world/world.ts';

/** A step, and the tables of the stack that made it as they were at that moment. */
export interface Moment {
  readonly step: RecordedStep;
  readonly snapshot: StackSnapshot;
  readonly world: World;
}

/** The title of the stack that made a step. */
export function stackOf({ component, place }: RecordedStep): string {
  return component.startsWith('Comware ') ? place.node : place.title;
}

export function scenarioOf(file: string): ScenarioSource {
  const loaded = loadScenario(join(PACKAGE_ROOT, file));
  if ('problems' in loaded) throw new Error(`${file}: ${JSON.stringify(loaded.problems)}`);
  return loaded.source;
}

/**
 * Plays a scenario and is told of each step of the kinds asked for at the moment it is recorded, of `most` steps of each
 * kind and place at the most.
 */
export function playMoments(
  { topology, scenario }: ScenarioSource,
  kinds: readonly RecordedStep['kind'][],
  most: number,
  told: (moment: Moment) => void,
): World {
  const { world, problems } = buildSource(topology, { seed: 1, trace: true, capture: false });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const { recorder } = world;
  if (recorder === undefined) throw new Error('nothing is recorded');
  const record = recorder.step.bind(recorder);
  const seen = new Map<string, number>();
  recorder.step = (packet, place, site, step) => {
    const before = recorder.stepsOf(packet.number).length;
    record(packet, place, site, step);
    const recorded = recorder.stepsOf(packet.number).at(-1);
    if (!kinds.includes(step.kind) || recorded === undefined || recorder.stepsOf(packet.number).length === before)
      return;
    const key = `${step.kind} ${place.title} ${site.component}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count > most) return;
    const stack = world.stacks().find((one) => one.title === stackOf(recorded) || one.net.place === place);
    const exact = world.stacks().find((one) => one.title === stackOf(recorded)) ?? stack;
    if (exact !== undefined) told({ step: recorded, snapshot: world.snapshot(exact), world });
  };
  runScenario(world, scenario);
  return world;
}
