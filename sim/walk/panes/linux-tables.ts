import type { IptablesChainRow } from '../../kernel/iptables-snapshot.ts';
import type { NamespaceSnapshot } from '../../kernel/snapshot.ts';
import { showIpAddr } from '../../show/linux-addr.ts';
import { showConntrack } from '../../show/linux-conntrack.ts';
import { showBridgeFdb } from '../../show/linux-fdb.ts';
import { showIptablesSave } from '../../show/linux-iptables.ts';
import { showIpNeigh } from '../../show/linux-neigh.ts';
import { ipRouteRows, showIpRoute } from '../../show/linux-route.ts';
import { showIpRule } from '../../show/linux-rule.ts';
import { showSockets, socketsAsked } from '../../show/linux-socket.ts';
import {
  conntrackKey,
  deviceKey,
  fdbKey,
  filterKey,
  filterRuleText,
  neighbourKey,
  routeKey,
  ruleKey,
  socketKey,
} from './entries.ts';
import { block, entryOf, linesOf, rowsBelow, type Table, type TableEntry, type TableLine, withEntry } from './table.ts';

/** The tables of a Linux stack; that of its bridges only where it has some. */
export function linuxTables(namespace: NamespaceSnapshot): Table[] {
  return [
    routeTable(namespace),
    ruleTable(namespace),
    neighbourTable(namespace),
    addressTable(namespace),
    filterTable(namespace),
    connectionTable(namespace),
    socketTable(namespace),
    ...(hasBridges(namespace) ? [fdbTable(namespace)] : []),
  ];
}

/** All of them: local addresses and broadcasts decide too, and each line but those of main says which table it is in. */
function routeTable(namespace: NamespaceSnapshot): Table {
  const entries = ipRouteRows(namespace, { table: 'all' }).map((row) => entryOf(routeKey(row), row));
  return {
    name: { en: 'route', zh: '路由' },
    command: 'ip route show table all',
    lines: rowsBelow(showIpRoute(namespace, 'all'), entries),
  };
}

function ruleTable(namespace: NamespaceSnapshot): Table {
  return {
    name: { en: 'rule', zh: '策略' },
    command: 'ip rule',
    lines: rowsBelow(
      showIpRule(namespace),
      namespace.rule.map((row) => entryOf(ruleKey(row), row)),
    ),
  };
}

/** Addresses of groups, which nobody asks for, are none of them, as `ip neigh` has it. */
function neighbourTable(namespace: NamespaceSnapshot): Table {
  const asked = namespace.neigh.filter(({ state }) => !state.includes('NOARP'));
  const entries = asked.map((row) => {
    const { dst, dev, lladdr, state } = row;
    return entryOf(neighbourKey(row), { dst, dev, lladdr, state });
  });
  return {
    name: { en: 'neigh', zh: '邻居' },
    command: 'ip neigh',
    lines: rowsBelow(showIpNeigh(namespace), entries),
  };
}

/** An interface is an entry of several lines. */
function addressTable(namespace: NamespaceSnapshot): Table {
  const lines = namespace.addr.flatMap((row) => {
    const { stats64: _stats, ...said } = row;
    return block(showIpAddr({ ...namespace, addr: [row] }), entryOf(deviceKey(row.ifname), said));
  });
  return { name: { en: 'addr', zh: '地址' }, command: 'ip addr', lines };
}

function filterTable({ iptables }: NamespaceSnapshot): Table {
  const entries = [...new Set(iptables.map((row) => row.table))].flatMap((table) => {
    const chains = iptables.filter((row) => row.table === table);
    // The lines `*TABLE` and `COMMIT` stand around what a table has.
    return [undefined, ...chains.map(chainEntry), ...chains.flatMap(ruleEntries), undefined];
  });
  const lines = linesOf(showIptablesSave(iptables)).map((text, index): TableLine => withEntry(text, entries[index]));
  return { name: { en: 'iptables', zh: 'iptables' }, command: 'iptables-save', lines };
}

/** The line of a chain, which is its policy where it has one. */
function chainEntry({ table, chain, policy = '', pkts, bytes }: IptablesChainRow): TableEntry {
  return entryOf(filterKey(table, chain, 0, ''), { policy, pkts, bytes });
}

function ruleEntries({ table, chain, rules }: IptablesChainRow): TableEntry[] {
  return rules.map(({ num, rule }) => {
    const text = filterRuleText(chain, rule);
    return { key: filterKey(table, chain, num, text), state: text };
  });
}

function connectionTable(namespace: NamespaceSnapshot): Table {
  const entries = namespace.conntrack.map((row) => {
    const { timeout: _timeout, ...said } = row;
    return entryOf(conntrackKey(row), said);
  });
  return {
    name: { en: 'conntrack', zh: '连接' },
    command: 'conntrack -L',
    lines: rowsBelow(showConntrack(namespace), entries),
  };
}

const ALL_SOCKETS = { netids: ['icmp', 'udp', 'tcp'], states: 'all', processes: true, header: true } as const;

function socketTable(namespace: NamespaceSnapshot): Table {
  const entries = socketsAsked(namespace, ALL_SOCKETS).map((row) => entryOf(socketKey(row), row));
  return {
    name: { en: 'sockets', zh: '套接字' },
    command: 'ss -tunap',
    lines: rowsBelow(showSockets(namespace), entries),
  };
}

function hasBridges({ addr, fdb }: NamespaceSnapshot): boolean {
  return addr.some((row) => row.info_kind === 'bridge') || fdb.some((row) => row.master !== undefined);
}

function fdbTable(namespace: NamespaceSnapshot): Table {
  const entries = namespace.fdb.map((row) => {
    const { used: _used, ...said } = row;
    return entryOf(fdbKey(row), said);
  });
  return {
    name: { en: 'fdb', zh: '转发表' },
    command: 'bridge fdb',
    lines: rowsBelow(showBridgeFdb(namespace), entries),
  };
}
