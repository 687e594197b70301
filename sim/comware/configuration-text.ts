import { formatIpv4, formatPrefix, mask } from '../wire/address.ts';
import { sendToCpuCommand } from './commands/send-to-cpu.ts';
import type { Comware, SendToCpu } from './comware.ts';
import { type Acl, aclRuleText } from './forwarding/acl.ts';
import type { StaticRoute } from './forwarding/fib.ts';
import type { ComwareInterface } from './forwarding/interface.ts';
import { type AddressGroup, natRuleText, PAT_PORTS } from './forwarding/nat/rules.ts';

/**
 * What is configured, as `display current-configuration` lists it: the lines of a view begin with a blank and `#` stands
 * between views. Read again, it makes the same device. Comments of ACL rules and descriptions of routes are not kept.
 */
export function configurationLines(cw: Comware): string[] {
  const { settings, nat } = cw;
  const sections: (readonly string[])[] = [
    [` sysname ${cw.sysname}`],
    [
      ...(settings.ttlExpires ? [' ip ttl-expires enable'] : []),
      ...(settings.unreachables ? [' ip unreachables enable'] : []),
      ...(settings.redirects ? [' ip redirects enable'] : []),
    ],
    [
      ...(nat.alg.tftp ? [' nat alg tftp'] : []),
      ...(nat.alg.icmpError ? [] : [' undo nat alg icmp-error']),
      ...nat.statics.map((rule) => ` ${natRuleText(rule)}`),
    ],
    ...[...nat.groups.values()].sort((a, b) => a.number - b.number).map(groupLines),
    ...cw.interfaces.map((one) => interfaceLines(one, settings.sendToCpu)),
    cw.statics.map(staticLine),
    ...[...nat.acls.values()].sort((a, b) => a.number - b.number).map(aclLines),
    settings.ftpServer ? [' ftp server enable'] : [],
    [
      ...(settings.tpaSource === undefined ? [] : [` tpa ip source interface ${settings.tpaSource}`]),
      ...rulesOf(settings.sendToCpu, undefined),
    ],
  ];
  return [...sections.filter((lines) => lines.length > 0).flatMap((lines) => ['#', ...lines]), '#', 'return'];
}

function groupLines({ number, ranges, ports }: AddressGroup): string[] {
  return [
    `nat address-group ${number}`,
    ...(ports.first === PAT_PORTS.first && ports.last === PAT_PORTS.last
      ? []
      : [` port-range ${ports.first} ${ports.last}`]),
    ...ranges.map(({ first, last }) => ` address ${formatIpv4(first)} ${formatIpv4(last)}`),
  ];
}

function interfaceLines(one: ComwareInterface, sendToCpu: readonly SendToCpu[]): string[] {
  const { name, address, description, shutdown, nat } = one;
  return [
    `interface ${name.long}`,
    ...(name.kind === 'ethernet' ? [' port link-mode route'] : []),
    ...(description === '' ? [] : [` description ${description}`]),
    ...(shutdown ? [' shutdown'] : []),
    ...(address === undefined
      ? []
      : [` ip address ${formatIpv4(address.address)} ${formatIpv4(mask(address.length))}`]),
    ...(nat?.outbound ?? []).map((rule) => ` ${natRuleText(rule)}`),
    ...(nat?.servers ?? []).map((rule) => ` ${natRuleText(rule)}`),
    ...(nat?.staticEnabled === true ? [' nat static enable'] : []),
    ...(nat?.hairpin === true ? [' nat hairpin enable'] : []),
    ...rulesOf(sendToCpu, name.long),
  ];
}

function rulesOf(rules: readonly SendToCpu[], of: string | undefined): string[] {
  return rules.filter((rule) => rule.interface === of).map((rule) => ` tpa ip send-to-cpu ${sendToCpuCommand(rule)}`);
}

function staticLine(route: StaticRoute): string {
  const { prefix, nextHop, preference } = route;
  const via = route.interface ?? formatIpv4(nextHop);
  const rest = preference === 60 ? '' : ` preference ${preference}`;
  return ` ip route-static ${formatPrefix(prefix).replace('/', ' ')} ${via}${rest}`;
}

function aclLines({ number, rules, description }: Acl): string[] {
  const isBasic = number < 3000;
  return [
    `acl ${isBasic ? 'basic' : 'advanced'} ${number}`,
    ...(description === '' ? [] : [` description ${description}`]),
    ...rules.map((rule) => ` rule ${rule.id} ${aclRuleText(rule, isBasic)}`),
  ];
}
