import type { Choices } from './choices.ts';
import { chooseAddress, chooseDevice, choosePrefix } from './routing.ts';
import { bare, type Host, type Shape } from './shape.ts';

/* Rules of the packet filter and of NAT, from all of the grammar that the simulator reads. */

export type TableName = 'filter' | 'nat' | 'mangle' | 'raw';

export const CHAINS: Readonly<Record<TableName, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'POSTROUTING', 'OUTPUT', 'INPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
};

/** A rule of a table: what stands behind `-A CHAIN`. */
export interface FilterRule {
  readonly table: TableName;
  readonly chain: string;
  readonly text: string;
}

/** The chain of the user that rules may jump to, in any table. */
export const USER_CHAIN = 'U1';

export function chooseTable(choose: Choices): TableName {
  return choose.weighted([9, 'filter'], [9, 'nat'], [4, 'mangle'], [2, 'raw']);
}

/** Mostly one that packets of this host pass. */
function chooseChain(choose: Choices, host: Host, table: TableName): string {
  if (table === 'nat') return choose.weighted([4, 'PREROUTING'], [5, 'POSTROUTING'], [2, 'OUTPUT'], [1, 'INPUT']);
  if (table === 'filter' && host.forwards && choose.chance(50)) return 'FORWARD';
  return choose.pick(CHAINS[table]);
}

/** A rule for a chain of a table; `chain` is drawn where none is given. */
export function chooseFilterRule(
  choose: Choices,
  shape: Shape,
  host: Host,
  table = chooseTable(choose),
  chain = chooseChain(choose, host, table),
): FilterRule {
  const protocol = choose.weighted([10, ''], [6, 'icmp'], [6, 'udp'], [6, 'tcp'], [1, '1'], [1, '47']);
  const not = (): string => (choose.chance(8) ? '! ' : '');
  const parts: string[] = [];
  if (protocol !== '') parts.push(`${not()}-p ${protocol}`);
  if (choose.chance(15)) parts.push(`${not()}-s ${choosePlace(choose, shape)}`);
  if (choose.chance(15)) parts.push(`${not()}-d ${choosePlace(choose, shape)}`);
  if (choose.chance(15)) parts.push(...chooseInterface(choose, host, chain).map((text) => `${not()}${text}`));
  const isPlain = !parts[0]?.startsWith('!');
  if (isPlain && choose.chance(35)) parts.push(...chooseProtocolMatch(choose, protocol));
  if (choose.chance(25)) parts.push(chooseMatch(choose));
  const target = chooseTarget(choose, shape, host, { table, chain, protocol: isPlain ? protocol : '' });
  return { table, chain, text: [...parts, ...(target === '' ? [] : [target])].join(' ') };
}

function choosePlace(choose: Choices, shape: Shape): string {
  return choose.chance(50) ? choosePrefix(choose, shape) : chooseAddress(choose, shape);
}

/** No chain before routing knows where a packet leaves, none behind it where it came from. */
function chooseInterface(choose: Choices, host: Host, chain: string): string[] {
  const device = choose.weighted<() => string>([8, () => chooseDevice(choose, host)], [2, () => 'eth+'])();
  if (chain === 'PREROUTING' || chain === 'INPUT') return [`-i ${device}`];
  if (chain === 'POSTROUTING' || chain === 'OUTPUT') return [`-o ${device}`];
  return [`${choose.pick(['-i', '-o'])} ${device}`];
}

const PORTS = ['7', '9', '80', '7:9', '1:1023', '1024:'] as const;
const ICMP_TYPES = [
  ...['echo-request', 'echo-reply', 'destination-unreachable', 'time-exceeded', 'fragmentation-needed'],
  ...['port-unreachable', 'redirect', '3/1', 'any'],
] as const;

function chooseProtocolMatch(choose: Choices, protocol: string): string[] {
  const not = choose.chance(8) ? '! ' : '';
  if (protocol === 'icmp') return [`-m icmp ${not}--icmp-type ${choose.pick(ICMP_TYPES)}`];
  if (protocol !== 'udp' && protocol !== 'tcp') return [];
  const ports = (): string => `-m ${protocol} ${not}${choose.pick(['--dport', '--sport'])} ${choose.pick(PORTS)}`;
  const flags = (): string =>
    choose.pick(['-m tcp --syn', '-m tcp ! --syn', '-m tcp --tcp-flags ACK,FIN FIN', '-m tcp --tcp-flags ALL SYN,ACK']);
  return choose.weighted<() => string[]>(
    [6, () => [ports()]],
    [
      2,
      () => [
        `-m multiport ${not}${choose.pick(['--dports', '--sports', '--ports'])} ${choose.pick(['7,9', '80,1000:2000'])}`,
      ],
    ],
    [protocol === 'tcp' ? 3 : 0, () => [flags()]],
  )();
}

function chooseMatch(choose: Choices): string {
  const not = choose.chance(10) ? '! ' : '';
  const state = choose.pick(['NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID', 'UNTRACKED', 'NEW,RELATED']);
  return choose.weighted<() => string>(
    [5, () => `-m conntrack ${not}--ctstate ${choose.pick([state, 'DNAT', 'SNAT'])}`],
    [3, () => `-m state ${not}--state ${state}`],
    [2, () => `-m mark ${not}--mark ${choose.pick(['1', '2', '0', '0x10/0xf0'])}`],
    [2, () => `-m connmark ${not}--mark ${choose.pick(['1', '2', '0'])}`],
    [
      3,
      () =>
        `-m addrtype ${not}--${choose.pick(['dst', 'src'])}-type ${choose.pick(['LOCAL', 'UNICAST', 'BROADCAST', 'UNREACHABLE'])}`,
    ],
    [1, () => '-m comment --comment "a word"'],
    [2, () => `${not}-f`],
  )();
}

