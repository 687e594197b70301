import type {
  AclRow,
  NatAddressGroupRow,
  NatServerRow,
  NatSnapshot,
  NatStaticRow,
  NatStatus,
} from '../comware/nat-snapshot-rows.ts';

/** `display nat address-group` where there are groups, `display nat outbound`, `display nat server`, `display nat static`. */
export function showNat(nat: NatSnapshot): string {
  const parts = [showNatOutbound(nat), showNatServers(nat), showNatStatic(nat)];
  if (nat.addressGroups.length > 0) parts.unshift(showNatGroups(nat.addressGroups));
  return parts.join('\n');
}

/** `display nat address-group`. */
export function showNatGroups(groups: readonly NatAddressGroupRow[]): string {
  const bodies = groups.map(({ number, ports, ranges }) => [
    `  Address group ${number}:`,
    `    Port range: ${ports}`,
    '    Address information:',
    '      Start address         End address',
    ...ranges.map(({ first, last }) => `      ${first.padEnd(22)}${last}`),
  ]);
  return block('NAT address group information:', `Totally ${groups.length} NAT address groups.`, bodies);
}

/** `display nat outbound`. */
export function showNatOutbound({ outbound }: NatSnapshot): string {
  return block(
    'NAT outbound information:',
    `Totally ${outbound.length} NAT outbound rules.`,
    outbound.map((row) => [
      `  Interface: ${row.interface}`,
      `    ACL: ${numberText(row.acl).padEnd(13)}Address group: ${numberText(row.addressGroup).padEnd(7)}Port-preserved: ${yesNo(row.portPreserved)}`,
      `    NO-PAT: ${yesNo(row.noPat).padEnd(10)}Reversible: ${yesNo(row.reversible)}`,
      ...statusLines(row, 'Config status'),
    ]),
  );
}

/** `display nat server`. */
export function showNatServers({ servers }: NatSnapshot): string {
  return block(
    'NAT internal server information:',
    `Totally ${servers.length} internal servers.`,
    servers.map((row) => [
      `  Interface: ${row.interface}`,
      `    Protocol: ${protocolText(row)}`,
      `    Global IP/port: ${row.global || '---'}/${row.globalPorts || '---'}`,
      `    Local IP/port : ${row.inside}/${row.insidePorts || '---'}`,
      ...(row.acl === null ? [] : [`    ACL           : ${row.acl}`]),
      ...statusLines(row, 'Config status '),
    ]),
  );
}

/** `display nat static`. */
export function showNatStatic({ statics, staticInterfaces }: NatSnapshot): string {
  const count = statics.length;
  const mappings = block(
    'Static NAT mappings:',
    `Totally ${count} outbound static NAT mappings.`,
    statics.map(mapping),
  );
  const enabled = block(
    'Interfaces enabled with static NAT:',
    `Totally ${staticInterfaces.length} interfaces enabled with static NAT.`,
    staticInterfaces.map((name) => [`  Interface: ${name}`, '    Config status: Active']),
  );
  return mappings + enabled;
}

function mapping(row: NatStaticRow): string[] {
  const lines = [row.netmask === '' ? '  IP-to-IP:' : '  Net-to-net:'];
  lines.push(`    Local IP     : ${row.local}`, `    Global IP    : ${row.global}`);
  if (row.netmask !== '') lines.push(`    Netmask      : ${row.netmask}`);
  if (row.acl !== null) lines.push(`    ACL          : ${row.acl}`, `    Reversible   : ${yesNo(row.reversible)}`);
  return [...lines, ...statusLines(row, 'Config status')];
}

/** A heading, how many there are, and a body for each, with a blank line between two. */
function block(heading: string, total: string, bodies: readonly (readonly string[])[]): string {
  const text = bodies.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n');
  return `${heading}\n  ${total}\n${text}`;
}

function statusLines(row: NatStatus, label: string): string[] {
  if (row.active) return [`    ${label}: Active`];
  const items = row.missing.join(', and ');
  return [
    `    ${label}: Inactive`,
    '    Reasons for inactive status:',
    `      The following items don't exist or aren't effective: ${items}.`,
  ];
}

/** What is configured: sessions and ACLs have tables of their own. */
export function natRules({ sessions: _sessions, acls: _acls, ...rules }: NatSnapshot): object {
  return rules;
}

function protocolText({ protocol }: NatServerRow): string {
  const names = new Map([
    [1, 'ICMP'],
    [6, 'TCP'],
    [17, 'UDP'],
    [47, 'GRE'],
    [50, 'ESP'],
    [51, 'AH'],
    [89, 'OSPF'],
  ]);
  return `${protocol}(${names.get(protocol) ?? '---'})`;
}

const numberText = (value: number | null): string => (value === null ? '---' : String(value));
const yesNo = (value: boolean): string => (value ? 'Y' : 'N');

/** `display acl all`. */
export function showAcls(acls: readonly AclRow[]): string {
  return acls
    .map(({ number, type, step, rules }) => {
      const count = `${rules.length} rule${rules.length === 1 ? '' : 's'}`;
      const lines = rules.map(({ id, rule }) => ` rule ${id} ${rule}\n`).join('');
      return `${type} IPv4 ACL ${number}, ${count},\nACL's step is ${step}, start ID is 0\n${lines}`;
    })
    .join('\n');
}
