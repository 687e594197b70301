import { bridgePortOf } from '../link/bridge-port.ts';
import type { NetDevice } from '../link/device.ts';
import { formatIpv4 } from '../wire/address.ts';
import { BROADCAST_MAC, formatMac } from '../wire/mac.ts';
import type { InterfaceAddressEntry } from './address-table.ts';
import { scopeName } from './forwarding/rule-text.ts';
import type { Net } from './net.ts';

/** One interface, with the keys of `ip -j addr`. */
export interface AddrRow {
  readonly ifindex: number;
  /** The other end of a pair: its name where it is in this namespace too, its index where it is in another. */
  readonly link?: string;
  readonly link_index?: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  /** `noop` until it is up for the first time. */
  readonly qdisc: string;
  /** The bridge it is a port of. */
  readonly master?: string;
  readonly operstate: 'UP' | 'DOWN' | 'UNKNOWN' | 'LOWERLAYERDOWN';
  readonly group: string;
  readonly txqlen: number;
  readonly link_type: 'loopback' | 'ether' | 'none';
  readonly address: string;
  readonly broadcast: string;
  /** Number of the namespace that the other end is in, in the order in which they are met. */
  readonly link_netnsid?: number;
  /** `veth`, `bridge`, `tun` ...; none for lo and ports with a cable. */
  readonly info_kind?: string;
  readonly stats64: { readonly rx: ReceiveStats; readonly tx: SendStats };
  readonly addr_info: readonly AddrInfo[];
}

export interface ReceiveStats {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
  readonly over_errors: number;
  readonly multicast: number;
}

export interface SendStats {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
  readonly carrier_errors: number;
  readonly collisions: number;
}

export interface AddrInfo {
  readonly family: 'inet';
  readonly local: string;
  readonly prefixlen: number;
  /** Directed broadcast; `ip addr add` without `brd` sets none, so this is usually absent. */
  readonly broadcast?: string;
  readonly scope: string;
  readonly secondary?: true;
  readonly label: string;
}

/** One port of a bridge, with the keys of `bridge -j link`. */
export interface BridgePortRow extends Pick<AddrRow, 'ifindex' | 'link' | 'ifname' | 'flags' | 'mtu'> {
  readonly master: string;
  readonly state: 'forwarding' | 'disabled';
  readonly priority: number;
  readonly cost: number;
}

/** The interfaces of a namespace, by index. */
export function addrRows(net: Net): AddrRow[] {
  const ids = netnsids(net);
  return net.devices.map((device) => addrRow(net, device, ids));
}

/** The devices that are ports of a bridge. */
export function bridgePortRows(net: Net): BridgePortRow[] {
  return net.devices.flatMap((device) => {
    const port = bridgePortOf(device);
    if (port === undefined) return [];
    const isForwarding = port.bridge.up && device.up && device.carrier;
    return {
      ifindex: device.ifindex,
      ...linkOf(device),
      ifname: device.name,
      flags: flagsOf(device),
      mtu: device.mtu,
      master: port.bridge.name,
      state: isForwarding ? 'forwarding' : 'disabled',
      priority: 32,
      // The speed that a veth tells is 10 Gbit/s, a tap tells none that counts (net/bridge/br_if.c port_cost).
      cost: device.kind === 'punt' ? 100 : 2,
    };
  });
}

function addrRow(net: Net, device: NetDevice, ids: Netnsids): AddrRow {
  const bridge = device.rxHandler?.bridge.name;
  const netnsid = otherEnd(device).link_index === undefined ? undefined : ids.get(device.linkPeer?.receiver);
  return {
    ifindex: device.ifindex,
    ...otherEnd(device),
    ifname: device.name,
    flags: flagsOf(device),
    mtu: device.mtu,
    qdisc: qdiscOf(device),
    ...(bridge === undefined ? {} : { master: bridge }),
    operstate: operstateOf(device),
    group: 'default',
    // TUN_READQ_SIZE of a tun, DEFAULT_TX_QUEUE_LEN of the others.
    txqlen: device.txQueueLength,
    link_type: device.linkType,
    address: device.linkType === 'none' ? '' : formatMac(device.mac),
    broadcast: device.linkType === 'none' ? '' : device.isLoopback ? formatMac(0) : formatMac(BROADCAST_MAC),
    ...(netnsid === undefined ? {} : { link_netnsid: netnsid }),
    ...(device.kind === 'veth' || device.kind === 'bridge' ? { info_kind: device.kind } : {}),
    ...(device.kind === 'punt' ? { info_kind: 'tun' } : {}),
    stats64: statsOf(device),
    addr_info: net.addressesOf(device).map(addressRow),
  };
}

