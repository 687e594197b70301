import type { Ipv4 } from '../../../wire/address.ts';
import type { PortRange } from './match.ts';

/** What REJECT answers with, in the order iptables lists them. */
export const REJECT_TYPES = [
  'icmp-net-unreachable',
  'icmp-host-unreachable',
  'icmp-proto-unreachable',
  'icmp-port-unreachable',
  'icmp-net-prohibited',
  'icmp-host-prohibited',
  'tcp-reset',
  'icmp-admin-prohibited',
] as const;

export type RejectType = (typeof REJECT_TYPES)[number];

export type BuiltInVerdict = 'ACCEPT' | 'DROP' | 'RETURN';

/** What SNAT, DNAT, MASQUERADE and REDIRECT may choose from. */
export interface NatTarget {
  readonly kind: 'SNAT' | 'DNAT' | 'MASQUERADE' | 'REDIRECT';
  /** Undefined keeps the address, or for MASQUERADE and REDIRECT takes that of the interface. */
  readonly addresses: readonly [Ipv4, Ipv4] | undefined;
  readonly ports: PortRange | undefined;
  /** Of DNAT, `:80-90/80`: the port of the first packets that maps to the first of `ports`; 0 for none. */
  readonly basePort: number;
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

/** What becomes of a packet that a rule matches. */
export type Target =
  /** Nothing: the rule only counts. */
  | { readonly kind: 'none' }
  | { readonly kind: 'verdict'; readonly verdict: BuiltInVerdict }
  /** `goto` does not come back to this chain. */
  | { readonly kind: 'jump'; readonly chain: string; readonly goto: boolean }
  | { readonly kind: 'REJECT'; readonly with: RejectType }
  | NatTarget
  /** mark = (mark and not mask) xor value. */
  | { readonly kind: 'MARK'; readonly value: number; readonly mask: number }
  | { readonly kind: 'CONNMARK'; readonly mode: 'set'; readonly value: number; readonly mask: number }
  | {
      readonly kind: 'CONNMARK';
      readonly mode: 'save' | 'restore';
      /** Bits of the packet's mark, and of the connection's. */
      readonly packetMask: number;
      readonly connectionMask: number;
    }
  | {
      readonly kind: 'LOG';
      readonly prefix: string;
      /** 0 emerg to 7 debug. */
      readonly level: number;
      /** XT_LOG_TCPSEQ 1, TCPOPT 2, IPOPT 4, UID 8, MACDECODE 32. */
      readonly flags: number;
    }
  /** Not to be tracked; `alias`: written as the older -j NOTRACK. */
  | { readonly kind: 'CT'; readonly alias: boolean };

const PLAIN: Omit<NatTarget, 'kind'> = {
  addresses: undefined,
  ports: undefined,
  basePort: 0,
  random: false,
  randomFully: false,
  persistent: false,
};

/** A translating target, narrowed by `parts`. */
export function natTarget(kind: NatTarget['kind'], parts: Partial<NatTarget> = {}): NatTarget {
  return { ...PLAIN, ...parts, kind };
}
