import type { Direction } from './expression.ts';
import type { Layers } from './layers.ts';
import type { View } from './view.ts';
import { PROTOCOL_WORDS } from './words.ts';

/** Whether a frame is what a part of the expression asks for. */
export type Test = (view: View) => boolean;

export const ETHERTYPE_IP = 0x0800;
export const ETHERTYPE_IP6 = 0x86dd;
export const IP6_LENGTH = 40;
const PROTOCOL_FRAGMENT6 = 44;
/** Service access points of 802.2 that stand for the destination and the source: IP, NetBEUI, ISO. */
const SAPS_AT_BOTH_ENDS = [0x06, 0xf0, 0xfe];

export const never: Test = () => false;

export function both(left: Test, right: Test): Test {
  return (view) => left(view) && right(view);
}

export function either(left: Test, right: Test): Test {
  return (view) => left(view) || right(view);
}

/** What `src`, `dst`, `src or dst` and `src and dst` make of a test of either side. */
export function sides(direction: Direction, source: Test, destination: Test): Test {
  switch (direction) {
    case 'src':
      return source;
    case 'dst':
      return destination;
    case 'and':
      return both(source, destination);
    case 'or':
      return either(source, destination);
  }
}

/** Bytes of the payload of the link layer. */
export function payload(layers: Layers, at: number, size: number, is: (value: number) => boolean): Test {
  const { payload: start } = layers;
  return (view) => is(view.load(view.at(start) + at, size));
}

/** Models gen_linktype(): an EtherType, up to 1500 a DSAP; on raw IP the version. */
export function etherType(layers: Layers, value: number): Test {
  const { etherType: at } = layers;
  if (at === undefined) {
    const version = value === ETHERTYPE_IP ? 4 : value === ETHERTYPE_IP6 ? 6 : undefined;
    return version === undefined ? never : payload(layers, 0, 1, (byte) => byte >>> 4 === version);
  }
  if (value > 1500) return (view) => view.load(view.at(at), 2) === value;
  const isBoth = SAPS_AT_BOTH_ENDS.includes(value);
  const [sap, size] = isBoth ? [value * 257, 2] : [value, 1];
  return (view) => view.load(view.at(at), 2) <= 1500 && view.load(view.at(at) + 2, size) === sap;
}

/** Models gen_proto_abbrev(). */
export function protocol(layers: Layers, word: string): Test {
  const known = PROTOCOL_WORDS.get(word);
  if (known === undefined) return never;
  if (known.over === 'link') return etherType(layers, known.etherType);
  return ipProtocol(layers, known.over, known.number);
}

/** Models gen_proto(): every fragment is of its protocol; of IPv6 also what follows a fragment header at once. */
export function ipProtocol(layers: Layers, family: 'ip' | 'ip6' | 'both', number: number): Test {
  const four = both(etherType(layers, ETHERTYPE_IP), ipv4Protocol(layers, number));
  const direct = ipv6Next(layers, number);
  const inFragment = both(
    ipv6Next(layers, PROTOCOL_FRAGMENT6),
    payload(layers, IP6_LENGTH, 1, (next) => next === number),
  );
  const six = both(etherType(layers, ETHERTYPE_IP6), either(direct, inFragment));
  return family === 'ip' ? four : family === 'ip6' ? six : either(four, six);
}

export function ipv4Protocol(layers: Layers, number: number): Test {
  return payload(layers, 9, 1, (protocol) => protocol === number);
}

export function ipv6Next(layers: Layers, number: number): Test {
  return payload(layers, 6, 1, (next) => next === number);
}

/** Not a fragment but the first: that has the transport header (gen_ipfrag). */
export function firstFragment(layers: Layers): Test {
  return payload(layers, 6, 2, (field) => (field & 0x1fff) === 0);
}

/** The IPv4 header's length on top of where the payload begins. */
export function transportAt(layers: Layers, view: View): number {
  const start = view.at(layers.payload);
  return start + 4 * (view.load(start, 1) & 15);
}
