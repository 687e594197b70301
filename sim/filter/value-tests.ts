import { BROADCAST_MAC, type Mac } from '../wire/mac.ts';
import type { Direction, Expression } from './expression.ts';
import {
  both,
  ETHERTYPE_IP,
  ETHERTYPE_IP6,
  either,
  etherType,
  firstFragment,
  IP6_LENGTH,
  ipv4Protocol,
  ipv6Next,
  never,
  payload,
  sides,
  type Test,
  transportAt,
} from './header-tests.ts';
import type { Layers, Scope } from './layers.ts';
import type { View } from './view.ts';
import { TRANSPORT_NUMBERS } from './words.ts';

const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_RARP = 0x8035;
/** 802.1Q, 802.1ad, and what QinQ was before. */
const ETHERTYPES_VLAN = [0x8100, 0x88a8, 0x9100];
const PROTOCOL_UDP = 17;
const PORT_VXLAN = 4789;

/** Models gen_host(): addresses of IPv4, of ARP and of RARP. */
export function host(layers: Layers, expression: Expression & { kind: 'host' }): Test {
  const { direction, ranges } = expression;
  const inHeader = (type: number, source: number, destination: number): Test => {
    const isOurs = (address: number): boolean => ranges.some(({ value, mask }) => (address & mask) >>> 0 === value);
    const from = payload(layers, source, 4, isOurs);
    const to = payload(layers, destination, 4, isOurs);
    return both(etherType(layers, type), sides(direction, from, to));
  };
  const ip = inHeader(ETHERTYPE_IP, 12, 16);
  const arp = inHeader(ETHERTYPE_ARP, 14, 24);
  const rarp = inHeader(ETHERTYPE_RARP, 14, 24);
  const tests = { ip, arp, rarp, any: either(ip, either(arp, rarp)) };
  return tests[expression.protocol];
}

/** Models gen_host6(). */
export function host6(layers: Layers, { direction, value, mask }: Expression & { kind: 'host6' }): Test {
  const address = (at: number): Test => {
    const words = value.map((word, index) =>
      payload(layers, at + 4 * index, 4, (loaded) => (loaded & (mask[index] ?? 0)) >>> 0 === word),
    );
    return (view) => words.every((word) => word(view));
  };
  return both(etherType(layers, ETHERTYPE_IP6), sides(direction, address(8), address(24)));
}

/** Models gen_mac48host(). Nothing where there is no Ethernet header. */
export function macs(layers: Layers, direction: Direction, wanted: readonly Mac[]): Test {
  const { link } = layers;
  if (layers.etherType === undefined) return never;
  const at = (offset: number): Test => {
    return (view) => {
      const start = view.at(link) + offset;
      const low = view.load(start + 2, 4);
      return wanted.includes(view.load(start, 2) * 0x1_0000_0000 + low);
    };
  };
  return sides(direction, at(6), at(0));
}

/** Models gen_port() and gen_portrange(). */
export function port(layers: Layers, expression: Expression & { kind: 'port' }): Test {
  const { direction, low, high } = expression;
  const numbers = expression.transports.map((transport) => TRANSPORT_NUMBERS[transport]);
  const isPort = (value: number): boolean => value >= low && value <= high;
  const four = (offset: number): Test => {
    return (view) => isPort(view.load(transportAt(layers, view) + offset, 2));
  };
  const six = (offset: number): Test => payload(layers, IP6_LENGTH + offset, 2, isPort);
  const isTransport = (number: number): boolean => numbers.includes(number);
  const ports4 = both(
    both(payload(layers, 9, 1, isTransport), firstFragment(layers)),
    sides(direction, four(0), four(2)),
  );
  const ports6 = both(payload(layers, 6, 1, isTransport), sides(direction, six(0), six(2)));
  return either(both(etherType(layers, ETHERTYPE_IP6), ports6), both(etherType(layers, ETHERTYPE_IP), ports4));
}

/** Models gen_broadcast() and gen_multicast(). Of IP as tcpdump sees it in a file, without the interface's netmask. */
export function group(layers: Layers, of: (Expression & { kind: 'group' })['of']): Test {
  const { link } = layers;
  switch (of) {
    case 'ether-broadcast':
      return macs(layers, 'dst', [BROADCAST_MAC]);
    case 'ether-multicast':
      return layers.etherType === undefined ? never : (view) => (view.load(view.at(link), 1) & 1) === 1;
    case 'ip-broadcast':
      return both(
        etherType(layers, ETHERTYPE_IP),
        payload(layers, 16, 4, (address) => address === 0 || address === 0xffffffff),
      );
    case 'ip-multicast':
      return both(
        etherType(layers, ETHERTYPE_IP),
        payload(layers, 16, 1, (byte) => byte >= 224),
      );
    case 'ip6-multicast':
      return both(
        etherType(layers, ETHERTYPE_IP6),
        payload(layers, 24, 1, (byte) => byte === 255),
      );
  }
}

/** Models gen_vlan(): from here on in the text the frame is looked at behind the tag. */
export function vlan(scope: Scope, id: number | undefined): Test {
  const { layers } = scope;
  if (layers.etherType === undefined) return never;
  const [first = never, ...others] = ETHERTYPES_VLAN.map((type) => etherType(layers, type));
  const isTagged = others.reduce(either, first);
  const isOurs =
    id === undefined
      ? isTagged
      : both(
          isTagged,
          payload(layers, 0, 2, (tag) => (tag & 0xfff) === id),
        );
  scope.skipTag();
  return isOurs;
}

/** Models gen_vxlan(): from here on in the text it is the frame in the tunnel that is looked at. */
export function vxlan(scope: Scope, id: number | undefined): Test {
  const { layers } = scope;
  const type4 = etherType(layers, ETHERTYPE_IP);
  const type6 = etherType(layers, ETHERTYPE_IP6);
  const udp4 = both(ipv4Protocol(layers, PROTOCOL_UDP), firstFragment(layers));
  const udp6 = ipv6Next(layers, PROTOCOL_UDP);
  const isTunnel = (view: View, udp: number): boolean =>
    view.load(udp + 2, 2) === PORT_VXLAN &&
    view.load(udp + 8, 1) === 0x08 &&
    (id === undefined || view.load(udp + 12, 4) >>> 8 === id);
  const register = scope.enterTunnel();
  return (view) => {
    const is4 = type4(view);
    if (is4 ? !udp4(view) : !(type6(view) && udp6(view))) return false;
    const udp = is4 ? transportAt(layers, view) : view.at(layers.payload) + IP6_LENGTH;
    if (!isTunnel(view, udp)) return false;
    // UDP and VXLAN have 8 bytes each.
    view.registers[register] = udp + 16;
    return true;
  };
}
