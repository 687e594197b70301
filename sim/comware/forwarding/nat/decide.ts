import type { DropReason } from '../../../packet/drop-reasons.ts';
import type { Ipv4 } from '../../../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import type { AclSubject, PortRange } from '../acl.ts';
import type { Flow } from '../flow.ts';
import type { ComwareInterface } from '../interface.ts';
import { tftpRequestOf } from './alg.ts';
import { type Nat, subjectOf } from './nat.ts';
import type { NoPatMapping, PortRequest } from './pool.ts';
import {
  counterpart,
  isWithinRange,
  type NatOutbound,
  type NatRule,
  type NatServer,
  type NatStatic,
  natRuleText,
  PAT_PORTS,
} from './rules.ts';
import type { FlowEnd } from './session.ts';

/** What an end of a flow becomes, and the rule that says so. */
export interface Decision {
  readonly rule: NatRule;
  readonly address: Ipv4;
  readonly port: number;
  /** The no-pat mapping, or the port of the pool, that the session has to give back. */
  readonly mapping: NoPatMapping | undefined;
  readonly isFromPool: boolean;
}

/** A rule applies, but has nothing left to give. */
export interface Exhausted {
  readonly reason: DropReason;
  readonly detail: string;
}

export interface InboundDecision extends Decision {
  /** The interface whose rule it is. */
  readonly outside: ComwareInterface;
  /** The request that the flow answers from another port. */
  readonly request: FlowEnd | undefined;
}

/** Whose rules translate the destination of what comes in by `on`: its own; behind `nat hairpin` those of all. */
export function decideDestination(
  nat: Nat,
  on: ComwareInterface,
  interfaces: readonly ComwareInterface[],
  flow: Flow,
): InboundDecision | undefined {
  const request = tftpRequestOf(nat, flow);
  if (request?.session.sourceRule !== undefined) {
    const { source: address, sourcePort: port } = request.other;
    const rule = request.session.sourceRule;
    return { rule, address, port, mapping: undefined, isFromPool: false, outside: on, request };
  }
  const own = destinationBy(nat, on, flow);
  if (own !== undefined) return { ...own, outside: on, request: undefined };
  if (on.nat?.hairpin !== true) return undefined;
  for (const outside of interfaces) {
    const decision = outside === on ? undefined : destinationBy(nat, outside, flow);
    if (decision !== undefined) return { ...decision, outside, request: undefined };
  }
  return undefined;
}

/** By precedence: a server, a static mapping, the way back of a no-pat address. */
function destinationBy(nat: Nat, outside: ComwareInterface, flow: Flow): Decision | undefined {
  const rules = outside.nat;
  if (rules === undefined) return undefined;
  for (const server of rules.servers) {
    const decision = serverDecision(nat, server, flow);
    if (decision !== undefined) return decision;
  }
  if (rules.staticEnabled) {
    const rule = nat.statics.find((one) => isWithinRange(one.global, flow.destination) && admits(nat, one, flow));
    if (rule !== undefined) return kept(rule, counterpart(rule.global, rule.local, flow.destination), flow);
  }
  const mapping = nat.pool.mappings.find(({ rule, global }) => global === flow.destination && rule.reversible);
  if (mapping === undefined || !rules.outbound.includes(mapping.rule)) return undefined;
  if (!nat.permits(mapping.rule.acl, reversed(flow, mapping.local))) return undefined;
  return { ...kept(mapping.rule, mapping.local, flow), mapping };
}

function kept(rule: NatRule, address: Ipv4, flow: Flow): Decision {
  return { rule, address, port: flow.destinationPort, mapping: undefined, isFromPool: false };
}

/** A static mapping with an ACL lets connections in only if it is `reversible`, by the ACL read the other way round. */
function admits(nat: Nat, rule: NatStatic, flow: Flow): boolean {
  if (rule.acl === undefined) return true;
  return (
    rule.reversible && nat.permits(rule.acl, reversed(flow, counterpart(rule.global, rule.local, flow.destination)))
  );
}

/** The flow that goes back, from the local address. */
function reversed(flow: Flow, local: Ipv4): AclSubject {
  return {
    protocol: flow.protocol,
    source: local,
    sourcePort: flow.destinationPort,
    destination: flow.source,
    destinationPort: flow.sourcePort,
  };
}

