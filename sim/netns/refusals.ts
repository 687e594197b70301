import { ownValue } from '../core/own-value.ts';
import { isGroupMac, type Mac, ZERO_MAC } from '../wire/mac.ts';
import type { Finding } from '../world/finding.ts';
import type { LinkSpec, LinuxNode, Topology } from '../world/topology-schema.ts';
import { execRefusal } from './exec-line.ts';
import { deviceOfSetting, isOfWholeMachine } from './sysctls.ts';

type Path = readonly (string | number)[];

/** Kernel and sysctl tree have a use of their own for these (dev_valid_name, sysctl_dev_name_is_allowed). */
const TAKEN: readonly string[] = ['.', '..', 'all', 'default'];

/** The kernel's clock for ageing ticks in hundredths of a second. */
const AGEING_STEP = 10_000_000;

/** Whatever of a topology cannot be built from namespaces, each with its place; empty for one that can. */
export function whyNotExported(topology: Topology): readonly Finding[] {
  const { nodes, links } = topology.topology;
  const ofNodes = Object.entries(nodes).flatMap(([name, node]): readonly Finding[] => {
    const path = ['topology', 'nodes', name];
    if (node.kind === 'comware') {
      const message = 'a Comware device cannot be built from namespaces';
      return [finding(message, [...path, 'kind'], 'only nodes of kind linux and bridge can')];
    }
    const ageing = ageingRefused(node.kind === 'bridge' ? node.ageing : undefined, path);
    return node.kind === 'bridge' ? ageing : ofLinux(name, node, links, path);
  });
  return [...ofNodes, ...links.flatMap((link, index) => ofLink(topology, link, index))];
}

function ofLinux(name: string, node: LinuxNode, links: readonly LinkSpec[], path: Path): Finding[] {
  const linked = links.flatMap(({ endpoints }) => endpoints.filter((end) => end.node === name));
  const devices = new Set([...Object.keys(node.interfaces), ...linked.map((end) => end.interface)]);
  const settings = Object.keys(node.sysctls).flatMap((key) => settingRefused(key, devices, [...path, 'sysctls', key]));
  const lines = node.exec.flatMap((line, index) => {
    const message = execRefusal(line);
    return message === undefined ? [] : [finding(message, [...path, 'exec', index])];
  });
  const texts = [...node.routes, ...node.rules, ...node.exec, node.iptables ?? ''];
  const nul = texts.some((text) => text.includes('\0'))
    ? [finding('no command of Linux takes the character NUL', path)]
    : [];
  const interfaces = Object.entries(node.interfaces).flatMap(([device, spec]) => {
    const at = [...path, 'interfaces', device];
    if (device === 'lo') return loopbackRefused(spec, at);
    return [...nameRefused(device, at, 'key'), ...macRefused(spec.mac, at), ...ageingRefused(spec.ageing, at)];
  });
  return [...settings, ...lines, ...nul, ...interfaces];
}

function ofLink({ topology }: Topology, { endpoints }: LinkSpec, index: number): Finding[] {
  return endpoints.flatMap((end, side) => {
    const path = ['topology', 'links', index, 'endpoints', side];
    const node = ownValue(topology.nodes, end.node);
    if (node === undefined || node.kind === 'comware') return [];
    if (end.interface === 'lo') return [finding('lo takes no cable', path)];
    if (node.kind === 'bridge' && end.interface === 'br0') {
      return [finding('br0 is the bridge itself: give its port another name', path)];
    }
    // One that the node lists was told of there.
    const isListed = node.kind === 'linux' && Object.hasOwn(node.interfaces, end.interface);
    return isListed ? [] : nameRefused(end.interface, path);
  });
}

function settingRefused(key: string, devices: ReadonlySet<string>, path: Path): Finding[] {
  if (isOfWholeMachine(key)) return [finding(`${key} is one setting for the whole machine`, path, undefined, 'key')];
  const device = deviceOfSetting(key);
  if (device === undefined || devices.has(device)) return [];
  return [finding(`there is no interface "${device}" whose setting this could be`, path, undefined, 'key')];
}

/** The kernel makes lo itself: up, with a MAC of zeroes and an MTU of 65536. */
function loopbackRefused(spec: LinuxNode['interfaces'][string], path: Path): Finding[] {
  const own =
    spec.kind !== 'ethernet' ? 'kind' : spec.mac !== undefined ? 'mac' : spec.mtu !== undefined ? 'mtu' : 'up';
  if (own === 'up' && spec.up) return [];
  return [finding(`lo is there already: it can be given addresses, but no ${own}`, [...path, own])];
}

function nameRefused(name: string, path: Path, part?: 'key'): Finding[] {
  // A kernel counts bytes, of which a character outside ASCII has more than one; a percent sign asks it for a number.
  const isValid = /^[!-~]{1,15}$/.test(name) && !/[/:%]/.test(name) && !TAKEN.includes(name);
  if (isValid) return [];
  const hint = 'a name is 1 to 15 characters of ASCII without blanks, "/", ":" and "%"';
  return [finding(`Linux takes no interface of the name "${name}"`, path, hint, part)];
}

function macRefused(mac: Mac | undefined, path: Path): Finding[] {
  if (mac === undefined || (mac !== ZERO_MAC && !isGroupMac(mac))) return [];
  return [finding('Linux takes no MAC of zeroes or of a group for an interface', [...path, 'mac'])];
}

function ageingRefused(ageing: number | undefined, path: Path): Finding[] {
  if (ageing === undefined || ageing % AGEING_STEP === 0) return [];
  return [finding('Linux takes the ageing of a bridge in steps of 10ms', [...path, 'ageing'])];
}

function finding(message: string, path: Path, hint?: string, part?: 'key'): Finding {
  return {
    code: 'BAD_VALUE',
    message,
    path,
    ...(hint === undefined ? {} : { hint }),
    ...(part === undefined ? {} : { part }),
  };
}
