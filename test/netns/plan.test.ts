import { describe, expect, it } from 'vitest';
import { DeviceSysctls } from '../../sim/kernel/sysctl.ts';
import { planCommand, planNetns } from '../../sim/netns/plan.ts';
import { formatMac } from '../../sim/wire/mac.ts';
import { linesOf, planOf, scriptOf, withoutDefaults } from './script-of.ts';
import { built, DOCKER, EVERYTHING, LOOPED, PAIR, topologyOf } from './topologies.ts';

/** A topology of one node, whose text is that of its keys. */
function node(text: string): string {
  return `topology: { nodes: { h: { kind: linux, ${text} } } }`;
}

describe('the plan of a topology', () => {
  it('is a script that anyone can read', async () => {
    await expect(withoutDefaults(scriptOf(PAIR))).toMatchFileSnapshot('pair.sh');
  });

  it('sets every setting of an interface that is modelled to what mainline has', () => {
    const script = scriptOf(PAIR);
    for (const [name, value] of Object.entries(new DeviceSysctls())) {
      if (name === 'forwarding') continue;
      for (const device of ['all', 'default', 'lo']) {
        expect(script).toContain(`\n  net.ipv4.conf.${device}.${name}=${value}\n`);
      }
    }
    expect(script).toContain('mainline=(\n  net.ipv4.ip_forward=0\n');
    expect(script).toContain("\n  'net.ipv4.tcp_rmem=4096 131072 6291456'\n");
  });

  it('has a namespace for each node, with the prefix in front, and one for cables that are not plugged in', () => {
    expect(planOf(LOOPED, 'lab.').namespaces).toEqual([
      { node: 'box', name: 'lab.box' },
      { node: 'one.1', name: 'lab.one.1' },
      { node: 'two_2', name: 'lab.two_2' },
      { node: 'end', name: 'lab.end' },
    ]);
    expect(planOf(EVERYTHING).namespaces.at(-1)).toEqual({ node: '', name: 'ct-_cables' });
  });

  it('gives each interface its MAC, its MTU, and an index that no other end of a cable has', () => {
    const { world } = built(DOCKER);
    const lines = linesOf(planOf(DOCKER));
    const indices = lines.flatMap((line) => [...line.matchAll(/ index (\d+) /g)].map(([, index]) => index));
    expect(new Set(indices).size).toBe(indices.length);
    for (const { net } of world.stacks()) {
      for (const device of net.devices.filter(({ isLoopback }) => !isLoopback)) {
        // br-app takes the MAC of its port, as the kernel makes it do.
        const mac = device.name === 'br-app' ? '' : ` address ${formatMac(device.mac)}`;
        const born = new RegExp(` name ${device.name} index \\d+${mac} mtu ${device.mtu} `);
        expect(lines.filter((line) => born.test(line))).toHaveLength(1);
      }
    }
  });

  it('sets what is of all devices before there is one, and what is of a device after it was made', () => {
    const lines = linesOf(planOf(EVERYTHING)).filter((line) => line.startsWith('r>'));
    const at = (line: string): number => {
      expect(lines).toContain(line);
      return lines.indexOf(line);
    };
    const made = lines.findIndex((line) => line.includes('link add'));
    const general = at(
      'r> sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.default.arp_ignore=2 net.netfilter.nf_conntrack_udp_timeout=7',
    );
    expect(general).toBeLessThan(made);
    // Forwarding of eth2 was 1 before ip_forward came, and of br9 it is 0 in spite of it.
    const own = lines.filter((line) => /sysctl -qw net[./]ipv4[./]conf[./](eth|br)/.test(line));
    // In the file eth2 and eth1 had their settings before `default` got another.
    expect(own.sort()).toEqual([
      'r> sysctl -qw net.ipv4.conf.br9.forwarding=0 net.ipv4.neigh.br9.mcast_solicit=5',
      'r> sysctl -qw net.ipv4.conf.eth1.rp_filter=1 net.ipv4.conf.eth1.arp_ignore=0 net.ipv4.neigh.eth1.mcast_solicit=5',
      'r> sysctl -qw net.ipv4.conf.eth2.arp_ignore=0 net.ipv4.neigh.eth2.mcast_solicit=5',
    ]);
    for (const line of own) expect(at(line)).toBeGreaterThan(made);
    // What is of `default` there, each device of a namespace has for itself.
    for (const device of ['lo', 'eth0', 'br8', 'eth3']) {
      expect(at(`r> sysctl -qw net.ipv4.neigh.${device}.mcast_solicit=5`)).toBeGreaterThan(made);
    }
    expect(at('r> sysctl -qw net/ipv4/neigh/eth4.7/mcast_solicit=9')).toBeGreaterThan(made);
  });

  it('goes on as the simulator does: ports, addresses, up, routes, rules, tables, commands', () => {
    const lines = linesOf(planOf(EVERYTHING));
    const configured = lines.slice(lines.indexOf('h1> ip addr add 10.0.1.2/24 dev eth0'));
    expect(configured.filter((line) => line.startsWith('h1>'))).toEqual([
      'h1> ip addr add 10.0.1.2/24 dev eth0',
      'h1> ip addr add 192.0.2.1/24 dev eth1',
      'h1> ip addr add 192.0.2.2/24 dev eth1',
      'h1> ip addr add 198.51.100.1/30 dev eth1',
      'h1> ip addr add 10.99.0.1/32 dev lo',
      'h1> ip link set dev eth0 up',
      'h1> ip link set dev eth1 up',
      'h1> ip route add default via 10.0.1.1',
      'h1> ip route add 10.9.0.0/16 via 10.0.1.1 src 10.0.1.2 metric 7 table 100',
      'h1> ip route add blackhole 10.10.0.0/16',
      'h1> ip route add 10.11.0.0/16 via 10.0.1.9 dev eth0 onlink proto static',
      'h1> ip rule add from 10.0.1.2 lookup 100',
      'h1> ip rule add fwmark 0x1/0xff lookup 7 priority 50',
      'h1> ip rule add to 10.7.0.0/16 prohibit',
    ]);
    const router = configured.filter((line) => line.startsWith('r>'));
    expect(router.indexOf('r> iptables-restore -c')).toBeGreaterThan(router.indexOf('r> ip link set dev eth1 up'));
    expect(router.slice(router.indexOf('r> iptables-restore -c') + 1)).toEqual([
      'r> ip neigh add 10.0.2.77 lladdr 02:00:00:00:00:77 dev eth1',
      'r> iptables -A FORWARD -m comment --comment a "b" c -j LOG --log-prefix x y ',
      expect.stringMatching(
        /^r> sh -ec echo 2 \| tee .*\/ucast_solicit >\/dev\/null; sysctl -qw net\.ipv4\.conf\.all\.arp_ignore=1$/,
      ),
      'r> bridge fdb add 02:00:00:00:00:88 dev eth0 master static',
      'r> ip link set eth1 mtu 1390',
      'r> ip route add 10.20.0.0/16 via 10.0.2.9',
    ]);
    expect(router).not.toContain('r> ip link set dev eth3 up');
  });

  it('counters are loaded only where there are some, and then for every chain', () => {
    const restores = (text: string) => planOf(text).commands.filter(({ argv }) => argv[0] === 'iptables-restore');
    expect(restores(DOCKER).map(({ argv }) => argv)).toEqual([['iptables-restore']]);
    const [{ stdin = '' } = {}] = restores(EVERYTHING);
    expect(stdin).toContain(':INPUT ACCEPT [3:252]\n:FORWARD DROP [0:0]\n:MINE - [0:0]\n[1:60] -A FORWARD');
  });

  it('rate, delay, jitter and loss become netem at both ends, where the file gives them', () => {
    const link = (words: string) => `
topology:
  nodes: { a: { kind: linux, interfaces: { e: {} } }, b: { kind: bridge } }
  links: [{ endpoints: ["a:e", "b:p"], ${words} }]`;
    const netem = (words: string) => linesOf(planOf(link(words))).filter((line) => line.includes('netem'));
    expect(netem('mtu: 1400')).toEqual([]);
    expect(netem('delay: 20ms')).toEqual([
      'a> tc qdisc add dev e root netem limit 1000000 delay 20ms',
      'b> tc qdisc add dev p root netem limit 1000000 delay 20ms',
    ]);
    expect(netem('rate: 1.5gbit')[0]).toBe('a> tc qdisc add dev e root netem limit 1000 rate 1.5gbit 24');
    // The file's jitter is added, that of netem goes both ways.
    expect(netem('delay: 1ms, jitter: 500us, loss: 2.5')[0]).toBe(
      'a> tc qdisc add dev e root netem limit 1000000 delay 1250us 250us loss 2.5%',
    );
    expect(planOf(link('delay: 1ms')).commands.filter(({ argv }) => argv.includes('netem'))[0]).toMatchObject({
      optional: true,
      lost: 'a e: no rate, delay, jitter and loss, for which netem is needed',
    });
  });

  it('programs that listen are told, since no namespace has them', () => {
    const text = node('services: [{ port: 7 }, { port: 80, program: http, address: 127.0.0.1, name: web }]');
    expect(planOf(text).services).toEqual([
      { node: 'h', text: 'echo at *:7/udp' },
      { node: 'h', text: 'web (http) at 127.0.0.1:80/tcp' },
    ]);
    expect(scriptOf(text)).toContain('#   h: web (http) at 127.0.0.1:80/tcp\n');
  });
});

