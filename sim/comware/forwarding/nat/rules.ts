import { formatIpv4, type InterfaceAddress, type Ipv4 } from '../../../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import type { PortRange } from '../acl.ts';
import type { InterfaceName } from '../interface-name.ts';

/** The interface that a rule is configured on. */
export interface RuleInterface {
  readonly name: InterfaceName;
  readonly address: InterfaceAddress | undefined;
}

/** First and last address, both included. */
export interface AddressRange {
  readonly first: Ipv4;
  readonly last: Ipv4;
}

/** Ports that PAT gives out where nothing else is configured. */
export const PAT_PORTS: PortRange = { first: 1024, last: 65535 };

/** `nat address-group N`, with its `address A B` lines. */
export interface AddressGroup {
  readonly number: number;
  ranges: readonly AddressRange[];
  /** `port-range FIRST LAST`. */
  ports: PortRange;
}

/** `nat outbound [acl] [address-group N] [no-pat [reversible]] [port-preserved]`, on an interface. */
export interface NatOutbound {
  readonly type: 'outbound';
  readonly interface: RuleInterface;
  readonly acl: number | undefined;
  /** Undefined for Easy IP: the interface's own address. */
  readonly group: number | undefined;
  readonly noPat: boolean;
  readonly reversible: boolean;
  readonly portPreserved: boolean;
}

/** What `nat server ... global` names: an address, or an interface whose address it follows. */
export type GlobalAddress =
  | { readonly kind: 'address'; readonly address: Ipv4 }
  | { readonly kind: 'current-interface' }
  | { readonly kind: 'interface'; readonly name: string };

/** `nat server protocol P global G [ports] inside A [port] [acl N]`, on an interface. */
export interface NatServer {
  readonly type: 'server';
  readonly interface: RuleInterface;
  readonly protocol: number;
  readonly global: GlobalAddress;
  /** Undefined for every port, and for protocols without. */
  readonly globalPorts: PortRange | undefined;
  readonly inside: Ipv4;
  /** Last of several inside addresses, one a global port; `inside` where there is one. */
  readonly insideLast: Ipv4;
  /** As many as `globalPorts`, or one for all; undefined to keep the one the packet has. */
  readonly insidePorts: PortRange | undefined;
  readonly acl: number | undefined;
}

/** `nat static outbound L G`, or `net-to-net`: as many addresses on either side. */
export interface NatStatic {
  readonly type: 'static';
  readonly local: AddressRange;
  readonly global: AddressRange;
  /** Length of the global net's mask; undefined for one address to one. */
  readonly length: number | undefined;
  readonly acl: number | undefined;
  readonly reversible: boolean;
}

export type NatRule = NatOutbound | NatServer | NatStatic;

/** NAT on one interface, the outside of whatever it translates. */
export interface InterfaceNat {
  /** By precedence: with an ACL before without, the higher ACL number first. */
  readonly outbound: readonly NatOutbound[];
  readonly servers: readonly NatServer[];
  /** `nat static enable`. */
  readonly staticEnabled: boolean;
  /** `nat hairpin enable`: the inside interface. */
  readonly hairpin: boolean;
}

export function isWithinRange(range: AddressRange, address: Ipv4): boolean {
  return address >= range.first && address <= range.last;
}

/** The address that stands in `to` where `address` stands in `from`. */
export function counterpart(from: AddressRange, to: AddressRange, address: Ipv4): Ipv4 {
  return to.first + (address - from.first);
}

/** A rule as the configuration has it. */
export function natRuleText(rule: NatRule): string {
  switch (rule.type) {
    case 'outbound':
      return outboundText(rule);
    case 'server':
      return serverText(rule);
    case 'static':
      return staticText(rule);
  }
}

function outboundText(rule: NatOutbound): string {
  const parts = ['nat outbound'];
  if (rule.acl !== undefined) parts.push(String(rule.acl));
  if (rule.group !== undefined) parts.push(`address-group ${rule.group}`);
  if (rule.noPat) parts.push('no-pat');
  if (rule.reversible) parts.push('reversible');
  if (rule.portPreserved) parts.push('port-preserved');
  return parts.join(' ');
}

function serverText(rule: NatServer): string {
  const parts = ['nat server protocol', protocolWord(rule.protocol), 'global', globalText(rule.global)];
  const { globalPorts, insidePorts, acl } = rule;
  if (globalPorts !== undefined) parts.push(portsText(globalPorts));
  parts.push('inside', formatIpv4(rule.inside));
  if (rule.insideLast !== rule.inside) parts.push(formatIpv4(rule.insideLast));
  if (insidePorts !== undefined) parts.push(portsText(insidePorts));
  if (acl !== undefined) parts.push(`acl ${acl}`);
  return parts.join(' ');
}

function portsText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first} ${last}`;
}

function globalText(global: GlobalAddress): string {
  if (global.kind === 'address') return formatIpv4(global.address);
  return global.kind === 'interface' ? `interface ${global.name}` : global.kind;
}

function staticText(rule: NatStatic): string {
  const { local, global, length, acl } = rule;
  const nets = `net-to-net ${formatIpv4(local.first)} ${formatIpv4(local.last)} global ${formatIpv4(global.first)} ${length}`;
  const parts = [
    'nat static outbound',
    length === undefined ? `${formatIpv4(local.first)} ${formatIpv4(global.first)}` : nets,
  ];
  if (acl !== undefined) parts.push(`acl ${acl}`);
  if (rule.reversible) parts.push('reversible');
  return parts.join(' ');
}

function protocolWord(protocol: number): string {
  if (protocol === PROTOCOL_TCP) return 'tcp';
  if (protocol === PROTOCOL_UDP) return 'udp';
  return protocol === PROTOCOL_ICMP ? 'icmp' : String(protocol);
}
