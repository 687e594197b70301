import { finish } from '../core/finish.ts';
import { type Candidate, type Generator as CandidateGenerator, gather, type RemedyKind } from './candidate.ts';
import { comwareNat, comwareRoutes, comwareSettings } from './candidates-comware.ts';
import { allRules, droppingRules, matchingRules } from './candidates-filter.ts';
import { flows } from './candidates-flow.ts';
import { addresses, bridgePorts, cables, devices, neighbours } from './candidates-link.ts';
import { containers, listeners } from './candidates-listen.ts';
import { masquerades, misdirected, publishing } from './candidates-nat.ts';
import { directRoutes, missingRoutes, policyRules, standingRoutes, usualRules } from './candidates-route.ts';
import { decidingSettings, lettingBy, unusualSettings } from './candidates-sysctl.ts';
import { type Change, changeText, isChangeFault, parseChange } from './change.ts';
import { type Outcome, outcomeOf, reachOf } from './outcome.ts';
import { Scene } from './scene.ts';
import type { Attempt, Subject } from './subject.ts';

const GENERATORS: readonly CandidateGenerator[] = [
  ...[droppingRules, matchingRules, allRules],
  ...[missingRoutes, standingRoutes, directRoutes, policyRules, usualRules],
  ...[decidingSettings, unusualSettings, lettingBy],
  ...[devices, cables, bridgePorts, neighbours, addresses],
  ...[listeners, containers, masquerades, publishing, misdirected],
  flows,
  ...[comwareRoutes, comwareNat, comwareSettings],
];

export interface SearchOptions {
  /** Most worlds that are built and run; default 400. */
  readonly runs?: number;
  /** As many remedies as are looked for; default 4. */
  readonly wanted?: number;
}

/** A change, or two, under which the flow passed when it was sent again. */
export interface Remedy {
  readonly kind: RemedyKind;
  /** In the order they are made. */
  readonly changes: readonly Change[];
  /** As options of the command line: `--set "gw: net.ipv4.ip_forward=1"`. */
  readonly text: string;
  readonly after: Outcome;
}

/** What was found by sending the flow again and again. */
export interface RemedyReport {
  readonly before: Outcome;
  /** The one that undoes the cause first. Empty where no single change lets the flow pass. */
  readonly remedies: readonly Remedy[];
  /** Where none does: the change with which it gets furthest, and what it dies of then. */
  readonly further: Remedy | undefined;
  /** Where none does: two changes that do together, each of which is needed. */
  readonly pair: Remedy | undefined;
  /** Worlds that were built and run. */
  readonly runs: number;
  /** The runs were used up before everything was tried. */
  readonly exhausted: boolean;
}

/** Nothing is wrong that a change could undo: the flow passed, or was never sent. */
export type NoRemedyNeeded = { readonly passed: Outcome } | { readonly notSent: string };

/**
 * Looks for changes that let a flow pass which did not, by sending it again in fresh worlds with one change each. What is
 * reported is what such a run showed.
 */
export function findRemedies(subject: Subject, options: SearchOptions = {}): RemedyReport | NoRemedyNeeded {
  return finish(seekRemedies(subject, options));
}

/** The same, with a pause after each run. */
export function* seekRemedies(
  subject: Subject,
  options: SearchOptions = {},
): Generator<undefined, RemedyReport | NoRemedyNeeded> {
  const search = new Search(subject, options);
  const first = subject.run([]);
  if ('notSent' in first) return first;
  if ('fault' in first) return { notSent: first.fault.message };
  const before = outcomeOf(first);
  if (before.answered) return { passed: before };
  return yield* search.report(first, before);
}

interface Tried {
  readonly candidate: Candidate;
  readonly change: Change;
  readonly attempt: Attempt;
  readonly outcome: Outcome;
  /** How far the flow came. */
  readonly reach: number;
}

class Search {
  readonly #subject: Subject;
  readonly #budget: number;
  readonly #wanted: number;
  #runs = 0;
  #events = 0;
  #exhausted = false;

  constructor(subject: Subject, { runs = 400, wanted = 4 }: SearchOptions) {
    this.#subject = subject;
    this.#budget = runs;
    this.#wanted = wanted;
  }

