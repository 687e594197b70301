import {
  ADDRESS_TYPES,
  type AddressTypes,
  ALL_PORTS,
  CONNECTION_STATES,
  LIMIT_SCALE,
  type Match,
  type MatchOf,
  type PortMatch,
  type PortRange,
  TCP_FLAGS,
} from '../kernel/forwarding/xtables/match.ts';
import { conflict, type Extension, type Given, type GivenOption, missing } from './extension.ts';
import { readIcmpType } from './icmp-types.ts';
import { readInterface, readMarkMask, readNumber, readPort } from './values.ts';

const PORT_OPTIONS = { 'source-port': 'not value', 'destination-port': 'not value' } as const;
const PORT_ALIASES = { sport: 'source-port', dport: 'destination-port' } as const;

const tcp: Extension<Match> = {
  name: 'tcp',
  options: { ...PORT_OPTIONS, syn: 'not flag', 'tcp-flags': 'not two values' },
  aliases: PORT_ALIASES,
  notModelled: ['tcp-option'],
  build: (given) => {
    const ports = readPortMatches(given);
    if (typeof ports === 'string') return ports;
    if (given.has('syn') && given.has('tcp-flags')) return "Only one of `--syn' or `--tcp-flags'  allowed";
    const flags = readFlags(given);
    return typeof flags === 'string' ? flags : { kind: 'tcp', ...ports, flags };
  },
};

const udp: Extension<Match> = {
  name: 'udp',
  options: PORT_OPTIONS,
  aliases: PORT_ALIASES,
  build: (given) => {
    const ports = readPortMatches(given);
    return typeof ports === 'string' ? ports : { kind: 'udp', ...ports };
  },
};

function readPortMatches(given: Given): { source: PortMatch; destination: PortMatch } | string {
  const source = readPortMatch(given.get('source-port'));
  if (typeof source === 'string') return source;
  const destination = readPortMatch(given.get('destination-port'));
  return typeof destination === 'string' ? destination : { source, destination };
}

function readPortMatch(option: GivenOption | undefined): PortMatch | string {
  if (option === undefined) return { range: ALL_PORTS, not: false };
  const range = readColonRange(option.values[0] ?? '');
  if (typeof range === 'string') return range;
  if (range[0] > range[1]) return 'invalid portrange (min > max)';
  return { range, not: option.not };
}

/** `80`, `80:90`, `:90` or `80:`. */
function readColonRange(text: string): PortRange | string {
  const [first = '', last = first, ...rest] = text.split(':');
  const open = text.includes(':');
  const low = open && first === '' ? 0 : readPort(first);
  const high = open && last === '' ? 0xffff : readPort(last);
  if (low === undefined || rest.length > 0) return `invalid port/service \`${first}' specified`;
  return high === undefined ? `invalid port/service \`${last}' specified` : [low, high];
}

/** SYN out of SYN, RST, ACK and FIN. */
const SYN_FLAGS = { mask: 0x17, set: 0x02 } as const;

function readFlags(given: Given): MatchOf<'tcp'>['flags'] | string {
  const syn = given.get('syn');
  if (syn !== undefined) return { ...SYN_FLAGS, not: syn.not };
  const option = given.get('tcp-flags');
  if (option === undefined) return { mask: 0, set: 0, not: false };
  const mask = readFlagNames(option.values[0] ?? '');
  if (typeof mask === 'string') return mask;
  const set = readFlagNames(option.values[1] ?? '');
  return typeof set === 'string' ? set : { mask, set, not: option.not };
}

function readFlagNames(text: string): number | string {
  let bits = 0;
  for (const word of text.split(',')) {
    const name = word.toUpperCase();
    if (name === 'ALL') bits |= 0x3f;
    else if (Object.hasOwn(TCP_FLAGS, name)) bits |= TCP_FLAGS[name] ?? 0;
    else if (name !== 'NONE') return `Unknown TCP flag \`${word}'`;
  }
  return bits;
}

const icmp: Extension<Match> = {
  name: 'icmp',
  options: { 'icmp-type': 'not value' },
  build: (given) => {
    const option = given.get('icmp-type');
    if (option === undefined) return missing('icmp', 'icmp-type');
    const read = readIcmpType(option.values[0] ?? '');
    return typeof read === 'string' ? read : { kind: 'icmp', ...read, not: option.not };
  },
};

const PORT_LISTS = ['source-ports', 'destination-ports', 'ports'] as const;
const LIST_KINDS = { 'source-ports': 'sports', 'destination-ports': 'dports', ports: 'ports' } as const;
/** Of a range each end counts. */
const MOST_PORTS = 15;

