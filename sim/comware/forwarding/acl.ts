import { formatIpv4, type Ipv4 } from '../../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';

/** Addresses that a rule matches: those that equal `address` in the bits where `wildcard` has none. */
export interface AclAddress {
  readonly address: Ipv4;
  readonly wildcard: number;
}

/** Ports that a rule matches, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** `rule 5 permit tcp source 10.0.0.0 0.0.0.255 destination-port eq 80`; what is undefined matches everything. */
export interface AclRule {
  readonly id: number;
  readonly permits: boolean;
  readonly protocol: number | undefined;
  readonly source: AclAddress | undefined;
  readonly destination: AclAddress | undefined;
  readonly sourcePort: PortRange | undefined;
  readonly destinationPort: PortRange | undefined;
}

/** `acl basic 2000` (2000 to 2999), `acl advanced 3000` (3000 to 3999). Rules are ordered by their numbers. */
export interface Acl {
  readonly number: number;
  rules: readonly AclRule[];
  /** `description`, '' for none. */
  description: string;
  /** Distance between the numbers that the device itself gives to rules. */
  readonly step: number;
}

/** What an ACL looks at. Ports are 0 where the protocol has none. */
export interface AclSubject {
  readonly protocol: number;
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
}

/** The rule that decides about `subject`: the first that matches it. Undefined where none does, which denies. */
export function aclMatch(acl: Acl, subject: AclSubject): AclRule | undefined {
  return acl.rules.find((rule) => matches(rule, subject));
}

function matches(rule: AclRule, subject: AclSubject): boolean {
  return (
    (rule.protocol === undefined || rule.protocol === subject.protocol) &&
    isWithin(rule.source, subject.source) &&
    isWithin(rule.destination, subject.destination) &&
    isOneOf(rule.sourcePort, subject.sourcePort) &&
    isOneOf(rule.destinationPort, subject.destinationPort)
  );
}

function isWithin(range: AclAddress | undefined, address: Ipv4): boolean {
  return range === undefined || ((address ^ range.address) & ~range.wildcard) === 0;
}

function isOneOf(range: PortRange | undefined, port: number): boolean {
  return range === undefined || (port >= range.first && port <= range.last);
}

/** A rule without its number, as the configuration has it. */
export function aclRuleText(rule: AclRule, isBasic: boolean): string {
  const parts = [rule.permits ? 'permit' : 'deny'];
  if (!isBasic) parts.push(protocolText(rule.protocol));
  if (rule.source !== undefined) parts.push('source', addressText(rule.source));
  if (rule.destination !== undefined) parts.push('destination', addressText(rule.destination));
  if (rule.sourcePort !== undefined) parts.push('source-port', portText(rule.sourcePort));
  if (rule.destinationPort !== undefined) parts.push('destination-port', portText(rule.destinationPort));
  return parts.join(' ');
}

function protocolText(protocol: number | undefined): string {
  if (protocol === undefined) return 'ip';
  const names = new Map([
    [PROTOCOL_ICMP, 'icmp'],
    [PROTOCOL_TCP, 'tcp'],
    [PROTOCOL_UDP, 'udp'],
  ]);
  return names.get(protocol) ?? String(protocol);
}

function addressText({ address, wildcard }: AclAddress): string {
  return `${formatIpv4(address)} ${wildcard === 0 ? '0' : formatIpv4(wildcard)}`;
}

function portText({ first, last }: PortRange): string {
  return first === last ? `eq ${first}` : `range ${first} ${last}`;
}
