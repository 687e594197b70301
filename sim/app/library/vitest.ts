import { expect } from 'vitest';
import {
  type DropOptions,
  type TraverseOptions,
  toBeAnswered,
  toBeDelivered,
  toBeDroppedBy,
  toBeRejected,
  toTraverse,
} from '../../lab/flow-matchers.ts';
import { type SightingOptions, toHaveSeen } from '../../lab/sighting-matcher.ts';
import {
  toHaveConntrack,
  toHaveNeighbour,
  toHaveRoute,
  toHaveRule,
  type WantedConntrack,
  type WantedNeighbour,
  type WantedRoute,
  type WantedRule,
} from '../../lab/table-matchers.ts';
import type { DropReason } from '../../packet/drop-reasons.ts';

/* `import 'cutaway/vitest'`, in a test or in a setup file, gives expect() these matchers. */

expect.extend({
  toBeDelivered,
  toBeAnswered,
  toBeRejected,
  toBeDroppedBy,
  toTraverse,
  toHaveRoute,
  toHaveNeighbour,
  toHaveRule,
  toHaveConntrack,
  toHaveSeen,
});

/** Matchers of flows, stacks and labs; R is what Vitest lets them return. */
interface CutawayMatchers<R> {
  /** Of a flow: it arrived, and no answer to it was lost. */
  toBeDelivered(): R;
  /** Of a flow: the sender got an answer; an error is none. */
  toBeAnswered(): R;
  /** Of a flow: the sender was told that it failed; with this errno, such as `ECONNREFUSED`, where one is given. */
  toBeRejected(errno?: string): R;
  /** Of a flow: it, its answer or an error about it was dropped for this reason, `at` a stack or node where one is given. */
  toBeDroppedBy(reason: DropReason, options?: DropOptions): R;
  /**
   * Of a flow: it passed these stations in this order, others between them or not. `'Kernel forwarding@gw'` is a box of
   * the Linux or Comware stack at a place, `'eth0@gw'` a device, `'gw'` all stations in a row at a place.
   * `exactly`: nothing else; `back`: the way of the answer.
   */
  toTraverse(stations: readonly string[], options?: TraverseOptions): R;
  /** Of a stack: `'default via 10.0.0.1 dev eth0'` or `{ dst: 'default' }`; what is not said may be anything. */
  toHaveRoute(route: WantedRoute): R;
  /** Of a stack: `'10.0.0.1 dev eth0 REACHABLE'` or `{ dst: '10.0.0.1' }`; what is not said may be anything. */
  toHaveNeighbour(neighbour: WantedNeighbour): R;
  /** Of a stack: `'from 10.0.0.0/24 lookup 100'` or `{ priority: 100 }`; what is not said may be anything. */
  toHaveRule(rule: WantedRule): R;
  /** Of a stack: words of `conntrack -L` in their order, or a part of a row. */
  toHaveConntrack(connection: WantedConntrack): R;
  /** Of a lab: a packet at this capture point carried the address, in its IP header, in ARP, or quoted by an ICMP error. */
  toHaveSeen(address: string, point: string, options?: SightingOptions): R;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: declarations of one interface must agree, and Vitest's says so.
  interface Matchers<T = any> extends CutawayMatchers<T> {}
}
