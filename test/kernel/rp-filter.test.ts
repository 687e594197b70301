import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';

/*
 *   a 10.0.1.1 --- eth1 r eth3 --- c 10.0.3.3        a is also known to r as 10.9.9.9, by way of eth2.
 *                  r eth2 --- b 10.0.2.2
 */
function asymmetric(...exec: readonly string[]): Lab {
  const nodes = {
    a: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.1.1/24' } },
      routes: ['default via 10.0.1.254'],
      // Else a's ARP requests would bear the very source that is refused.
      exec: ['ip addr add 10.9.9.9/32 dev lo', 'sysctl -w net.ipv4.conf.eth0.arp_announce=2'],
    },
    b: { kind: 'linux', interfaces: { eth0: { address: '10.0.2.2/24' } }, routes: ['default via 10.0.2.254'] },
    c: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.3.3/24' } },
      routes: ['default via 10.0.3.254'],
      services: [{ port: 7 }],
    },
    r: {
      kind: 'linux',
      interfaces: {
        eth1: { address: '10.0.1.254/24' },
        eth2: { address: '10.0.2.254/24' },
        eth3: { address: '10.0.3.254/24' },
      },
      routes: ['10.9.9.0/24 via 10.0.2.2'],
      sysctls: { 'net.ipv4.ip_forward': 1 },
      exec,
    },
  };
  const links = [
    { endpoints: ['a:eth0', 'r:eth1'] },
    { endpoints: ['b:eth0', 'r:eth2'] },
    { endpoints: ['c:eth0', 'r:eth3'] },
  ];
  return new Lab(nodes, links);
}

const rpFilter = (value: number, device = 'eth1'): string => `sysctl -w net.ipv4.conf.${device}.rp_filter=${value}`;

/** a sends to c in the name of 10.9.9.9, whose way back lies by eth2; what c got, and what it died of. */
function send(lab: Lab, source: string, to = '10.0.3.3'): { arrived: number; reasons: readonly string[] } {
  const before = lab.counters('c').IcmpInEchos ?? 0;
  const sent = lab.ping('a', to, { source, timeout: '1s' });
  const atRouter = sent.drops.filter((drop) => drop.place.title === 'r' && drop.packet === sent.request);
  return {
    arrived: (lab.counters('c').IcmpInEchos ?? 0) - before,
    reasons: atRouter.map((drop) => drop.reason),
  };
}

/** An address of a that r cannot route back to at all. */
const NOWHERE = '10.8.8.8';

