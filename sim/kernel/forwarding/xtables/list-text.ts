import { formatIpv4 } from '../../../wire/address.ts';
import type { AddressTypes, Match, PortMatch, PortRange } from './match.ts';
import type { AddressMatch, Rule } from './rule.ts';
import {
  hex,
  markText,
  maskText,
  natFlags,
  natRange,
  physdevText,
  rangeText,
  rateText,
  statesText,
} from './rule-text.ts';
import type { Target } from './target.ts';

/** The columns of a rule in `iptables -L -v -n`, without padding; '!' stands in front of what is inverted. */
export interface RuleColumns {
  readonly target: string;
  readonly prot: string;
  readonly opt: string;
  readonly in: string;
  readonly out: string;
  readonly source: string;
  readonly destination: string;
  /** What matches and target say of themselves, each word as printed; begins with a blank unless empty. */
  readonly options: string;
}

/** The columns of a rule as iptables 1.8.9 lists them. */
export function ruleColumns(rule: Rule): RuleColumns {
  const { target } = rule;
  const isGoto = target.kind === 'jump' && target.goto;
  return {
    target: targetName(target),
    prot: `${mark(rule.notProtocol)}${rule.protocol}`,
    opt: rule.fragment === 'any' ? '--' : rule.fragment === 'later' ? '-f' : '!f',
    in: mark(rule.input.not) + (rule.input.name || '*'),
    out: mark(rule.output.not) + (rule.output.name || '*'),
    source: addressText(rule.source),
    destination: addressText(rule.destination),
    options: `${isGoto ? '[goto] ' : ''}${rule.matches.map(matchText).join('')}${targetText(target)}`,
  };
}

const mark = (inverted: boolean): string => (inverted ? '!' : '');
const markBlank = (inverted: boolean): string => (inverted ? '! ' : '');

function addressText({ address, mask: bits, not }: AddressMatch): string {
  return `${mark(not)}${formatIpv4(address)}${bits === 0xffffffff ? '' : `/${maskText(bits)}`}`;
}

function targetName(target: Target): string {
  if (target.kind === 'none') return '';
  if (target.kind === 'verdict') return target.verdict;
  return target.kind === 'jump' ? target.chain : target.kind;
}

function matchText(match: Match): string {
  switch (match.kind) {
    case 'tcp': {
      const { mask, set, not } = match.flags;
      const isAsked = mask !== 0 || not;
      const flags = isAsked ? ` flags:${mark(not)}${flagByte(mask)}/${flagByte(set)}` : '';
      return ` tcp${portText('spt', match.source)}${portText('dpt', match.destination)}${flags}`;
    }
    case 'udp':
      return ` udp${portText('spt', match.source)}${portText('dpt', match.destination)}`;
    case 'icmp':
      return match.not
        ? ` icmp !type ${match.type}${codesText(match.codes)}`
        : ` icmptype ${match.type}${codesText(match.codes)}`;
    case 'multiport':
      return ` multiport ${match.which} ${match.not ? ' !' : ''}${match.ranges.map(rangeText).join(',')}`;
    case 'state':
      return ` ${markBlank(match.not)}state ${statesText(match.states)}`;
    case 'conntrack':
      return ` ${markBlank(match.not)}ctstate ${statesText(match.states)}`;
    case 'mark':
      return ` mark match ${markBlank(match.not)}${markText(match.value, match.mask)}`;
    case 'connmark':
      return ` connmark match ${match.not ? '!' : ''} ${markText(match.value, match.mask)}`;
    case 'addrtype':
      return [
        ' ADDRTYPE match',
        typesText('src-type', match.source),
        typesText('dst-type', match.destination),
        match.limit === 'none' ? '' : ` limit-${match.limit}`,
      ].join('');
    case 'physdev':
      return ` PHYSDEV match${physdevText(match)}`;
    case 'comment':
      return ` /* ${match.text} */`;
    case 'limit':
      return ` limit: avg ${rateText(match.period)} burst ${match.burst}`;
  }
}

function portText(name: string, { range: [first, last], not }: PortMatch): string {
  if (first === 0 && last === 0xffff && !not) return '';
  return first === last ? ` ${name}:${mark(not)}${first}` : ` ${name}s:${mark(not)}${first}:${last}`;
}

const flagByte = (bits: number): string => `0x${bits.toString(16).toUpperCase().padStart(2, '0')}`;

function codesText([first, last]: PortRange): string {
  if (first === 0 && last === 255) return '';
  return first === last ? ` code ${first}` : ` codes ${first}-${last}`;
}

function typesText(name: string, asked: AddressTypes | undefined): string {
  return asked === undefined ? '' : ` ${name} ${mark(asked.not)}${asked.types.join(',')}`;
}

function targetText(target: Target): string {
  switch (target.kind) {
    case 'none':
    case 'verdict':
    case 'jump':
      return '';
    case 'REJECT':
      return ` reject-with ${target.with}`;
    case 'MARK':
      return ` MARK ${setText(target.value, target.mask)}`;
    case 'CONNMARK':
      return ` CONNMARK ${target.mode === 'set' ? setText(target.value, target.mask) : copyText(target)}`;
    case 'LOG':
      return ` LOG flags ${target.flags} level ${target.level}${target.prefix === '' ? '' : ` prefix "${target.prefix}"`}`;
    case 'CT':
      return target.alias ? ' NOTRACK' : ' CT notrack';
    case 'SNAT':
    case 'DNAT':
      return ` to:${natRange(target)}${natFlags(target, ' ')}`;
    case 'MASQUERADE':
      return `${target.ports === undefined ? '' : ` masq ports: ${natRange(target)}`}${natFlags(target, ' ')}`;
    case 'REDIRECT':
      return `${target.ports === undefined ? '' : ` redir ports ${natRange(target)}`}${natFlags(target, ' ')}`;
  }
}

/** The tool tells what a value and a mask come to. */
function setText(value: number, bits: number): string {
  if (value === 0) return `and ${hex(~bits >>> 0)}`;
  if (value === bits) return `or ${hex(value)}`;
  if (bits === 0) return `xor ${hex(value)}`;
  return bits === 0xffffffff ? `set ${hex(value)}` : `xset ${hex(value)}/${hex(bits)}`;
}

function copyText(target: Target & { readonly kind: 'CONNMARK'; readonly mode: 'save' | 'restore' }): string {
  const { mode, packetMask, connectionMask } = target;
  if (packetMask !== connectionMask) {
    return mode === 'save'
      ? `save nfmask ${hex(packetMask)} ctmask ~${hex(connectionMask)}`
      : `restore ctmask ${hex(connectionMask)} nfmask ~${hex(packetMask)}`;
  }
  return packetMask === 0xffffffff ? mode : `${mode} mask ${hex(packetMask)}`;
}
