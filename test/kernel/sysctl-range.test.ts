import { describe, expect, it } from 'vitest';
import { Sysctls } from '../../sim/kernel/sysctl.ts';
import { Lab } from '../../sim/lab/lab.ts';

/*
 * What a setting takes was asked of a running 6.18: each value was written into /proc/sys in a namespace of its own. A setting that
 * takes more than the kernel's does gives a model times that no clock has.
 */

describe('a setting', () => {
  it.each([
    ['net.ipv4.conf.eth0.rp_filter', [-2, 2147483647], [2147483648]],
    ['net.ipv4.ip_default_ttl', [1, 255], [0, 256, -1]],
    ['net.ipv4.tcp_syn_retries', [1, 127], [0, 128]],
    ['net.ipv4.tcp_syn_linear_timeouts', [0, 127], [-1, 128]],
    ['net.ipv4.tcp_early_retrans', [0, 4], [-1, 5, 8]],
    ['net.ipv4.tcp_retries2', [0, 255], [-1, 256]],
    ['net.ipv4.icmp_echo_ignore_all', [0, 1], [2, -1]],
    ['net.ipv4.icmp_ratelimit', [0, 2147483647], [-1, 4294967295]],
    ['net.ipv4.tcp_fin_timeout', [0, 8589934], [8589935, 2147483647]],
    ['net.ipv4.neigh.eth0.delay_first_probe_time', [0, 8589934], [8589935]],
    ['net.ipv4.neigh.default.ucast_solicit', [0, 2147483647], [-1, 2147483648]],
    ['net.netfilter.nf_conntrack_tcp_loose', [0, 1], [2]],
    ['net.netfilter.nf_conntrack_udp_timeout', [0, 8589934], [8589935]],
  ])('%s takes what the kernel takes', (key, taken, refused) => {
    const write = (value: number) => new Sysctls().write(key, value);
    expect(taken.map(write)).toEqual(taken.map(() => undefined));
    expect(refused.map(write)).toEqual(refused.map(() => 'EINVAL'));
  });

  it('of several numbers takes none of them where one is refused', () => {
    const sysctls = new Sysctls();
    expect(sysctls.write('net.ipv4.tcp_rmem', [4096, 0, 8192])).toBe('EINVAL');
    expect(sysctls.global.tcp_rmem).toEqual([4096, 131072, 6291456]);
  });
});

describe('all settings of a kind', () => {
  const candidates = [2 ** 53 - 1, 2 ** 31 - 1, 42949672, 8589934, 65535, 255, 127, 4, 2, 1, 0, -1];

  it.each([
    ['net.netfilter.', 'greatest', candidates],
    ['net.ipv4.neigh.default.', 'greatest', candidates],
    ['net.ipv4.neigh.default.', 'least', candidates.toReversed()],
    ['net.ipv4.', 'greatest', candidates],
    ['net.core.', 'least', candidates.toReversed()],
    ['net.netfilter.', 'least', candidates.toReversed()],
  ] as const)('of %s at their %s leave a run a run', (prefix, _, values) => {
    const kind = new Sysctls()
      .list()
      .filter(({ key }) => key.startsWith(prefix) && !/\.(conf|neigh)\./.test(key.slice(prefix.length - 1)));
    const settings = kind.map(({ key, value }) => {
      const all = (one: number) => (typeof value === 'number' ? one : value.map(() => one));
      const taken = values.find((one) => new Sysctls().write(key, all(one)) === undefined);
      return [key, taken === undefined ? value : all(taken)] as const;
    });
    runWith(Object.fromEntries(settings) as Record<string, number>);
  });
});

/** Two hosts and a router that translates: pings in fragments, one into the void, datagrams, connections, and a long time after. */
function runWith(sysctls: Record<string, number>): void {
  const host = (address: string, gateway: string) => ({
    ...{ kind: 'linux' as const, interfaces: { eth0: { address } }, routes: [`default via ${gateway}`], sysctls },
    services: [{ port: 7 }, { port: 7, protocol: 'tcp' as const }],
  });
  const lab = Lab.of({
    nodes: {
      a: host('10.0.0.1/24', '10.0.0.9'),
      b: host('10.0.1.2/24', '10.0.1.9'),
      r: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.0.9/24' }, eth1: { address: '10.0.1.9/24', mtu: 600 } },
        sysctls: { 'net.ipv4.ip_forward': 1, ...sysctls },
        iptables: '*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n',
      },
    },
    links: [{ endpoints: ['a:eth0', 'r:eth0'] }, { endpoints: ['b:eth0', 'r:eth1'] }],
  });
  lab.runScenario({
    steps: [
      { ping: { from: 'a', to: '10.0.1.2', size: 4000, df: 'dont' } },
      { ping: { from: 'a', to: '10.0.1.3' } },
      { udp: { from: 'a', to: '10.0.1.2:7', size: 3000 } },
      { tcp: { from: 'a', to: '10.0.1.2:7', size: 3000 } },
      { tcp: { from: 'a', to: '10.0.1.2:8' } },
      { wait: '2000s' },
      { ping: { from: 'a', to: '10.0.1.2' } },
    ],
  });
}
