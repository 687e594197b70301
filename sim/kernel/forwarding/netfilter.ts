import type { NetDevice } from '../../link/device.ts';
import type { DropReason } from '../../packet/drop-reasons.ts';
import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Place, Site } from '../../packet/place.ts';

export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** enum nf_ip_hook_priorities: functions of a hook run from the lowest to the highest. */
export const HOOK_PRIORITY = {
  first: -0x80000000,
  conntrackDefrag: -400,
  raw: -300,
  conntrack: -200,
  mangle: -150,
  natDestination: -100,
  filter: 0,
  natSource: 100,
  last: 0x7fffffff,
} as const;

export type Verdict =
  | { readonly verdict: 'accept' }
  | { readonly verdict: 'drop'; readonly reason: DropReason; readonly detail: string };

export const ACCEPT: Verdict = Object.freeze({ verdict: 'accept' });

/** A function hung into a hook (struct nf_hook_ops). */
export interface HookFunction {
  /** For traces: what decided. */
  readonly name: string;
  readonly priority: number;
  run(packet: Packet, input: NetDevice | undefined, output: NetDevice | undefined): Verdict;
}

const SITE: Site = { component: 'Kernel forwarding', function: 'nf_hook_slow' };

/** The five hooks of a namespace. */
export class HookTable {
  readonly #lists: { readonly [hook in Hook]: HookFunction[] } = {
    PREROUTING: [],
    INPUT: [],
    FORWARD: [],
    OUTPUT: [],
    POSTROUTING: [],
  };

  /** Hangs a function in; those of equal priority run in the order they came. */
  register(hook: Hook, hookFunction: HookFunction): void {
    const list = this.#lists[hook];
    const index = list.findIndex((other) => other.priority > hookFunction.priority);
    list.splice(index < 0 ? list.length : index, 0, hookFunction);
  }

  /** Runs a hook: undefined when every function accepts. Models net/netfilter/core.c nf_hook_slow(). */
  run(
    hook: Hook,
    packet: Packet,
    place: Place,
    input: NetDevice | undefined,
    output: NetDevice | undefined,
  ): Fate | undefined {
    for (const hookFunction of this.#lists[hook]) {
      const result = hookFunction.run(packet, input, output);
      packet.ledger.recorder?.step(packet, place, SITE, {
        kind: 'hook',
        hook,
        by: hookFunction.name,
        verdict: result.verdict,
      });
      if (result.verdict === 'drop') return drop(packet, place, SITE, result.reason, result.detail);
    }
    return undefined;
  }
}
