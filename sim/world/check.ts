import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import { hasHidden } from '../core/hidden.ts';
import { ownValue } from '../core/own-value.ts';
import { NO_PREFIX, PrefixTrie } from '../core/prefix-trie.ts';
import { deviceNameFault } from '../kernel/device-name.ts';
import {
  contains,
  formatIpv4,
  formatPrefix,
  type InterfaceAddress,
  type Ipv4,
  parseIpv4,
  parsePrefix,
  prefixOf,
} from '../wire/address.ts';
import { checkContainers } from './check-containers.ts';
import type { Finding } from './finding.ts';
import { Segments } from './segments.ts';
import { parseStaticRoute } from './static-route.ts';
import type { ComwareNode, Endpoint, LinuxNode, Topology, TopologyNode } from './topology-schema.ts';
import { addressesOf } from './topology-schema.ts';

type Path = readonly (string | number)[];

/**
 * What is wrong with a topology as a whole: ends of links that lead nowhere, addresses used twice on a segment,
 * gateways nobody can reach. Every finding is given, in the order of the file.
 */
export function checkTopology(topology: Topology): Finding[] {
  const { nodes, links } = topology.topology;
  const findings: Finding[] = [];
  for (const [name, node] of Object.entries(nodes)) {
    const path = ['topology', 'nodes', name];
    if (node.kind === 'linux') findings.push(...checkLinux(node, path));
    if (node.kind === 'comware') findings.push(...checkComware(node, path));
  }
  const used = new Map<string, number>();
  for (const [index, link] of links.entries()) {
    for (const [side, end] of link.endpoints.entries()) {
      const path = ['topology', 'links', index, 'endpoints', side];
      findings.push(...checkEnd(nodes, end, path, used, index));
    }
  }
  return [...findings, ...new Segments(topology).duplicateAddresses()];
}

function checkEnd(
  nodes: Topology['topology']['nodes'],
  end: Endpoint,
  path: Path,
  used: Map<string, number>,
  index: number,
): Finding[] {
  const node = ownValue(nodes, end.node);
  if (node === undefined) {
    const hint = `nodes are ${Object.keys(nodes).join(', ')}`;
    return [{ code: 'UNKNOWN_NODE', message: `there is no node "${end.node}"`, hint, path }];
  }
  const key = `${end.node}:${shortName(node, end.interface)}`;
  const before = used.get(key);
  used.set(key, index);
  if (before !== undefined)
    return [{ code: 'INTERFACE_TWICE', message: `${key} already has the cable of link ${before + 1}`, path }];
  return checkEndInterface(node, end, path);
}

function checkEndInterface(node: TopologyNode, end: Endpoint, path: Path): Finding[] {
  if (node.kind === 'bridge') return checkPortName(end.interface, path);
  if (node.kind === 'comware' && parseInterfaceName(end.interface)?.kind !== 'ethernet') {
    return [{ code: 'UNKNOWN_INTERFACE', message: `"${end.interface}" is no physical port, such as GE1/0/1`, path }];
  }
  if (!isListed(node, end.interface)) {
    const names = Object.keys(node.interfaces);
    if (names.length === 0) return node.kind === 'linux' ? checkDeviceName(end.interface, { path }) : [];
    const hint = `interfaces of ${end.node} are ${names.join(', ')}`;
    return [{ code: 'UNKNOWN_INTERFACE', message: `${end.node} lists no interface "${end.interface}"`, hint, path }];
  }
  if (node.kind === 'linux' && ownValue(node.interfaces, end.interface)?.kind === 'bridge') {
    return [
      { code: 'UNKNOWN_INTERFACE', message: `${end.interface} is a bridge: put the cable into one of its ports`, path },
    ];
  }
  return [];
}

/** Linux has one name for each interface, Comware several. */
function isListed(node: LinuxNode | ComwareNode, name: string): boolean {
  if (node.kind === 'linux') return ownValue(node.interfaces, name) !== undefined;
  return Object.keys(node.interfaces).some((other) => shortName(node, other) === shortName(node, name));
}

/** What Linux calls no device cannot be one here. */
function checkDeviceName(name: string, where: Pick<Finding, 'path' | 'part'>): Finding[] {
  const fault = deviceNameFault(name);
  return fault === undefined ? [] : [{ code: 'BAD_VALUE', message: `the name of this interface ${fault}`, ...where }];
}

/** Ports of a switch may be called as its maker does, GE1/0/1, in characters that can be seen. */
function checkPortName(name: string, path: Path): Finding[] {
  if (/^[^\s:]{1,40}$/u.test(name) && !hasHidden(name)) return [];
  return [{ code: 'BAD_VALUE', message: 'a port has a name of 1 to 40 characters without blanks and ":"', path }];
}

function shortName(node: TopologyNode, name: string): string {
  return node.kind === 'comware' ? (parseInterfaceName(name)?.short ?? name) : name;
}

