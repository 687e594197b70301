import { writePcapng } from '../capture/pcapng.ts';
import { isDockerLine } from '../container/docker-command.ts';
import { DEFAULT_LIMITS, type Limits } from '../core/limits.ts';
import { nearest } from '../core/nearest.ts';
import { later, ns, parseDuration, type SimTime } from '../core/time.ts';
import { accountOf, type FlowAccount } from '../explain/account.ts';
import { runFlow } from '../explain/flow.ts';
import { haltLines } from '../explain/halt-text.ts';
import { toldCaptures } from '../explain/told-captures.ts';
import { lineageSteps } from '../packet/stations.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { checkScenario } from '../scenario/check-scenario.ts';
import type { ScenarioReport, StepReport } from '../scenario/report.ts';
import { runScenario } from '../scenario/runner.ts';
import type { EpisodeInput, ScenarioStep, StepInput } from '../scenario/scenario-schema.ts';
import { readScenario } from '../scenario/scenario-source.ts';
import type { Held } from '../scenario/start-probe.ts';
import { readQuestion } from '../show/ask/ask.ts';
import { isMisunderstood } from '../show/ask/question.ts';
import { findLink } from '../world/find-link.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { TopologyInput } from '../world/topology-schema.ts';
import { buildSource, type Loaded, readTopology, type TopologySource, topologyOf } from '../world/topology-source.ts';
import type { World } from '../world/world.ts';
import { capturesOf, type LabCapture, type LabSighting, sightingAt } from './captures.ts';
import { type FlowOptions, type FlowRequest, flowOf } from './flow-request.ts';
import { KnownNames, knowing } from './known-names.ts';
import { CommandError, HaltError, LabError, StormError, TopologyError } from './lab-error.ts';
import { LabStack } from './lab-stack.ts';
import { playEpisode, readEpisode } from './play.ts';
import { stackOf } from './stack-of.ts';

export interface LabOptions {
  /** Of everything random: default 1. The same seed gives the same bytes. */
  readonly seed?: number;
  /** How far it may go before a HaltError is thrown; what is left out has a default. */
  readonly limits?: LabLimits;
}

/** Limits of a lab, from its beginning on. */
export interface LabLimits {
  readonly events?: number;
  /** Simulated time: `10s`, or nanoseconds. */
  readonly time?: string | number;
  /** Bytes of captured frames. */
  readonly captureBytes?: number;
  /** Of one frame and its copies, before a loop is looked for. */
  readonly transmissions?: number;
}

export interface ReadOptions extends LabOptions {
  /** How messages name the text: default `topology.yaml` or `scenario.yaml`. */
  readonly file?: string;
}

/** Nodes and links, as a topology file has them below `topology:`. */
export type LabTopology = TopologyInput['topology'];

/**
 * A simulated network that code holds in its hand: flows are sent through it, commands given, time moved on, tables and
 * captures read. Everything happens at once and in order; the same calls give the same answers. What is asked of it and
 * cannot be is thrown as a LabError.
 */
export class Lab {
  readonly #world: World;
  readonly #held = new Map<string, Held>();
  /** Of everything random. */
  readonly seed: number;

  private constructor(world: World, seed: number) {
    this.#world = world;
    this.seed = seed;
  }

  /** Builds the topology of a YAML text. Throws TopologyError with all that is wrong with it. */
  static fromYaml(text: string, { file = 'topology.yaml', ...options }: ReadOptions = {}): Lab {
    return Lab.#built(readTopology(text, file), options);
  }

  /** Builds a topology that is written in code. Throws TopologyError with all that is wrong with it. */
  static of(topology: LabTopology, options: LabOptions = {}): Lab {
    return Lab.#built(topologyOf(topology), options);
  }

  /**
   * Builds the topology of a scenario text, runs its steps, and holds the run against what it expects; the lab is left
   * as it is at the end. `read` gives the text of the topology file that it names, by the path that it writes.
   * Throws TopologyError with all that is wrong with either.
   */
  static fromScenario(
    text: string,
    {
      seed,
      limits = {},
      file = 'scenario.yaml',
      read = unreadable,
    }: ReadOptions & { readonly read?: (path: string) => string } = {},
  ): { readonly lab: Lab; readonly report: ScenarioReport } {
    const loaded = readScenario(text, file, (path) => topologyAt(path, read));
    if ('problems' in loaded) throw new TopologyError(loaded.problems);
    const { scenario, document, topology } = loaded.source;
    const lab = Lab.#built({ source: topology }, { seed: seed ?? scenario.seed, limits });
    return { lab, report: lab.#play({ play: { ...scenario, seed: lab.seed }, document }) };
  }

  static #built(loaded: Loaded<TopologySource>, { seed = 1, limits = {} }: LabOptions): Lab {
    if ('problems' in loaded) throw new TopologyError(loaded.problems);
    if (!Number.isSafeInteger(seed) || seed < 0) throw new LabError(`seed: expected a whole number, found ${seed}`);
    const { world, problems } = buildSource(loaded.source, {
      seed,
      trace: true,
      capture: true,
      limits: limitsOf(limits),
    });
    if (problems.length > 0) throw new TopologyError(problems);
    return new Lab(world, seed);
  }

