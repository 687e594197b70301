import type { Packet } from '../../packet/packet.ts';
import { contains, type Prefix } from '../../wire/address.ts';
import { u16 } from '../../wire/bytes.ts';
import { ETHERTYPE_IPV4 } from '../../wire/ethernet.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import type { Flow } from './fib-table.ts';
import { TABLE_DEFAULT, TABLE_LOCAL, TABLE_MAIN } from './fib-table.ts';

export type RuleAction = 'lookup' | 'blackhole' | 'unreachable' | 'prohibit';

/** A policy routing rule (struct fib4_rule); a selector left undefined matches everything. */
export interface FibRule {
  readonly priority: number;
  readonly action: RuleAction;
  /** Table to look up. */
  readonly table: number;
  readonly not: boolean;
  readonly from: Prefix | undefined;
  readonly to: Prefix | undefined;
  /** Device names: a rule outlives its device, and takes hold of a new one of the same name. */
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  /** Of the TOS byte bits 2 to 4 alone are compared (INET_DSCP_LEGACY_TOS_MASK); 0 never stands here. */
  readonly tos: number | undefined;
  readonly fwmark: number | undefined;
  readonly fwmask: number;
  readonly protocol: number | undefined;
  /** Port ranges, both ends included. */
  readonly sourcePorts: readonly [number, number] | undefined;
  readonly destinationPorts: readonly [number, number] | undefined;
}

/** INET_DSCP_LEGACY_TOS_MASK, IPTOS_RT_MASK. */
export const LEGACY_TOS = 0x1c;

const EVERYTHING = {
  action: 'lookup',
  not: false,
  from: undefined,
  to: undefined,
  iif: undefined,
  oif: undefined,
  tos: undefined,
  fwmark: undefined,
  fwmask: 0xffffffff,
  protocol: undefined,
  sourcePorts: undefined,
  destinationPorts: undefined,
} as const;

/** The three rules every namespace starts with. */
const DEFAULT_RULES: readonly FibRule[] = [
  { ...EVERYTHING, priority: 0, table: TABLE_LOCAL },
  { ...EVERYTHING, priority: 32766, table: TABLE_MAIN },
  { ...EVERYTHING, priority: 32767, table: TABLE_DEFAULT },
];

export function defaultRules(): FibRule[] {
  return [...DEFAULT_RULES];
}

/** A rule that matches everything, to be narrowed. */
export function ruleFor(priority: number, table: number, selectors: Partial<FibRule> = {}): FibRule {
  return { ...EVERYTHING, priority, table, ...selectors };
}

/** Whether a rule needs the ports of a packet (fib_rules_require_fldissect). */
export function needsPorts(rule: FibRule): boolean {
  return rule.protocol !== undefined || rule.sourcePorts !== undefined || rule.destinationPorts !== undefined;
}

/**
 * Fills in what rules with protocol and ports ask for; an ARP packet has neither (fib4_rules_early_flow_dissect).
 */
export function dissect(packet: Packet, flow: Flow): void {
  if (packet.protocol !== ETHERTYPE_IPV4) return;
  const header = packet.ip;
  flow.protocol = header.protocol;
  const ports = packet.networkOffset + header.headerLength;
  if (header.fragmentOffset !== 0 || packet.tail - ports < 4) return;
  if (flow.protocol !== PROTOCOL_UDP && flow.protocol !== PROTOCOL_TCP) return;
  flow.sourcePort = u16(packet.bytes, ports);
  flow.destinationPort = u16(packet.bytes, ports + 2);
}

/**
 * Models net/core/fib_rules.c fib_rule_match() and net/ipv4/fib_rules.c fib4_rule_match(). `nameOf` gives the name of
 * an interface index. Not modelled: dscp, uid, tunnel id, l3mdev, suppress_prefixlength.
 */
export function ruleMatches(rule: FibRule, flow: Flow, nameOf: (ifindex: number) => string | undefined): boolean {
  return selectorsMatch(rule, flow, nameOf) !== rule.not;
}

function selectorsMatch(rule: FibRule, flow: Flow, nameOf: (ifindex: number) => string | undefined): boolean {
  if (rule.iif !== undefined && nameOf(flow.iif) !== rule.iif) return false;
  if (rule.oif !== undefined && nameOf(flow.oif) !== rule.oif) return false;
  if (rule.fwmark !== undefined && ((flow.mark ^ rule.fwmark) & rule.fwmask) !== 0) return false;
  if (rule.from !== undefined && !contains(rule.from, flow.source)) return false;
  if (rule.to !== undefined && !contains(rule.to, flow.destination)) return false;
  if (rule.tos !== undefined && rule.tos !== (flow.tos & LEGACY_TOS)) return false;
  if (rule.protocol !== undefined && rule.protocol !== flow.protocol) return false;
  return inRange(rule.sourcePorts, flow.sourcePort) && inRange(rule.destinationPorts, flow.destinationPort);
}

function inRange(range: readonly [number, number] | undefined, port: number): boolean {
  return range === undefined || (port >= range[0] && port <= range[1]);
}
