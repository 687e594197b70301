import { Chance } from '../../sim/core/chance.ts';
import { runCommand } from '../../sim/world/commands.ts';
import { Lab } from '../bench.ts';
import { Digest, digestOf } from './digest.ts';

/* Commands as an engineer types them, sound and unsound, with traffic between them. */

const ADDRESSES = [
  '10.0.1.1',
  '10.0.1.2',
  '10.0.1.255',
  '10.0.2.2',
  '10.0.9.1',
  '192.0.2.7',
  '127.0.0.1',
  '224.0.0.5',
  '0.0.0.0',
];
const PREFIXES = [
  'default',
  '10.0.1.0/24',
  '10.0.2.0/24',
  '10.0.9.0/24',
  '10.0.0.0/8',
  '192.0.2.0/25',
  '192.0.2.7',
  '10.0.1.2/24',
];
const DEVICES = ['eth0', 'eth1', 'lo', 'br0', 'eth9'];
const PORTS = ['7', '80', '1000:2000', '65535', '70000', '9:7'];
const CHAINS = ['INPUT', 'OUTPUT', 'FORWARD', 'PREROUTING', 'POSTROUTING', 'A', 'B'];
const TARGETS = [
  ...['ACCEPT', 'DROP', 'DROP', 'REJECT', 'REJECT --reject-with icmp-host-prohibited', 'RETURN', 'A', 'B', 'NOBODY'],
  ...[
    'LOG --log-prefix x',
    'MARK --set-mark 0x5/0xf',
    'MARK --set-xmark 1/2',
    'CONNMARK --save-mark',
    'CONNMARK --restore-mark',
  ],
  ...[
    'MASQUERADE',
    'MASQUERADE --to-ports 2000-2001',
    'SNAT --to 10.0.2.77',
    'SNAT --to 10.0.2.70-10.0.2.72:3000-3001',
  ],
  ...['DNAT --to 10.0.1.1', 'DNAT --to 10.0.2.2:7', 'REDIRECT --to-ports 7', 'CT --notrack'],
];
const MATCHES = [
  ...[
    '',
    '',
    '-p icmp',
    '-p udp',
    '-p tcp --syn',
    '-p icmp --icmp-type 8',
    '-m conntrack --ctstate NEW',
    '-m mark --mark 5',
  ],
  ...[
    '-m state --state RELATED,ESTABLISHED',
    '-m limit --limit 2/sec --limit-burst 2',
    '-m addrtype --dst-type LOCAL',
    '! -p tcp',
  ],
  ...[
    '-m conntrack ! --ctstate INVALID',
    '-m comment --comment c',
    '-m connmark --mark 5/7',
    '-f',
    '-i eth+',
    '! -i eth0',
    '-o eth1',
  ],
];
const SYSCTLS = [
  ...[
    'net.ipv4.ip_forward',
    'net.ipv4.conf.all.rp_filter',
    'net.ipv4.conf.eth0.rp_filter',
    'net.ipv4.conf.all.accept_local',
  ],
  ...[
    'net.ipv4.conf.eth0.proxy_arp',
    'net.ipv4.conf.all.proxy_arp',
    'net.ipv4.conf.all.arp_ignore',
    'net.ipv4.conf.eth0.arp_announce',
  ],
  ...[
    'net.ipv4.conf.all.forwarding',
    'net.ipv4.conf.default.rp_filter',
    'net.ipv4.conf.eth1.send_redirects',
    'net.ipv4.ip_default_ttl',
  ],
  ...[
    'net.ipv4.neigh.eth0.gc_stale_time',
    'net.ipv4.neigh.default.mcast_solicit',
    'net.ipv4.icmp_echo_ignore_all',
    'net.ipv4.ip_no_pmtu_disc',
  ],
  ...[
    'net.netfilter.nf_conntrack_max',
    'net.nf_conntrack_max',
    'net.bridge.bridge-nf-call-iptables',
    'net.core.rmem_default',
  ],
  ...[
    'net.ipv4.ipfrag_high_thresh',
    'net.ipv4.conf.eth9.rp_filter',
    'net.ipv4.nothing',
    'net.ipv4.conf.eth0',
    'net.core',
    'kernel.x',
  ],
  ...[
    'net.ipv4.conf.lo.route_localnet',
    'net.ipv4.conf.eth0.drop_gratuitous_arp',
    'net.ipv4.icmp_ratelimit',
    'net/ipv4/ip_forward',
  ],
];

