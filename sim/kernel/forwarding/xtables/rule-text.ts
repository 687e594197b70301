import { formatIpv4, type Ipv4, mask } from '../../../wire/address.ts';
import {
  CONNECTION_STATES,
  LIMIT_SCALE,
  type Match,
  type MatchOf,
  type PortMatch,
  type PortName,
  type PortRange,
  TCP_FLAGS,
} from './match.ts';
import { protocolName } from './protocol-names.ts';
import type { AddressMatch, InterfaceMatch, Rule } from './rule.ts';
import type { NatTarget, Target } from './target.ts';

/** A rule's words behind `-A CHAIN`, each with a blank in front, as iptables-save 1.8.9 writes them; '' matches all. */
export function ruleText(rule: Rule): string {
  const { fragment } = rule;
  return [
    addressText('-s', rule.source),
    addressText('-d', rule.destination),
    interfaceText('-i', rule.input),
    interfaceText('-o', rule.output),
    rule.protocol === 0 ? '' : `${not(rule.notProtocol)} -p ${protocolName(rule.protocol)}`,
    fragment === 'any' ? '' : fragment === 'later' ? ' -f' : ' ! -f',
    ...rule.matches.map((match) => ` -m ${match.kind}${matchText(match)}`),
    targetText(rule.target),
  ].join('');
}

const not = (inverted: boolean): string => (inverted ? ' !' : '');

function addressText(option: string, { address, mask: bits, not: inverted }: AddressMatch): string {
  if (bits === 0 && !inverted) return '';
  return `${not(inverted)} ${option} ${formatIpv4(address)}/${maskText(bits)}`;
}

/** The length of a prefix, or the mask itself where it is none. */
export function maskText(bits: Ipv4): string {
  const length = Math.clz32(~bits >>> 0);
  return mask(length) === bits ? String(length) : formatIpv4(bits);
}

/** `+` alone matches all, and the tool writes nothing for it, not even what inverts it. */
function interfaceText(option: string, { name, not: inverted }: InterfaceMatch): string {
  return name === '' || name === '+' ? '' : `${not(inverted)} ${option} ${name}`;
}

function matchText(match: Match): string {
  switch (match.kind) {
    case 'tcp':
      return `${portsOf('sport', match.source)}${portsOf('dport', match.destination)}${flagsText(match.flags)}`;
    case 'udp':
      return portsOf('sport', match.source) + portsOf('dport', match.destination);
    case 'icmp':
      return `${not(match.not)} --icmp-type ${match.type === 255 ? 'any' : icmpText(match.type, match.codes)}`;
    case 'multiport':
      return `${not(match.not)} --${match.which} ${match.ranges.map(rangeText).join(',')}`;
    case 'state':
      return `${not(match.not)} --state ${statesText(match.states)}`;
    case 'conntrack':
      return `${not(match.not)} --ctstate ${statesText(match.states)}`;
    case 'mark':
    case 'connmark':
      return `${not(match.not)} --mark ${markText(match.value, match.mask)}`;
    case 'addrtype':
      return [
        match.source === undefined ? '' : `${not(match.source.not)} --src-type ${match.source.types.join(',')}`,
        match.destination === undefined
          ? ''
          : `${not(match.destination.not)} --dst-type ${match.destination.types.join(',')}`,
        match.limit === 'none' ? '' : ` --limit-iface-${match.limit}`,
      ].join('');
    case 'physdev':
      return physdevText(match);
    case 'comment':
      return ` --comment ${quoted(match.text)}`;
    case 'limit':
      return ` --limit ${rateText(match.period)}${match.burst === 5 ? '' : ` --limit-burst ${match.burst}`}`;
  }
}

/** `iptables -L` writes the same words. */
export function physdevText({ isIn, input, isOut, output, isBridged }: MatchOf<'physdev'>): string {
  const flag = (word: string, asked: boolean | undefined): string =>
    asked === undefined ? '' : `${not(!asked)} --physdev-${word}`;
  const port = (word: string, asked: PortName | undefined): string =>
    asked === undefined ? '' : `${not(asked.not)} --physdev-${word} ${asked.name}`;
  const words = [flag('is-in', isIn), port('in', input), flag('is-out', isOut), port('out', output)];
  return `${words.join('')}${flag('is-bridged', isBridged)}`;
}

function portsOf(option: string, { range, not: inverted }: PortMatch): string {
  return range[0] === 0 && range[1] === 0xffff ? '' : `${not(inverted)} --${option} ${rangeText(range)}`;
}

/** `80`, or `80:90`. */
export function rangeText([first, last]: PortRange): string {
  return first === last ? String(first) : `${first}:${last}`;
}

