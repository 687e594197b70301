import { describe, expect, it } from 'vitest';
import { type NeighRow, snapshotNamespace } from '../../sim/kernel/snapshot.ts';
import { Lab } from '../bench.ts';
import { arpFrames, arping, arpLines, arpRhythm } from './arping.ts';

/* Settings and commands that bend the life of a neighbour; outcomes as on Linux 6.18. */

const A = '02:00:00:00:00:0a';
const B = '02:00:00:00:00:0b';
const NEW = '02:00:00:00:00:2b';

function pair(): Lab {
  const host = (address: string, mac: string) => ({ kind: 'linux', interfaces: { eth0: { address, mac } } });
  const nodes = { a: host('10.0.0.1/24', A), b: host('10.0.0.2/24', B) };
  return new Lab(nodes, [{ endpoints: ['a:eth0', 'b:eth0'] }]);
}

function set(lab: Lab, node: string, ...settings: readonly string[]): void {
  lab.exec(node, ...settings.map((one) => `sysctl -w net.ipv4.${one}`));
}

function rows(lab: Lab, node: string): readonly NeighRow[] {
  return snapshotNamespace(lab.stack(node).net, []).neigh;
}

describe('a setting of one device', () => {
  it('is its own: that of default no longer reaches it', () => {
    const lab = pair();
    set(lab, 'a', 'neigh.eth0.mcast_solicit=1', 'neigh.default.mcast_solicit=2');
    lab.ping('a', '10.0.0.99', { timeout: '4s' });
    expect(arpRhythm(lab, 'a:eth0')).toEqual([0]);
    set(lab, 'b', 'neigh.default.mcast_solicit=2');
    lab.ping('b', '10.0.0.99', { timeout: '4s' });
    expect(arpRhythm(lab, 'b:eth0')).toEqual([0, 1]);
    const settings = lab.stack('a').net.sysctls.list();
    expect(settings).toContainEqual({ key: 'net.ipv4.neigh.eth0.mcast_solicit', value: 1 });
    expect(settings).toContainEqual({ key: 'net.ipv4.neigh.lo.mcast_solicit', value: 2 });
  });

  it('retrans_time_ms is the time between requests, base_reachable_time_ms what a proof is worth', () => {
    const lab = pair();
    set(lab, 'a', 'neigh.eth0.retrans_time_ms=300', 'neigh.eth0.base_reachable_time_ms=1000');
    lab.ping('a', '10.0.0.99', { timeout: '4s' });
    expect(arpRhythm(lab, 'a:eth0')).toEqual([0, 0.3, 0.6]);
    lab.ping('a', '10.0.0.2');
    lab.run({ wait: '450ms' });
    expect(lab.show('a', 'neigh')).toContain(`10.0.0.2 dev eth0 lladdr ${B} REACHABLE\n`);
    lab.run({ wait: '1100ms' });
    // Used within delay_first_probe_time: it is doubted at once.
    expect(lab.show('a', 'neigh')).toContain(`10.0.0.2 dev eth0 lladdr ${B} DELAY\n`);
  });

  it('app_solicit spends the time of requests that nobody sees, mcast_resolicit adds broadcasts after the probes', () => {
    const lab = pair();
    set(lab, 'a', 'neigh.eth0.app_solicit=2', 'neigh.eth0.mcast_solicit=1');
    const sent = lab.ping('a', '10.0.0.99', { timeout: '5s' });
    expect(arpFrames(lab, 'a:eth0').map(({ time }) => Math.round(time * 10) / 10)).toEqual([2]);
    expect(sent.probe.errors).toMatchObject([{ errno: 'EHOSTUNREACH', at: 3e9 }]);

    const other = pair();
    set(other, 'a', 'neigh.eth0.mcast_resolicit=1', 'neigh.eth0.ucast_solicit=2');
    other.exec('a', `ip neigh replace 10.0.0.2 lladdr ${NEW} dev eth0 nud stale`);
    other.udp('a', '10.0.0.2:9', { timeout: '8s' });
    expect(arpLines(other, 'a:eth0')).toEqual([
      `out ${NEW}: who-has 10.0.0.2 tell 10.0.0.1`,
      `out ${NEW}: who-has 10.0.0.2 tell 10.0.0.1`,
      'out all: who-has 10.0.0.2 tell 10.0.0.1',
      `in ${A}: 10.0.0.2 is-at ${B}`,
    ]);
    expect(other.show('a', 'neigh')).toContain(`10.0.0.2 dev eth0 lladdr ${B} `);
  });

  it('arp_evict_nocarrier 0 keeps the neighbours of a device that lost its cable', () => {
    for (const [evict, kept] of [
      [1, ''],
      [0, `10.0.0.2 dev eth0 lladdr ${B} REACHABLE\n`],
    ] as const) {
      const lab = pair();
      set(lab, 'a', `conf.eth0.arp_evict_nocarrier=${evict}`);
      lab.ping('a', '10.0.0.2');
      lab.run({ link: { endpoint: 'a:eth0', state: 'down' } });
      expect(lab.show('a', 'neigh')).toBe(kept);
    }
  });
});