  /** Simulated time in nanoseconds. */
  get now(): SimTime {
    return this.#world.clock.now;
  }

  /** Names of all stacks there are now: nodes, `device-a/comware`, `device-a/host`, `device-a/container3`. */
  get stacks(): string[] {
    return this.#world.stacks().map((stack) => stack.title);
  }

  /** Capture points: `gw:eth0`, `device-a/comware:eth1`. */
  get points(): string[] {
    return capturesOf(this.#world).map((capture) => capture.point);
  }

  /** Lets time go on: `5s`, `50ms`, or nanoseconds. */
  advance(span: string | number): void {
    const read = spanOf(span);
    this.#world.advance(later(this.now, read));
    this.#mustGoOn();
  }

  /** One ICMP echo request and its answer. `to` is an address, or a stack that has only one. */
  ping(from: string, to: string, options: Omit<FlowOptions, 'sourcePort'> = {}): FlowAccount {
    return this.send({ ...options, from, to, protocol: 'icmp' });
  }

  /** One UDP datagram and its answer: `lab.udp('pc1', '203.0.113.1:53')`. */
  udp(from: string, to: string, options: FlowOptions = {}): FlowAccount {
    return this.send({ ...options, from, to, protocol: 'udp' });
  }

  /** A TCP connection that is opened, sends `size` bytes, and is closed. */
  tcp(from: string, to: string, options: FlowOptions = {}): FlowAccount {
    return this.send({ ...options, from, to, protocol: 'tcp' });
  }

  /** Sends a flow, runs until its program has ended, and tells what every hop decided and what became of it. */
  send(request: FlowRequest): FlowAccount {
    const stack = stackOf(this.#world, request.from);
    const run = runFlow(this.#world, stack, flowOf(this.#world, request));
    this.#mustGoOn();
    return knowing(accountOf(this.#world, run), new KnownNames(this.#world));
  }

  /**
   * Runs commands on a stack as its root would: `ip`, `sysctl`, `bridge`, `iptables`, and `docker` on a device. What they
   * print, where they show a table; throws CommandError with the machine's sentence at the first that is refused.
   */
  exec(on: string, ...commands: readonly string[]): string {
    const { title } = stackOf(this.#world, on);
    const lines = commands.flatMap((text) => text.split('\n')).map((line) => line.trim());
    return lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => this.#execLine(title, line))
      .join('');
  }

  #execLine(on: string, line: string): string {
    const question = readQuestion(line);
    if (!isMisunderstood(question) && question.of === 'linux') return this.stack(on).table(line);
    if (isDockerLine(line)) return this.#do({ docker: { on, run: line } }, on, line);
    return this.#do({ exec: { on, commands: [line] } }, on, line);
  }

  /** Gives a Comware device lines of configuration; throws CommandError with what it says to those it does not take. */
  configure(device: string, lines: string): void {
    this.#do({ configure: { on: device, lines } }, device, 'configure');
  }

  /** Starts a container, or a service of a stack by its name: `lab.start('isp', 'udp-53')`. */
  start(on: string, service?: string): void {
    this.#do({ start: { on, ...(service === undefined ? {} : { service }) } }, on, `start ${service ?? on}`);
  }

  /** Stops a container, or a service of a stack. */
  stop(on: string, service?: string): void {
    this.#do({ stop: { on, ...(service === undefined ? {} : { service }) } }, on, `stop ${service ?? on}`);
  }

  restart(container: string): void {
    this.#do({ restart: { on: container } }, container, `restart ${container}`);
  }

  /** Plugs in or pulls out the cable at `NODE:INTERFACE`. */
  link(endpoint: string, state: 'up' | 'down'): void {
    if (findLink(this.#world, endpoint) === undefined) {
      throw new LabError(
        missing(
          'link ends at',
          endpoint,
          this.#world.links.flatMap((link) => link.ends),
        ),
      );
    }
    this.#do({ link: { endpoint, state } }, endpoint, `link ${state}`);
  }

  /** A step that needs nothing but names to be right. */
  #do(step: ScenarioStep, on: string, command: string): string {
    const play = { name: 'lab', seed: this.seed, steps: [step], expect: [] };
    const isChecked = !('exec' in step);
    const [finding] = isChecked ? checkScenario(play, this.#world, this.#held.keys()) : [];
    if (finding !== undefined) {
      throw new LabError(finding.hint === undefined ? finding.message : `${finding.message}; ${finding.hint}`);
    }
    const run = runScenario(this.#world, play, undefined, undefined, this.#held);
    this.#mustGoOn();
    const [outcome] = run.outcomes;
    if (outcome?.refusal !== undefined) throw new CommandError(on, command, outcome.refusal);
    return outcome?.command?.output ?? '';
  }

  /**
   * Runs steps as scenario files have them, from now on, and holds them against what they expect: a YAML text or an
   * object, without `topology` and `seed`. Connections that are held stay open for later ones.
   * Throws TopologyError with all that is wrong with it.
   */
  runScenario(scenario: string | EpisodeInput): ScenarioReport {
    return this.#play(readEpisode(this.#world, scenario, this.seed, this.#held.keys()));
  }

  /** Runs one step of a scenario: `lab.step({ http: { from: 'pc1', get: 'http://192.0.2.1/' } })`. */
  step(step: StepInput): StepReport {
    const [report] = this.runScenario({ steps: [step] }).steps;
    if (report === undefined) throw new LabError('the step was not run');
    return report;
  }

  #play(episode: Parameters<typeof playEpisode>[1]): ScenarioReport {
    const report = playEpisode(this.#world, episode, this.#held);
    this.#mustGoOn();
    return report;
  }

  /** One stack: its tables and commands without its name. */
  stack(name: string): LabStack {
    const { title } = stackOf(this.#world, name);
    return new LabStack(
      title,
      () => this.snapshot(title),
      (commands) => this.exec(title, ...commands),
    );
  }

  /** A table as its command prints it, byte for byte: `ip route`, `iptables-save -c`, `display arp`; or by its short name, `route`. */
  table(stack: string, command: string): string {
    return this.stack(stack).table(command);
  }

  /** The rows of a table as plain data, with the keys of `ip -j` where such a command exists. */
  rows(stack: string, command: string): unknown {
    return this.stack(stack).rows(command);
  }

  /** All state of a stack as plain data. */
  snapshot(stack: string): StackSnapshot {
    return this.#world.snapshot(stackOf(this.#world, stack));
  }

  /** Every frame at every point that anything passed, with its headers read. */
  captures(): LabCapture[] {
    return capturesOf(this.#world).filter((capture) => capture.frames.length > 0);
  }

  /** The frames of one point. */
  capture(point: string): LabCapture {
    const all = capturesOf(this.#world);
    const found = all.find((one) => one.point === point);
    if (found !== undefined) return found;
    throw new LabError(
      missing(
        'capture point',
        point,
        all.map((one) => one.point),
      ),
    );
  }

  /**
   * A pcapng file for Wireshark, of one point or of all that anything passed; each frame's comment tells what was decided
   * about it, and its packet id is the same at every point.
   */
  pcapng(point?: string): Uint8Array {
    if (point !== undefined) this.capture(point);
    return writePcapng(
      toldCaptures(this.#world).filter((capture) => point === undefined || capture.point.name === point),
    );
  }

  /**
   * The first packet at a capture point that carries an address: in its IP header, in ARP, or in the packet that an ICMP
   * error quotes. Undefined where none did.
   */
  sighting(address: string, point: string, direction?: 'in' | 'out'): LabSighting | undefined {
    this.capture(point);
    return sightingAt(this.#world, address, point, direction);
  }

  /** What was decided about a packet, by its number: from its first birth on, oldest first; none for a number that never was. */
  steps(packet: number): RecordedStep[] {
    const { recorder } = this.#world;
    return recorder === undefined ? [] : lineageSteps(recorder, packet);
  }

  #mustGoOn(): void {
    const { halt } = this.#world;
    if (halt === undefined) return;
    const text = haltLines(this.#world, halt).join('\n');
    throw halt.reason === 'storm' ? new StormError(text, halt) : new HaltError(text, halt);
  }
}

/** `5s`, or nanoseconds. Throws LabError. */
function spanOf(span: string | number): SimTime {
  const read =
    typeof span === 'string' ? parseDuration(span) : Number.isSafeInteger(span) && span >= 0 ? ns(span) : undefined;
  if (read === undefined) throw new LabError(`"${span}" is no time span: write "5s", "50ms" or nanoseconds`);
  return read;
}

function limitsOf({ time, ...counts }: LabLimits): Limits {
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new LabError(`limits.${name}: expected 1 or more, found ${value}`);
  }
  return { ...DEFAULT_LIMITS, ...counts, ...(time === undefined ? {} : { time: spanOf(time) }) };
}

function missing(what: string, name: string, names: readonly string[]): string {
  const close = nearest(name, names);
  const hint = close === undefined ? `there are ${names.join(', ')}` : `did you mean "${close}"?`;
  return `no ${what} "${name}"; ${names.length === 0 ? 'there are none' : hint}`;
}

function unreadable(path: string): string {
  throw new LabError(`the scenario names a topology file, ${path}: give its text by the option "read"`);
}

function topologyAt(path: string, read: (path: string) => string): Loaded<TopologySource> {
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    if (error instanceof TopologyError) return { problems: error.problems };
    throw error;
  }
  return readTopology(text, path);
}
