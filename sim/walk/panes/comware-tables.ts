import type { NatSnapshot } from '../../comware/nat-snapshot-rows.ts';
import type { ComwareArpRow, ComwareSnapshot } from '../../comware/snapshot-rows.ts';
import type { NatRuleName } from '../../packet/trace.ts';
import { showComwareArp } from '../../show/comware-arp.ts';
import { comwareFibRows, showComwareFib } from '../../show/comware-fib.ts';
import { showComwareInterfaces } from '../../show/comware-interface.ts';
import { showAcls, showNatGroups, showNatOutbound, showNatServers, showNatStatic } from '../../show/comware-nat.ts';
import { showNatSessions } from '../../show/comware-nat-session.ts';
import { showComwareRoutes } from '../../show/comware-route.ts';
import { showComwareSessions, showComwareSockets } from '../../show/comware-socket.ts';
import {
  comwareRouteKey,
  comwareSocketKey,
  deviceKey,
  type EntryKind,
  flowKey,
  natRuleKey,
  protocolNumber,
  wordsKey,
} from './entries.ts';
import { entryOf, linesOf, rowsBelow, type Table, type TableEntry, type TableLine, withEntry } from './table.ts';

/** The tables of Comware's own stack and forwarding. */
export function comwareTables(comware: ComwareSnapshot): Table[] {
  const { nat, title } = comware;
  const table = (
    holds: EntryKind,
    [en, zh]: readonly [string, string],
    command: string,
    print: () => TableLine[],
  ): Table => ({ name: { en, zh }, command, holds: [holds], print });
  return [
    table('comware route', ['route', '路由'], 'display ip routing-table', () => routeLines(comware)),
    table('neighbour', ['arp', 'ARP'], 'display arp', () => arpLines(comware)),
    table('device', ['interface', '接口'], 'display ip interface brief', () => interfaceLines(comware)),
    table('socket', ['sockets', '套接字'], 'display tcp, display udp', () => socketLines(comware)),
    table('session', ['sessions', '会话'], `cutaway show ${title} socket`, () => sessionLines(comware)),
    table('nat rule', ['nat', 'NAT'], 'display nat all', () => natLines(nat)),
    table('nat session', ['nat-session', 'NAT会话'], 'display nat session verbose', () => natSessionLines(nat)),
    table('comware route', ['fib', '转发'], 'display fib', () => fibLines(comware)),
    table('acl', ['acl', 'ACL'], 'display acl all', () => aclLines(nat)),
  ];
}

function routeLines(comware: ComwareSnapshot): TableLine[] {
  const entries = comware.routes.map((row) => {
    const { age: _age, ...said } = row;
    return entryOf(comwareRouteKey(row.destination), said);
  });
  return rowsBelow(showComwareRoutes(comware), entries);
}

/** What routes lead to, and the neighbours that ARP put beside them. */
function fibLines(comware: ComwareSnapshot): TableLine[] {
  const routes = new Set(comware.routes.map((row) => row.destination));
  const entries = comwareFibRows(comware).map((row) => {
    const { destination, nextHop, interface: out } = row;
    const isRoute = routes.has(destination);
    return entryOf(isRoute ? comwareRouteKey(destination) : wordsKey('fib host', nextHop, out), row);
  });
  return rowsBelow(showComwareFib(comware), entries);
}

function arpLines(comware: ComwareSnapshot): TableLine[] {
  const entries = comware.arp.map((row: ComwareArpRow) => {
    const { aging: _aging, ...said } = row;
    return entryOf(wordsKey('neighbour', row.address, row.interface), said);
  });
  return rowsBelow(showComwareArp(comware), entries);
}

function interfaceLines(comware: ComwareSnapshot): TableLine[] {
  const entries = comware.interfaces.map((row) => {
    const { rxPackets: _rx, rxBytes: _rb, txPackets: _tx, txBytes: _tb, ...said } = row;
    return entryOf(deviceKey(row.shortName), said);
  });
  return rowsBelow(showComwareInterfaces(comware), entries);
}

/** Its own, and those that its applications have on the kernel's stack. */
function socketLines(comware: ComwareSnapshot): TableLine[] {
  const entries = comware.sockets.map((row) => entryOf(comwareSocketKey(row), row));
  return rowsBelow(showComwareSockets(comware), entries);
}

function sessionLines(comware: ComwareSnapshot): TableLine[] {
  const entries = comware.sessions.map((row) => {
    const { ttl: _ttl, ...said } = row;
    const { protocol, local, localPort, remote, remotePort } = row;
    const flow = { source: local, sourcePort: localPort, destination: remote, destinationPort: remotePort };
    return entryOf(flowKey('session', { protocol: protocolNumber(protocol), ...flow }), said);
  });
  return rowsBelow(showComwareSessions(comware), entries);
}

/** What is configured, each rule an entry of several lines. */
function natLines(nat: NatSnapshot): TableLine[] {
  const { outbound, servers, statics, addressGroups } = nat;
  const groups = addressGroups.length === 0 ? [] : linesOf(showNatGroups(addressGroups));
  const parts = [
    groups.map((text) => ({ text })),
    natPart('outbound', outbound, (rows) => showNatOutbound({ ...nat, outbound: rows })),
    natPart('server', servers, (rows) => showNatServers({ ...nat, servers: rows })),
    natPart('static', statics, (rows) => showNatStatic({ ...nat, statics: rows })),
  ];
  const lines = parts.flatMap((part): TableLine[] => (part.length === 0 ? [] : [...part, { text: '' }]));
  return lines.slice(0, -1);
}

/** Lines of a heading and of how many rules there are. */
const HEADING = 2;

/** The list of one kind of rules: under its heading the rules, with a blank line between two. */
function natPart<Row extends object>(
  list: NatRuleName['list'],
  rows: readonly Row[],
  show: (rows: readonly Row[]) => string,
): TableLine[] {
  const lines = linesOf(show(rows));
  const without = linesOf(show([])).length;
  const entries: (TableEntry | undefined)[] = Array.from({ length: HEADING });
  for (const [index, row] of rows.entries()) {
    const entry = entryOf(natRuleKey({ list, number: index + 1 }), row);
    const height = linesOf(show([row])).length - without;
    entries.push(...Array.from({ length: height }, () => entry), undefined);
  }
  // No blank line stands behind the last rule.
  entries.pop();
  return lines.map((text, index) => withEntry(text, entries[index]));
}

function natSessionLines({ sessions }: NatSnapshot): TableLine[] {
  const entries = sessions.flatMap((row) => {
    const { ttl: _ttl, ...said } = row;
    const { source, sourcePort, destination, destinationPort } = row.initiator;
    const flow = { protocol: row.protocol, source, sourcePort, destination, destinationPort };
    const entry = entryOf(flowKey('nat session', flow), said);
    // Behind each stands a blank line, and behind all of them how many there are.
    const height = linesOf(showNatSessions([row])).length - 2;
    return [...Array.from({ length: height }, () => entry), undefined];
  });
  return linesOf(showNatSessions(sessions)).map((text, index) => withEntry(text, entries[index]));
}

function aclLines({ acls }: NatSnapshot): TableLine[] {
  const entries = acls.flatMap(({ number, rules }) => [
    ...[undefined, undefined],
    ...rules.map((row) => entryOf(wordsKey('acl', String(number), String(row.id)), row)),
    undefined,
  ]);
  return linesOf(showAcls(acls)).map((text, index) => withEntry(text, entries[index]));
}
