import { formatIpv4, mask } from '../wire/address.ts';
import type { Comware } from './comware.ts';
import { type Acl, aclRuleText, type PortRange } from './forwarding/acl.ts';
import { protocolOf } from './forwarding/flow.ts';
import type { ComwareInterface } from './forwarding/interface.ts';
import { listedFlow } from './forwarding/nat/names.ts';
import type { AddressGroup, NatOutbound, NatServer, NatStatic } from './forwarding/nat/rules.ts';
import type { FlowEnd, NatSession } from './forwarding/nat/session.ts';
import type {
  AclRow,
  NatAddressGroupRow,
  NatFlowRow,
  NatOutboundRow,
  NatServerRow,
  NatSessionRow,
  NatSnapshot,
  NatStaticRow,
  NatStatus,
} from './nat-snapshot-rows.ts';

/** Copies what is configured of NAT, and its sessions. */
export function snapshotNat(cw: Comware): NatSnapshot {
  const { nat, interfaces } = cw;
  const having = (has: (one: ComwareInterface) => boolean | undefined): string[] =>
    interfaces.filter((one) => has(one) === true).map((one) => one.name.long);
  return {
    addressGroups: [...nat.groups.values()].sort((a, b) => a.number - b.number).map(groupRow),
    outbound: interfaces.flatMap((one) => (one.nat?.outbound ?? []).map((rule) => outboundRow(cw, rule))),
    servers: interfaces.flatMap((one) => (one.nat?.servers ?? []).map((rule) => serverRow(cw, rule))),
    statics: nat.statics.map((rule) => staticRow(cw, rule)),
    staticInterfaces: having((one) => one.nat?.staticEnabled),
    hairpinInterfaces: having((one) => one.nat?.hairpin),
    sessions: nat.sessions
      .list()
      .filter((session) => session.isTranslated)
      .map((session) => sessionRow(cw, session)),
    acls: [...nat.acls.values()].sort((a, b) => a.number - b.number).map(aclRow),
  };
}

function status(cw: Comware, acl: number | undefined, ...missing: readonly (string | undefined)[]): NatStatus {
  const hasAcl = acl === undefined || cw.nat.acls.has(acl);
  const lacking = [...missing, hasAcl ? undefined : 'ACL'].filter((item) => item !== undefined);
  return { active: lacking.length === 0, missing: lacking };
}

function groupRow({ number, ports, ranges }: AddressGroup): NatAddressGroupRow {
  return {
    number,
    ports: `${ports.first}-${ports.last}`,
    ranges: ranges.map(({ first, last }) => ({ first: formatIpv4(first), last: formatIpv4(last) })),
  };
}

function outboundRow(cw: Comware, rule: NatOutbound): NatOutboundRow {
  const source = rule.group === undefined ? 'interface IP address' : 'address group';
  return {
    interface: rule.interface.name.long,
    acl: rule.acl ?? null,
    addressGroup: rule.group ?? null,
    portPreserved: rule.portPreserved,
    noPat: rule.noPat,
    reversible: rule.reversible,
    ...status(cw, rule.acl, cw.nat.addressesOf(rule).length === 0 ? source : undefined),
  };
}

function serverRow(cw: Comware, rule: NatServer): NatServerRow {
  const global = cw.nat.globalOf(rule);
  const inside = formatIpv4(rule.inside);
  return {
    interface: rule.interface.name.long,
    protocol: rule.protocol,
    global: global === undefined ? '' : formatIpv4(global),
    globalPorts: portsText(rule.globalPorts),
    inside: rule.insideLast === rule.inside ? inside : `${inside}-${formatIpv4(rule.insideLast)}`,
    insidePorts: portsText(rule.insidePorts ?? rule.globalPorts),
    acl: rule.acl ?? null,
    ...status(cw, rule.acl, global === undefined ? 'interface IP address' : undefined),
  };
}

function portsText(ports: PortRange | undefined): string {
  if (ports === undefined) return '';
  return ports.first === ports.last ? String(ports.first) : `${ports.first}-${ports.last}`;
}

function staticRow(cw: Comware, rule: NatStatic): NatStaticRow {
  const { local, global, length } = rule;
  const isNet = length !== undefined;
  return {
    local: isNet ? `${formatIpv4(local.first)} - ${formatIpv4(local.last)}` : formatIpv4(local.first),
    global: formatIpv4(isNet ? (global.first & mask(length)) >>> 0 : global.first),
    netmask: isNet ? formatIpv4(mask(length)) : '',
    acl: rule.acl ?? null,
    reversible: rule.reversible,
    ...status(cw, rule.acl),
  };
}

function sessionRow(cw: Comware, session: NatSession): NatSessionRow {
  return {
    protocol: protocolOf(session.kind),
    state: session.track.state,
    initiator: flowRow(session.initiator, session.initiatorInterface),
    responder: flowRow(session.responder, session.responderInterface),
    started: session.started / 1e9,
    ttl: Math.ceil((session.expires - cw.clock.now) / 1e9),
  };
}

function flowRow(end: FlowEnd, from: ComwareInterface | undefined): NatFlowRow {
  return {
    ...listedFlow(end),
    interface: from?.name.long ?? 'InLoopBack0',
    packets: end.packets,
    bytes: end.bytes,
  };
}

function aclRow(acl: Acl): AclRow {
  const isBasic = acl.number < 3000;
  return {
    number: acl.number,
    type: isBasic ? 'Basic' : 'Advanced',
    step: acl.step,
    rules: acl.rules.map((rule) => ({ id: rule.id, rule: aclRuleText(rule, isBasic) })),
  };
}
