import type { JsonRow, WorldRecord } from '../record.ts';
import { compareBulk, followers, isBulk, repetitions } from './compare-bulk.ts';
import type { Difference, MaskUse } from './difference.ts';
import type { IpPart } from './dissect-ip.ts';
import { endText } from './flow.ts';
import { factsOf } from './frame-facts.ts';
import { isRacingAck, revalidations } from './optional.ts';
import { freedom, type Named, pairFlows } from './pairing.ts';
import { Relations } from './relations.ts';
import { type Comparing, compareSequence } from './sequence.ts';
import { type Seen, type WorldFrames, worldFrames } from './world-frames.ts';

/** By how much counts of a node may differ without a difference of the rules. */
export interface CountSlack {
  /** Frames that it saw more or fewer because segments were grouped otherwise. */
  frames: number;
  /** Segments that followed another one: the kernel counts a burst before it is cut (GSO). */
  merged: number;
  /** Segments of such a transfer that came to the node in the kernel's world and brought nothing new. */
  repeated: number;
}

export interface ComparedFrames {
  readonly simulated: WorldFrames;
  readonly kernel: WorldFrames;
  readonly relations: Relations;
  /** Counterparts: the simulator's frame, the kernel's. */
  readonly pairs: ReadonlyMap<Seen, Seen>;
  /** Frames whose time a random number of the kernel decides. */
  readonly anyTime: ReadonlySet<Seen>;
  readonly flows: number;
  /** How far the counts of a node may differ, by its name. */
  readonly slack: ReadonlyMap<string, CountSlack>;
}

/** A frame this near to the end of its record may be missing in the other, in ns; the worlds' own drift comes on top. */
const END_MARGIN = 300_000_000;

/** Compares what every device saw, flow by flow and direction by direction. */
export function compareFrames(
  simulatedRecord: WorldRecord,
  kernelRecord: WorldRecord,
  named: Named | undefined,
  used: MaskUse,
  differences: Difference[],
): ComparedFrames {
  const [simulated, kernel] = [worldFrames(simulatedRecord), worldFrames(kernelRecord)];
  const relations = new Relations(freedom(simulated, kernel, named));
  const flowPairs = pairFlows(simulated, kernel, relations, [simulatedRecord.steps, kernelRecord.steps]);
  const random = new Set([...revalidations(simulated), ...revalidations(kernel)]);
  const own = new Set(simulated.ordered);
  const margin = END_MARGIN + Math.abs(simulatedRecord.until - kernelRecord.until);
  const pairs = new Map<Seen, Seen>();
  const facts = [factsOf(simulated), factsOf(kernel)] as const;
  const slack = new Map<string, CountSlack>();
  const comparing: Comparing = {
    relations,
    facts,
    used,
    differences,
    pairs,
    mayLack: (seen, next) => {
      if (random.has(seen)) return 'arp-revalidation';
      const pauseOf = (one: Seen | undefined): number => (one && (facts[0].get(one) ?? facts[1].get(one))?.pause) ?? 0;
      if (!isRacingAck(seen, pauseOf(seen), next, pauseOf(next))) return undefined;
      for (const one of [seen, next]) if (one !== undefined) relations.raced.add(one.flow.about);
      slackOf(seen.point, slack).frames++;
      return 'delayed-ack';
    },
    isAtEnd: (seen) => (own.has(seen) ? simulatedRecord : kernelRecord).until - seen.record.time <= margin,
  };
  const back = new Map([...flowPairs].map(([mine, its]) => [its, mine]));
  const all = sequences(simulated, kernel, back);
  const local = localAddresses(kernelRecord);
  for (const flow of all) {
    if (!flow.isTcp) continue;
    if (isBulk(flow.mine) || isBulk(flow.its)) noteGrouped(flow, local, slackOf(flow.point, slack));
    noteMerged(flow, local, slackOf(flow.point, slack));
  }
  for (const flow of all) {
    const { point, mine, its } = flow;
    if (mine.in[0]?.isGrouped || mine.out[0]?.isGrouped) compareBulk(point, mine, its, comparing);
    else for (const [way, one, other] of waysOf(flow)) compareSequence(`${point} ${way}`, one, other, comparing);
  }
  return { simulated, kernel, relations, pairs, anyTime: random, flows: flowPairs.size, slack };
}

/** A flow at a point, in both worlds. */
interface FlowAtPoint {
  readonly point: string;
  readonly isTcp: boolean;
  readonly mine: Record<'in' | 'out', Seen[]>;
  readonly its: Record<'in' | 'out', Seen[]>;
  readonly first: number;
}

/** The frames of both worlds by point, flow and direction, in the order of the simulator's time. */
function sequences(simulated: WorldFrames, kernel: WorldFrames, back: ReadonlyMap<string, string>): FlowAtPoint[] {
  const found = new Map<string, FlowAtPoint>();
  const sort = (world: WorldFrames, side: 'mine' | 'its'): void => {
    for (const seen of world.ordered) {
      const { flow, record, point } = seen;
      const about = side === 'mine' ? flow.about : (back.get(flow.about) ?? `kernel only: ${flow.about}`);
      const key = `${point} ${flow.isError} ${about}`;
      const isTcp = flow.family === 'tcp' && !flow.isError;
      const none = { mine: { in: [], out: [] }, its: { in: [], out: [] } };
      const known = found.get(key) ?? { point, isTcp, ...none, first: record.time };
      found.set(key, known);
      known[side][record.direction].push(seen);
    }
  };
  sort(simulated, 'mine');
  sort(kernel, 'its');
  const flows = [...found.values()].sort((a, b) => a.first - b.first);
  for (const by of [addressesOf, familyOf]) joinLonely(flows, by);
  return flows.filter(({ mine, its }) => countOf(mine) + countOf(its) > 0);
}

