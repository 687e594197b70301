import { finish } from '../core/finish.ts';
import { later, ms, type SimTime } from '../core/time.ts';
import { runCommand } from '../world/commands.ts';
import { findLink } from '../world/find-link.ts';
import { servicesOf, startService, stopService } from '../world/services.ts';
import type { World } from '../world/world.ts';
import {
  type CommandOutput,
  changeDevice,
  execDocker,
  isBooting,
  refusalOfCommand,
  runCommandStep,
} from './device-steps.ts';
import type { Play, ScenarioStep } from './scenario-schema.ts';
import { type Held, isProbeStep, type Probe, type ProbeStep, probeTitle, startProbe } from './start-probe.ts';

/** What came of one step. */
export interface StepOutcome {
  readonly index: number;
  readonly step: ScenarioStep;
  readonly title: string;
  readonly at: SimTime;
  /** Of steps that ask something. */
  readonly probe: Probe | undefined;
  /** Title of the stack that sent. */
  readonly from: string | undefined;
  /** What the machine answered to a command; undefined when it was done. */
  readonly refusal: string | undefined;
  /** Of docker and save steps. */
  readonly command?: CommandOutput;
}

export interface ScenarioRun {
  readonly outcomes: readonly StepOutcome[];
  /** It was to stop at a moment, and had not ended by then. */
  readonly cut: boolean;
}

/** No probe takes longer than this to be given up. */
const PROBE_LIMIT = ms(3_600_000);

/** How long a scenario goes on for packets that are still under way when its last step has ended. */
const LAST_WORDS = ms(1000);

/** After every moment that simulated time has. */
const NEVER = Number.MAX_SAFE_INTEGER as SimTime;

export interface PlayOptions {
  /** Told of each step ahead of it. */
  readonly before?: (index: number) => void;
  /** Told of each step when it has begun; what it asked may still be under way. */
  readonly begun?: (outcome: StepOutcome) => void;
  /** Steps and events up to and including this moment. */
  readonly stopAt?: SimTime;
  /** Has the connections that were left open before, and takes those that this scenario leaves open. */
  readonly held?: Map<string, Held>;
  /** Events after which playScenario() pauses. */
  readonly slice?: number;
}

/** Runs the steps of a scenario in a world. Expectations are not looked at here. */
export function runScenario(
  world: World,
  scenario: Pick<Play, 'steps' | 'until'>,
  before: (index: number) => void = () => {},
  stopAt: SimTime = NEVER,
  held: Map<string, Held> = new Map(),
): ScenarioRun {
  return finish(playScenario(world, scenario, { before, stopAt, held }));
}

/** The same, in slices of some events: whoever runs it hears the time in between, may do something else, or never go on. */
export function* playScenario(
  world: World,
  scenario: Pick<Play, 'steps' | 'until'>,
  options: PlayOptions = {},
): Generator<SimTime, ScenarioRun> {
  const { stopAt = NEVER, held = new Map() } = options;
  const slices = new Slices(world, options.slice);
  const outcomes: StepOutcome[] = [];
  const running: Probe[] = [];
  let cut = false;
  /** What lies behind `stopAt` does not happen any more. */
  function* advance(until: SimTime, stop: () => boolean = () => false): Generator<SimTime> {
    const outcome = yield* slices.advance(until > stopAt ? stopAt : until, stop);
    cut ||= until > stopAt && outcome === 'reached';
  }
  const isOver = (): boolean => cut || world.halt !== undefined;
  const commandsEnded = (): boolean => outcomes.every(({ command }) => command?.finished !== false);
  function* settle(): Generator<SimTime> {
    const limit = later(world.clock.now, PROBE_LIMIT);
    const isSettled = (): boolean => running.every((probe) => probe.finished) && commandsEnded() && !isBooting(world);
    if (!isSettled()) yield* advance(limit, isSettled);
  }
  for (const [index, step] of scenario.steps.entries()) {
    if (step.at === undefined) yield* settle();
    else yield* advance(step.at);
    if (isOver()) break;
    options.before?.(index);
    const outcome = runStep(world, step, index, held);
    options.begun?.(outcome);
    if ('wait' in step) yield* advance(later(world.clock.now, step.wait));
    if (outcome.probe !== undefined) running.push(outcome.probe);
    outcomes.push(outcome);
  }
  if (!isOver()) yield* settle();
  if (!isOver() && scenario.until !== undefined) yield* advance(scenario.until);
  return { outcomes, cut };
}

/** World.advance() with a pause whenever so many events have run, in however many calls. */
class Slices {
  readonly #world: World;
  readonly #size: number;
  #pauseAt: number;

  constructor(world: World, size = Number.POSITIVE_INFINITY) {
    this.#world = world;
    this.#size = size;
    this.#pauseAt = world.clock.ran + size;
  }

  *advance(until: SimTime, stop: () => boolean): Generator<SimTime, ReturnType<World['advance']>> {
    const { clock } = this.#world;
    for (;;) {
      let stopped = false;
      const outcome = this.#world.advance(until, () => {
        stopped = stop();
        return stopped || clock.ran >= this.#pauseAt;
      });
      if (clock.ran >= this.#pauseAt) {
        this.#pauseAt = clock.ran + this.#size;
        yield clock.now;
      }
      if (outcome !== 'stopped' || stopped) return outcome;
    }
  }
}

