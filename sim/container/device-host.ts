import type { Comware, ComwareHost } from '../comware/comware.ts';
import { must } from '../core/assert.ts';
import {
  addAddress,
  addRoute,
  destroyNamespace,
  registerDevice,
  setLink,
  setSysctl,
  unregisterDevice,
} from '../kernel/control.ts';
import { SCOPE_GLOBAL, TABLE_MAIN } from '../kernel/forwarding/fib-table.ts';
import type { Net } from '../kernel/net.ts';
import { createNetNamespace } from '../kernel/net-namespace.ts';
import { BridgeDevice } from '../link/bridge.ts';
import type { NetDevice } from '../link/device.ts';
import { createVethPair, type VethDevice } from '../link/veth.ts';
import type { Mac } from '../wire/mac.ts';
import { type PublishedPort, translateHost } from './host-nat.ts';
import type { WorldServices } from './machine.ts';

/** Addresses of the Docker0 bridge (whitepaper 3.5.3); the prefix length is not in the text. */
export const DOCKER0_HOST = { address: 0x7f010101, length: 24 } as const;
export const DOCKER0_COMWARE = { address: 0x7f010102, length: 24 } as const;

/**
 * The host of a Comware device: its Linux namespace with the Docker0 bridge and the TPA bridges, into which the
 * containers and Comware's namespace reach with veth pairs. It has no physical port: those are Comware's.
 */
export class DeviceHost implements ComwareHost {
  readonly net: Net;
  readonly bridges: BridgeDevice[] = [];
  /** Commands that the whitepaper does not state. */
  readonly assumptions: string[] = [];
  /** Where the host's traffic to the outside takes LoopBack0's address, and which ports of that address lead here. */
  snatAt: 'host' | 'comware' = 'host';
  ports: readonly PublishedPort[] = [];
  readonly #services: WorldServices;
  readonly #far = new Map<NetDevice, VethDevice>();
  #nextVeth = 0;
  /** Comware's addresses as the rules of the host's traffic have them. */
  #translated = '';

  constructor(node: string, services: WorldServices) {
    this.#services = services;
    const place = { node, role: 'host', title: `${node}/host` } as const;
    this.net = createNetNamespace(place, { ...services, chance: services.chance.fork(place.title) });
  }

  /** docker0 with its address and default route, as at boot; gives Comware's end of the leg, eth0. */
  createDocker0(): VethDevice {
    const bridge = this.#addBridge('docker0', 'Docker0 bridge');
    const { net } = this;
    const key = 'net.ipv4.conf.docker0.route_localnet';
    setSysctl(net, key, 1);
    this.assumptions.push(`sysctl -w ${key}=1`);
    addAddress(net, bridge, DOCKER0_HOST);
    const leg = this.plug(bridge, 'eth0', this.#services.takeMac());
    // The source must be named: a 127.0.0.0/8 address has host scope and is never chosen for a destination outside.
    const src = DOCKER0_HOST.address;
    addRoute(net, {
      type: 'unicast',
      prefix: { network: 0, length: 0 },
      gateway: DOCKER0_COMWARE.address,
      device: 'docker0',
      table: TABLE_MAIN,
      scope: SCOPE_GLOBAL,
      prefsrc: src,
      metric: 0,
      protocol: 'boot',
      onlink: false,
    });
    this.assumptions.push('ip route add default via 127.1.1.2 dev docker0 src 127.1.1.1');
    return leg;
  }

  addressesChanged(comware: Comware): void {
    const inComware = this.snatAt === 'comware';
    const own = comware.interfaces.flatMap((one) => (one.address === undefined ? [] : [one.address.address]));
    // Chains are written when an address has changed: a rule that somebody took away stays away.
    if (own.join() === this.#translated) return;
    this.#translated = own.join();
    translateHost({
      net: inComware ? comware.net : this.net,
      leaves: inComware ? 'vrfif0' : 'docker0',
      host: DOCKER0_HOST,
      loopback0: comware.interface('Loop0')?.address?.address ?? 0,
      own,
      ports: this.ports,
    });
  }

  createBridge(group: number): void {
    this.#addBridge(tpaName(group), group === 0 ? 'TPA bridge' : `TPA bridge ${group}`);
  }

  removeBridge(group: number): void {
    const bridge = this.bridge(group);
    if (bridge === undefined) return;
    for (const port of [...this.#far.values()]) if (port.rxHandler?.bridge === bridge) this.#unplug(port);
    this.bridges.splice(this.bridges.indexOf(bridge), 1);
    unregisterDevice(this.net, bridge);
  }

  /** The TPA bridge of a Virtual-Eth-Group. */
  bridge(group: number): BridgeDevice | undefined {
    return this.bridges.find((bridge) => bridge.name === tpaName(group));
  }

  createLeg(group: number, name: string): NetDevice {
    const bridge = must(this.bridge(group), `Virtual-Eth-Group${group} has its bridge`);
    return this.plug(bridge, name, this.#services.takeMac());
  }

  removeLeg(device: NetDevice): void {
    const far = this.#far.get(device);
    if (far !== undefined) this.#unplug(far);
  }

  deviceMade(device: NetDevice): void {
    this.#services.deviceMade(device);
  }

  deviceGone(device: NetDevice): void {
    this.#services.deviceGone(device);
  }

  /** The machine is switched off: bridges, legs and the namespace go. */
  powerOff(): void {
    for (const port of [...this.#far.values()]) this.#unplug(port);
    for (const bridge of this.bridges.splice(0)) {
      unregisterDevice(this.net, bridge);
      this.#services.deviceGone(bridge);
    }
    destroyNamespace(this.net);
  }

  /** A veth pair: one end becomes a port of the bridge, the other is given back for another namespace. */
  plug(bridge: BridgeDevice, name: string, mac: Mac): VethDevice {
    const far = { name: `veth${this.#nextVeth++}`, mac: this.#services.takeMac(), mtu: 1500 };
    const [near, port] = createVethPair(this.#services.clock, { name, mac, mtu: 1500 }, far);
    registerDevice(this.net, port);
    bridge.addPort(port);
    setLink(this.net, port, true);
    this.#far.set(near, port);
    this.#services.deviceMade(port);
    this.#services.deviceMade(near);
    return near;
  }

  /** Takes a veth pair away, both ends, from whatever namespaces they are in. */
  #unplug(port: VethDevice): void {
    for (const [near, far] of this.#far) {
      if (far !== port) continue;
      this.#far.delete(near);
      const bridge = this.bridges.find((one) => one === port.rxHandler?.bridge);
      bridge?.removePort(port);
      if (near.receiver !== undefined) unregisterDevice(near.receiver as Net, near);
      unregisterDevice(this.net, port);
      port.destroy();
      this.#services.deviceGone(port);
      this.#services.deviceGone(near);
    }
  }

  #addBridge(name: string, title: string): BridgeDevice {
    const { clock } = this.#services;
    const bridge = new BridgeDevice(clock, { name, mac: this.#services.takeMac(), mtu: 1500, title });
    registerDevice(this.net, bridge);
    setLink(this.net, bridge, true);
    this.bridges.push(bridge);
    this.#services.deviceMade(bridge);
    return bridge;
  }
}

function tpaName(group: number): string {
  return `tpa-bridge${group}`;
}