function checkLinux(node: LinuxNode, path: Path): Finding[] {
  const findings: Finding[] = [];
  const subnets: InterfaceAddress[] = [];
  for (const [name, spec] of Object.entries(node.interfaces)) {
    for (const address of addressesOf(spec.address)) subnets.push(address);
    findings.push(...checkDeviceName(name, { path: [...path, 'interfaces', name], part: 'key' }));
    findings.push(...checkPorts(node, name, [...path, 'interfaces', name]));
  }
  // What counts is that a prefix is there.
  const reachable = new PrefixTrie();
  for (const { address, length } of subnets) reachable.set(prefixOf(address, length).network, length, 0);
  // A route to a link makes its prefix reachable, as a subnet does.
  for (const route of node.routes) {
    if (!route.includes(' dev ')) continue;
    const prefix = parsePrefix(/^(\S+) dev /.exec(route)?.[1] ?? '');
    if (prefix !== undefined) reachable.set(prefix.network, prefix.length, 0);
  }
  // entries() makes a pair for each, and there may be a million.
  let index = 0;
  for (const route of node.routes) {
    const gateway = parseIpv4(/\bvia (\S+)/.exec(route)?.[1] ?? '');
    if (gateway !== undefined && reachable.longest(gateway) === NO_PREFIX && !/\bonlink\b/.test(route)) {
      findings.push(...checkGateway(gateway, subnets, [...path, 'routes', index]));
    }
    index++;
  }
  return findings;
}

/** Ports of a bridge: interfaces of this node that are no bridges and no port of another one. */
function checkPorts(node: LinuxNode, name: string, path: Path): Finding[] {
  const { kind, ports = [] } = ownValue(node.interfaces, name) ?? { kind: 'ethernet' };
  if (kind !== 'bridge' && ports.length > 0) {
    return [{ code: 'BAD_VALUE', message: `${name} has ports, so it must be kind: bridge`, path: [...path, 'ports'] }];
  }
  return ports.flatMap((port, index): Finding[] => {
    const at = [...path, 'ports', index];
    const spec = ownValue(node.interfaces, port);
    if (spec === undefined || spec.kind === 'bridge') {
      return [{ code: 'UNKNOWN_INTERFACE', message: `"${port}" is no Ethernet interface of this node`, path: at }];
    }
    const owners = Object.entries(node.interfaces).filter(([, other]) => other.ports?.includes(port));
    if (owners.length < 2 || owners[0]?.[0] === name) return [];
    return [{ code: 'INTERFACE_TWICE', message: `${port} already is a port of ${owners[0]?.[0]}`, path: at }];
  });
}

function checkComware(node: ComwareNode, path: Path): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  const subnets: InterfaceAddress[] = [];
  for (const [name, spec] of Object.entries(node.interfaces)) {
    const short = parseInterfaceName(name)?.short ?? name;
    const before = seen.get(short);
    const at = [...path, 'interfaces', name];
    if (before !== undefined)
      findings.push({
        code: 'INTERFACE_TWICE',
        message: `${name} and ${before} are the same interface`,
        path: at,
        part: 'key',
      });
    seen.set(short, name);
    if (spec.address === undefined) continue;
    const { address, length } = spec.address;
    const prefix = prefixOf(address, length);
    const other = subnets.find(
      (one) => contains(prefixOf(one.address, one.length), address) || contains(prefix, one.address),
    );
    if (other !== undefined) {
      const message = `${formatIpv4(address)}/${length} overlaps with ${formatIpv4(other.address)}/${other.length} of this device`;
      findings.push({ code: 'SUBNET_OVERLAP', message, path: [...at, 'address'] });
    }
    subnets.push(spec.address);
  }
  // With configuration lines the device has addresses and routes that are not known here.
  if (node.configuration === undefined) findings.push(...checkStatics(node, subnets, path));
  return [...findings, ...checkContainers(node, path)];
}

function checkStatics(node: ComwareNode, subnets: readonly InterfaceAddress[], path: Path): Finding[] {
  const statics = node.routes.map(parseStaticRoute);
  return statics.flatMap((route, index): Finding[] => {
    const at = [...path, 'routes', index];
    if (typeof route === 'string') return [{ code: 'BAD_VALUE', message: route, path: at }];
    if (route.interface === 'NULL0') return [];
    const isRecursive = statics.some(
      (other, place) =>
        place !== index &&
        typeof other !== 'string' &&
        other.prefix.length > 0 &&
        contains(other.prefix, route.nextHop),
    );
    return isRecursive ? [] : checkGateway(route.nextHop, subnets, at);
  });
}

function checkGateway(gateway: Ipv4, subnets: readonly InterfaceAddress[], path: Path): Finding[] {
  if (subnets.some((one) => contains(prefixOf(one.address, one.length), gateway))) return [];
  const list = subnets.map((one) => formatPrefix(prefixOf(one.address, one.length))).join(', ');
  const message = `gateway ${formatIpv4(gateway)} is in no subnet of this node`;
  return [
    { code: 'GATEWAY_OUTSIDE', message, hint: list === '' ? 'it has no address' : `its subnets are ${list}`, path },
  ];
}
