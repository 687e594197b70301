import type { Comware } from './comware.ts';
import type { ComwareInterface } from './forwarding/interface.ts';
import {
  type InterfaceNat,
  type NatOutbound,
  type NatRule,
  type NatServer,
  type NatStatic,
  natRuleText,
} from './forwarding/nat/rules.ts';

/*
 * What the command line changes of NAT. A rule that goes takes its sessions with it; after any change what no rule had
 * translated is looked at afresh. Each function gives undefined, or the sentence with which the device refuses.
 */

const NOTHING: InterfaceNat = { outbound: [], servers: [], staticEnabled: false, hairpin: false };

/** Changes NAT on an interface; one with nothing configured has none. */
function change(cw: Comware, one: ComwareInterface, part: Partial<InterfaceNat>): void {
  const next = { ...(one.nat ?? NOTHING), ...part };
  const isEmpty = next.outbound.length + next.servers.length === 0 && !next.staticEnabled && !next.hairpin;
  one.nat = isEmpty ? undefined : next;
  cw.nat.forgetUntranslated();
}

function forgetRule(cw: Comware, rule: NatRule): void {
  cw.nat.sessions.removeIf(({ sourceRule, destinationRule }) => sourceRule === rule || destinationRule === rule);
}

export function addOutbound(cw: Comware, one: ComwareInterface, rule: NatOutbound): string | undefined {
  const present = one.nat?.outbound ?? [];
  const rival = present.find((other) => other.acl === rule.acl);
  if (rival !== undefined) {
    if (natRuleText(rival) === natRuleText(rule)) return undefined;
    return rule.acl === undefined
      ? `${one.name.short} has a nat outbound rule without an ACL already.`
      : `ACL ${rule.acl} belongs to another nat outbound rule of ${one.name.short}.`;
  }
  change(cw, one, { outbound: [...present, rule].sort((a, b) => (b.acl ?? 0) - (a.acl ?? 0)) });
  return undefined;
}

/** The rule with this ACL, or the one without. */
export function removeOutbound(cw: Comware, one: ComwareInterface, acl: number | undefined): string | undefined {
  const rule = one.nat?.outbound.find((candidate) => candidate.acl === acl);
  if (one.nat === undefined || rule === undefined) return 'The nat outbound rule does not exist.';
  forgetRule(cw, rule);
  change(cw, one, { outbound: one.nat.outbound.filter((other) => other !== rule) });
  return undefined;
}

export function addServer(cw: Comware, one: ComwareInterface, rule: NatServer): string | undefined {
  const present = one.nat?.servers ?? [];
  const rival = present.find((other) => isSameGlobal(other, rule));
  if (rival !== undefined && natRuleText(rival) === natRuleText(rule)) return undefined;
  if (rival !== undefined) return 'The protocol, global address and port belong to another server of the interface.';
  change(cw, one, { servers: [...present, rule] });
  return undefined;
}

/** Which server is meant: by its protocol, global address and ports. */
export type ServerKey = Pick<NatServer, 'protocol' | 'global' | 'globalPorts'>;

function isSameGlobal(a: ServerKey, b: ServerKey): boolean {
  if (a.protocol !== b.protocol || a.global.kind !== b.global.kind) return false;
  if (a.global.kind === 'address' && b.global.kind === 'address' && a.global.address !== b.global.address) return false;
  if (a.global.kind === 'interface' && b.global.kind === 'interface' && a.global.name !== b.global.name) return false;
  if (a.globalPorts === undefined || b.globalPorts === undefined) return a.globalPorts === b.globalPorts;
  return a.globalPorts.first <= b.globalPorts.last && b.globalPorts.first <= a.globalPorts.last;
}

export function removeServer(cw: Comware, one: ComwareInterface, key: ServerKey): string | undefined {
  const rule = one.nat?.servers.find((other) => isSameGlobal(other, key));
  if (one.nat === undefined || rule === undefined) return 'The server does not exist.';
  forgetRule(cw, rule);
  change(cw, one, { servers: one.nat.servers.filter((other) => other !== rule) });
  return undefined;
}

/** `nat static enable`. */
export function enableStatic(cw: Comware, one: ComwareInterface, enabled: boolean): undefined {
  if (!enabled) for (const rule of cw.nat.statics) forgetRule(cw, rule);
  change(cw, one, { staticEnabled: enabled });
}

/** `nat hairpin enable`. */
export function enableHairpin(cw: Comware, one: ComwareInterface, enabled: boolean): undefined {
  if (!enabled) cw.nat.sessions.removeIf((session) => session.hairpin !== undefined);
  change(cw, one, { hairpin: enabled });
}

export function removeStatic(cw: Comware, rule: NatStatic): void {
  forgetRule(cw, rule);
  cw.nat.statics.splice(cw.nat.statics.indexOf(rule), 1);
  cw.nat.forgetUntranslated();
}

/** An interface lost its address: what was translated to or from it is over. */
export function forgetAddress(cw: Comware, address: number): void {
  cw.nat.sessions.removeIf(
    ({ initiator, responder, isTranslated }) =>
      isTranslated && (initiator.destination === address || responder.destination === address),
  );
}
