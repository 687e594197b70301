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
  type EntryKind,
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
  const table = (
    holds: EntryKind,
    [en, zh]: readonly [string, string],
    command: string,
    print: (namespace: NamespaceSnapshot) => TableLine[],
  ): Table => ({ name: { en, zh }, command, holds: [holds], print: () => print(namespace) });
  return [
    table('route', ['route', '路由'], 'ip route show table all', routeLines),
    table('rule', ['rule', '策略'], 'ip rule', ruleLines),
    table('neighbour', ['neigh', '邻居'], 'ip neigh', neighbourLines),
    table('device', ['addr', '地址'], 'ip addr', addressLines),
    table('filter', ['iptables', 'iptables'], 'iptables-save', filterLines),
    table('connection', ['conntrack', '连接'], 'conntrack -L', connectionLines),
    table('socket', ['sockets', '套接字'], 'ss -tunap', socketLines),
    ...(hasBridges(namespace) ? [table('fdb', ['fdb', '转发表'], 'bridge fdb', fdbLines)] : []),
  ];
}

/** All of them: local addresses and broadcasts decide too, and each line but those of main says which table it is in. */
function routeLines(namespace: NamespaceSnapshot): TableLine[] {
  const entries = ipRouteRows(namespace, { table: 'all' }).map((row) => entryOf(routeKey(row), row));
  return rowsBelow(showIpRoute(namespace, 'all'), entries);
}

function ruleLines(namespace: NamespaceSnapshot): TableLine[] {
  return rowsBelow(
    showIpRule(namespace),
    namespace.rule.map((row) => entryOf(ruleKey(row), row)),
  );
}

/** Addresses of groups, which nobody asks for, are none of them, as `ip neigh` has it. */
function neighbourLines(namespace: NamespaceSnapshot): TableLine[] {
  const asked = namespace.neigh.filter(({ state }) => !state.includes('NOARP'));
  const entries = asked.map((row) => {
    const { dst, dev, lladdr, state } = row;
    return entryOf(neighbourKey(row), { dst, dev, lladdr, state });
  });
  return rowsBelow(showIpNeigh(namespace), entries);
}

/** An interface is an entry of several lines. */
function addressLines(namespace: NamespaceSnapshot): TableLine[] {
  return namespace.addr.flatMap((row) => {
    const { stats64: _stats, ...said } = row;
    return block(showIpAddr({ ...namespace, addr: [row] }), entryOf(deviceKey(row.ifname), said));
  });
}

function filterLines({ iptables }: NamespaceSnapshot): TableLine[] {
  const entries = [...new Set(iptables.map((row) => row.table))].flatMap((table) => {
    const chains = iptables.filter((row) => row.table === table);
    // The lines `*TABLE` and `COMMIT` stand around what a table has.
    return [undefined, ...chains.map(chainEntry), ...chains.flatMap(ruleEntries), undefined];
  });
  return linesOf(showIptablesSave(iptables)).map((text, index): TableLine => withEntry(text, entries[index]));
}

/** The line of a chain, which is its policy where it has one. */
function chainEntry({ table, chain, policy = '', pkts, bytes }: IptablesChainRow): TableEntry {
  return entryOf(filterKey(table, chain, 0, ''), { policy, pkts, bytes });
}

function ruleEntries({ table, chain, rules }: IptablesChainRow): TableEntry[] {
  return rules.map(({ num, rule }) => {
    const text = filterRuleText(chain, rule);
    return { key: filterKey(table, chain, num, text), state: () => text };
  });
}

function connectionLines(namespace: NamespaceSnapshot): TableLine[] {
  const entries = namespace.conntrack.map((row) => {
    const { timeout: _timeout, ...said } = row;
    return entryOf(conntrackKey(row), said);
  });
  return rowsBelow(showConntrack(namespace), entries);
}

const ALL_SOCKETS = { netids: ['icmp', 'udp', 'tcp'], states: 'all', processes: true, header: true } as const;

function socketLines(namespace: NamespaceSnapshot): TableLine[] {
  const entries = socketsAsked(namespace, ALL_SOCKETS).map((row) => entryOf(socketKey(row), row));
  return rowsBelow(showSockets(namespace), entries);
}

function hasBridges({ addr, fdb }: NamespaceSnapshot): boolean {
  return addr.some((row) => row.info_kind === 'bridge') || fdb.some((row) => row.master !== undefined);
}

function fdbLines(namespace: NamespaceSnapshot): TableLine[] {
  const entries = namespace.fdb.map((row) => {
    const { used: _used, ...said } = row;
    return entryOf(fdbKey(row), said);
  });
  return rowsBelow(showBridgeFdb(namespace), entries);
}
