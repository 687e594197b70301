import type { NetnsPlan } from '../../../sim/netns/plan.ts';
import type { Scenario } from '../../../sim/scenario/scenario-schema.ts';
import type { ScenarioSource } from '../../../sim/scenario/scenario-source.ts';
import type { FrameRecord, NodeRecord, PointRecord, WorldRecord } from '../record.ts';
import { dropsOf } from './drop-reasons.ts';
import { RuleNumbers } from './dropping-rules.ts';
import { carryOut, pathOf, remove, removeLeftovers } from './namespaces.ts';
import { Peer } from './peer.ts';
import { servicesOf } from './programs.ts';
import { type Clocks, type HeardFrame, Recorder } from './recorder.ts';
import { type PlayedSteps, playSteps, type Stage } from './steps.ts';
import { readTables } from './tables.ts';
import { sleepUntil, steadyNow } from './timeline.ts';

export interface KernelRunOptions {
  /** What the names in the plan begin with. */
  readonly prefix: string;
  /** Nanoseconds that the world goes on after the last step has ended; where the scenario says `until`, that counts. */
  readonly tail: number;
  /** Whether the kernel's reasons of drops are counted, which takes a fifth of a second. */
  readonly drops: boolean;
}

/** The clock of frames must not be set while a scenario is played: nanoseconds it may wander. */
const WANDER = 5_000_000n;

/** Builds the network in namespaces, plays the scenario, and tells what it left behind. Nothing stays, whatever happens. */
export async function runInKernel(
  source: ScenarioSource,
  plan: NetnsPlan,
  options: KernelRunOptions,
): Promise<WorldRecord> {
  await removeLeftovers();
  const peer = new Peer();
  const recorder = new Recorder(options.drops);
  recorder.broken.addEventListener('abort', () => peer.kill());
  try {
    await carryOut(plan);
    return await play(source, plan, options, { peer, recorder });
  } catch (error) {
    // What was ended because the record broke tells only that; the record tells why.
    throw recorder.broken.aborted ? recorder.broken.reason : error;
  } finally {
    peer.kill();
    recorder.kill();
    await remove(plan.namespaces.map(({ name }) => name));
  }
}

async function play(
  { scenario, topology }: ScenarioSource,
  plan: NetnsPlan,
  { tail }: KernelRunOptions,
  { peer, recorder }: { readonly peer: Peer; readonly recorder: Recorder },
): Promise<WorldRecord> {
  const nodes = plan.namespaces.filter(({ node }) => node !== '');
  const names = new Map(nodes.map(({ node, name }) => [node, name]));
  const filters = await traceFilters(plan, scenario);
  const filtered = nodes.flatMap(({ node }, index) => (filters.has(node) ? [index] : []));
  const clocks = await recorder.listen(
    nodes.map(({ name }) => pathOf(name)),
    filtered,
  );
  await peer.ask({ do: 'namespaces', paths: Object.fromEntries(nodes.map(({ node, name }) => [node, pathOf(name)])) });
  const services = servicesOf(topology.topology);
  for (const { node, name, autostart, request } of services) {
    if (autostart && (await peer.ask(request)).refusal === true) throw new Error(`${node}: ${name} cannot listen`);
  }
  const stage: Stage = {
    peer,
    services,
    nameOf: (node) => names.get(node) ?? '',
    ahead: clocks.real - clocks.steady,
    signal: recorder.broken,
    changed: async (node) => filters.get(node)?.read(),
  };
  const played = await playSteps(stage, scenario);
  const end = scenario.until === undefined ? played.end + BigInt(tail) : played.begin + BigInt(scenario.until);
  await sleepUntil(end, recorder.broken);
  // What counts is read at once; listing tables takes a process each.
  let read = 0;
  const [counters, last, tables] = await Promise.all([
    readCounters(peer),
    recorder.stop(),
    readTables(
      nodes.map(({ node, name }) => ({ node, name, isFiltered: filters.has(node) })),
      () => {
        read = Number(steadyNow() - played.origin);
      },
    ),
  ]);
  checkClocks(clocks, last);
  const records = tables.map((table, index): NodeRecord => {
    const drops = recorder.drops.filter(({ namespace }) => namespace === index);
    const rules = filters.get(table.node)?.numbered(drops) ?? [];
    return { ...table, counters: counters[table.node] ?? {}, droppingRules: rules };
  });
  const record = recordOf(played, end, { records, frames: recorder.frames, offset: clocks.real - clocks.steady });
  return { ...record, read, ...(recorder.freed === undefined ? {} : { drops: dropsOf(recorder.freed) }) };
}

async function readCounters(peer: Peer): Promise<Record<string, Record<string, number>>> {
  return JSON.parse(String((await peer.ask({ do: 'counters' })).text));
}

/** The nodes that have rules of iptables, or may get some. */
async function traceFilters(plan: NetnsPlan, { steps }: Scenario): Promise<Map<string, RuleNumbers>> {
  const commands = plan.commands.filter(({ argv }) => argv[0]?.startsWith('iptables')).map(({ node }) => node);
  const later = steps.flatMap((step) =>
    'exec' in step && step.exec.commands.some((line) => /^\s*iptables/.test(line)) ? [step.exec.on] : [],
  );
  const wanted = new Set([...commands, ...later]);
  const nodes = plan.namespaces.filter(({ node }) => wanted.has(node));
  return new Map(
    await Promise.all(nodes.map(async ({ node, name }) => [node, await RuleNumbers.trace(name)] as const)),
  );
}

function checkClocks(first: Clocks, last: Clocks): void {
  const wandered = last.real - last.steady - (first.real - first.steady);
  if (wandered > WANDER || wandered < -WANDER) throw new Error('the clock of the machine was set during the run');
}

function recordOf(
  played: PlayedSteps,
  end: bigint,
  heard: { readonly records: NodeRecord[]; readonly frames: readonly HeardFrame[]; readonly offset: bigint },
): WorldRecord {
  const { records, frames, offset } = heard;
  const until = Number(end - played.origin);
  // A frame is stamped where it meets the device and heard a little later, perhaps on another CPU.
  const inTime = [...frames].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const points = records.map(({ node, addresses }, namespace) => {
    const ofNode = new Map<string, FrameRecord[]>(addresses.map(({ ifname }) => [String(ifname), []]));
    for (const frame of inTime) {
      const time = Number(frame.time - offset - played.origin);
      if (frame.namespace !== namespace || time > until) continue;
      const list = ofNode.get(frame.device) ?? [];
      ofNode.set(frame.device, list);
      list.push({ time, direction: frame.direction, bytes: frame.bytes });
    }
    return [...ofNode].map(([device, list]): PointRecord => ({ node, device, frames: list }));
  });
  return { world: 'kernel', until, steps: played.steps, points: points.flat(), nodes: records };
}
