import { later, ms, type SimTime } from '../../../sim/core/time.ts';
import { runScenario, type ScenarioRun } from '../../../sim/scenario/runner.ts';
import { type Scenario, scenarioSchema } from '../../../sim/scenario/scenario-schema.ts';
import { buildWorld } from '../../../sim/world/build.ts';
import { checkTopology } from '../../../sim/world/check.ts';
import type { World } from '../../../sim/world/world.ts';
import type { ScenarioDocument } from './document.ts';

/** What a scenario comes to in the simulator alone. */
export interface Played {
  readonly scenario: Scenario;
  readonly world: World;
  readonly run: ScenarioRun;
  /** When the last step had ended, in ns. */
  readonly ended: SimTime;
}

/** Plays a scenario in the simulator, and goes on for a second. A document that is not sound is an error. */
export function play(document: ScenarioDocument, trace = false): Played {
  const scenario = scenarioSchema.parse(document);
  if (typeof scenario.topology === 'string') throw new Error('a generated scenario holds its topology');
  const findings = checkTopology(scenario.topology);
  const { world, findings: refusals } = buildWorld(scenario.topology, { seed: scenario.seed, trace, capture: trace });
  const [first] = [...findings, ...refusals];
  if (first !== undefined) throw new Error(`${first.path.join('.')}: ${first.message}`);
  const run = runScenario(world, scenario);
  const ended = world.clock.now;
  world.advance(later(ended, ms(1000)));
  return { scenario, world, run, ended };
}

/** No scenario may take longer than this: the kernel's time cannot be hurried. */
const LONGEST = ms(6000);

/** The scenario without the last steps, where they would take too long. */
export function bounded(document: ScenarioDocument): ScenarioDocument {
  const { run, ended } = play(document);
  if (ended <= LONGEST) return document;
  const late = run.outcomes.findIndex(({ at }) => at > LONGEST);
  const kept = Math.max(1, late < 0 ? document.steps.length - 1 : late - 1);
  return kept >= document.steps.length ? document : bounded({ ...document, steps: document.steps.slice(0, kept) });
}
