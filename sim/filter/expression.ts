import type { Ipv4 } from '../wire/address.ts';
import type { Ipv6 } from '../wire/ipv6.ts';
import type { Mac } from '../wire/mac.ts';
import type { Transport } from './words.ts';

/** Which side of a packet is asked about; `or` also where nothing is said. */
export type Direction = 'src' | 'dst' | 'or' | 'and';

export type Relation = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Operator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';

/** An expression: what it asks of a frame. The order of its parts is that of the text, and matters for `vlan`. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  /** A protocol by its word: `ip`, `tcp`, ... */
  | { readonly kind: 'protocol'; readonly word: string }
  /** `proto N`: an IP protocol, of one family or of either. */
  | { readonly kind: 'ip-protocol'; readonly family: 'ip' | 'ip6' | 'both'; readonly number: number }
  /** `ether proto N`: an EtherType, or up to 1500 the DSAP of an 802.2 frame. */
  | { readonly kind: 'ether-type'; readonly value: number }
  /** Addresses in IPv4, ARP and RARP headers, `any` in each of them; one of `ranges`, all of whose bits are in `mask`. */
  | {
      readonly kind: 'host';
      readonly protocol: 'any' | 'ip' | 'arp' | 'rarp';
      readonly direction: Direction;
      readonly ranges: readonly { readonly value: Ipv4; readonly mask: Ipv4 }[];
    }
  | { readonly kind: 'host6'; readonly direction: Direction; readonly value: Ipv6; readonly mask: Ipv6 }
  | { readonly kind: 'mac'; readonly direction: Direction; readonly macs: readonly Mac[] }
  /** Ports from `low` to `high`, both included, of IPv4 and IPv6. */
  | {
      readonly kind: 'port';
      readonly transports: readonly Transport[];
      readonly direction: Direction;
      readonly low: number;
      readonly high: number;
    }
  | { readonly kind: 'group'; readonly of: 'ether-broadcast' | 'ether-multicast' | 'ip-broadcast' }
  | { readonly kind: 'group'; readonly of: 'ip-multicast' | 'ip6-multicast' }
  /** What follows in the text asks about what the tag, or the tunnel, carries. */
  | { readonly kind: 'vlan' | 'vxlan'; readonly id: number | undefined }
  | {
      readonly kind: 'compare';
      readonly relation: Relation;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
    };

/** A number in 32 bits without sign. */
export type Arithmetic =
  | { readonly kind: 'number'; readonly value: number }
  /** Bytes of the frame on the wire. */
  | { readonly kind: 'length' }
  /** `proto[index : size]`, big-endian; `size` is 1, 2 or 4 bytes. */
  | { readonly kind: 'load'; readonly word: string; readonly index: Arithmetic; readonly size: number }
  | { readonly kind: 'negative'; readonly of: Arithmetic }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
    };
