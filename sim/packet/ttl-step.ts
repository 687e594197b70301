import type { Step } from './trace.ts';

const LOWERED: readonly Step[] = Array.from({ length: 256 }, (_, ttl) => ({
  kind: 'rewrite',
  field: 'TTL',
  before: String(ttl),
  after: String(ttl - 1),
}));

/** What a trace says of a router that lowers the TTL from `before` by one. */
export function ttlLowered(before: number): Step {
  return LOWERED[before] as Step;
}
