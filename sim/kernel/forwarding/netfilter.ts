import type { Errno } from '../../core/errno.ts';
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
  conntrackConfirm: 0x7fffffff,
} as const;

/** What a hook's function says of a packet. */
export type Verdict =
  | { readonly verdict: 'accept' }
  | { readonly verdict: 'drop'; readonly reason: DropReason; readonly detail: string; readonly errno?: Errno }
  /** The function keeps the packet, or has ended it itself (NF_STOLEN). */
  | { readonly verdict: 'stolen'; readonly fate: Fate }
  /** The other functions of the hook are passed over: it did run for this packet already (the function calls okfn). */
  | { readonly verdict: 'finish' }
  /** The packet goes on as another one: it was the last of the fragments that `packet` is made of. */
  | { readonly verdict: 'replaced'; readonly packet: Packet };

export const ACCEPT: Verdict = Object.freeze({ verdict: 'accept' });

/** A function hung into a hook (struct nf_hook_ops). */
export interface HookFunction {
  /** For traces: what decided. */
  readonly name: string;
  readonly priority: number;
  /** It tells the trace itself what it decided, rule by rule or entry by entry. */
  readonly recordsSteps?: boolean;
  /** May rewrite the packet's bytes, mark and route. The devices are those the hook was entered with. */
  run(packet: Packet, input: NetDevice | undefined, output: NetDevice | undefined): Verdict;
}

const SITE: Site = { component: 'Kernel forwarding', function: 'nf_hook_slow' };

/** What runs once every function of a hook has accepted (okfn). */
type Next<Context, Input> = (context: Context, packet: Packet, input: Input) => Fate;

/** One hook: its functions, by priority (struct nf_hook_entries). */
class HookPoint {
  readonly #hook: Hook;
  readonly #functions: HookFunction[] = [];

  constructor(hook: Hook) {
    this.#hook = hook;
  }

  /** Those of equal priority run in the order they came. */
  register(hookFunction: HookFunction): void {
    const list = this.#functions;
    const index = list.findIndex((other) => other.priority > hookFunction.priority);
    list.splice(index < 0 ? list.length : index, 0, hookFunction);
  }

  unregister(name: string): void {
    const list = this.#functions;
    for (let index = list.length - 1; index >= 0; index--) if (list[index]?.name === name) list.splice(index, 1);
  }

  /**
   * Runs the hook, then `next` on what came of the packet. Models include/linux/netfilter.h NF_HOOK() and
   * net/netfilter/core.c nf_hook_slow(). Not modelled: queueing to a program.
   */
  run<Context extends { readonly place: Place }, Input extends NetDevice | undefined>(
    context: Context,
    packet: Packet,
    input: Input,
    output: NetDevice | undefined,
    next: Next<Context, Input>,
  ): Fate {
    const list = this.#functions;
    let current = packet;
    for (let index = 0; index < list.length; index++) {
      const hookFunction = list[index] as HookFunction;
      const result = hookFunction.run(current, input, output);
      // A stolen packet may have ended: nothing follows its end.
      if (result.verdict === 'stolen') return result.fate;
      if (result.verdict === 'finish') break;
      if (result.verdict === 'replaced') current = result.packet;
      if (hookFunction.recordsSteps !== true) {
        recordVerdict(current, context.place, this.#hook, hookFunction.name, result);
      }
      if (result.verdict === 'drop') return refuse(current, context.place, result);
    }
    return next(context, current, input);
  }
}

/** The five hooks of a namespace. */
export class HookTable {
  readonly PREROUTING = new HookPoint('PREROUTING');
  readonly INPUT = new HookPoint('INPUT');
  readonly FORWARD = new HookPoint('FORWARD');
  readonly OUTPUT = new HookPoint('OUTPUT');
  readonly POSTROUTING = new HookPoint('POSTROUTING');

  register(hook: Hook, hookFunction: HookFunction): void {
    this[hook].register(hookFunction);
  }

  /** Takes the functions of this name out of every hook. */
  unregister(name: string): void {
    for (const point of Object.values(this)) (point as HookPoint).unregister(name);
  }
}

function refuse(packet: Packet, place: Place, { reason, detail, errno }: Verdict & { verdict: 'drop' }): Fate {
  packet.errno = errno;
  return drop(packet, place, SITE, reason, detail);
}

function recordVerdict(packet: Packet, place: Place, hook: Hook, by: string, { verdict }: Verdict): void {
  packet.ledger.recorder?.step(packet, place, SITE, { kind: 'hook', hook, by, verdict });
}
