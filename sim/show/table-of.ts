import type { NatSnapshot } from '../comware/nat-snapshot-rows.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import { showComwareArp } from './comware-arp.ts';
import { showComwareInterfaces } from './comware-interface.ts';
import { showKernelMap } from './comware-kernel.ts';
import { showAcls, showNat } from './comware-nat.ts';
import { showNatSessions } from './comware-nat-session.ts';
import { showComwareRoutes } from './comware-route.ts';
import { showComwareSessions, showComwareSockets } from './comware-socket.ts';
import { showBootLog, showDockerImages, showDockerNetworks, showDockerPs } from './docker-list.ts';
import { showIpAddr } from './linux-addr.ts';
import { showConntrack } from './linux-conntrack.ts';
import { showCounters } from './linux-counters.ts';
import { showBridgeFdb } from './linux-fdb.ts';
import { showIptablesList, showIptablesSave } from './linux-iptables.ts';
import { showIpNeigh, showIpNeighProxy } from './linux-neigh.ts';
import { showIpRoute, showRouteN } from './linux-route.ts';
import { showIpRule } from './linux-rule.ts';
import { showSockets } from './linux-socket.ts';

/** Tables that can be asked for by name. */
export const TABLE_NAMES = [
  'route',
  'route -n',
  'route all',
  'rule',
  'neigh',
  'fdb',
  'addr',
  'socket',
  'iptables',
  'iptables -L',
  'conntrack',
  'counters',
  'nat',
  'nat-session',
  'acl',
  'docker',
  'docker-network',
  'docker-image',
  'boot',
] as const;

export type TableName = (typeof TABLE_NAMES)[number];

export type Style = 'linux' | 'comware';

/**
 * A table in the format of the device it belongs to: Comware's own for a Comware device, Linux's for everything else,
 * unless `style` asks for the kernel of the device's namespace. Rules, neighbours and bridges are the kernel's alone, NAT
 * with its sessions and ACLs Comware's.
 */
export function showTable(snapshot: StackSnapshot, table: TableName, style?: Style): string {
  const { namespace, comware, device, time } = snapshot;
  if (comware !== undefined && style !== 'linux') {
    if (table === 'route') return showComwareRoutes(comware);
    if (table === 'neigh') return showComwareArp(comware);
    if (table === 'addr') return `${showComwareInterfaces(comware)}\n${showKernelMap(comware)}`;
    if (table === 'socket') return `${showComwareSockets(comware)}\n${showComwareSessions(comware)}`;
    if (table === 'counters') return countersText(comware.counters);
    if (table === 'nat') return showNat(comware.nat);
    if (table === 'nat-session') return showNatSessions(comware.nat.sessions);
    if (table === 'acl') return showAcls(comware.nat.acls);
  }
  switch (table) {
    case 'route':
      return showIpRoute(namespace);
    case 'route -n':
      return showRouteN(namespace);
    case 'route all':
      return showIpRoute(namespace, 'all');
    case 'rule':
      return showIpRule(namespace);
    case 'neigh':
      return showIpNeigh(namespace);
    case 'fdb':
      return showBridgeFdb(namespace);
    case 'addr':
      return showIpAddr(namespace);
    case 'socket':
      return showSockets(namespace);
    case 'iptables':
      return showIptablesSave(namespace.iptables);
    case 'iptables -L':
      return showIptablesList(namespace.iptables);
    case 'conntrack':
      return showConntrack(namespace);
    case 'counters':
      return showCounters(namespace);
    case 'nat':
    case 'nat-session':
    case 'acl':
      return '';
    case 'docker':
      return device === undefined ? '' : showDockerPs(device, time, true);
    case 'docker-network':
      return device === undefined ? '' : showDockerNetworks(device);
    case 'docker-image':
      return device === undefined ? '' : showDockerImages(device);
    case 'boot':
      return device === undefined ? '' : showBootLog(device);
  }
}

