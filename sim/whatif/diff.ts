import { finish } from '../core/finish.ts';
import { DEFAULT_LIMITS, type Limits } from '../core/limits.ts';
import { accountOf, type FlowAccount } from '../explain/account.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';
import type { Topology } from '../world/topology-schema.ts';
import type { AskedFlow } from './asked-flow.ts';
import type { Change, FaultyChange } from './change.ts';
import { askedIn, type FlowNames, flowIn, flowsOf, type NamedFlow } from './flow-list.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { type Parting, partingOf } from './parting.ts';
import { type Attempt, buildChanged, flowSubject, scenarioAttempts } from './subject.ts';

/** A network to compare, or one in which a scenario runs, with the changes made to it. */
export interface Side {
  readonly topology: Topology;
  readonly seed: number;
  /** Its steps are the flows. */
  readonly scenario: Scenario | undefined;
  readonly changes: readonly Change[];
  /** How far a run may go; default DEFAULT_LIMITS. */
  readonly limits?: Limits;
}

export interface DiffOptions {
  /** The flows to compare; empty for all there are. Of scenarios it is always their steps. */
  readonly asked: readonly AskedFlow[];
  /** Most flows that are sent in both. */
  readonly limit: number;
}

/** What became of a flow in one network. */
export interface Seen extends Pick<NamedFlow, 'from' | 'to'> {
  readonly outcome: Outcome;
}

/**
 * A flow that is not the same in both. `fate`: it ended otherwise. `way`: it ended the same, by another way or for another
 * reason. `header`: the same way, with another source or another TTL of the answer.
 */
export interface ChangedFlow {
  readonly kind: 'fate' | 'way' | 'header';
  readonly before: Seen;
  readonly after: Seen;
  /** Undefined where the ways are the same. */
  readonly parting: Parting | undefined;
}

export interface Diff {
  readonly changed: readonly ChangedFlow[];
  /** Flows that only one of them has, such as those of a node that is not in the other: `pc1 -> srv 10.2.0.5 icmp`. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  readonly unchanged: number;
  /** Flows that both have, sent in both; and those left out by the limit. */
  readonly compared: number;
  readonly left: number;
}

/**
 * Sends each flow in both networks, every time in a world of its own, and tells what differs. A flow that one of them gives
 * rise to, as a listener does, is sent in the other, too, as long as that has both its ends.
 */
export function diffOf(before: Side, after: Side, options: DiffOptions): Diff | FaultyChange {
  return finish(compareFlows(before, after, options));
}

/** The same, with a pause after each flow. */
export function* compareFlows(
  before: Side,
  after: Side,
  options: DiffOptions,
): Generator<{ readonly done: number; readonly of: number }, Diff | FaultyChange> {
  const one = looksOf(before, options.asked);
  if ('fault' in one) return one;
  const two = looksOf(after, options.asked);
  if ('fault' in two) return two;
  const keys = [...new Set([...one.keys, ...two.keys])];
  const pairs = keys.map((key) => ({ key, before: one.look(key), after: two.look(key) }));
  const shared = pairs.filter((pair) => pair.before !== undefined && pair.after !== undefined);
  const compared = shared.slice(0, options.limit);
  const changed: ChangedFlow[] = [];
  for (const [index, pair] of compared.entries()) {
    yield { done: index, of: compared.length };
    const difference = differenceOf(pair.before?.send(), pair.after?.send());
    if (difference !== undefined) changed.push(difference);
  }
  return {
    changed,
    onlyBefore: pairs.flatMap((pair) =>
      pair.after === undefined && pair.before !== undefined ? pair.before.title : [],
    ),
    onlyAfter: pairs.flatMap((pair) => (pair.before === undefined && pair.after !== undefined ? pair.after.title : [])),
    unchanged: compared.length - changed.length,
    compared: compared.length,
    left: shared.length - compared.length,
  };
}

interface Sighting extends Seen {
  readonly account: FlowAccount;
}

/** A flow in one network, which is sent there when it is asked for. */
interface Look {
  readonly title: string;
  send(): Sighting | undefined;
}

/** The flows that a side gives rise to, by keys that name them in any network, and any flow by such a key. */
interface Looks {
  readonly keys: readonly string[];
  look(key: string): Look | undefined;
}

function looksOf(side: Side, asked: readonly AskedFlow[]): Looks | FaultyChange {
  return side.scenario === undefined ? flowLooks(side, asked) : stepLooks(side, side.scenario);
}

function flowLooks(
  { topology, seed, changes, limits = DEFAULT_LIMITS }: Side,
  asked: readonly AskedFlow[],
): Looks | FaultyChange {
  const built = buildChanged(topology, seed, changes);
  if ('fault' in built) return built;
  const { world } = built;
  const names = asked.length === 0 ? flowsOf(world) : asked;
  return {
    keys: names.map((one) => JSON.stringify(one)),
    look: (key) => {
      const one = JSON.parse(key) as FlowNames | AskedFlow;
      const found = 'text' in one ? askedIn(world, one) : flowIn(world, one);
      if (found === undefined) return undefined;
      const { from, to, flow } = found;
      const send = (): Sighting | undefined => {
        const attempt = flowSubject(topology, seed, from, flow, limits).run(changes);
        return 'world' in attempt ? sightingOf(attempt, to) : undefined;
      };
      return { title: `${from} -> ${to}`, send };
    },
  };
}

/** The steps of a scenario stand in the order they run, in one world: each finds what those before it left. */
function stepLooks({ topology, changes, limits = DEFAULT_LIMITS }: Side, scenario: Scenario): Looks | FaultyChange {
  const attempts = scenarioAttempts(scenario, topology, changes, limits);
  if ('fault' in attempts) return attempts;
  const looks = new Map<string, Look>();
  for (const { title, attempt } of attempts) {
    let key = title;
    for (let nth = 2; looks.has(key); nth++) key = `${title} (${nth})`;
    looks.set(key, { title: key, send: () => sightingOf(attempt, key) });
  }
  return { keys: [...looks.keys()], look: (key) => looks.get(key) };
}

function sightingOf(attempt: Attempt, to: string): Sighting {
  return { from: attempt.from, to, outcome: outcomeOf(attempt), account: accountOf(attempt.world, attempt) };
}

function differenceOf(before: Sighting | undefined, after: Sighting | undefined): ChangedFlow | undefined {
  if (before === undefined || after === undefined) return undefined;
  const kind = kindOf(before, after);
  if (kind === undefined) return undefined;
  return { kind, before: seen(before), after: seen(after), parting: partingOf(before.account, after.account) };
}

function seen({ from, to, outcome }: Sighting): Seen {
  return { from, to, outcome };
}

function kindOf(before: Sighting, after: Sighting): ChangedFlow['kind'] | undefined {
  const [one, two] = [before.outcome, after.outcome];
  const differ = (...keys: readonly (keyof Outcome)[]): boolean =>
    keys.some((key) => String(one[key]) !== String(two[key]));
  if (differ('verdict', 'answered', 'reason', 'at')) return 'fate';
  if (differ('path', 'replyPath', 'decidedBy')) return 'way';
  return differ('ttl') || hidingSource(before) !== hidingSource(after) ? 'header' : undefined;
}

/** The address that the sender's own was translated to; '' for none. The own one may differ between the networks. */
function hidingSource({ account, outcome }: Sighting): string {
  return outcome.source === account.source ? '' : outcome.source;
}
