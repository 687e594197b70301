/** Port numbers from the first to the last, both included. */
export type PortRange = readonly [number, number];

/** What `multiport` takes: tcp, udp, udplite, sctp, dccp (xt_multiport.c check()). */
export const MULTIPORT_PROTOCOLS: readonly number[] = [6, 17, 136, 132, 33];

export interface PortMatch {
  readonly range: PortRange;
  readonly not: boolean;
}

/** The states a packet can have towards its connection, in the order they are printed. */
export const CONNECTION_STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'] as const;

export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** Kinds of addresses (enum rtn_type), in the order they are printed. */
export const ADDRESS_TYPES = [
  ...['UNSPEC', 'UNICAST', 'LOCAL', 'BROADCAST', 'ANYCAST', 'MULTICAST'],
  ...['BLACKHOLE', 'UNREACHABLE', 'PROHIBIT', 'THROW', 'NAT', 'XRESOLVE'],
] as readonly string[];

export interface AddressTypes {
  /** In the order of ADDRESS_TYPES. */
  readonly types: readonly string[];
  readonly not: boolean;
}

/** TCP flags as they lie in byte 13 of the header, in the order they are printed. */
export const TCP_FLAGS: Readonly<Record<string, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 };

export const ALL_PORTS = [0, 0xffff] as const;

/** A port of a bridge; one that ends in `+` stands for every name that begins so, '' for any. */
export interface PortName {
  readonly name: string;
  readonly not: boolean;
}

/** What an extension (`-m NAME`) asks of a packet. */
export type Match =
  | {
      readonly kind: 'tcp';
      readonly source: PortMatch;
      readonly destination: PortMatch;
      /** Of the flags in `mask` exactly those in `set`. */
      readonly flags: { readonly mask: number; readonly set: number; readonly not: boolean };
    }
  | { readonly kind: 'udp'; readonly source: PortMatch; readonly destination: PortMatch }
  /** Type 255 is any. */
  | { readonly kind: 'icmp'; readonly type: number; readonly codes: PortRange; readonly not: boolean }
  | {
      readonly kind: 'multiport';
      readonly which: 'sports' | 'dports' | 'ports';
      readonly ranges: readonly PortRange[];
      readonly not: boolean;
    }
  /** The two are one: `state` is what the older match is called. */
  | { readonly kind: 'state' | 'conntrack'; readonly states: readonly ConnectionState[]; readonly not: boolean }
  | { readonly kind: 'mark' | 'connmark'; readonly value: number; readonly mask: number; readonly not: boolean }
  | {
      readonly kind: 'addrtype';
      readonly source: AddressTypes | undefined;
      readonly destination: AddressTypes | undefined;
      /** The address is asked of this interface only. */
      readonly limit: 'none' | 'in' | 'out';
    }
  /** Ports of a bridge by which a packet came and leaves; what is undefined is not asked, false asks for the opposite. */
  | {
      readonly kind: 'physdev';
      readonly isIn: boolean | undefined;
      readonly input: PortName | undefined;
      readonly isOut: boolean | undefined;
      readonly output: PortName | undefined;
      readonly isBridged: boolean | undefined;
    }
  | { readonly kind: 'comment'; readonly text: string }
  /** `period`: units of 0.1 ms from one packet to the next; `burst`: packets let through at once. */
  | { readonly kind: 'limit'; readonly period: number; readonly burst: number };

export type MatchKind = Match['kind'];

/** A match of this kind, with the keys that distinguish its kind from others. */
export type MatchOf<Kind extends MatchKind> = Extract<Match, { readonly kind: Kind }>;

/** `period` is in 1/10000 s (XT_LIMIT_SCALE). */
export const LIMIT_SCALE = 10_000;
