import { nearest } from '../core/nearest.ts';
import type { FlowAccount, Leg } from '../explain/account.ts';
import { type DropReason, dropReasons } from '../packet/drop-reasons.ts';
import { storyOf, titleOf } from './flow-story.ts';
import { namesKnownTo } from './known-names.ts';
import { LabError } from './lab-error.ts';
import { type MatchResult, verdictOn } from './match-result.ts';
import { isAtPlace, isOnWay, isWholeWay } from './way.ts';

/* Matchers of flows. What is asked of something else than a flow, or by a name that nothing has, is thrown: `.not` must not pass by it. */

/** It arrived, and no answer to it was lost. */
export function toBeDelivered(received: unknown): MatchResult {
  const account = flowOf('toBeDelivered', received);
  return about(account, 'to be delivered', account.verdict === 'DELIVERED');
}

/** The sender got an answer; an error is none. */
export function toBeAnswered(received: unknown): MatchResult {
  const account = flowOf('toBeAnswered', received);
  return about(account, 'to be answered', account.received > 0);
}

/** The sender was told that it failed, by an ICMP error, a RST or its own stack; with this errno, where one is given. */
export function toBeRejected(received: unknown, errno?: string): MatchResult {
  const account = flowOf('toBeRejected', received);
  if (errno !== undefined && !/^E[A-Z0-9]+$/.test(errno)) {
    throw new LabError(`toBeRejected: "${errno}" is no errno such as ECONNREFUSED or EHOSTUNREACH`);
  }
  const isTold = errno === undefined || account.errors.some((error) => error.errno === errno);
  const claim = `to be rejected${errno === undefined ? '' : ` with ${errno}`}`;
  return about(account, claim, account.verdict === 'REJECTED' && isTold);
}

export interface DropOptions {
  /** Where: a stack's title or its last part, or the node. */
  readonly at?: string;
}

/** The request, its answer or an error about it was dropped for this reason. */
export function toBeDroppedBy(received: unknown, reason: DropReason, { at }: DropOptions = {}): MatchResult {
  const account = flowOf('toBeDroppedBy', received);
  if (!dropReasons.includes(reason)) {
    const close = nearest(reason, dropReasons);
    const hint = close === undefined ? '' : `; did you mean "${close}"?`;
    throw new LabError(`toBeDroppedBy: there is no drop reason "${reason}"${hint}`);
  }
  if (at !== undefined) namesKnownTo(account)?.mustBePlace('toBeDroppedBy', at);
  const pass = account.drops.some((drop) => drop.reason === reason && (at === undefined || isAtPlace(drop.at, at)));
  return about(account, `to be dropped by ${reason}${at === undefined ? '' : ` at ${at}`}`, pass);
}

export interface TraverseOptions {
  /** Nothing else may lie between, before or behind. */
  readonly exactly?: boolean;
  /** The way of the answer instead. */
  readonly back?: boolean;
}

/**
 * The packet passed these, in this order; others may lie between. Each is a station, `Kernel forwarding@gw`, a box or
 * device wherever it is, `TPA bridge`, or a place, `gw`, which stands for all stations in a row there.
 */
export function toTraverse(
  received: unknown,
  stations: readonly string[],
  { exactly = false, back = false }: TraverseOptions = {},
): MatchResult {
  const account = flowOf('toTraverse', received);
  if (!Array.isArray(stations) || stations.length === 0) {
    throw new LabError('toTraverse: expected a list of stations, such as ["gw", "Kernel forwarding@gw"]');
  }
  for (const station of stations) namesKnownTo(account)?.mustBeStation('toTraverse', station);
  const leg: Leg | undefined = back ? account.back : account.there;
  const path = leg?.path ?? [];
  const pass = exactly ? isWholeWay(path, stations) : isOnWay(path, stations);
  const how = `${exactly ? ' exactly' : ''}${back ? ' on its way back' : ''}`;
  return about(account, `to traverse${how} ${stations.join(' > ')}`, pass);
}

function about(account: FlowAccount, claim: string, pass: boolean): MatchResult {
  return verdictOn(titleOf(account), claim, pass, () => storyOf(account));
}

function flowOf(matcher: string, received: unknown): FlowAccount {
  const isFlow =
    typeof received === 'object' &&
    received !== null &&
    'verdict' in received &&
    'drops' in received &&
    'to' in received;
  if (isFlow) return received as FlowAccount;
  throw new LabError(`${matcher}: expected what lab.ping(), udp(), tcp() or send() answers, found ${kindOf(received)}`);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return value.constructor?.name === 'Object' ? 'another object' : `a ${value.constructor?.name ?? 'null object'}`;
}
