import { addRoute, addRule, deleteRoute, deleteRule } from '../../kernel/control.ts';
import { type FibRule, ruleFor } from '../../kernel/forwarding/fib-rules.ts';
import { SCOPE_LINK } from '../../kernel/forwarding/fib-table.ts';
import type { NetDevice } from '../../link/device.ts';
import { PuntDevice } from '../../link/punt.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';

/** The table of what is steered to Comware's stack by vrfif0: its only route leads there. */
export const DOWNLOADED_TABLE = 100;

/** Tables of the ethX and LoopN, each with the one route that leads into the device: 1000 + X, 5000 + N. */
const ETH_TABLES = 1000;
const LOOPBACK_TABLES = 5000;

/**
 * Priorities of the rules in Comware's namespace. `local` has to move from 0 to make room before it: what the
 * whitepaper calls downloaded forwarding rules decides before the kernel finds an address to be its own.
 */
export const PRIORITY = { hostMark: 80, docker0Peer: 90, leg: 100, listener: 500, local: 1000 } as const;

const DEFAULT_PREFIX = { network: 0, length: 0 } as const;

/** `ip route add default dev DEVICE table TABLE [src PREFSRC]`. */
export function addDefault(cw: Comware, device: string, table: number, prefsrc: Ipv4, gateway: Ipv4 = 0): void {
  addRoute(cw.net, {
    type: 'unicast',
    prefix: DEFAULT_PREFIX,
    gateway,
    device,
    table,
    scope: gateway === 0 ? SCOPE_LINK : 0,
    prefsrc,
    metric: 0,
    protocol: 'boot',
    onlink: false,
  });
}

/** `ip route del default dev DEVICE table TABLE`, if there is one. */
export function deleteDefault(cw: Comware, device: string, table: number): void {
  deleteRoute(cw.net, { prefix: DEFAULT_PREFIX, table, device });
}

/**
 * Brings the rules for the listeners of Comware's own stack up to date: what a program of the kernel's stack sends to
 * one of the device's addresses goes to Comware's stack if a socket there has the port, or if it is ICMP; the rest stays
 * in the kernel (whitepaper figure 7, step 3). Called whenever a listener, an address or a device changes.
 */
export function downloadListenerRules(cw: Comware): void {
  const wanted = new Map(listenerRules(cw).map((rule) => [textOf(rule), rule]));
  const { downloaded } = cw;
  for (const [text, rule] of downloaded) {
    if (wanted.has(text)) continue;
    deleteRule(cw.net, rule);
    downloaded.delete(text);
  }
  // What was downloaded is not looked at again: a rule that somebody took away stays away.
  for (const [text, rule] of wanted) {
    if (downloaded.has(text)) continue;
    addRule(cw.net, rule);
    downloaded.set(text, rule);
  }
}

function listenerRules(cw: Comware): FibRule[] {
  const rules: FibRule[] = [];
  for (const one of cw.interfaces) {
    if (one.address === undefined || one.kernelDevice === undefined) continue;
    const to = { network: one.address.address, length: 32 };
    const table = tableFor(one, one.kernelDevice);
    const selectors = { to, iif: 'lo' };
    rules.push(ruleFor(PRIORITY.listener, table, { ...selectors, protocol: PROTOCOL_ICMP }));
    for (const { protocol, port } of portsAt(cw, one.address.address)) {
      rules.push(ruleFor(PRIORITY.listener, table, { ...selectors, protocol, destinationPorts: [port, port] }));
    }
  }
  return rules;
}

/** Ports at which sockets of Comware's own stack take packets for an address, each once. */
function portsAt(cw: Comware, address: Ipv4): { protocol: number; port: number }[] {
  const udp = cw.parts.udp
    .list()
    .filter((socket) => socket.localAddress === 0 || socket.localAddress === address)
    .map((socket) => socket.localPort);
  return [
    ...[...new Set(udp)].map((port) => ({ protocol: PROTOCOL_UDP, port })),
    ...cw.parts.tcp.localPorts(address).map((port) => ({ protocol: PROTOCOL_TCP, port })),
  ];
}

/** An address on a leg into a bridge has no ethX that leads to Comware's stack: vrfif0 serves. */
function tableFor(one: ComwareInterface, device: NetDevice): number {
  return device instanceof PuntDevice ? tableOfDevice(one, device) : DOWNLOADED_TABLE;
}

function tableOfDevice(one: ComwareInterface, device: NetDevice): number {
  if (one.name.kind === 'loopback') return LOOPBACK_TABLES + one.name.number;
  return ETH_TABLES + Number(device.name.slice('eth'.length));
}

/** Sets the one route of the table that leads into an interface's device; a device that is down has none. */
export function refreshDeviceTable(cw: Comware, one: ComwareInterface): void {
  const device = one.kernelDevice;
  if (!(device instanceof PuntDevice)) return;
  const table = tableOfDevice(one, device);
  deleteDefault(cw, device.name, table);
  if (device.up) addDefault(cw, device.name, table, 0);
}

function textOf(rule: FibRule): string {
  return [rule.to?.network, rule.protocol, rule.destinationPorts?.[0], rule.table].join(' ');
}
