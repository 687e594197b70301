import type { Net } from '../../net.ts';
import { disableConntrack, enableConntrack } from '../conntrack/hooks.ts';
import { registerNat } from '../nat/nat-hooks.ts';
import { routeMeHarder } from '../nat/route-me-harder.ts';
import type { Hook, HookFunction } from '../netfilter.ts';
import type { MatchKind } from './match.ts';
import { hooksOf, TABLE_HOOKS, Table, type TableName } from './table.ts';
import type { Target } from './target.ts';
import { doTable } from './traverse.ts';

/**
 * The table of this name; its first use makes it and hangs it into its hooks, where it stays (xt_find_table_lock and the
 * table_init of each module). The nat table is asked by translation, once there is any.
 */
export function openTable(net: Net, name: TableName): Table {
  const found = net.xtables.find((table) => table.name === name);
  if (found !== undefined) return found;
  const table = new Table(name);
  net.xtables.unshift(table);
  if (name === 'nat') return table;
  for (const hook of hooksOf(name)) net.hooks.register(hook, hookFunction(net, table, hook));
  return table;
}

function hookFunction(net: Net, table: Table, hook: Hook): HookFunction {
  const isMangleOut = table.name === 'mangle' && hook === 'OUTPUT';
  return {
    name: table.name,
    priority: TABLE_HOOKS[table.name][hook] ?? 0,
    recordsSteps: true,
    run: isMangleOut
      ? (packet, input, output) => {
          // Models iptable_mangle.c ipt_mangle_out(): addresses and TOS no target here changes.
          const { mark } = packet;
          const verdict = doTable(net, table, hook, packet, input, output);
          return verdict.verdict === 'accept' && packet.mark !== mark ? routeMeHarder(net, packet) : verdict;
        }
      : (packet, input, output) => doTable(net, table, hook, packet, input, output),
  };
}

const TRACKING_MATCHES: readonly MatchKind[] = ['state', 'conntrack', 'connmark'];
const TRACKING_TARGETS: readonly Target['kind'][] = ['SNAT', 'DNAT', 'MASQUERADE', 'REDIRECT', 'CONNMARK'];

/**
 * Has connections tracked while a rule asks for it (each such extension's checkentry calls nf_ct_netns_get(), its destroy
 * nf_ct_netns_put()), and the nat table asked once connections are tracked.
 */
export function followTracking(net: Net): void {
  const isNeeded = net.xtables.some((table) =>
    table
      .chains()
      .some((chain) =>
        chain.rules.some(
          ({ rule }) =>
            TRACKING_TARGETS.includes(rule.target.kind) ||
            rule.matches.some((match) => TRACKING_MATCHES.includes(match.kind)),
        ),
      ),
  );
  if (isNeeded) enableConntrack(net, 'rules');
  else disableConntrack(net, 'rules');
  const nat = net.xtables.find((table) => table.name === 'nat');
  if (!net.conntrack.enabled || nat === undefined || nat.isRegistered) return;
  nat.isRegistered = true;
  for (const hook of ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'] as const) {
    registerNat(net, hook, (packet, input, output) => doTable(net, nat, hook, packet, input, output));
  }
}
