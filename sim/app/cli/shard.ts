import { createHash } from 'node:crypto';
import { z } from 'zod';
import { packageVersion } from '../package-root.ts';

/** One of `of` parts of a suite, counted from 1. */
export interface Shard {
  readonly shard: number;
  readonly of: number;
}

/** What a report tells of the part of a suite that it is about, so that `merge` sees whether all are there. */
export const shardHeadSchema = z.strictObject({
  schema: z.literal('cutaway/shard/1'),
  /** Of Cutaway. */
  version: z.string(),
  shard: z.int().min(1),
  of: z.int().min(1),
  /** Of this shard. */
  scenarios: z.int().min(0),
  /** Scenarios of the whole suite. */
  suite: z.int().min(0),
  /** Of all that the whole suite was to do. */
  digest: z.string(),
  /** Files were invalid: nothing was run, in any shard. */
  refused: z.boolean(),
});

export type ShardHead = z.infer<typeof shardHeadSchema>;

/** The items of a shard: neighbours stay together, and shards one after the other are the whole list. */
export function shardOf<T>(items: readonly T[], shard: Shard): T[] {
  const { begin, end } = shardBounds(items.length, shard);
  return items.slice(begin, end);
}

/** Sizes of two shards differ by one at most. */
export function shardBounds(count: number, { shard, of }: Shard): { readonly begin: number; readonly end: number } {
  return { begin: Math.floor(((shard - 1) * count) / of), end: Math.floor((shard * count) / of) };
}

/** Whether the last scenario of the suite is in it: of shards that write into one folder, one writes what there is once. */
export function hasLast(head: ShardHead): boolean {
  return head.scenarios > 0 && shardBounds(head.suite, head).end === head.suite;
}

/** `suite` is whatever decides what a run of the whole does. */
export function shardHead(shard: Shard, suite: readonly unknown[], refused: boolean): ShardHead {
  const { begin, end } = shardBounds(suite.length, shard);
  const digest = createHash('sha256').update(JSON.stringify(suite)).digest('hex').slice(0, 16);
  const scenarios = refused ? 0 : end - begin;
  return {
    schema: 'cutaway/shard/1',
    version: packageVersion(),
    ...shard,
    scenarios,
    suite: suite.length,
    digest,
    refused,
  };
}