const REJECTS = [
  ...['icmp-port-unreachable', 'icmp-net-unreachable', 'icmp-host-unreachable', 'icmp-proto-unreachable'],
  ...['icmp-net-prohibited', 'icmp-host-prohibited', 'icmp-admin-prohibited'],
] as const;

interface Spot {
  readonly table: TableName;
  readonly chain: string;
  readonly protocol: string;
}

function chooseTarget(choose: Choices, shape: Shape, host: Host, spot: Spot): string {
  if (spot.table === 'nat') return chooseNat(choose, shape, host, spot);
  const mangle = spot.table === 'mangle' ? 1 : 0;
  const reject = (): string =>
    `-j REJECT --reject-with ${spot.protocol === 'tcp' && choose.chance(50) ? 'tcp-reset' : choose.pick(REJECTS)}`;
  return choose.weighted<() => string>(
    [6, () => '-j ACCEPT'],
    [3, () => '-j DROP'],
    [spot.table === 'filter' ? 5 : 0, reject],
    [2, () => '-j RETURN'],
    [2, () => ''],
    [1, () => `-j LOG --log-prefix "seen "${choose.pick(['', ' --log-level debug'])}`],
    [spot.chain === USER_CHAIN ? 0 : 3, () => `${choose.pick(['-j', '-g'])} ${USER_CHAIN}`],
    [10 * mangle, () => `-j MARK ${chooseMark(choose)}`],
    [8 * mangle, () => `-j CONNMARK ${chooseConnectionMark(choose)}`],
    [spot.table === 'raw' ? 8 : 0, () => choose.pick(['-j CT --notrack', '-j NOTRACK'])],
  )();
}

function chooseMark(choose: Choices): string {
  return choose.pick([
    '--set-mark 1',
    '--set-mark 2',
    '--set-xmark 0x10/0xf0',
    '--or-mark 1',
    '--and-mark 0xf0',
    '--xor-mark 3',
  ]);
}

function chooseConnectionMark(choose: Choices): string {
  return choose.pick(['--save-mark', '--restore-mark', '--set-mark 1', '--set-xmark 2/3', '--restore-mark --mask 0xf']);
}

function chooseNat(choose: Choices, shape: Shape, host: Host, { chain, protocol }: Spot): string {
  const own = host.members.flatMap(({ addresses }) => addresses.map(bare));
  const mine = (): string => (own.length > 0 && choose.chance(70) ? choose.pick(own) : chooseAddress(choose, shape));
  const hasPorts = protocol === 'udp' || protocol === 'tcp';
  const port = (): string => (hasPorts && choose.chance(60) ? `:${choose.pick([7, 9, 80])}` : '');
  const isSource = chain === 'POSTROUTING' || chain === 'INPUT';
  const isDestination = chain === 'PREROUTING' || chain === 'OUTPUT';
  const toPorts = hasPorts && choose.chance(60) ? ` --to-ports ${choose.pick([7, 9])}` : '';
  return choose.weighted<() => string>(
    [chain === 'POSTROUTING' ? 7 : 0, () => '-j MASQUERADE'],
    [isSource ? 6 : 0, () => `-j SNAT --to-source ${mine()}${hasPorts && choose.chance(20) ? ':5000' : ''}`],
    [isDestination ? 8 : 0, () => `-j DNAT --to-destination ${chooseAddress(choose, shape)}${port()}`],
    [isDestination ? 5 : 0, () => `-j REDIRECT${toPorts}`],
    [2, () => '-j ACCEPT'],
    [1, () => '-j RETURN'],
    [1, () => ''],
    [chain === USER_CHAIN ? 0 : 1, () => `-j ${USER_CHAIN}`],
  )();
}

/** Rules as `iptables-restore` reads them. */
export function blockOf(rules: readonly FilterRule[], policies: ReadonlyMap<string, string>): string {
  const lines: string[] = [];
  for (const table of Object.keys(CHAINS) as TableName[]) {
    const own = rules.filter((rule) => rule.table === table);
    if (own.length === 0 && !(table === 'filter' && policies.size > 0)) continue;
    const policyOf = (chain: string): string => (table === 'filter' ? policies.get(chain) : undefined) ?? 'ACCEPT';
    lines.push(`*${table}`, ...CHAINS[table].map((chain) => `:${chain} ${policyOf(chain)} [0:0]`));
    lines.push(`:${USER_CHAIN} - [0:0]`, ...own.map(({ chain, text }) => `-A ${chain} ${text}`.trimEnd()), 'COMMIT');
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** The same as commands. */
export function commandsOf(rules: readonly FilterRule[], policies: ReadonlyMap<string, string>): string[] {
  const tables = [...new Set(rules.map(({ table }) => table))];
  return [
    ...tables.map((table) => `iptables -t ${table} -N ${USER_CHAIN}`),
    ...rules.map(({ table, chain, text }) => `iptables -t ${table} -A ${chain} ${text}`.trimEnd()),
    ...[...policies].map(([chain, policy]) => `iptables -P ${chain} ${policy}`),
  ];
}
