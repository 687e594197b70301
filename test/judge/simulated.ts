import { later, type SimTime } from '../../sim/core/time.ts';
import type { RecordedStep } from '../../sim/packet/trace.ts';
import { runScenario, type StepOutcome } from '../../sim/scenario/runner.ts';
import type { ScenarioStep } from '../../sim/scenario/scenario-schema.ts';
import type { ScenarioSource } from '../../sim/scenario/scenario-source.ts';
import { showConntrack } from '../../sim/show/linux-conntrack.ts';
import { showIptablesSave } from '../../sim/show/linux-iptables.ts';
import { buildSource } from '../../sim/world/topology-source.ts';
import type { Stack, World } from '../../sim/world/world.ts';
import type { DroppingRule, JsonRow, NodeRecord, PointRecord, StepRecord, WorldRecord } from './record.ts';
import { REFUSED, resultOfProbe } from './results.ts';

export interface SimulatedRun {
  readonly record: WorldRecord;
  readonly world: World;
  /** Of one packet, oldest first. */
  readonly stepsOf: (packet: number) => readonly RecordedStep[];
}

/**
 * What building the network set off, such as announcements, is over by then; nobody hears it in the kernel's world. Too
 * short to matter to any timer.
 */
const SETTLED = 1_000_000 as SimTime;

/** When the simulator does things: by the record of a kernel that has just played the same, or by the scenario alone. */
export interface Beside {
  readonly kernel: Pick<WorldRecord, 'steps' | 'until'>;
  /**
   * Each step begins when it began in the kernel: so what a busy machine adds between two steps is no difference between
   * the worlds. Not for stored runs, whose times are rounded.
   */
  readonly byItsClock: boolean;
}

/** Plays a scenario in the simulator, and ends the record as long after the last step as the kernel's ends. */
export function runSimulated(source: ScenarioSource, { kernel, byItsClock }: Beside): SimulatedRun {
  const { world, begin, listened } = begun(source);
  const at = (since: number): SimTime => Math.max(listened, begin + since) as SimTime;
  const { scenario } = source;
  const { outcomes } = runScenario(world, scenario, (index) => {
    const step = scenario.steps[index];
    if (byItsClock && step !== undefined) awaitStart(world, step, at(startOf(step, kernel.steps[index])));
  });
  if (world.halt !== undefined) throw new Error('the simulation ends in a storm');
  const ended = world.clock.now;
  const tail = kernel.until - Math.max(...scenario.steps.map((step, index) => endOf(step, kernel.steps[index])));
  if (byItsClock) world.advance(later(ended, Math.max(0, at(kernel.until) - ended) as SimTime));
  else if (scenario.until === undefined) world.advance(later(ended, tail as SimTime));
  world.audit();
  const record: WorldRecord = {
    world: 'simulator',
    until: world.clock.now - begin,
    steps: outcomes.map((outcome, index) => stepRecord(outcome, outcomes[index + 1]?.at ?? ended, begin)),
    points: points(world, begin, listened),
    nodes: world.stacks().map((stack) => nodeRecord(world, stack)),
    drops: drops(world),
  };
  return { record, world, stepsOf: (packet) => world.recorder?.stepsOf(packet) ?? [] };
}

/**
 * Waits until a step has begun in the kernel, once the programs before it have ended here. A time that the scenario says
 * stays, as it was chosen so that no timer is due then; a wait begins when the programs before it have ended.
 */
function awaitStart(world: World, step: ScenarioStep, moment: SimTime): void {
  if (step.at !== undefined || 'wait' in step || moment <= world.clock.now) return;
  if (world.advance(moment) === 'halted') throw new Error('the simulation ends in a storm');
}

/** A wait is recorded when it begins. */
function endOf(step: ScenarioStep, recorded: StepRecord | undefined): number {
  return 'wait' in step ? (recorded?.started ?? 0) + step.wait : (recorded?.ended ?? 0);
}

/** What a command changes it changes at its end: the kernel has to start a process for it first. */
function startOf(step: ScenarioStep, recorded: StepRecord | undefined): number {
  if (recorded === undefined) throw new Error('the record of the kernel is one of another scenario');
  return 'exec' in step ? recorded.ended : recorded.started;
}

