import { formatIpv4, mask } from '../../wire/address.ts';
import type { Comware } from '../comware.ts';
import type { PortRange } from '../forwarding/acl.ts';
import {
  type AddressGroup,
  type AddressRange,
  isWithinRange,
  type NatStatic,
  PAT_PORTS,
} from '../forwarding/nat/rules.ts';
import { removeStatic } from '../nat-configuration.ts';
import type { Command, Cursor } from './command-table.ts';
import type { Words } from './words.ts';

const GROUPS_MAX = 65535;
const NET_TO_NET_MAX = 255;

/** NAT in the system view. */
export const NAT_SYSTEM_COMMANDS: readonly Command<Cursor>[] = [
  { words: 'nat address-group', run: addressGroup },
  { words: 'nat static outbound', run: staticOutbound },
  { words: 'nat alg', run: alg },
];

/** `nat alg { icmp-error | tftp }`: what of it is modelled; the device begins with icmp-error alone of these. */
function alg(cw: Comware, _cursor: Cursor, words: Words, undo: boolean): string | undefined {
  const isTftp = words.accept('tftp');
  if (!isTftp) words.expect('icmp-error');
  const fault = words.end();
  if (fault !== undefined) return fault;
  cw.nat.alg[isTftp ? 'tftp' : 'icmpError'] = !undo;
  return undefined;
}

function addressGroup(cw: Comware, cursor: Cursor, words: Words, undo: boolean): string | undefined {
  const { nat } = cw;
  const number = words.integer('address group number', 0, GROUPS_MAX);
  const fault = words.end();
  if (fault !== undefined) return fault;
  if (undo) {
    if (!nat.groups.has(number)) return `NAT address group ${number} does not exist.`;
    if (isInUse(cw, number)) return `NAT address group ${number} is used by a nat outbound rule.`;
    nat.groups.delete(number);
    return undefined;
  }
  const group = nat.groups.get(number) ?? { number, ranges: [], ports: PAT_PORTS };
  nat.groups.set(number, group);
  cursor.view = { kind: 'address-group', group };
  return undefined;
}

function isInUse(cw: Comware, group: number): boolean {
  return cw.interfaces.some((one) => one.nat?.outbound.some((rule) => rule.group === group) === true);
}

/** Commands of the address group view. */
export const ADDRESS_GROUP_VIEW: readonly Command<AddressGroup>[] = [
  { words: 'address', run: addressRange },
  { words: 'port-range', run: portRange },
];

function addressRange(cw: Comware, group: AddressGroup, words: Words, undo: boolean): string | undefined {
  const first = words.address('start address');
  const last = words.address('end address');
  const fault = words.end();
  if (fault !== undefined) return fault;
  const text = `${formatIpv4(first)} to ${formatIpv4(last)}`;
  if (last < first || last - first > 65535) return `Wrong address range: ${text}.`;
  if (undo) {
    const left = group.ranges.filter((range) => range.first !== first || range.last !== last);
    if (left.length === group.ranges.length) return `The address group has no range ${text}.`;
    group.ranges = left;
    cw.nat.sessions.removeIf(({ sourceRule, responder }) => {
      const isGroups = sourceRule?.type === 'outbound' && sourceRule.group === group.number;
      return isGroups && isWithinRange({ first, last }, responder.destination);
    });
    return undefined;
  }
  if (group.ranges.some((range) => range.first === first && range.last === last)) return undefined;
  if (group.ranges.some((range) => overlap(range, { first, last }))) return `${text} overlaps with another range.`;
  group.ranges = [...group.ranges, { first, last }];
  cw.nat.forgetUntranslated();
  return undefined;
}

/** `port-range FIRST LAST`: what PAT gives out. */
function portRange(cw: Comware, group: AddressGroup, words: Words, undo: boolean): string | undefined {
  if (undo) {
    const fault = words.end();
    if (fault === undefined) setPorts(cw, group, PAT_PORTS);
    return fault;
  }
  const first = words.integer('start port', 1, 65535);
  const last = words.integer('end port', first, 65535);
  const fault = words.end();
  if (fault === undefined) setPorts(cw, group, { first, last });
  return fault;
}

function setPorts(cw: Comware, group: AddressGroup, ports: PortRange): void {
  group.ports = ports;
  cw.nat.forgetUntranslated();
}

function overlap(a: AddressRange, b: AddressRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** `nat static outbound L G`, `nat static outbound net-to-net START END global NET MASK`. */
function staticOutbound(cw: Comware, _cursor: Cursor, words: Words, undo: boolean): string | undefined {
  return words.accept('net-to-net') ? netToNet(cw, words, undo) : oneToOne(cw, words, undo);
}

function oneToOne(cw: Comware, words: Words, undo: boolean): string | undefined {
  const address = words.address('local address');
  const local = { first: address, last: address };
  if (undo && words.isEmpty) return words.end() ?? undoStatic(cw, local, undefined);
  const translated = words.address('global address');
  const options = readOptions(words);
  const fault = words.end();
  if (fault !== undefined) return fault;
  const global = { first: translated, last: translated };
  if (undo) return undoStatic(cw, local, global);
  return addStatic(cw, { type: 'static', local, global, length: undefined, ...options });
}

function netToNet(cw: Comware, words: Words, undo: boolean): string | undefined {
  const local = { first: words.address('start address'), last: words.address('end address') };
  if (undo && words.isEmpty) return words.end() ?? undoStatic(cw, local, undefined);
  words.expect('global');
  const net = words.address('global net');
  const length = words.maskLength();
  const options = readOptions(words);
  const fault = words.end();
  if (fault !== undefined) return fault;
  const bits = mask(length);
  const count = local.last - local.first + 1;
  if (count < 1 || count > NET_TO_NET_MAX || ((local.first ^ local.last) & bits) !== 0) {
    return `Wrong address range: 1 to ${NET_TO_NET_MAX} addresses of one /${length} net.`;
  }
  const at = (address: number): number => ((net & bits) | (address & ~bits)) >>> 0;
  const global = { first: at(local.first), last: at(local.last) };
  if (undo) return undoStatic(cw, local, global);
  return addStatic(cw, { type: 'static', local, global, length, ...options });
}

function readOptions(words: Words): Pick<NatStatic, 'acl' | 'reversible'> {
  if (!words.accept('acl')) return { acl: undefined, reversible: false };
  return { acl: words.integer('ACL number', 3000, 3999), reversible: words.accept('reversible') };
}

function addStatic(cw: Comware, rule: NatStatic): string | undefined {
  const { statics } = cw.nat;
  if (statics.some((other) => isSame(other, rule) && other.acl === rule.acl && other.reversible === rule.reversible)) {
    return undefined;
  }
  const local = statics.find((other) => overlap(other.local, rule.local));
  if (local !== undefined) return `${formatIpv4(rule.local.first)} is mapped already.`;
  const global = statics.find((other) => overlap(other.global, rule.global));
  if (global !== undefined) return `${formatIpv4(rule.global.first)} is the global address of another mapping.`;
  statics.push(rule);
  cw.nat.forgetUntranslated();
  return undefined;
}

function isSame(a: NatStatic, b: Pick<NatStatic, 'local' | 'global'>): boolean {
  return a.local.first === b.local.first && a.local.last === b.local.last && a.global.first === b.global.first;
}

function undoStatic(cw: Comware, local: AddressRange, global: AddressRange | undefined): string | undefined {
  const rule = cw.nat.statics.find((one) => isSame(one, { local, global: global ?? one.global }));
  if (rule === undefined) return 'The mapping does not exist.';
  removeStatic(cw, rule);
  return undefined;
}
