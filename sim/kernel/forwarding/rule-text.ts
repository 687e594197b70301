import { formatPrefix } from '../../wire/address.ts';
import type { FibRule } from './fib-rules.ts';
import {
  SCOPE_GLOBAL,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_SITE,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
} from './fib-table.ts';

/** Name of a table as iproute2 prints it. */
export function tableName(id: number): string {
  if (id === TABLE_LOCAL) return 'local';
  if (id === TABLE_MAIN) return 'main';
  if (id === TABLE_DEFAULT) return 'default';
  return String(id);
}

/** Name of a scope as iproute2 prints it. */
export function scopeName(scope: number): string {
  if (scope === SCOPE_GLOBAL) return 'global';
  if (scope === SCOPE_SITE) return 'site';
  if (scope === SCOPE_LINK) return 'link';
  return scope === SCOPE_HOST ? 'host' : String(scope);
}

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
]);

/** `icmp`, `tcp`, `udp`, or the number. */
export function ipProtocolName(protocol: number): string {
  return PROTOCOLS.get(protocol) ?? String(protocol);
}

/** A rule without its priority, as `ip rule` prints it: `from all iif eth1 lookup 100`. */
export function ruleText(rule: FibRule): string {
  const words = [rule.not ? 'not from' : 'from', rule.from === undefined ? 'all' : prefixText(rule.from)];
  if (rule.to !== undefined) words.push('to', prefixText(rule.to));
  if (rule.tos !== undefined) words.push('tos', tosText(rule.tos));
  if (rule.fwmark !== undefined) {
    const mark = hexText(rule.fwmark);
    words.push('fwmark', rule.fwmask === 0xffffffff ? mark : `${mark}/${hexText(rule.fwmask)}`);
  }
  if (rule.iif !== undefined) words.push('iif', rule.iif);
  if (rule.oif !== undefined) words.push('oif', rule.oif);
  if (rule.protocol !== undefined) words.push('ipproto', ipProtocolName(rule.protocol));
  if (rule.sourcePorts !== undefined) words.push('sport', portsText(rule.sourcePorts));
  if (rule.destinationPorts !== undefined) words.push('dport', portsText(rule.destinationPorts));
  if (rule.action === 'lookup') words.push('lookup', tableName(rule.table));
  else words.push(rule.action);
  return words.join(' ');
}

function prefixText(prefix: { network: number; length: number }): string {
  const text = formatPrefix(prefix);
  return prefix.length === 32 ? text.slice(0, -3) : text;
}

function portsText([low, high]: readonly [number, number]): string {
  return low === high ? String(low) : `${low}-${high}`;
}

/** As iproute2 prints it where the table of names has none. */
export function tosText(tos: number): string {
  return `0x${tos.toString(16).padStart(2, '0')}`;
}

/** A mark as printf's %#x prints it: zero has no prefix. */
export function hexText(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
}