describe('rp_filter', () => {
  it('0: nobody asks where the source lies', () => {
    const lab = asymmetric();
    lab.exec('a', `ip addr add ${NOWHERE}/32 dev lo`);
    expect(send(lab, '10.9.9.9')).toEqual({ arrived: 1, reasons: [] });
    expect(send(lab, NOWHERE)).toEqual({ arrived: 1, reasons: [] });
  });

  it('1: only the interface that leads back to the source is taken (RFC 3704 strict), and the drop is counted', () => {
    const lab = asymmetric(rpFilter(1));
    expect(send(lab, '10.9.9.9')).toEqual({ arrived: 0, reasons: ['kernel:IP_RPFILTER'] });
    expect(send(lab, '10.0.1.1')).toEqual({ arrived: 1, reasons: [] });
    expect(lab.counters('r')).toMatchObject({ TcpExtIPReversePathFilter: 1, IpInReceives: 3 });
  });

  it('1: silently, no error goes back', () => {
    const lab = asymmetric(rpFilter(1));
    const { probe } = lab.ping('a', '10.0.3.3', { source: '10.9.9.9', timeout: '1s' });
    expect(probe.errors).toEqual([]);
    expect(lab.counters('r')).not.toHaveProperty('IcmpOutMsgs');
  });

  it('2: any interface will do, but there must be a way back (loose)', () => {
    const lab = asymmetric(rpFilter(2));
    lab.exec('a', `ip addr add ${NOWHERE}/32 dev lo`);
    expect(send(lab, '10.9.9.9')).toEqual({ arrived: 1, reasons: [] });
    expect(send(lab, NOWHERE)).toEqual({ arrived: 0, reasons: ['kernel:IP_RPFILTER'] });
  });

  it('1 and 2 are content with a default route, if it leads there', () => {
    for (const [value, arrived] of [
      [1, 0],
      [2, 1],
    ] as const) {
      const lab = asymmetric(rpFilter(value), 'ip route add default via 10.0.2.2');
      lab.exec('a', `ip addr add ${NOWHERE}/32 dev lo`);
      expect(send(lab, NOWHERE).arrived).toBe(arrived);
    }
  });

  it('the larger of `all` and the interface counts', () => {
    const all = (value: number): string => rpFilter(value, 'all');
    expect(send(asymmetric(all(1)), '10.9.9.9').arrived).toBe(0);
    expect(send(asymmetric(all(2), rpFilter(1)), '10.9.9.9').arrived).toBe(1);
    expect(send(asymmetric(all(1), rpFilter(2)), '10.9.9.9').arrived).toBe(1);
    expect(send(asymmetric(rpFilter(1, 'eth2')), '10.9.9.9').arrived).toBe(1);
  });

  it('holds for what is meant for the host itself too', () => {
    const strict = asymmetric(rpFilter(1));
    expect(send(strict, '10.9.9.9', '10.0.3.254')).toMatchObject({ reasons: ['kernel:IP_RPFILTER'] });
    expect(strict.counters('r')).not.toHaveProperty('IcmpInEchos');
  });

  it('holds for ARP requests too: asked in the name of such a source, r is deaf', () => {
    const lab = asymmetric(rpFilter(1));
    lab.exec('a', 'sysctl -w net.ipv4.conf.eth0.arp_announce=0');
    const { probe } = lab.ping('a', '10.0.3.3', { source: '10.9.9.9', timeout: '5s' });
    expect(probe.errors).toMatchObject([{ errno: 'EHOSTUNREACH', at: 3e9 }]);
    expect(lab.show('r', 'neigh')).toBe('');
    expect(lab.counters('r')).not.toHaveProperty('TcpExtIPReversePathFilter');
  });

  it('asks the rules as well: a table of its own can make the way back straight', () => {
    const lab = asymmetric(
      rpFilter(1),
      'ip route add 10.9.9.0/24 via 10.0.1.1 dev eth1 table 100',
      'ip rule add from 10.0.3.0/24 lookup 100 pref 100',
    );
    expect(send(lab, '10.9.9.9')).toEqual({ arrived: 1, reasons: [] });
    expect(lab.ping('a', '10.0.3.3', { source: '10.9.9.9' }).probe.replies).toHaveLength(1);
  });
});

describe('a source that is our own', () => {
  /** a takes an address of r for its source. */
  function forged(...exec: readonly string[]): Lab {
    const lab = asymmetric(...exec);
    lab.exec('a', 'ip addr add 10.0.2.254/32 dev lo');
    return lab;
  }

  it('is refused, whatever rp_filter says', () => {
    for (const exec of [[], [rpFilter(1)], [rpFilter(2)], ['ip rule add from 192.0.2.1 lookup main']]) {
      expect(send(forged(...exec), '10.0.2.254')).toEqual({ arrived: 0, reasons: ['kernel:IP_LOCAL_SOURCE'] });
    }
  });

  it('is taken with accept_local', () => {
    const accept = 'sysctl -w net.ipv4.conf.eth1.accept_local=1';
    expect(send(forged(accept), '10.0.2.254')).toEqual({ arrived: 1, reasons: [] });
    expect(send(forged(accept, rpFilter(2)), '10.0.2.254')).toEqual({ arrived: 1, reasons: [] });
    expect(send(forged('sysctl -w net.ipv4.conf.all.accept_local=1'), '10.0.2.254').arrived).toBe(1);
  });

  it('with accept_local and rp_filter 1 the way back lies by lo: refused by the filter', () => {
    const accept = 'sysctl -w net.ipv4.conf.eth1.accept_local=1';
    expect(send(forged(accept, rpFilter(1)), '10.0.2.254')).toEqual({ arrived: 0, reasons: ['kernel:IP_RPFILTER'] });
  });
});

describe('a source that no host has', () => {
  it('is refused when the tables call it a broadcast address', () => {
    const lab = asymmetric(rpFilter(1));
    lab.exec('a', 'ip addr add 10.0.2.255/32 dev lo');
    expect(send(lab, '10.0.2.255')).toEqual({ arrived: 0, reasons: ['kernel:IP_INVALID_SOURCE'] });
  });
});