const multiport: Extension<Match> = {
  name: 'multiport',
  options: { 'source-ports': 'not value', 'destination-ports': 'not value', ports: 'not value' },
  aliases: { sports: 'source-ports', dports: 'destination-ports' },
  build: (given) => {
    const clash = conflict('multiport', given, PORT_LISTS);
    if (clash !== undefined) return clash;
    const which = PORT_LISTS.find((name) => given.has(name));
    const option = which === undefined ? undefined : given.get(which);
    if (which === undefined || option === undefined) return 'multiport expection an option';
    const ranges: PortRange[] = [];
    for (const text of (option.values[0] ?? '').split(',')) {
      const range = readListedRange(text);
      if (typeof range === 'string') return range;
      ranges.push(range);
    }
    const used = ranges.reduce((sum, [low, high]) => sum + (low === high ? 1 : 2), 0);
    if (used > MOST_PORTS) return 'too many ports specified';
    return { kind: 'multiport', which: LIST_KINDS[which], ranges, not: option.not };
  },
};

function readListedRange(text: string): PortRange | string {
  const [first = '', last = first, ...rest] = text.split(':');
  const low = readPort(first);
  const high = readPort(last);
  if (low === undefined) return `invalid port/service \`${first}' specified`;
  if (high === undefined || rest.length > 0) return `invalid port/service \`${last}' specified`;
  if (low > high || (low === high && text.includes(':'))) return 'invalid portrange specified';
  return [low, high];
}

function stateMatch(kind: 'state' | 'conntrack', option: 'state' | 'ctstate'): Extension<Match> {
  const known: readonly string[] = kind === 'state' ? CONNECTION_STATES.slice(0, 5) : CONNECTION_STATES;
  return {
    name: kind,
    options: { [option]: 'not value' },
    notModelled:
      kind === 'state'
        ? []
        : [
            ...['ctproto', 'ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst', 'ctorigsrcport', 'ctorigdstport'],
            ...['ctreplsrcport', 'ctrepldstport', 'ctstatus', 'ctexpire', 'ctdir'],
          ],
    build: (given) => {
      const asked = given.get(option);
      if (asked === undefined) {
        return kind === 'state' ? missing('state', 'state') : 'conntrack: At least one option is required';
      }
      const words = (asked.values[0] ?? '').split(',').map((word) => word.toUpperCase());
      const bad = words.find((word) => !known.includes(word));
      if (bad !== undefined) return `Bad ${option} "${bad}"`;
      return { kind, states: CONNECTION_STATES.filter((state) => words.includes(state)), not: asked.not };
    },
  };
}

function markMatch(kind: 'mark' | 'connmark'): Extension<Match> {
  return {
    name: kind,
    options: { mark: 'not value' },
    build: (given) => {
      const option = given.get('mark');
      if (option === undefined) return missing(kind, 'mark');
      const read = readMarkMask(kind, 'mark', option.values[0] ?? '');
      return typeof read === 'string' ? read : { kind, value: read.value, mask: read.mask, not: option.not };
    },
  };
}

const addrtype: Extension<Match> = {
  name: 'addrtype',
  options: {
    'src-type': 'not value',
    'dst-type': 'not value',
    'limit-iface-in': 'flag',
    'limit-iface-out': 'flag',
  },
  build: (given) => {
    const source = readTypes(given.get('src-type'));
    if (typeof source === 'string') return source;
    const destination = readTypes(given.get('dst-type'));
    if (typeof destination === 'string') return destination;
    if (source === undefined && destination === undefined) {
      return 'addrtype: you must specify --src-type or --dst-type';
    }
    if (given.has('limit-iface-in') && given.has('limit-iface-out')) {
      return "addrtype: you can't specify both --limit-iface-in and --limit-iface-out";
    }
    const limit = given.has('limit-iface-in') ? 'in' : given.has('limit-iface-out') ? 'out' : 'none';
    return { kind: 'addrtype', source, destination, limit };
  },
};

function readTypes(option: GivenOption | undefined): AddressTypes | undefined | string {
  if (option === undefined) return undefined;
  const words = (option.values[0] ?? '').split(',');
  const bad = words.find((word) => !ADDRESS_TYPES.includes(word.toUpperCase()));
  if (bad !== undefined) return `addrtype: bad type "${bad}"`;
  const upper = words.map((word) => word.toUpperCase());
  return { types: ADDRESS_TYPES.filter((type) => upper.includes(type)), not: option.not };
}