/**
 * What must come in the same order: on a cable what goes either way. On lo both sides go both ways, and how they take
 * turns is the scheduler's: there, what either side sends.
 */
function* waysOf({ point, mine, its }: FlowAtPoint): Iterable<['in' | 'out', Seen[], Seen[]]> {
  for (const way of ['in', 'out'] as const) {
    if (!point.endsWith(':lo')) yield* byRound(way, mine[way], its[way]);
    else for (const opens of [true, false]) yield [way, sentBy(mine[way], opens), sentBy(its[way], opens)];
  }
}

/**
 * The fragments of one datagram that routers send round and round do not wait for each other: where cables take no time, each
 * is at its end before the next one leaves. There, what goes the same round.
 */
function* byRound(way: 'in' | 'out', mine: Seen[], its: Seen[]): Iterable<['in' | 'out', Seen[], Seen[]]> {
  const [here, there] = [roundsOf(mine), roundsOf(its)];
  for (const round of new Set([...here.keys(), ...there.keys()]))
    yield [way, here.get(round) ?? [], there.get(round) ?? []];
}

/** By the TTL where a fragment passes with several; 0 for all others. */
function roundsOf(frames: readonly Seen[]): Map<number, Seen[]> {
  const ttls = new Map<number, Set<number>>();
  for (const { frame } of frames) {
    if (!isFragment(frame.ip)) continue;
    const known = ttls.get(frame.ip.id) ?? new Set();
    ttls.set(frame.ip.id, known.add(frame.ip.ttl));
  }
  const rounds = new Map<number, Seen[]>();
  for (const seen of frames) {
    const { ip } = seen.frame;
    const round = isFragment(ip) && (ttls.get(ip.id)?.size ?? 0) > 1 ? ip.ttl : 0;
    const known = rounds.get(round) ?? [];
    rounds.set(round, known);
    known.push(seen);
  }
  return rounds;
}

const isFragment = (ip: IpPart | undefined): ip is IpPart =>
  ip !== undefined && (ip.moreFragments || ip.fragmentOffset > 0);

/** Of the side that spoke first, or of the other one. */
function sentBy(frames: readonly Seen[], opens: boolean): Seen[] {
  const [first] = frames;
  if (first === undefined) return [];
  const opener = endText(first.sender);
  return frames.filter(({ sender }) => (endText(sender) === opener) === opens);
}

const countOf = (frames: FlowAtPoint['mine']): number => frames.in.length + frames.out.length;
const firstOf = (frames: FlowAtPoint['mine']): Seen | undefined => frames.in[0] ?? frames.out[0];
const familyOf = ({ flow }: Seen): string => `${flow.family} ${flow.isError}`;
const addressesOf = (seen: Seen): string => `${familyOf(seen)} ${seen.flow.ends.map(({ address }) => address).sort()}`;

/** A flow that is alone at its point is held against another that is alone there: so the field shows that differs. */
function joinLonely(flows: readonly FlowAtPoint[], by: (seen: Seen) => string): void {
  const waiting = flows.filter(({ mine }) => countOf(mine) === 0);
  for (const { point, mine, its } of flows) {
    const own = countOf(its) === 0 ? firstOf(mine) : undefined;
    if (own === undefined) continue;
    const found = waiting.find((flow) => {
      const other = firstOf(flow.its);
      return flow.point === point && other !== undefined && by(other) === by(own);
    });
    for (const way of found === undefined ? [] : (['in', 'out'] as const))
      its[way].push(...(found?.its[way].splice(0) ?? []));
  }
}

function noteGrouped(
  { point, mine, its }: FlowAtPoint,
  local: ReadonlyMap<string, Set<string>>,
  slack: CountSlack,
): void {
  const isOwn = (seen: Seen): boolean => local.get(nodeOf(point))?.has(seen.receiver.address) === true;
  slack.repeated += repetitions(its.in.filter(isOwn));
  for (const seen of [...mine.in, ...mine.out, ...its.in, ...its.out]) seen.isGrouped = true;
  slack.frames += Math.abs(mine.in.length - its.in.length) + Math.abs(mine.out.length - its.out.length);
}

/** Segments that this node sent right behind another one: the kernel may have counted them as one packet. */
function noteMerged(
  { point, mine, its }: FlowAtPoint,
  local: ReadonlyMap<string, Set<string>>,
  slack: CountSlack,
): void {
  const isOwn = (seen: Seen): boolean => local.get(nodeOf(point))?.has(seen.sender.address) === true;
  slack.merged += Math.max(...[mine.out, its.out].map((frames) => followers(frames.filter(isOwn))));
}

function nodeOf(point: string): string {
  return point.slice(0, point.lastIndexOf(':'));
}

function slackOf(point: string, all: Map<string, CountSlack>): CountSlack {
  const known = all.get(nodeOf(point)) ?? { frames: 0, merged: 0, repeated: 0 };
  all.set(nodeOf(point), known);
  return known;
}

function localAddresses(record: WorldRecord): Map<string, Set<string>> {
  return new Map(record.nodes.map(({ node, addresses }) => [node, new Set(addresses.flatMap(addressesIn))]));
}

function addressesIn(row: JsonRow): string[] {
  return Array.isArray(row.addr_info) ? row.addr_info.map(({ local }: JsonRow) => String(local)) : [];
}