function addressRow({ device, address, prefix, scope, secondary, shown }: InterfaceAddressEntry): AddrInfo {
  return {
    family: 'inet',
    local: formatIpv4(address),
    prefixlen: prefix.length,
    ...(shown.broadcast === undefined ? {} : { broadcast: formatIpv4(shown.broadcast) }),
    scope: scopeName(scope),
    ...(secondary ? { secondary: true } : {}),
    label: shown.label ?? device.name,
  };
}

function statsOf(device: NetDevice): AddrRow['stats64'] {
  const { rxBytes, rxPackets, rxDropped, multicast, txBytes, txPackets, txDropped } = device;
  return {
    rx: { bytes: rxBytes, packets: rxPackets, errors: 0, dropped: rxDropped, over_errors: 0, multicast },
    tx: { bytes: txBytes, packets: txPackets, errors: 0, dropped: txDropped, carrier_errors: 0, collisions: 0 },
  };
}

/** The other end as rtnl_fill_ifinfo() tells it; a port with a cable to what is no Linux node has none. */
function otherEnd(device: NetDevice): Pick<AddrRow, 'link' | 'link_index'> {
  const peer = device.linkPeer;
  if (peer === undefined || peer.ifindex === 0) return {};
  return peer.receiver === device.receiver ? { link: peer.name } : { link_index: peer.ifindex };
}

/** How bridge(8) names it: it does not look whether the index is one of this namespace (ll_idx_n2a). */
function linkOf(device: NetDevice): Pick<BridgePortRow, 'link'> {
  const { link, link_index } = otherEnd(device);
  const name = link ?? (link_index === undefined ? undefined : `if${link_index}`);
  return name === undefined ? {} : { link: name };
}

/** What a namespace calls the others that ends of its veth pairs are in. */
type Netnsids = ReadonlyMap<NetDevice['receiver'], number>;

/** Models net/core/net_namespace.c peernet2id_alloc(): the lowest number that is free. */
function netnsids(net: Net): Netnsids {
  const ids = new Map<NetDevice['receiver'], number>();
  for (const device of net.devices) {
    if (otherEnd(device).link_index === undefined) continue;
    const other = device.linkPeer?.receiver;
    if (!ids.has(other)) ids.set(other, ids.size);
  }
  return ids;
}

/** A tun has a queue of its own, the others `noqueue`, also ports, which behave as ends of veth pairs (attach_default_qdiscs). */
function qdiscOf(device: NetDevice): string {
  if (!device.wasUp) return 'noop';
  return device.kind === 'punt' ? 'pfifo_fast' : 'noqueue';
}

/** Models net/core/link_watch.c default_operstate(). */
function operstateOf(device: NetDevice): AddrRow['operstate'] {
  if (device.up && (device.isLoopback || device.kind === 'punt')) return 'UNKNOWN';
  if (device.up && device.carrier) return 'UP';
  return device.up && device.hasLowerLayer ? 'LOWERLAYERDOWN' : 'DOWN';
}

function flagsOf(device: NetDevice): string[] {
  const flags: string[] = [];
  if (device.up && !device.carrier) flags.push('NO-CARRIER');
  if (device.isLoopback) flags.push('LOOPBACK');
  else if (device.kind === 'punt') flags.push('POINTOPOINT', 'MULTICAST', 'NOARP');
  else flags.push('BROADCAST', 'MULTICAST');
  if (device.up) flags.push('UP');
  if (device.up && device.carrier) flags.push('LOWER_UP');
  // Of an end in the same namespace ip(8) looks up whether it is up (print_linkinfo).
  if (otherEnd(device).link !== undefined && device.linkPeer?.up === false) flags.push('M-DOWN');
  return flags;
}
