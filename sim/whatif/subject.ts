import { DEFAULT_LIMITS, type Limits } from '../core/limits.ts';
import { type Flow, runFlow } from '../explain/flow.ts';
import { runScenario } from '../scenario/runner.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';
import type { Probe } from '../scenario/start-probe.ts';
import { buildWorld } from '../world/build.ts';
import { missingStack } from '../world/stack-names.ts';
import type { Topology } from '../world/topology-schema.ts';
import type { World, WorldOptions } from '../world/world.ts';
import { applyChanges } from './apply-change.ts';
import type { Change, FaultyChange } from './change.ts';
import { editsTopology, editTopology } from './edit-topology.ts';
import { changedFlow } from './flow-change.ts';

/** A flow that was sent in a world of its own. */
export interface Attempt {
  readonly world: World;
  /** Title of the stack that sent. */
  readonly from: string;
  readonly probe: Probe;
  /** Number of the first packet that may belong to it. */
  readonly since: number;
  /** As it was sent, where it is one flow and no step of a scenario. */
  readonly flow?: Flow;
}

/** A flow that could not even be sent: the stack is not there, or a step before was refused. */
export interface NotSent {
  readonly notSent: string;
}

/** Something that can be sent again and again, each time in a world that is built anew with some changes made. */
export interface Subject {
  /** The world with the changes made and nothing sent yet; the flow's own is built by run(). */
  run(changes: readonly Change[]): Attempt | NotSent | FaultyChange;
}

const OPTIONS = { trace: true, capture: false };

/** Events after which it is no use to go on with an attempt: one of many, and who waits for them is a person. */
const MOST_EVENTS = 2_000_000;

function attemptOptions(limits: Limits): Omit<WorldOptions, 'seed'> {
  return { ...OPTIONS, limits: { ...limits, events: Math.min(limits.events, MOST_EVENTS) } };
}

/** One flow in a topology; changes are made before it is sent. */
export function flowSubject(
  topology: Topology,
  seed: number,
  from: string,
  flow: Flow,
  limits = DEFAULT_LIMITS,
): Subject {
  return {
    run: (changes) => {
      const built = buildChanged(topology, seed, changes, attemptOptions(limits));
      if ('fault' in built) return built;
      const { world } = built;
      const changed = changedFlow(flow, changes);
      if ('fault' in changed) return changed;
      const stack = world.find(from);
      if (stack === undefined) return { notSent: missingStack(world, from).message };
      const since = nextPacket(world);
      const { probe } = runFlow(world, stack, changed);
      return { world, from: stack.title, probe, since, flow: changed };
    },
  };
}

/** One step of a scenario that asks something; changes are made when the steps before it have run. */
export function stepSubject(scenario: Scenario, topology: Topology, index: number, limits = DEFAULT_LIMITS): Subject {
  const upToIt: Scenario = { ...scenario, until: undefined, steps: scenario.steps.slice(0, index + 1) };
  return {
    run: (changes) => {
      const ofFlow = changes.find(({ target }) => target.kind === 'flow');
      if (ofFlow !== undefined) {
        const message = 'a step of a scenario is sent as the scenario says';
        return { change: ofFlow, fault: { message, column: 0, length: ofFlow.line.length } };
      }
      const edited = editTopology(topology, changes);
      if ('fault' in edited) return edited;
      const { world } = buildWorld(edited, { seed: scenario.seed, ...attemptOptions(limits) });
      let faulty: FaultyChange | undefined;
      let since = 0;
      const run = runScenario(world, upToIt, (step) => {
        if (step !== index) return;
        faulty = applyChanges(world, changes);
        since = nextPacket(world);
      });
      if (faulty !== undefined) return faulty;
      const outcome = run.outcomes[index];
      if (outcome?.probe === undefined || outcome.from === undefined) {
        return { notSent: outcome?.refusal ?? 'the steps before it never end' };
      }
      return { world, from: outcome.from, probe: outcome.probe, since };
    },
  };
}

/** Every step of a scenario that asked something, of one run with changes made before its first step. */
export function scenarioAttempts(
  scenario: Scenario,
  topology: Topology,
  changes: readonly Change[],
  limits: Limits,
): { readonly title: string; readonly attempt: Attempt }[] | FaultyChange {
  const built = buildChanged(topology, scenario.seed, changes, { ...OPTIONS, limits });
  if ('fault' in built) return built;
  const { world } = built;
  const { outcomes } = runScenario(world, scenario);
  return outcomes.flatMap(({ title, probe, from }) => {
    if (probe === undefined || from === undefined) return [];
    // Packets of one step are told from those of others by what caused them alone.
    return [{ title, attempt: { world, from, probe, since: Number.POSITIVE_INFINITY } }];
  });
}

/** The world of a topology with changes made to both. */
export function buildChanged(
  topology: Topology,
  seed: number,
  changes: readonly Change[],
  options: Omit<WorldOptions, 'seed'> = OPTIONS,
): { readonly world: World } | FaultyChange {
  const edited = editTopology(topology, changes);
  if ('fault' in edited) return edited;
  const { world, findings } = buildWorld(edited, { seed, ...options });
  const [refused] = edited === topology ? [] : findings;
  const culprit = changes.find(editsTopology);
  if (refused !== undefined && culprit !== undefined) {
    const message = `with this ${refused.path.join('.')} is refused: ${refused.message}`;
    return { change: culprit, fault: { message, column: 0, length: culprit.line.length } };
  }
  return applyChanges(world, changes) ?? { world };
}

/** Packets are numbered from 1 in the order of their birth. */
function nextPacket(world: World): number {
  return world.ledger.born + 1;
}