describe('what makes an entry', () => {
  const unasked = { operation: 'reply', sender: '10.0.0.2', target: '10.0.0.1', to: A, targetMac: A } as const;

  it('with arp_accept an answer that nobody asked for does; with 2 only from a station of the subnet', () => {
    const lab = pair();
    set(lab, 'a', 'conf.eth0.arp_accept=1');
    arping(lab, 'b', 'eth0', unasked);
    expect(lab.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${B} REACHABLE\n`);
    arping(lab, 'b', 'eth0', { ...unasked, sender: '192.0.2.9' });
    expect(lab.show('a', 'neigh')).toContain('192.0.2.9 dev eth0');

    const near = pair();
    set(near, 'a', 'conf.eth0.arp_accept=2');
    arping(near, 'b', 'eth0', { ...unasked, sender: '192.0.2.9' });
    expect(near.show('a', 'neigh')).toBe('');
    arping(near, 'b', 'eth0', unasked);
    expect(near.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${B} REACHABLE\n`);
  });

  it('with drop_gratuitous_arp an announcement changes nothing', () => {
    const lab = pair();
    lab.ping('a', '10.0.0.2');
    set(lab, 'a', 'conf.eth0.drop_gratuitous_arp=1');
    arping(lab, 'b', 'eth0', { sender: '10.0.0.2', target: '10.0.0.2', mac: NEW });
    expect(lab.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${B} REACHABLE\n`);
    expect(lab.drops()).toEqual({ 'kernel:UNHANDLED_PROTO@a': 1 });
  });

  it('by hand it may be STALE, REACHABLE or FAILED', () => {
    const lab = pair();
    const replace = (state: string): string => {
      lab.exec('a', `ip neigh replace 10.0.0.7 lladdr ${NEW} dev eth0 nud ${state}`);
      return lab.show('a', 'neigh');
    };
    expect(replace('stale')).toBe(`10.0.0.7 dev eth0 lladdr ${NEW} STALE\n`);
    expect(replace('reachable')).toBe(`10.0.0.7 dev eth0 lladdr ${NEW} REACHABLE\n`);
    expect(replace('failed')).toBe('10.0.0.7 dev eth0 FAILED\n');
    lab.exec('a', 'ip neigh flush all');
    expect(lab.show('a', 'neigh')).toBe('');
  });
});

describe('proxy_arp_pvlan', () => {
  it('answers for stations of the link that asks', () => {
    const lab = pair();
    set(lab, 'b', 'ip_forward=1', 'neigh.eth0.proxy_delay=0');
    const ask = (): string[] => {
      const start = lab.world.clock.now;
      arping(lab, 'a', 'eth0', { sender: '10.0.0.1', target: '10.0.0.77' });
      return arpLines(lab, 'a:eth0', start).filter((line) => line.startsWith('in'));
    };
    expect(ask()).toEqual([]);
    set(lab, 'b', 'conf.eth0.proxy_arp_pvlan=1');
    expect(ask()).toEqual([`in ${A}: 10.0.0.77 is-at ${B}`]);
  });
});

describe('what `ip -s neigh` tells', () => {
  it('counts seconds since it was used, confirmed and changed, and the requests of the last search', () => {
    const lab = pair();
    lab.ping('a', '10.0.0.2');
    const mac = { lladdr: B, dst: '10.0.0.2', dev: 'eth0', refcnt: 1 };
    expect(rows(lab, 'a')).toEqual([{ ...mac, used: 0, confirmed: 0, updated: 0, probes: 4, state: ['REACHABLE'] }]);
    // What a request taught is as good as confirmed twice base_reachable_time ago.
    expect(rows(lab, 'b')).toMatchObject([{ used: 0, confirmed: 60, updated: 0, probes: 0, state: ['DELAY'] }]);
    lab.run({ wait: '6500ms' });
    expect(rows(lab, 'b')).toMatchObject([{ used: 6, confirmed: 1, updated: 1, probes: 1, state: ['REACHABLE'] }]);
    // Once the header of a connected entry is ready, sending no longer counts as use.
    lab.ping('a', '10.0.0.2');
    expect(rows(lab, 'a')).toMatchObject([{ used: 6, confirmed: 6, state: ['REACHABLE'] }]);
    lab.ping('a', '10.0.0.99');
    expect(rows(lab, 'a')[1]).toEqual({
      ...{ dst: '10.0.0.99', dev: 'eth0', used: 3, confirmed: 63, updated: 0, probes: 6, state: ['FAILED'] },
    });
  });
});

describe('ip link set address', () => {
  it('gives the device another MAC and forgets its neighbours; with arp_notify everybody is told', () => {
    const lab = pair();
    lab.ping('a', '10.0.0.2');
    lab.exec('b', `ip link set eth0 address ${NEW}`);
    expect(lab.show('b', 'neigh')).toBe('');
    expect(lab.show('b', 'addr')).toContain(`link/ether ${NEW}`);
    // a still writes to the old MAC.
    expect(lab.ping('a', '10.0.0.2', { timeout: '1s' }).probe.replies).toEqual([]);
    set(lab, 'b', 'conf.eth0.arp_notify=1');
    const start = lab.world.clock.now;
    lab.exec('b', 'ip link set dev eth0 address 02:00:00:00:00:3b');
    lab.run({ wait: '1s' });
    expect(arpLines(lab, 'a:eth0', start)).toEqual(['in all: who-has 10.0.0.2 tell 10.0.0.2']);
    expect(lab.show('a', 'neigh')).toContain('10.0.0.2 dev eth0 lladdr 02:00:00:00:00:3b STALE');
  });
});

describe('promote_secondaries', () => {
  it('lets the next address of the subnet take the place of the one that is deleted', () => {
    for (const [promote, left] of [
      [0, []],
      [1, ['10.0.0.3/24', '10.0.0.4/24 secondary']],
    ] as const) {
      const lab = pair();
      set(lab, 'a', `conf.eth0.promote_secondaries=${promote}`);
      lab.exec('a', 'ip addr add 10.0.0.3/24 dev eth0', 'ip addr add 10.0.0.4/24 dev eth0');
      lab.exec('a', 'ip addr del 10.0.0.1/24 dev eth0');
      const { addr, route } = snapshotNamespace(lab.stack('a').net, []);
      const info = addr.find(({ ifname }) => ifname === 'eth0')?.addr_info ?? [];
      expect(
        info.map(({ local, prefixlen, secondary }) => `${local}/${prefixlen}${secondary ? ' secondary' : ''}`),
      ).toEqual(left);
      const connected = route.filter(({ dst }) => dst === '10.0.0.0/24').map(({ prefsrc }) => prefsrc);
      expect(connected).toEqual(promote === 1 ? ['10.0.0.3'] : []);
    }
  });
});