const PHYSDEV_OPTIONS = ['physdev-in', 'physdev-is-in', 'physdev-out', 'physdev-is-out', 'physdev-is-bridged'] as const;

const physdev: Extension<Match> = {
  name: 'physdev',
  options: {
    'physdev-in': 'not value',
    'physdev-is-in': 'not flag',
    'physdev-out': 'not value',
    'physdev-is-out': 'not flag',
    'physdev-is-bridged': 'not flag',
  },
  build: (given) => {
    if (given.among(PHYSDEV_OPTIONS).length === 0) return 'PHYSDEV: no physdev option specified';
    const input = readInterface(given.get('physdev-in'));
    if (typeof input === 'string') return input;
    const output = readInterface(given.get('physdev-out'));
    if (typeof output === 'string') return output;
    return {
      kind: 'physdev',
      isIn: readFlag(given.get('physdev-is-in')),
      input: given.has('physdev-in') ? input : undefined,
      isOut: readFlag(given.get('physdev-is-out')),
      output: given.has('physdev-out') ? output : undefined,
      isBridged: readFlag(given.get('physdev-is-bridged')),
    };
  },
};

function readFlag(option: GivenOption | undefined): boolean | undefined {
  return option === undefined ? undefined : !option.not;
}

/** XT_MAX_COMMENT_LEN, without the zero behind it. */
const COMMENT_MOST = 255;

const comment: Extension<Match> = {
  name: 'comment',
  options: { comment: 'value' },
  build: (given) => {
    const text = given.value('comment');
    if (text === undefined) return missing('comment', 'comment');
    if (text.length > COMMENT_MOST) return 'comment: bad value for option "--comment", or out of range.';
    return { kind: 'comment', text };
  },
};

const RATE_UNITS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;

const limit: Extension<Match> = {
  name: 'limit',
  options: { limit: 'value', 'limit-burst': 'value' },
  build: (given) => {
    const period = readRate(given.value('limit') ?? '3/hour');
    if (typeof period === 'string') return period;
    const burst = readNumber(given.value('limit-burst') ?? '5', 10_000);
    if (burst === undefined) return 'limit: bad value for option "--limit-burst", or out of range (0-10000).';
    return { kind: 'limit', period, burst };
  },
};

/** `5`, `5/s`, `3/hour`: units may be shortened. Models libxt_limit.c parse_rate(). */
function readRate(text: string): number | string {
  const [, count = '', unit] = /^(\d+)(?:\/([a-z]+))?$/i.exec(text) ?? [];
  const named = Object.entries(RATE_UNITS).find(([name]) => name.startsWith((unit ?? 's').toLowerCase()));
  if (Number(count) === 0 || named === undefined) return `bad rate "${text}"'`;
  const period = Math.floor((LIMIT_SCALE * named[1]) / Number(count));
  return period === 0 ? `Rate too fast "${text}"` : period;
}

const ALL = [
  ...[tcp, udp, icmp, multiport, stateMatch('state', 'state'), stateMatch('conntrack', 'ctstate')],
  ...[markMatch('mark'), markMatch('connmark'), addrtype, physdev, comment, limit],
] as readonly Extension<Match>[];

/** Matches of the real tool that the simulator does not have. */
const NOT_MODELLED = [
  ...[
    'ah',
    'bpf',
    'cgroup',
    'cluster',
    'connbytes',
    'connlabel',
    'connlimit',
    'cpu',
    'dccp',
    'devgroup',
    'dscp',
    'ecn',
  ],
  ...['esp', 'hashlimit', 'helper', 'iprange', 'ipvs', 'length', 'mac', 'nfacct', 'osf', 'owner', 'pkttype'],
  ...['policy', 'quota', 'rateest', 'realm', 'recent', 'rpfilter', 'sctp', 'set', 'socket', 'statistic', 'string'],
  ...['tcpmss', 'time', 'tos', 'ttl', 'u32', 'udplite'],
] as readonly string[];

/** The match of a name, or why there is none. */
export function findMatch(name: string): Extension<Match> | string {
  const found = ALL.find((extension) => extension.name === name);
  if (found !== undefined) return found;
  if (NOT_MODELLED.includes(name)) return `match "${name}" is not modelled`;
  return `Couldn't load match \`${name}':No such file or directory`;
}

/** The match that options of a protocol belong to without `-m`. */
export function matchOfProtocol(protocol: string): Extension<Match> | undefined {
  return ['tcp', 'udp', 'icmp'].includes(protocol) ? ALL.find((extension) => extension.name === protocol) : undefined;
}