function serverDecision(nat: Nat, server: NatServer, flow: Flow): Decision | undefined {
  const { protocol, destination, destinationPort } = flow;
  if (server.protocol !== protocol || nat.globalOf(server) !== destination) return undefined;
  const { globalPorts, insidePorts, inside, insideLast } = server;
  const hasPorts = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
  // Of ICMP only queries look for a server; replies belong to sessions.
  if (protocol === PROTOCOL_ICMP && !flow.hasSourcePort) return undefined;
  if (hasPorts && globalPorts !== undefined) {
    if (destinationPort < globalPorts.first || destinationPort > globalPorts.last) return undefined;
  }
  if (!nat.permits(server.acl, subjectOf(flow))) return undefined;
  const step = globalPorts === undefined ? 0 : destinationPort - globalPorts.first;
  const address = insideLast === inside ? inside : inside + step;
  const port =
    !hasPorts || insidePorts === undefined
      ? destinationPort
      : insidePorts.first === insidePorts.last
        ? insidePorts.first
        : insidePorts.first + step;
  return { rule: server, address, port, mapping: undefined, isFromPool: false };
}

/** What the rules of `outside` make of the source of a flow that leaves by it: static before dynamic. */
export function decideSource(nat: Nat, outside: ComwareInterface, flow: Flow): Decision | Exhausted | undefined {
  const rules = outside.nat;
  if (rules === undefined) return undefined;
  const answer = decideAnswer(tftpRequestOf(nat, flow), flow);
  if (answer !== undefined) return answer;
  if (rules.staticEnabled) {
    const rule = nat.statics.find(
      (one) => isWithinRange(one.local, flow.source) && nat.permits(one.acl, subjectOf(flow)),
    );
    if (rule !== undefined) {
      const address = counterpart(rule.local, rule.global, flow.source);
      return { rule, address, port: flow.sourcePort, mapping: undefined, isFromPool: false };
    }
  }
  const rule = rules.outbound.find((one) => applies(nat, one, flow));
  if (rule === undefined) return undefined;
  return rule.noPat ? noPatDecision(nat, rule, flow) : patDecision(nat, outside, rule, flow);
}

/** What answers a request comes from the address that the request was sent to. */
export function decideAnswer(request: FlowEnd | undefined, flow: Flow): Decision | undefined {
  const rule = request?.session.destinationRule;
  if (request === undefined || rule === undefined) return undefined;
  const address = request.other.destination;
  return { rule, address, port: flow.sourcePort, mapping: undefined, isFromPool: false };
}

/**
 * A rule without an address is not active. One without an ACL is for every source but the interface's own address (HP
 * MSR command reference, nat outbound).
 */
function applies(nat: Nat, rule: NatOutbound, flow: Flow): boolean {
  if (nat.addressesOf(rule).length === 0) return false;
  if (rule.acl === undefined) return flow.source !== rule.interface.address?.address;
  return nat.permits(rule.acl, subjectOf(flow));
}

function noPatDecision(nat: Nat, rule: NatOutbound, flow: Flow): Decision | Exhausted {
  const mapping = nat.pool.takeAddress(rule, nat.addressesOf(rule), flow.source);
  if (mapping === undefined) return { reason: 'comware:NAT_NO_ADDRESS', detail: natRuleText(rule) };
  return { rule, address: mapping.global, port: flow.sourcePort, mapping, isFromPool: false };
}

/** TCP, UDP and ICMP queries have a port to translate; anything else passes as it is. */
function patDecision(
  nat: Nat,
  outside: ComwareInterface,
  rule: NatOutbound,
  flow: Flow,
): Decision | Exhausted | undefined {
  if (!flow.hasSourcePort) return undefined;
  const request: PortRequest = {
    kind: flow.kind,
    remote: flow.destination,
    remotePort: flow.destinationPort,
    ports: portsOf(nat, rule),
    wanted: rule.portPreserved ? flow.sourcePort : -1,
    isReserved: (address, port) => isServers(nat, outside, flow.protocol, address, port),
  };
  const taken = nat.pool.takePort(nat.addressesOf(rule), request);
  if (taken === undefined) return { reason: 'comware:NAT_NO_PORT', detail: natRuleText(rule) };
  return { rule, ...taken, mapping: undefined, isFromPool: true };
}

function portsOf(nat: Nat, rule: NatOutbound): PortRange {
  const group = rule.group === undefined ? undefined : nat.groups.get(rule.group);
  return group?.ports ?? PAT_PORTS;
}

/** A port that belongs to a server of the interface. */
function isServers(nat: Nat, on: ComwareInterface, protocol: number, address: Ipv4, port: number): boolean {
  return (on.nat?.servers ?? []).some(
    (server) =>
      server.protocol === protocol &&
      server.globalPorts !== undefined &&
      port >= server.globalPorts.first &&
      port <= server.globalPorts.last &&
      nat.globalOf(server) === address,
  );
}
