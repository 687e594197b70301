import type { Net } from '../../net.ts';
import { HOOK_PRIORITY, type HookFunction } from '../netfilter.ts';
import { conntrackConfirm, conntrackIn } from './conntrack-in.ts';
import { conntrackDefrag } from './defrag.ts';

const DEFRAG = 'nf_defrag_ipv4';
const TRACK = 'nf_conntrack_in';
const CONFIRM = 'nf_confirm';

/**
 * Makes a namespace track connections, from the next packet on, for as long as `user` needs it: whoever asks for the
 * state of a connection. Harmless when it tracks already. Models net/netfilter/nf_conntrack_proto.c
 * nf_ct_netns_do_get() and nf_defrag_ipv4_enable().
 */
export function enableConntrack(net: Net, user: string): void {
  const { conntrack } = net;
  const tracks = conntrack.enabled;
  conntrack.users.add(user);
  if (tracks) return;
  conntrack.forgetWindows();
  for (const hook of ['PREROUTING', 'OUTPUT'] as const) {
    net.hooks.register(hook, {
      name: DEFRAG,
      priority: HOOK_PRIORITY.conntrackDefrag,
      recordsSteps: true,
      run: (packet) => conntrackDefrag(net, packet, hook),
    });
    net.hooks.register(hook, {
      name: TRACK,
      priority: HOOK_PRIORITY.conntrack,
      recordsSteps: true,
      run: (packet) => conntrackIn(net, packet, hook),
    });
  }
  const confirm: HookFunction = {
    name: CONFIRM,
    priority: HOOK_PRIORITY.conntrackConfirm,
    recordsSteps: true,
    run: (packet) => conntrackConfirm(net, packet),
  };
  net.hooks.register('POSTROUTING', confirm);
  net.hooks.register('INPUT', confirm);
}

/**
 * `user` needs it no more; with the last one tracking ends. The connections stay until they expire. Models
 * nf_ct_netns_do_put().
 */
export function disableConntrack(net: Net, user: string): void {
  const { users } = net.conntrack;
  if (!users.delete(user) || users.size > 0) return;
  for (const name of [DEFRAG, TRACK, CONFIRM]) net.hooks.unregister(name);
}