/**
 * Goes on until nothing is under way any more, such as the last words of a connection, at most to `stopAt`; not where
 * the file says `until`.
 */
export function letArrive(world: World, play: Pick<Play, 'until'>, stopAt: SimTime = NEVER): void {
  finish(arriveInSlices(world, play, { stopAt }));
}

/** The same, in slices. */
export function* arriveInSlices(
  world: World,
  { until }: Pick<Play, 'until'>,
  { stopAt = NEVER, slice }: Pick<PlayOptions, 'stopAt' | 'slice'>,
): Generator<SimTime> {
  if (until !== undefined || world.held === 0) return;
  const limit = later(world.clock.now, LAST_WORDS);
  yield* new Slices(world, slice).advance(limit > stopAt ? stopAt : limit, () => world.held === 0);
}

function runStep(world: World, step: ScenarioStep, index: number, held: Map<string, Held>): StepOutcome {
  const base = { index, step, title: step.name ?? titleOf(step), at: world.clock.now };
  const none = { probe: undefined, from: undefined };
  if (isProbeStep(step)) return { ...base, ...startProbe(world, step, held) };
  if ('wait' in step) return { ...base, ...none, refusal: undefined };
  if ('docker' in step || 'save' in step) {
    const command = runCommandStep(world, step);
    return {
      ...base,
      ...none,
      command,
      get refusal() {
        return refusalOfCommand(step, command);
      },
    };
  }
  return { ...base, ...none, refusal: change(world, step) };
}

/** Steps that change the world; the sentence with which the machine refuses. */
function change(
  world: World,
  step: Exclude<ScenarioStep, ProbeStep | { wait: unknown } | { docker: unknown }>,
): string | undefined {
  if ('reboot' in step || 'save' in step || 'write' in step) return changeDevice(world, step);
  if ('link' in step) {
    const link = findLink(world, step.link.endpoint);
    if (link === undefined) return `no link ends at ${step.link.endpoint}`;
    link.cable.setPlugged(step.link.state === 'up');
    return undefined;
  }
  if ('exec' in step) return exec(world, step.exec.on, step.exec.commands);
  if ('configure' in step) {
    const stack = world.find(step.configure.on);
    if (stack?.comware === undefined || stack.node.kind !== 'comware') {
      return `${step.configure.on} is no Comware device`;
    }
    const faults = stack.node.configure(step.configure.lines);
    return faults.length === 0 ? undefined : faults.map((fault) => fault.message).join('; ');
  }
  if ('restart' in step) return container(world, step.restart.on, 'restart');
  const verb = 'start' in step ? 'start' : 'stop';
  const { on, service } = 'start' in step ? step.start : step.stop;
  return service === undefined ? container(world, on, verb) : switchService(world, on, service, verb);
}

function exec(world: World, on: string, commands: readonly string[]): string | undefined {
  const stack = world.find(on);
  if (stack === undefined) return `${on} is not running`;
  for (const command of commands) {
    const docker = execDocker(world, on, command);
    const refusal = docker === undefined ? runCommand(stack.net, command) : docker.refusal;
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function container(world: World, name: string, verb: 'start' | 'stop' | 'restart'): string | undefined {
  const bare = name.split('/').at(-1) ?? name;
  for (const node of world.nodes.values()) {
    if (node.kind !== 'comware' || (name.includes('/') && !name.startsWith(`${node.name}/`))) continue;
    if (node.docker.container(bare) !== undefined || bare === 'comware') return node.docker[verb](bare);
  }
  return `No such container: ${name}`;
}

function switchService(world: World, on: string, name: string, verb: 'start' | 'stop'): string | undefined {
  const service = servicesOf(world, on).find((one) => one.name === name);
  if (service === undefined) return `${on} has no service ${name}`;
  if (verb === 'stop') {
    stopService(service);
    return undefined;
  }
  const stack = world.find(service.owner);
  return stack === undefined ? `${service.owner} is not running` : startService(world, stack, service);
}

function titleOf(step: ScenarioStep): string {
  if (isProbeStep(step)) return probeTitle(step);
  if ('exec' in step) return `${step.exec.on}: ${step.exec.commands.join('; ')}`;
  if ('configure' in step) return `${step.configure.on}: ${step.configure.lines.trim().split('\n').join('; ')}`;
  if ('link' in step) return `link ${step.link.endpoint} ${step.link.state}`;
  if ('wait' in step) return 'wait';
  if ('restart' in step) return `restart ${step.restart.on}`;
  if ('docker' in step) return `${step.docker.on}: docker ${step.docker.run.replace(/^docker /, '')}`;
  if ('reboot' in step) return `reboot ${step.reboot.on}`;
  if ('save' in step) return `save ${step.save.on}${step.save.containers ? ' with container files' : ''}`;
  if ('write' in step) return `write ${step.write.file} in ${step.write.on}`;
  const { on, service } = 'start' in step ? step.start : step.stop;
  return `${'start' in step ? 'start' : 'stop'} ${on}${service === undefined ? '' : ` ${service}`}`;
}