  *report(first: Attempt, before: Outcome): Generator<undefined, RemedyReport> {
    const { passed, failed } = yield* this.#round(
      first,
      before,
      [],
      this.#budget,
      first.world.halt !== undefined ? 1 : this.#wanted,
    );
    const remedies = passed.map((tried) => remedyOf([tried]));
    const firsts = remedies.length > 0 ? [] : promising(failed, before, reachOf(first));
    const [further] = firsts;
    const pair = yield* this.#pair(firsts);
    return {
      before,
      remedies,
      further: further === undefined ? undefined : remedyOf([further]),
      pair,
      runs: this.#runs,
      exhausted: this.#exhausted,
    };
  }

  /** Tries every candidate for one failed attempt until enough passed, or what is left asks far more than what passed. */
  *#round(
    attempt: Attempt,
    before: Outcome,
    already: readonly Change[],
    limit: number,
    wanted: number,
  ): Generator<undefined, { readonly passed: Tried[]; readonly failed: Tried[] }> {
    const passed: Tried[] = [];
    const failed: Tried[] = [];
    let runs = 0;
    const scene = new Scene(attempt, before);
    for (const candidate of gather(scene, GENERATORS)) {
      const [best] = passed;
      if (passed.length >= wanted || (best !== undefined && candidate.cost > best.candidate.cost + PATIENCE)) break;
      if (runs >= limit || this.#runs >= this.#budget || this.#events >= MOST_EVENTS) {
        this.#exhausted = true;
        break;
      }
      const change = parseChange(candidate.verb, candidate.line);
      if (isChangeFault(change) || already.some((other) => other.line === change.line)) continue;
      // With more than what passed already it passes, too.
      if (passed.some((other) => candidate.line.startsWith(`${other.candidate.line};`))) continue;
      yield;
      const again = this.#subject.run([...already, change]);
      this.#runs++;
      runs++;
      // What the machine refuses is no change.
      if ('fault' in again || 'notSent' in again) continue;
      this.#events += again.world.clock.ran;
      const outcome = outcomeOf(again);
      (outcome.answered && isAsMeant(scene, outcome) ? passed : failed).push({
        candidate,
        change,
        attempt: again,
        outcome,
        reach: reachOf(again),
      });
    }
    return { passed, failed };
  }

  /** Two faults: from where the most promising single changes lead, one more. */
  *#pair(firsts: readonly Tried[]): Generator<undefined, Remedy | undefined> {
    for (const tried of firsts.slice(0, MOST_FIRSTS)) {
      const { passed } = yield* this.#round(tried.attempt, tried.outcome, [tried.change], RUNS_FOR_A_SECOND, 1);
      const [second] = passed;
      if (second !== undefined) return remedyOf([tried, second]);
    }
    return undefined;
  }
}

/** It came to who has the address, who may have handed it on; whoever else answered was not meant. */
function isAsMeant(scene: Scene, { nodes }: Outcome): boolean {
  const owners = scene.ownersOf(scene.destination).map(({ stack }) => stack.node.name);
  return owners.length === 0 || owners.some((owner) => nodes.includes(owner));
}

/** Events of all runs together: where frames multiply, or a scenario is long, fewer runs have to do. */
const MOST_EVENTS = 2_000_000;

/** How much more than the best remedy a further one may ask. */
const PATIENCE = 30;
/** Single changes from which a second one is looked for, and runs for each. */
const MOST_FIRSTS = 4;
const RUNS_FOR_A_SECOND = 120;

function remedyOf(tried: readonly Tried[]): Remedy {
  const last = tried.at(-1) as Tried;
  const changes = tried.map(({ change }) => change);
  return { kind: last.candidate.kind, changes, text: changes.map(changeText).join(' '), after: last.outcome };
}

/** Changes that carried the flow on to another end than before, the furthest first; of equals the one that asks least. */
function promising(failed: readonly Tried[], before: Outcome, reach: number): Tried[] {
  const isElsewhere = ({ outcome }: Tried): boolean =>
    outcome.at !== before.at || outcome.reason !== before.reason || outcome.detail !== before.detail;
  return failed
    .filter((tried) => tried.reach > reach && isElsewhere(tried))
    .sort((a, b) => b.reach - a.reach || a.candidate.cost - b.candidate.cost);
}
