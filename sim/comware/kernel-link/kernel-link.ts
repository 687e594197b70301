import {
  addAddress,
  addRule,
  deleteRule,
  registerDevice,
  setLink,
  setSysctl,
  unregisterDevice,
} from '../../kernel/control.ts';
import { ruleFor } from '../../kernel/forwarding/fib-rules.ts';
import { TABLE_LOCAL, TABLE_MAIN } from '../../kernel/forwarding/fib-table.ts';
import type { NetDevice } from '../../link/device.ts';
import { PuntDevice } from '../../link/punt.ts';
import { formatIpv4, type InterfaceAddress, type Ipv4 } from '../../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import { fromKernel } from '../stack/from-kernel.ts';
import { addDefault, DOWNLOADED_TABLE, deleteDefault, PRIORITY, refreshDeviceTable } from './downloaded-rules.ts';
import { HOST_MARK } from './inject.ts';

/** What the rules of a leg steer to Comware's stack. */
const STEERED = [PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP] as const;

/** The table by which what Comware marks as the host's leaves by the Docker0 leg. */
const HOST_TABLE = 99;

/**
 * What Comware sets up in the kernel of its namespace when it boots: vrfif0, forwarding, and the rules' table. What the
 * whitepaper does not state is noted as an assumption.
 */
export function linkKernel(cw: Comware, vrfif0: PuntDevice): void {
  const { net } = cw;
  attachPunt(cw, vrfif0);
  assume(cw, 'sysctl -w net.ipv4.ip_forward=1', () => setSysctl(net, 'net.ipv4.ip_forward', 1));
  assume(cw, `ip rule add pref ${PRIORITY.local} lookup local`, () =>
    addRule(net, ruleFor(PRIORITY.local, TABLE_LOCAL)),
  );
  assume(cw, 'ip rule del pref 0', () => deleteRule(net, { priority: 0 }));
  assume(cw, `ip route add default dev vrfif0 table ${DOWNLOADED_TABLE}`, () =>
    addDefault(cw, 'vrfif0', DOWNLOADED_TABLE, 0),
  );
}

/** Hangs a punt device into the namespace; what the kernel sends by it goes to Comware's stack. */
function attachPunt(cw: Comware, device: PuntDevice): void {
  registerDevice(cw.net, device);
  device.userSide = (packet, punt) => fromKernel(cw, packet, punt);
  setLink(cw.net, device, true);
}

/** Does something the whitepaper does not state, and notes it as the command that does it. */
function assume(cw: Comware, command: string, apply: () => unknown): void {
  if (!cw.assumptions.includes(command)) cw.assumptions.push(command);
  apply();
}

/**
 * The leg into the Docker0 bridge, there from boot (whitepaper 3.5.3). Its subnet lies in 127.0.0.0/8, which a stock
 * kernel neither sends nor accepts on a wire, and which table `local` claims as soon as there are rules.
 */
export function attachDocker0Leg(cw: Comware, device: NetDevice, address: InterfaceAddress, peer: Ipv4): void {
  registerDevice(cw.net, device);
  // vrfif0 too: by it Comware's stack answers from an address of that subnet.
  for (const name of [device.name, 'vrfif0']) {
    const key = `net.ipv4.conf.${name}.route_localnet`;
    assume(cw, `sysctl -w ${key}=1`, () => setSysctl(cw.net, key, 1));
  }
  const to = { network: peer, length: 32 };
  assume(cw, `ip rule add pref ${PRIORITY.docker0Peer} to ${formatIpv4(peer)} lookup main`, () =>
    addRule(cw.net, ruleFor(PRIORITY.docker0Peer, TABLE_MAIN, { to })),
  );
  attachLeg(cw, device, address);
  cw.docker0 = { device, address: address.address, host: peer };
  // The host's packets come with LoopBack0's address as source, after its SNAT; what answers them is marked.
  const key = `net.ipv4.conf.${device.name}.accept_local`;
  assume(cw, `sysctl -w ${key}=1`, () => setSysctl(cw.net, key, 1));
  assume(cw, `ip route add default via ${formatIpv4(peer)} dev ${device.name} table ${HOST_TABLE}`, () =>
    addDefault(cw, device.name, HOST_TABLE, 0, peer),
  );
  assume(cw, `ip rule add pref ${PRIORITY.hostMark} fwmark 0x${HOST_MARK.toString(16)} lookup ${HOST_TABLE}`, () =>
    addRule(cw.net, ruleFor(PRIORITY.hostMark, HOST_TABLE, { fwmark: HOST_MARK })),
  );
}