/** The rows behind a table, with the keys of `ip -j` where such a command exists. */
export function tableRows(snapshot: StackSnapshot, table: TableName, style?: Style): unknown {
  const { namespace, comware, device } = snapshot;
  const user = device?.instances.user;
  if (table === 'docker') return user?.containers ?? [];
  if (table === 'docker-network') return user?.networks ?? [];
  if (table === 'docker-image') return user?.images ?? [];
  if (table === 'boot') return device?.boot ?? [];
  if (comware !== undefined && style !== 'linux') {
    if (table === 'route') return comware.routes;
    if (table === 'neigh') return comware.arp;
    if (table === 'addr') return { interfaces: comware.interfaces, kernelMap: comware.kernelMap };
    if (table === 'socket') return { sockets: comware.sockets, sessions: comware.sessions };
    if (table === 'counters') return comware.counters;
    if (table === 'nat') return natRules(comware.nat);
    if (table === 'nat-session') return comware.nat.sessions;
    if (table === 'acl') return comware.nat.acls;
  }
  if (table === 'iptables -L') return namespace.iptables;
  if (table === 'nat' || table === 'nat-session' || table === 'acl') return [];
  if (table === 'route all') return namespace.route;
  if (table === 'route' || table === 'route -n') return namespace.route.filter((row) => row.table === undefined);
  return namespace[table];
}

/** What is configured: sessions and ACLs have tables of their own. */
function natRules({ sessions: _sessions, acls: _acls, ...rules }: NatSnapshot): unknown {
  return rules;
}

/** NAT's tables, of a device that has any of it configured. */
function natTables(nat: NatSnapshot): [string, string][] {
  const { addressGroups, outbound, servers, statics, staticInterfaces, hairpinInterfaces, acls } = nat;
  const rules = [addressGroups, outbound, servers, statics, staticInterfaces, hairpinInterfaces, acls];
  if (rules.every((rows) => rows.length === 0)) return [];
  return [
    ['display nat', showNat(nat)],
    ['display nat session verbose', showNatSessions(nat.sessions)],
    ['display acl all', showAcls(acls)],
  ];
}

/** Every table of a stack, each under the command that prints it. */
export function allTables(snapshot: StackSnapshot): string {
  const { namespace, comware, device, time } = snapshot;
  const parts: [string, string][] = [];
  if (comware === undefined) {
    parts.push(
      ['ip addr', showIpAddr(namespace)],
      ['ip rule', showIpRule(namespace)],
      ['ip route', showIpRoute(namespace)],
      ['ip route show table all', showIpRoute(namespace, 'all')],
      ['route -n', showRouteN(namespace)],
      ['ip neigh', showIpNeigh(namespace)],
    );
    if (namespace.proxy.length > 0) parts.push(['ip neigh show proxy', showIpNeighProxy(namespace)]);
    if (namespace.fdb.length > 0) parts.push(['bridge fdb', showBridgeFdb(namespace)]);
    if (namespace.iptables.length > 0) parts.push(['iptables-save', showIptablesSave(namespace.iptables)]);
    parts.push(['ss -una', showSockets(namespace)], ['nstat', showCounters(namespace)]);
  } else {
    parts.push(
      ['display ip interface brief', showComwareInterfaces(comware)],
      ['display ip routing-table', showComwareRoutes(comware)],
      ['display arp', showComwareArp(comware)],
      ['interfaces of the kernel', showKernelMap(comware)],
      ['source of what the kernel sends off-link', `${comware.tpaSource}\n`],
      ['listeners', showComwareSockets(comware)],
      ['sessions of the kernel', showComwareSessions(comware)],
      ...natTables(comware.nat),
      ['assumptions: set in the kernel, not stated in the white paper', `${comware.assumptions.join('\n')}\n`],
    );
    if (device !== undefined) {
      parts.push(
        ['docker ps -a', showDockerPs(device, time, true)],
        ['docker network ls', showDockerNetworks(device)],
        ['boot', showBootLog(device)],
      );
    }
  }
  if (namespace.conntrack.length > 0) parts.push(['conntrack -L', showConntrack(namespace)]);
  return parts.map(([title, text]) => `# ${title}\n${text}`).join('\n');
}

function countersText(counters: Readonly<Record<string, number>>): string {
  return Object.entries(counters)
    .map(([name, value]) => `${name.padEnd(16)}${value}\n`)
    .join('');
}