/** The world of a scenario, with every device listened to; times count from `begin`, when the first step is due. */
export function begun({ scenario, topology }: ScenarioSource): {
  readonly world: World;
  readonly begin: SimTime;
  readonly listened: SimTime;
} {
  const { world, problems } = buildSource(topology, { seed: scenario.seed, trace: true, capture: true });
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join('; '));
  for (const { net } of world.stacks()) world.captures?.listen(net.loopback);
  const due = scenario.steps[0]?.at;
  if (due === undefined || due >= SETTLED) world.advance(SETTLED);
  const listened = world.clock.now;
  return { world, begin: due ?? listened, listened };
}

function stepRecord(outcome: StepOutcome, ended: SimTime, begin: SimTime): StepRecord {
  const { index, title, at, probe, refusal } = outcome;
  const result = probe !== undefined ? resultOfProbe(probe) : refusal === undefined ? {} : REFUSED;
  return { index, title, started: at - begin, ended: ended - begin, result };
}

function points(world: World, begin: SimTime, listened: SimTime): PointRecord[] {
  return (world.captures?.captures() ?? []).map(({ device, frames }) => ({
    node: device.where.title,
    device: device.name,
    frames: [...frames]
      .filter(({ time }) => time >= listened)
      .map(({ time, direction, bytes, packet }) => ({ time: time - begin, direction, bytes, packet })),
  }));
}

function nodeRecord(world: World, stack: Stack): NodeRecord {
  const snapshot = world.snapshot(stack);
  const { namespace } = snapshot;
  return {
    node: stack.title,
    addresses: plain(namespace.addr),
    routes: plain(namespace.route),
    rules: plain(namespace.rule),
    neighbours: plain(namespace.neigh),
    fdb: plain(namespace.fdb),
    conntrack: lines(showConntrack(namespace)).map((line) => `ipv4     2 ${line}`),
    iptables: showIptablesSave(namespace.iptables, true),
    counters: Object.fromEntries(Object.entries(namespace.counters).filter(([, value]) => value !== 0)),
    droppingRules: droppingRules(world, stack.title),
  };
}

/** As it comes out of JSON, so that both worlds are of one kind. */
function plain(rows: readonly object[]): JsonRow[] {
  return JSON.parse(JSON.stringify(rows));
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** The kernel's reasons of all packets that died; Comware's are none that a kernel could give. */
function drops(world: World): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [reason, count] of world.ledger.drops) {
    if (reason.startsWith('kernel:')) counts[reason.slice('kernel:'.length)] = count;
  }
  const move = (from: string, to: string | undefined): void => {
    counts[from] = (counts[from] ?? 0) - 1;
    if (counts[from] === 0) delete counts[from];
    if (to !== undefined) counts[to] = (counts[to] ?? 0) + 1;
  };
  for (const { reason, function: place } of dropSteps(world)) {
    const name = reason.slice('kernel:'.length);
    // The kernel says this of every echo reply: ping has it by a raw socket.
    if (name === 'NO_SOCKET' && place === 'ping_rcv') move(name, undefined);
    // Nor does it say a word of what a record of a connection took, in FIN_WAIT2 or TIME_WAIT.
    if (name === 'TCP_CLOSE' && place === 'tcp_v4_rcv') move(name, undefined);
    // Nor of what came in no frame of its own.
    if (name === 'UNICAST_IN_L2_MULTICAST' && place === 'tcp_v4_rcv') move(name, undefined);
    // Of ARP that it does not take it never says why.
    if (place === 'arp_process') move(name, `NOT_SPECIFIED in ${place}`);
  }
  return counts;
}

/** From what the rule that dropped a packet told the trace. */
function droppingRules(world: World, node: string): DroppingRule[] {
  const rules = new Map<string, { table: string; chain: string; rule: number; packets: number }>();
  for (const step of dropSteps(world)) {
    if (step.place.title !== node || step.reason !== 'kernel:NETFILTER_DROP') continue;
    const [, table, chain, number] = /^(\w+) (\S+) (?:rule (\d+):|policy)/.exec(step.detail) ?? [];
    if (table === undefined || chain === undefined) continue;
    const key = `${table} ${chain} ${number ?? 0}`;
    const known = rules.get(key);
    if (known === undefined) rules.set(key, { table, chain, rule: Number(number ?? 0), packets: 1 });
    else known.packets++;
  }
  return [...rules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}

function* dropSteps(world: World): Iterable<RecordedStep & { kind: 'drop' }> {
  for (const { number } of world.recorder?.packets() ?? []) {
    for (const step of world.recorder?.stepsOf(number) ?? []) if (step.kind === 'drop') yield step;
  }
}
