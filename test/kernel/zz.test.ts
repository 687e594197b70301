import { spawnSync } from 'node:child_process';
import { it } from 'vitest';
const unl = (t: string) => t.split('\n').map((x) => (/^local|scope host/.test(x) ? x.replace(/ linkdown$/, '') : x)).join('\n');
import { showIpRoute } from '../../sim/show/linux-route.ts';
import { showRouteN } from '../../sim/show/linux-route.ts';
import { showIpRule } from '../../sim/show/linux-rule.ts';
import { Shell } from './shell.ts';
let seed = Number(process.env.SEED ?? 1);
const rnd = (n: number) => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return Math.floor((seed / 2 ** 32) * n); };
const pick = <T,>(a: readonly T[]): T => a[rnd(a.length)] as T;
const maybe = (t: string, p = 3) => (rnd(p) === 0 ? ` ${t}` : '');
const dev = () => pick(['v1', 'v2', 'w1', 'w2', 'lo']);
const addr = () => pick(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.1.0.1', '10.2.0.1', '127.5.0.1', '192.168.0.1','0.0.0.9']);
const pfx = () => pick(['10.0.0.0/8', '10.0.0.0/24', '10.0.0.0/16', '20.0.0.0/8', '20.1.0.0/16', '20.1.1.1', 'default', '10.0.0.9','30.0.0.0/8', '127.5.0.0/16']);
const gw = () => pick(['10.0.0.9', '10.0.0.8', '20.1.1.1', '10.0.0.1', '10.0.0.255', '10.1.0.9', '192.168.0.9', '30.0.0.1']);
const scope = () => pick(['host', 'link', 'global', 'site', '100']);
const table = () => pick(['main', '100', '101', 'local']);
const type = () => pick(['', '', '', '', 'unicast ', 'local ', 'broadcast ', 'blackhole ', 'unreachable ', 'prohibit ', 'throw ', 'multicast ']);
function line(): string {
  switch (rnd(14)) {
    case 0: case 1: case 2: return `ip addr add ${addr()}/${pick([8, 16, 24, 24, 24, 31, 32])} dev ${dev()}${maybe(`scope ${scope()}`, 4)}`;
    case 3: return `ip addr del ${addr()}/${pick([8, 16, 24, 24, 24, 31, 32])} dev ${dev()}`;
    case 4: return `ip link set ${dev()} ${pick(['up', 'up', 'up', 'down'])}`;
    case 5: case 6: case 7: case 8: return `ip route ${pick(['add', 'add', 'add', 'append', 'replace', 'change', 'prepend'])} ${type()}${pfx()}${rnd(3) ? ` via ${gw()}` : ''}${maybe(`dev ${dev()}`, 2)}${maybe(`src ${addr()}`, 5)}${maybe(`metric ${rnd(3)}`, 4)}${maybe(`table ${table()}`, 4)}${maybe(`scope ${scope()}`, 6)}${maybe(`proto ${pick(['static', 'kernel', '77'])}`, 6)}${maybe('onlink', 6)}`;
    case 9: case 10: return `ip route del ${type()}${pfx()}${maybe(`via ${gw()}`)}${maybe(`dev ${dev()}`)}${maybe(`metric ${rnd(3)}`, 4)}${maybe(`table ${table()}`, 4)}${maybe(`scope ${scope()}`, 6)}${maybe(`src ${addr()}`, 6)}${maybe('proto static', 6)}`;
    case 11: return rnd(4) ? `ip link set ${dev()} up` : rnd(2) ? `ip addr flush dev ${dev()}` : `ip route flush ${pick(['table 100', `dev ${dev()}`, 'table 101'])}`;
    case 12: return rnd(3) ? `ip rule ${pick(['add', 'del'])}${maybe('not', 5)} from ${pick(['10.0.0.0/24', '20.0.0.0/8', 'all', '10.0.0.1'])}${maybe(`to ${pfx()}`)}${maybe(`iif ${dev()}`, 4)}${maybe(`oif ${dev()}`, 5)}${maybe(`fwmark ${1 + rnd(3)}${maybe('', 1).trim()}${rnd(2) ? '/0xf' : ''}`, 4)}${maybe(`pref ${rnd(5) * 10}`)}${maybe(pick(['lookup 100', 'lookup main', 'blackhole', 'prohibit', 'unreachable']), 2)}${maybe(`ipproto ${pick(['tcp', 'udp', 'icmp'])}`, 5)}${maybe('sport 5-9', 6)}${maybe('dport 53', 6)}` : `ip addr add ${addr()}/24 dev ${dev()}`;
    default: return `ip route get ${pick(['10.0.0.9', '10.0.0.1', '10.0.0.2', '20.1.1.1', '20.1.2.3', '8.8.8.8', '30.1.1.1', '10.0.0.255', '127.5.0.9', '127.5.0.1', '10.1.0.1'])}${maybe(`oif ${dev()}`, 4)}`;
  }
}
it('judge', () => {
  let bad = 0;
  for (let round = 0; round < Number(process.env.N ?? 60) && bad < 4; round++) {
    const lines: string[] = ['ip link set v1 up', 'ip link set v2 up', 'ip link set w1 up', 'ip link set w2 up'];
    const useRules = rnd(2);
    while (lines.length < 40) { const l = line(); if (useRules || !l.startsWith('ip rule')) lines.push(l); }
    const script = ['sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1', 'ip link set lo up', 'ip link add v2 type veth peer name v1', 'ip link add w2 type veth peer name w1',
      ...lines.map((l) => `echo "@@"; ${l} 2>&1`), 'echo "@@"; ip route show table all', 'echo "@@"; ip -4 addr | grep " inet "', 'echo "@@"; ip rule', 'echo "@@"; route -n', 'echo "@@"; ip -br addr'].join('\n');
    const out = spawnSync('unshare', ['-n', 'bash'], { input: script, encoding: 'utf8' }).stdout.split('@@\n').slice(1).map((t) => t.split('\n').map((x) => x.trimEnd()).filter((x) => x !== '' && !/cache|^Dump term|^Flush term/.test(x)).join('\n'));
    const shell = new Shell().veth('v1', 'v2').veth('w1', 'w2');
    // ifindex order as the kernel: peer first
    const log: string[] = [];
    let diff = '';
    lines.forEach((l, i) => {
      if (diff !== '') return;
      const m = /^ip route get (\S+)(?: oif (\S+))?/.exec(l);
      const got = m ? shell.routeGet(m[1] as string, m[2] ? { oif: m[2] } : {}) : shell.run(l);
      const want = (out[i] ?? '?').replace(/(dev \S+) table \S+/, '$1').replace(/ uid 0/, '');
      log.push(`${l}   => ${got}`);
      if (got !== want && !/^ip route get 127/.test(l) && !(/oif/.test(l) && got.startsWith('RTNET')) && !want.startsWith('multicast') && got.replace(/ via \S+/, '') !== want) diff = `want ${want}`;
    });
    if (diff === '') {
      const snap = shell.snapshot;
      const n = lines.length;
      const order = (t: string) => t.split('\n').filter((x) => x !== '').sort().join('\n');
      const a1 = order(unl(showIpRoute(snap, 'all'))), b1 = order(out[n] ?? '');
      const addrs = ['lo', 'v1', 'v2', 'w1', 'w2'].map((d) => shell.addresses(d).join('\n')).join('\n').split('\n').sort().filter((x) => x).join('\n');
      const b2 = (out[n + 1] ?? '').split('\n').map((x) => x.trim()).sort().join('\n');
      const a4 = showRouteN(snap).trimEnd(), b4 = out[n + 3] ?? '';
      const lo = (k: string) => ['main', 'local', '100', '101'].map((t) => k.split('\n').filter((x) => (x.includes(' table ') ? x.includes(` table ${t} `) || x.endsWith(` table ${t}`) : t === 'main')).join('\n')).join('\n');
      if (a1 !== b1) diff = `ROUTES got\n${a1}\nwant\n${b1}`;
      else if (lo(unl(showIpRoute(snap, 'all')).trimEnd()) !== lo(out[n] ?? '')) diff = `ORDER got\n${lo(unl(showIpRoute(snap, 'all')))}\nwant\n${lo(out[n] ?? '')}`;
      else if (addrs !== b2) diff = `ADDR got\n${addrs}\nwant\n${b2}`;
      else if (showIpRule(snap).trimEnd() !== out[n + 2]) diff = `RULE got\n${showIpRule(snap)}\nwant\n${out[n + 2]}`;
      else if (a4 !== b4) diff = `ROUTEN got\n${a4}\nwant\n${b4}`;
    }
    if (diff !== '') { bad++; console.log(`round ${round}\n${log.join('\n')}\n${diff}\n------`); }
  }
  console.log('bad', bad);
}, 600000);