/** The line of `kind`, its words as `pick` has them. */
function line(pick: <T>(from: readonly T[]) => T): string {
  const [address, prefix, device] = [pick(ADDRESSES), pick(PREFIXES), pick(DEVICES)];
  const via = pick([
    `via ${pick(ADDRESSES)}`,
    `dev ${device}`,
    `via ${pick(ADDRESSES)} dev ${device}`,
    `via ${address} dev ${device} onlink`,
  ]);
  const extra = pick(['', '', 'metric 5', 'src 10.0.1.1', 'table 7', 'scope host', 'proto static', 'mtu 1300']);
  const kind = pick(['', '', '', 'unreachable', 'blackhole', 'prohibit', 'throw', 'local', 'broadcast']);
  const table = pick(['', '', '-t nat', '-t mangle', '-t raw']);
  const spec = `${pick(MATCHES)} ${pick(['', `-s ${prefix}`, `-d ${address}`, `-p udp --dport ${pick(PORTS)}`, `-p tcp -m multiport --dports ${pick(PORTS)}`])}`;
  return pick([
    () =>
      `ip addr ${pick(['add', 'add', 'del', 'replace'])} ${address}/${pick([8, 24, 25, 31, 32, 33])} ${pick(['', 'brd +', 'scope link'])} dev ${device}`,
    () => `ip addr flush dev ${device}`,
    () =>
      `ip link set ${device} ${pick(['up', 'up', 'down', 'mtu 1000', 'mtu 60', 'mtu 70000', 'arp off', 'master br0', 'nomaster', 'name x'])}`,
    () => `ip link add ${pick(['br0', 'br1', 'eth0'])} type bridge`,
    () =>
      `ip route ${pick(['add', 'add', 'append', 'prepend', 'replace', 'change', 'del'])} ${kind} ${prefix} ${kind === '' ? via : ''} ${extra}`,
    () => `ip route ${pick(['add', 'del'])} ${prefix} ${via} ${extra}`,
    () => `ip route flush table ${pick(['7', 'main', 'local'])}`,
    () =>
      `ip rule ${pick(['add', 'add', 'del'])} ${pick(['from 10.0.1.0/24', 'to 10.0.2.2', 'iif eth0', 'oif eth1', 'fwmark 5', 'fwmark 5/7', 'ipproto icmp', 'dport 7 ipproto udp', 'not from 10.0.2.0/24', 'tos 0x10'])} ${pick(['lookup 7', 'lookup main', 'unreachable', 'blackhole', 'goto 32767'])} ${pick(['', 'pref 100', 'pref 0', 'priority 40000'])}`,
    () =>
      `ip neigh ${pick(['add', 'replace', 'replace', 'del', 'change'])} ${address} lladdr 02:00:00:00:00:${pick(['0a', '0b', 'ff'])} dev ${device} ${pick(['', 'nud permanent', 'nud reachable', 'nud stale', 'nud failed'])}`,
    () => `ip neigh ${pick(['add', 'del'])} proxy ${address} dev ${device}`,
    () => `ip neigh flush dev ${device}`,
    () => `sysctl -w ${pick(SYSCTLS)}=${pick([0, 1, 2, 64, 255, 256, -1, 100000])}`,
    () => `iptables ${table} -A ${pick(CHAINS)} ${spec} -j ${pick(TARGETS)}`,
    () => `iptables ${table} -A ${pick(CHAINS)} ${spec} -j ${pick(TARGETS)}`,
    () => `iptables ${table} -I ${pick(CHAINS)} ${pick(['', 1, 2, 9])} ${spec} -j ${pick(TARGETS)}`,
    () => `iptables ${table} ${pick(['-D', '-R', '-Z'])} ${pick(CHAINS)} ${pick([1, 2, 9])}`,
    () =>
      `iptables ${table} ${pick(['-N A', '-N B', '-X A', '-X', '-E A B', '-E B A', '-F', '-F A', '-Z', '-P INPUT ACCEPT', '-P FORWARD DROP', '-P A DROP'])}`,
  ])().replace(/ +/g, ' ');
}

/** A router between two hosts, typed at for a while. */
export function digestOfCommands(seed: number): string {
  const chance = new Chance(seed, 'commands');
  const pick = <T>(from: readonly T[]): T => from[chance.below(from.length)] as T;
  const host = (address: string, gateway: string) => ({
    ...{ kind: 'linux', interfaces: { eth0: { address } }, routes: [`default via ${gateway}`] },
    services: [{ port: 7 }, { port: 7, protocol: 'tcp', name: 'tcp-echo' }],
  });
  const lab = new Lab(
    {
      a: host('10.0.1.2/24', '10.0.1.1'),
      r: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.1.1/24' }, eth1: { address: '10.0.2.1/24' }, br0: { kind: 'bridge' } },
        ...{ sysctls: { 'net.ipv4.ip_forward': 1 }, services: [{ port: 7 }] },
      },
      b: host('10.0.2.2/24', '10.0.2.1'),
    },
    [{ endpoints: ['a:eth0', 'r:eth0'] }, { endpoints: ['b:eth0', 'r:eth1'] }],
    seed,
  );
  const digest = new Digest();
  let refused = 0;
  for (let round = 0; round < 12; round++) {
    for (let count = 0; count < 7; count++) {
      const command = line(pick);
      const answer = runCommand(lab.stack('r').net, command);
      if (answer !== undefined) refused++;
      digest.text(`${command}: ${JSON.stringify(answer)}`);
    }
    const [from, to] = pick([
      ['a', '10.0.2.2'],
      ['b', '10.0.1.2'],
      ['r', '10.0.2.2'],
      ['a', '10.0.1.1'],
      ['r', '192.0.2.7'],
    ] as const);
    lab.run(
      pick<object>([
        { ping: { from, to, timeout: '100ms', size: pick([8, 56, 3000]) } },
        { udp: { from, to: `${to}:${pick([7, 9])}`, timeout: '100ms' } },
        { tcp: { from, to: `${to}:7`, send: 'x', timeout: '300ms', silence: '200ms' } },
      ]),
    );
    for (const table of ['route', 'rule', 'neigh', 'addr', 'iptables', 'conntrack'] as const)
      digest.text(lab.show('r', table));
  }
  return `${refused} refused, ${digestOf(lab.world)}, told ${digest.value}`;
}