function flagsText({ mask: bits, set, not: inverted }: { mask: number; set: number; not: boolean }): string {
  return bits === 0 && !inverted ? '' : `${not(inverted)} --tcp-flags ${flagNames(bits)} ${flagNames(set)}`;
}

function flagNames(bits: number): string {
  const names = Object.entries(TCP_FLAGS).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
  return names.length === 0 ? 'NONE' : names.join(',');
}

function icmpText(type: number, [first, last]: PortRange): string {
  return first === 0 && last === 255 ? String(type) : `${type}/${first}`;
}

/** State names in the order of the tool. */
export function statesText(states: readonly string[]): string {
  return CONNECTION_STATES.filter((state) => states.includes(state)).join(',');
}

/** `0x5`, or `0x5/0xf` where not every bit counts. */
export function markText(value: number, bits: number): string {
  return bits === 0xffffffff ? hex(value) : `${hex(value)}/${hex(bits)}`;
}

export const hex = (value: number): string => `0x${value.toString(16)}`;

const RATES = [
  ['day', LIMIT_SCALE * 86_400],
  ['hour', LIMIT_SCALE * 3600],
  ['min', LIMIT_SCALE * 60],
  ['sec', LIMIT_SCALE],
] as const;

/** `3/hour`: the shortest unit that still tells the rate. Models libxt_limit.c print_rate(). */
export function rateText(period: number): string {
  let text = '';
  for (const [index, [name, unit]] of RATES.entries()) {
    if (index > 0 && (period > unit || Math.floor(unit / period) < unit % period)) break;
    text = `${Math.floor(unit / period)}/${name}`;
  }
  return text;
}

/** As it is, or in double quotes with a backslash before quotes and backslashes (xtables_save_string). */
function quoted(text: string): string {
  return /^[\w-]+$/.test(text) ? text : `"${text.replace(/["'\\]/g, '\\$&')}"`;
}

function targetText(target: Target): string {
  switch (target.kind) {
    case 'none':
      return '';
    case 'verdict':
      return ` -j ${target.verdict}`;
    case 'jump':
      return ` ${target.goto ? '-g' : '-j'} ${target.chain}`;
    case 'REJECT':
      return ` -j REJECT --reject-with ${target.with}`;
    case 'MARK':
      return ` -j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case 'CONNMARK':
      if (target.mode === 'set') return ` -j CONNMARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
      return ` -j CONNMARK --${target.mode}-mark --nfmask ${hex(target.packetMask)} --ctmask ${hex(target.connectionMask)}`;
    case 'LOG':
      return ` -j LOG${logText(target)}`;
    case 'CT':
      return target.alias ? ' -j NOTRACK' : ' -j CT --notrack';
    default:
      return ` -j ${target.kind}${natText(target)}${natFlags(target, ' --')}`;
  }
}

const LOG_FLAGS = [
  ['--log-tcp-sequence', 1],
  ['--log-tcp-options', 2],
  ['--log-ip-options', 4],
  ['--log-uid', 8],
  ['--log-macdecode', 32],
] as const;

function logText({ prefix, level, flags }: Target & { kind: 'LOG' }): string {
  const options = LOG_FLAGS.flatMap(([option, bit]) => ((flags & bit) === 0 ? [] : [` ${option}`]));
  return [
    prefix === '' ? '' : ` --log-prefix ${quoted(prefix)}`,
    level === 4 ? '' : ` --log-level ${level}`,
    ...options,
  ].join('');
}

const NAT_OPTION: { readonly [kind in NatTarget['kind']]: string } = {
  SNAT: 'to-source',
  DNAT: 'to-destination',
  MASQUERADE: 'to-ports',
  REDIRECT: 'to-ports',
};

function natText(target: NatTarget): string {
  const range = natRange(target);
  return range === '' ? '' : ` --${NAT_OPTION[target.kind]} ${range}`;
}

/** `192.0.2.1-192.0.2.4:1024-2047`, or ports alone where the target takes no address; '' for neither. */
export function natRange({ kind, addresses, ports, basePort }: NatTarget): string {
  const list = ports === undefined ? '' : dashed(ports, String);
  if (kind === 'MASQUERADE' || kind === 'REDIRECT') return list;
  const base = basePort === 0 ? '' : `/${basePort}`;
  return `${addresses === undefined ? '' : dashed(addresses, formatIpv4)}${list === '' ? '' : `:${list}${base}`}`;
}

function dashed([first, last]: readonly [number, number], format: (value: number) => string): string {
  return first === last ? format(first) : `${format(first)}-${format(last)}`;
}

/** The flags of a translation, each with `before` in front. */
export function natFlags({ random, randomFully, persistent }: NatTarget, before: string): string {
  const flags = [random ? 'random' : '', randomFully ? 'random-fully' : '', persistent ? 'persistent' : ''];
  return flags.map((flag) => (flag === '' ? '' : before + flag)).join('');
}
