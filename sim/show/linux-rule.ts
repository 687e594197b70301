import type { NamespaceSnapshot, RuleRow } from '../kernel/snapshot.ts';

/** `ip rule` as iproute2 prints it. */
export function showIpRule(snapshot: NamespaceSnapshot): string {
  const devices = new Set(snapshot.addr.map((row) => row.ifname));
  return snapshot.rule.map((row) => `${row.priority}:\t${ruleLine(row, devices)}\n`).join('');
}

/** Words in the order of iproute2's print_rule(); without `devices` as if all that it names were there. */
export function ruleLine(row: RuleRow, devices?: ReadonlySet<string>): string {
  const words = row.not === undefined ? ['from'] : ['not', 'from'];
  words.push(withLength(row.src, row.srclen));
  const add = (keyword: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(keyword, String(value));
  };
  const addDevice = (keyword: string, name: string | undefined): void => {
    add(keyword, name);
    // The rule waits for a device of this name.
    if (name !== undefined && devices?.has(name) === false) words.push('[detached]');
  };
  if (row.dst !== undefined) add('to', withLength(row.dst, row.dstlen));
  add('tos', row.tos);
  add('fwmark', row.fwmask === undefined ? row.fwmark : `${row.fwmark}/${row.fwmask}`);
  addDevice('iif', row.iif);
  addDevice('oif', row.oif);
  add('ipproto', row.ipproto);
  add('sport', portRange(row.sport, row.sport_start, row.sport_end));
  add('dport', portRange(row.dport, row.dport_start, row.dport_end));
  add('lookup', row.table);
  if (row.action !== undefined) words.push(row.action);
  return words.join(' ');
}

function withLength(address: string, length: number | undefined): string {
  return length === undefined ? address : `${address}/${length}`;
}

function portRange(one: number | undefined, first: number | undefined, last: number | undefined): string | undefined {
  if (one !== undefined) return String(one);
  return first === undefined ? undefined : `${first}-${last}`;
}