/** Address, link and steering rule of a leg into a bridge: what comes in by it goes to Comware's stack. */
function attachLeg(cw: Comware, device: NetDevice, address: InterfaceAddress): void {
  addAddress(cw.net, device, address);
  setLink(cw.net, device, true);
  // By protocol: a rule that takes everything from the leg takes ARP's lookup too, and the kernel no longer answers
  // for the leg's own address (seen on Linux 6.18).
  for (const protocol of STEERED) {
    const priority = freePriority(cw, PRIORITY.leg);
    addRule(cw.net, ruleFor(priority, DOWNLOADED_TABLE, { iif: device.name, protocol }));
  }
}

function freePriority(cw: Comware, from: number): number {
  let priority = from;
  while (cw.net.rules.some((rule) => rule.priority === priority)) priority++;
  return priority;
}

/** An interface got its address: the kernel gets a device with it (whitepaper 3.5.1, 3.5.2). */
export function attachInterface(cw: Comware, one: ComwareInterface): void {
  const { address } = one;
  if (address === undefined || one.kernelDevice !== undefined) return;
  if (one.name.kind === 'virtual-eth-group') {
    const leg = cw.host.createLeg(one.name.number, freeEthName(cw));
    registerDevice(cw.net, leg);
    attachLeg(cw, leg, address);
    one.kernelDevice = leg;
  } else {
    const name = one.name.kind === 'loopback' ? one.name.short : freeEthName(cw);
    const device = new PuntDevice(cw.clock, { name, mac: 0, mtu: one.name.kind === 'loopback' ? 1500 : one.mtu });
    attachPunt(cw, device);
    cw.host.deviceMade(device);
    addAddress(cw.net, device, address);
    one.kernelDevice = device;
  }
  followState(cw, one);
}

/** An interface lost its address, or itself. */
export function detachInterface(cw: Comware, one: ComwareInterface): void {
  const device = one.kernelDevice;
  if (device === undefined) return;
  one.kernelDevice = undefined;
  const steering = cw.net.rules.filter((rule) => rule.iif === device.name && rule.table === DOWNLOADED_TABLE);
  for (const rule of steering) deleteRule(cw.net, rule);
  if (one.name.kind === 'virtual-eth-group') cw.host.removeLeg(device);
  else {
    unregisterDevice(cw.net, device);
    cw.host.deviceGone(device);
  }
}

/** The kernel's device goes up and down with the interface. */
export function followState(cw: Comware, one: ComwareInterface): void {
  if (one.kernelDevice !== undefined) setLink(cw.net, one.kernelDevice, one.isUp);
  refreshDeviceTable(cw, one);
}

/** eth0 is the leg into the Docker0 bridge; each interface that gets an address takes the lowest number free. */
function freeEthName(cw: Comware): string {
  let number = 1;
  while (cw.net.device(`eth${number}`) !== undefined) number++;
  return `eth${number}`;
}

/**
 * Which address the kernel's stack sends from when the peer is not on one of its links: that of the configured
 * interface, else LoopBack0's, else there is none and no default route (whitepaper INC-12).
 */
export function tpaSource(cw: Comware): { readonly text: string; readonly address: Ipv4 } {
  const configured = cw.settings.tpaSource;
  const name = configured ?? 'LoopBack0';
  const one = cw.interface(name);
  if (one?.address === undefined || !one.isUp) return { text: 'none', address: 0 };
  return { text: `${name} (${configured === undefined ? 'default' : 'configured'})`, address: one.address.address };
}

/** Sets the kernel's default route to what tpaSource() says now. */
export function refreshDefaultRoute(cw: Comware): void {
  const { address } = tpaSource(cw);
  if (address === cw.defaultSource) return;
  cw.defaultSource = address;
  deleteDefault(cw, 'vrfif0', TABLE_MAIN);
  if (address !== 0) addDefault(cw, 'vrfif0', TABLE_MAIN, address);
}