describe('a line of exec', () => {
  it.each([
    ['ip route  add default via 10.0.0.1 # the way out', ['ip', 'route', 'add', 'default', 'via', '10.0.0.1']],
    ['sysctl -w ip_forward=1', ['sysctl', '-qw', 'net.ipv4.ip_forward=1']],
    ['sysctl conf/eth0.7/rp_filter=2', ['sysctl', '-qw', 'net/ipv4/conf/eth0.7/rp_filter=2']],
    ['sysctl -w net.bridge.bridge-nf-call-iptables=1', ['sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=1']],
    [
      'sysctl -w net.ipv4.neigh.default.retrans_time_ms=200',
      ['sh', '-ec', 'echo 200 | tee /proc/sys/net/ipv4/neigh/*/retrans_time_ms >/dev/null'],
    ],
    [
      `iptables -A INPUT -m comment --comment "a 'b' \\"c\\""`,
      [...'iptables -A INPUT -m comment --comment'.split(' '), `a 'b' "c"`],
    ],
    ['bridge fdb add 02:00:00:00:00:01 dev e master', 'bridge fdb add 02:00:00:00:00:01 dev e master'.split(' ')],
  ])('%s', (line, argv) => {
    expect(planCommand('h', line)).toEqual({ node: 'h', argv });
  });
});

