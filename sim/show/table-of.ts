import type { NatSnapshot } from '../comware/nat-snapshot-rows.ts';
import type { NamespaceSnapshot } from '../kernel/snapshot.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import { showComwareArp } from './comware-arp.ts';
import { comwareFibRows, showComwareFib } from './comware-fib.ts';
import { showComwareInterfaceDetails, showComwareInterfaces, showComwareInterfacesBrief } from './comware-interface.ts';
import { showKernelMap } from './comware-kernel.ts';
import { natRules, showAcls, showNat } from './comware-nat.ts';
import { showNatSessions } from './comware-nat-session.ts';
import { showComwareRoutes } from './comware-route.ts';
import { showComwareSessions, showComwareSockets } from './comware-socket.ts';
import { showBootLog, showDockerImages, showDockerNetworks, showDockerPs } from './docker-list.ts';
import { ipAddrRows, ipLinkRows, showIpAddr } from './linux-addr.ts';
import { showConntrack } from './linux-conntrack.ts';
import { showCounters } from './linux-counters.ts';
import { showBridgeFdb } from './linux-fdb.ts';
import { showIptablesList, showIptablesSave } from './linux-iptables.ts';
import { showBridgeLink, showIpLink } from './linux-link.ts';
import { showIpNeigh, showIpNeighProxy } from './linux-neigh.ts';
import { showIpRoute, showRouteN } from './linux-route.ts';
import { showIpRule } from './linux-rule.ts';
import { showSockets } from './linux-socket.ts';
import { showSysctl } from './linux-sysctl.ts';
import type { TableName } from './table-names.ts';

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
    if (table === 'link') return showComwareInterfaceDetails(comware, time);
    if (table === 'fib') return showComwareFib(comware);
    if (table === 'configuration') return comware.configuration.map((line) => `${line}\n`).join('');
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
    case 'link':
      return showIpLink(namespace, { stats: true });
    case 'bridge-link':
      return showBridgeLink(namespace);
    case 'sysctl':
      return showSysctl(namespace);
    case 'nat':
    case 'nat-session':
    case 'acl':
    case 'fib':
    case 'configuration':
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
    if (table === 'link') return comware.interfaces;
    if (table === 'fib') return comwareFibRows(comware);
    if (table === 'configuration') return comware.configuration;
  }
  if (table === 'iptables -L') return namespace.iptables;
  if (NOT_OF_A_KERNEL.includes(table)) return [];
  if (table === 'addr') return ipAddrRows(namespace, { stats: true });
  if (table === 'link') return ipLinkRows(namespace, { stats: true });
  if (table === 'bridge-link') return namespace.bridgePort;
  if (table === 'route all') return namespace.route;
  if (table === 'route' || table === 'route -n') return namespace.route.filter((row) => row.table === undefined);
  return namespace[table as keyof NamespaceSnapshot];
}

const NOT_OF_A_KERNEL: readonly TableName[] = ['nat', 'nat-session', 'acl', 'fib', 'configuration'];

/** NAT's tables, of a device that has any of it configured. */
function natTables(nat: NatSnapshot): [string, string][] {
  const { addressGroups, outbound, servers, statics, staticInterfaces, hairpinInterfaces, acls } = nat;
  const rules = [addressGroups, outbound, servers, statics, staticInterfaces, hairpinInterfaces, acls];
  if (rules.every((rows) => rows.length === 0)) return [];
  return [
    ['display nat all', showNat(nat)],
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
      ['ip -s link', showIpLink(namespace, { stats: true })],
      ['ip rule', showIpRule(namespace)],
      ['ip route', showIpRoute(namespace)],
      ['ip route show table all', showIpRoute(namespace, 'all')],
      ['route -n', showRouteN(namespace)],
      ['ip neigh', showIpNeigh(namespace)],
    );
    if (namespace.proxy.length > 0) parts.push(['ip neigh show proxy', showIpNeighProxy(namespace)]);
    if (namespace.fdb.length > 0) parts.push(['bridge fdb', showBridgeFdb(namespace)]);
    if (namespace.bridgePort.length > 0) parts.push(['bridge link', showBridgeLink(namespace)]);
    if (namespace.iptables.length > 0) parts.push(['iptables-save -c', showIptablesSave(namespace.iptables, true)]);
    parts.push(['ss -tunap', showSockets(namespace)], ['nstat', showCounters(namespace)]);
  } else {
    parts.push(
      ['display ip interface brief', showComwareInterfaces(comware)],
      ['display interface brief', showComwareInterfacesBrief(comware)],
      ['display interface', showComwareInterfaceDetails(comware, time)],
      ['display ip routing-table', showComwareRoutes(comware)],
      ['display fib', showComwareFib(comware)],
      ['display arp', showComwareArp(comware)],
      ['interfaces of the kernel', showKernelMap(comware)],
      ['source of what the kernel sends off-link', `${comware.tpaSource}\n`],
      ['listeners', showComwareSockets(comware)],
      ['sessions of the kernel', showComwareSessions(comware)],
      ...natTables(comware.nat),
      ['display current-configuration', comware.configuration.map((line) => `${line}\n`).join('')],
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
