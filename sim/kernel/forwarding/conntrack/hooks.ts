import type { Net } from '../../net.ts';
import { HOOK_PRIORITY, type HookFunction } from '../netfilter.ts';
import { conntrackConfirm, conntrackIn } from './conntrack-in.ts';
import { conntrackDefrag } from './defrag.ts';

/**
 * Makes a namespace track connections, from the next packet on; it never stops again. Whatever needs the state of a
 * connection calls this: the first rule that matches it, the nat table. Harmless when it tracks already. Models
 * net/netfilter/nf_conntrack_proto.c nf_ct_netns_get() and nf_defrag_ipv4_enable().
 */
export function enableConntrack(net: Net): void {
  if (net.conntrack.enabled) return;
  net.conntrack.enabled = true;
  for (const hook of ['PREROUTING', 'OUTPUT'] as const) {
    net.hooks.register(hook, {
      name: 'nf_defrag_ipv4',
      priority: HOOK_PRIORITY.conntrackDefrag,
      recordsSteps: true,
      run: (packet) => conntrackDefrag(net, packet),
    });
    net.hooks.register(hook, {
      name: 'nf_conntrack_in',
      priority: HOOK_PRIORITY.conntrack,
      recordsSteps: true,
      run: (packet) => conntrackIn(net, packet, hook),
    });
  }
  const confirm: HookFunction = {
    name: 'nf_confirm',
    priority: HOOK_PRIORITY.conntrackConfirm,
    recordsSteps: true,
    run: (packet) => conntrackConfirm(net, packet),
  };
  net.hooks.register('POSTROUTING', confirm);
  net.hooks.register('INPUT', confirm);
}