describe('what no namespace can be is told by its place', () => {
  it.each([
    [
      'a Comware device',
      'topology: { nodes: { d: { kind: comware } } }',
      'd/kind',
      'a Comware device cannot be built from namespaces',
    ],
    [
      'the limit of connections',
      node('sysctls: { net.netfilter.nf_conntrack_max: 9 }'),
      'h/sysctls/net.netfilter.nf_conntrack_max',
      'net.netfilter.nf_conntrack_max is one setting for the whole machine',
    ],
    [
      'the same in exec',
      node('exec: ["sysctl -w net.nf_conntrack_max=9"]'),
      'h/exec/0',
      'net.nf_conntrack_max is one setting for the whole machine',
    ],
    [
      'a setting of no interface',
      node('sysctls: { net.ipv4.conf.eth9.rp_filter: 1 }'),
      'h/sysctls/net.ipv4.conf.eth9.rp_filter',
      'there is no interface "eth9" whose setting this could be',
    ],
    [
      'a name that is a pattern',
      node('interfaces: { "eth%d": {} }'),
      'h/interfaces/eth%d',
      'Linux takes no interface of the name "eth%d"',
    ],
    [
      'a name that sysctl has',
      node('interfaces: { all: {} }'),
      'h/interfaces/all',
      'Linux takes no interface of the name "all"',
    ],
    [
      'a name outside ASCII',
      node('interfaces: { größe: {} }'),
      'h/interfaces/größe',
      'Linux takes no interface of the name "größe"',
    ],
    [
      'another MTU of lo',
      node('interfaces: { lo: { mtu: 1500 } }'),
      'h/interfaces/lo/mtu',
      'lo is there already: it can be given addresses, but no mtu',
    ],
    [
      'another MAC of lo',
      node('interfaces: { lo: { mac: "02:00:00:00:00:01" } }'),
      'h/interfaces/lo/mac',
      'lo is there already: it can be given addresses, but no mac',
    ],
    [
      'lo down',
      node('interfaces: { lo: { up: false } }'),
      'h/interfaces/lo/up',
      'lo is there already: it can be given addresses, but no up',
    ],
    [
      'a MAC of a group',
      node('interfaces: { e: { mac: "01:00:5e:00:00:01" } }'),
      'h/interfaces/e/mac',
      'Linux takes no MAC of zeroes or of a group for an interface',
    ],
    [
      'an ageing between two ticks',
      node('interfaces: { b: { kind: bridge, ageing: 15ms } }'),
      'h/interfaces/b/ageing',
      'Linux takes the ageing of a bridge in steps of 10ms',
    ],
    [
      'the same of a switch',
      'topology: { nodes: { s: { kind: bridge, ageing: 1us } } }',
      's/ageing',
      'Linux takes the ageing of a bridge in steps of 10ms',
    ],
    [
      'a character no program is given',
      node('iptables: "*filter\\n-A INPUT -m comment --comment a\\0b\\nCOMMIT\\n"'),
      'h',
      'no command of Linux takes the character NUL',
    ],
  ])('%s', (_, text, path, message) => {
    const topology = topologyOf(text);
    const planned = planNetns(topology, built('topology: { nodes: {} }').world, { prefix: 'ct-' });
    const findings = 'findings' in planned ? planned.findings : [];
    expect(findings.map((finding) => [finding.path.slice(2).join('/'), finding.message])).toEqual([[path, message]]);
  });

  it.each([
    ['s:br0', 'br0 is the bridge itself: give its port another name'],
    ['s:lo', 'lo takes no cable'],
    ['h:lo', 'lo takes no cable'],
    ['s:a-name-of-18-bytes', 'Linux takes no interface of the name "a-name-of-18-bytes"'],
    ['s:GE1/0/1', 'Linux takes no interface of the name "GE1/0/1"'],
    ['s:..', 'Linux takes no interface of the name ".."'],
  ])('a cable into %s', (end, message) => {
    const text = `topology: { nodes: { h: { kind: linux }, s: { kind: bridge } }, links: [{ endpoints: ["s:p", "${end}"] }] }`;
    const planned = planNetns(topologyOf(text), built('topology: { nodes: {} }').world, { prefix: 'ct-' });
    const findings = 'findings' in planned ? planned.findings : [];
    expect(findings.map((finding) => [finding.path.join('/'), finding.message])).toEqual([
      ['topology/links/0/endpoints/1', message],
    ]);
  });
});
