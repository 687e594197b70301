import { describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { Lab } from '../bench.ts';
import { arpFrames, arping, arpLines } from './arping.ts';

/*
 * What is expected here is what Linux 6.18 did on a wire: a 10.0.0.1, b 10.0.0.2 and the router r 10.0.0.254 on one
 * LAN, d 10.0.9.9 behind r.
 */

const A = '02:00:00:00:00:0a';
const B = '02:00:00:00:00:0b';
const B1 = '02:00:00:00:00:1b';
const R = '02:00:00:00:00:01';
const NEW = '02:00:00:00:00:2b';

function lan(seed = 1): Lab {
  const nodes = {
    a: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.0.1/24', mac: A } },
      routes: ['10.0.9.0/24 dev eth0', '10.0.8.0/24 dev eth0'],
    },
    b: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.2/24', mac: B }, eth1: { mac: B1, up: false } } },
    r: {
      kind: 'linux',
      interfaces: {
        eth0: { address: '10.0.0.254/24', mac: R },
        eth1: { address: '10.0.9.1/24', mac: '02:00:00:00:00:02' },
      },
      sysctls: { 'net.ipv4.ip_forward': 1 },
      exec: ['ip addr add 10.0.8.1/32 dev lo'],
    },
    d: { kind: 'linux', interfaces: { eth0: { address: '10.0.9.9/24' } }, routes: ['default via 10.0.9.1'] },
    sw: { kind: 'bridge' },
  };
  const links = [
    { endpoints: ['a:eth0', 'sw:p1'] },
    { endpoints: ['b:eth0', 'sw:p2'] },
    { endpoints: ['b:eth1', 'sw:p3'] },
    { endpoints: ['r:eth0', 'sw:p4'] },
    { endpoints: ['r:eth1', 'd:eth0'] },
  ];
  return new Lab(nodes, links, seed);
}

/** What a hears within 2 s of asking for `target` as `arping` does. */
function answers(lab: Lab, target: string, sender = '10.0.0.1'): string[] {
  const start = lab.world.clock.now;
  arping(lab, 'a', 'eth0', { sender, target });
  lab.run({ wait: '2s' });
  return arpFrames(lab, 'a:eth0', start)
    .filter(({ direction }) => direction === 'in')
    .map(({ text }) => text);
}

function sysctl(lab: Lab, node: string, ...settings: readonly string[]): void {
  lab.exec(node, ...settings.map((one) => `sysctl -w net.ipv4.${one}`));
}

describe('gratuitous ARP', () => {
  it('as a request or as a reply gives a known neighbour its new MAC, as STALE', () => {
    for (const operation of ['request', 'reply'] as const) {
      const lab = lan();
      lab.ping('a', '10.0.0.2');
      lab.run({ wait: '2s' });
      const target = operation === 'reply' ? { targetMac: NEW } : {};
      arping(lab, 'b', 'eth0', { operation, sender: '10.0.0.2', target: '10.0.0.2', mac: NEW, ...target });
      expect(lab.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${NEW} STALE\n`);
      expect(lab.show('r', 'neigh')).toBe('');
    }
  });

  it('with the MAC that is known already changes nothing', () => {
    const lab = lan();
    lab.ping('a', '10.0.0.2');
    lab.run({ wait: '2s' });
    arping(lab, 'b', 'eth0', { sender: '10.0.0.2', target: '10.0.0.2' });
    expect(lab.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${B} REACHABLE\n`);
  });

  // Seen on Linux 6.18: a true announcement is believed at once, any other change only after locktime.
  it('is believed at once, but a reply that does not name its MAC twice only after a second (locktime)', () => {
    const lab = lan();
    lab.ping('a', '10.0.0.2');
    lab.run({ wait: '100ms' });
    const half = {
      sender: '10.0.0.2',
      target: '10.0.0.2',
      mac: NEW,
      operation: 'reply',
      targetMac: '00:00:00:00:00:00',
    } as const;
    arping(lab, 'b', 'eth0', half);
    expect(lab.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${B} REACHABLE\n`);
    lab.run({ wait: '1100ms' });
    arping(lab, 'b', 'eth0', half);
    expect(lab.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${NEW} STALE\n`);
    const other = lan();
    other.ping('a', '10.0.0.2');
    arping(other, 'b', 'eth0', { sender: '10.0.0.2', target: '10.0.0.2', mac: NEW });
    expect(other.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${NEW} STALE\n`);
  });

  it('of a host that nobody knows is learnt by nobody, but with arp_accept', () => {
    const lab = lan();
    arping(lab, 'r', 'eth0', { sender: '10.0.0.254', target: '10.0.0.254' });
    expect(lab.show('a', 'neigh')).toBe('');
    sysctl(lab, 'a', 'conf.eth0.arp_accept=1');
    arping(lab, 'r', 'eth0', { sender: '10.0.0.254', target: '10.0.0.254' });
    expect(lab.show('a', 'neigh')).toBe(`10.0.0.254 dev eth0 lladdr ${R} STALE\n`);
  });

  it('is sent by nobody who comes up, but with arp_notify: one request for itself', () => {
    const lab = lan();
    const bounce = (): void => lab.exec('b', 'ip link set eth0 down', 'ip link set eth0 up');
    bounce();
    lab.run({ wait: '1s' });
    expect(arpLines(lab, 'b:eth0')).toEqual([]);
    sysctl(lab, 'b', 'conf.eth0.arp_notify=1');
    bounce();
    lab.run({ wait: '1s' });
    const [announcement, ...more] = arpFrames(lab, 'b:eth0');
    expect(announcement).toMatchObject({ direction: 'out', to: 'all', text: 'who-has 10.0.0.2 tell 10.0.0.2' });
    expect(announcement?.arp.targetMac).toBe(0);
    expect(more).toEqual([]);
  });
});

describe('arp_notify', () => {
  it('is about an interface that is set up, not about a cable that is put back', () => {
    const lab = lan();
    sysctl(lab, 'b', 'conf.eth0.arp_notify=1');
    lab.run({ link: { endpoint: 'b:eth0', state: 'down' } });
    lab.run({ link: { endpoint: 'b:eth0', state: 'up' } }, { wait: '1s' });
    expect(arpLines(lab, 'b:eth0')).toEqual([]);
  });
});

describe('duplicate address detection (RFC 5227)', () => {
  it('is answered by unicast, for target 0.0.0.0, and leaves no entry', () => {
    const lab = lan();
    arping(lab, 'b', 'eth0', { sender: '0.0.0.0', target: '10.0.0.1' });
    expect(arpLines(lab, 'a:eth0')).toEqual(['in all: who-has 10.0.0.1 tell 0.0.0.0', `out ${B}: 10.0.0.1 is-at ${A}`]);
    const defence = arpFrames(lab, 'a:eth0')[1]?.arp;
    expect(defence).toMatchObject({ targetAddress: 0, targetMac: 0x02000000000b });
    expect(lab.show('a', 'neigh')).toBe('');
    expect(lab.show('b', 'neigh')).toBe('');
  });

  it('of a free address is answered by nobody', () => {
    const lab = lan();
    arping(lab, 'b', 'eth0', { sender: '0.0.0.0', target: '10.0.0.77' });
    expect(arpLines(lab, 'b:eth0')).toEqual(['out all: who-has 10.0.0.77 tell 0.0.0.0']);
  });
});

describe('proxy_arp', () => {
  function proxy(seed = 1): Lab {
    const lab = lan(seed);
    sysctl(lab, 'r', 'conf.eth0.proxy_arp=1');
    return lab;
  }

  it('off: a route is no reason to answer', () => {
    const lab = lan();
    const sent = lab.ping('a', '10.0.9.9');
    expect(sent.probe.errors).toMatchObject([{ errno: 'EHOSTUNREACH' }]);
  });

  it("answers with its own MAC for what lies behind it, after a random 0 to 0.8 s, and learns the asker's", () => {
    const delays = Array.from({ length: 12 }, (_, index) => {
      const lab = proxy(index + 1);
      const sent = lab.ping('a', '10.0.9.9');
      expect(sent.probe.replies).toMatchObject([{ ttl: 63 }]);
      expect(lab.show('a', 'neigh')).toContain(`10.0.9.9 dev eth0 lladdr ${R} REACHABLE\n`);
      expect(lab.show('r', 'neigh')).toContain(`10.0.0.1 dev eth0 lladdr ${A} `);
      const [asked, answered] = arpFrames(lab, 'a:eth0');
      return (answered?.time ?? 0) - (asked?.time ?? 0);
    });
    expect(Math.max(...delays)).toBeLessThan(0.801);
    expect(Math.max(...delays)).toBeGreaterThan(0.4);
    expect(Math.min(...delays)).toBeLessThan(0.4);
    expect(new Set(delays).size).toBeGreaterThan(6);
  });

  it('with proxy_delay 0 answers at once', () => {
    const lab = proxy();
    sysctl(lab, 'r', 'neigh.default.proxy_delay=0');
    const sent = lab.ping('a', '10.0.9.9');
    expect(sent.probe.replies[0]?.roundTrip).toBeLessThan(1e6);
  });

  it('lets proxy_qlen requests wait for that, and one more; others are dropped', () => {
    const lab = proxy();
    sysctl(lab, 'r', 'neigh.eth0.proxy_qlen=2');
    lab.ping('a', '10.0.9.9');
    const request = must(lab.frames('a:eth0')[0], 'a asked').bytes;
    const device = must(lab.stack('r').net.device('eth0'), 'r has eth0');
    const start = lab.world.clock.now;
    for (let count = 0; count < 10; count++) netifReceive(Packet.of(lab.world.ledger, request), device);
    lab.run({ wait: '1s' });
    expect(lab.drops()).toEqual({ 'kernel:NEIGH_QUEUEFULL@r': 7 });
    expect(arpLines(lab, 'a:eth0', start)).toHaveLength(3);
    netifReceive(Packet.of(lab.world.ledger, request), device);
    lab.run({ wait: '1s' });
    expect(lab.drops()).toEqual({ 'kernel:NEIGH_QUEUEFULL@r': 7 });
  });

  it('answers a unicast request at once', () => {
    const lab = proxy();
    const start = lab.world.clock.now;
    arping(lab, 'a', 'eth0', { sender: '10.0.0.1', target: '10.0.9.9', to: R });
    expect(arpLines(lab, 'a:eth0', start)).toContain(`in ${A}: 10.0.9.9 is-at ${R}`);
  });

  it('not for the side that asks, nor where it has no route, nor where it does not forward', () => {
    const lab = proxy();
    expect(answers(lab, '10.0.0.77')).toEqual([]);
    expect(answers(lab, '10.7.7.7')).toEqual([]);
    sysctl(lab, 'r', 'ip_forward=0');
    expect(answers(lab, '10.0.9.9')).toEqual([]);
  });
});

describe('ip neigh add proxy', () => {
  const BEHIND = `10.0.9.9 is-at ${R}`;

  function proxy(...addresses: readonly string[]): Lab {
    const lab = lan();
    lab.exec(
      'r',
      'sysctl -w net.ipv4.neigh.eth0.proxy_delay=0',
      ...addresses.map((one) => `ip neigh add proxy ${one}`),
    );
    return lab;
  }

  it('answers for that address on that link, where the way to it leads elsewhere', () => {
    const lab = proxy('10.0.9.9 dev eth0', '10.0.0.77 dev eth0', '10.0.9.8 dev eth1');
    expect(answers(lab, '10.0.9.9')).toEqual([BEHIND]);
    expect(answers(lab, '10.0.9.8')).toEqual([]);
    expect(answers(lab, '10.0.0.77')).toEqual([]);
  });

  it('without a device answers on every link; twice is once', () => {
    const lab = proxy('10.0.9.9', '10.0.9.9');
    expect(answers(lab, '10.0.9.9')).toEqual([BEHIND]);
    lab.exec('r', 'ip neigh del proxy 10.0.9.9');
    expect(answers(lab, '10.0.9.9')).toEqual([]);
  });

  it('goes with the interface, not with its carrier', () => {
    const lab = proxy('10.0.9.9 dev eth0');
    lab.exec('r', 'ip neigh flush all', 'ip link set eth0 address 02:00:00:00:00:fe');
    expect(answers(lab, '10.0.9.9')).toEqual(['10.0.9.9 is-at 02:00:00:00:00:fe']);
    lab.exec('r', 'ip link set eth0 down', 'ip link set eth0 up');
    expect(answers(lab, '10.0.9.9')).toEqual([]);
  });
});

describe('arp_ignore', () => {
  const LOOPBACK = `10.0.8.1 is-at ${R}`;
  const OTHER = `10.0.9.1 is-at ${R}`;
  const OWN = `10.0.0.254 is-at ${R}`;

  it('0: every address of the host is answered for on every interface', () => {
    const lab = lan();
    expect(answers(lab, '10.0.8.1')).toEqual([LOOPBACK]);
    expect(answers(lab, '10.0.9.1')).toEqual([OTHER]);
    expect(answers(lab, '10.0.0.254')).toEqual([OWN]);
  });

  it('1: only those of the interface', () => {
    const lab = lan();
    sysctl(lab, 'r', 'conf.eth0.arp_ignore=1');
    expect(answers(lab, '10.0.8.1')).toEqual([]);
    expect(answers(lab, '10.0.9.1')).toEqual([]);
    expect(answers(lab, '10.0.0.254')).toEqual([OWN]);
    expect(lab.show('r', 'neigh')).toContain('10.0.0.1 dev eth0');
  });

  it('3: not for addresses of host scope, but for those of link scope', () => {
    const lab = lan();
    lab.exec('r', 'ip addr add 10.0.8.2/32 dev lo scope host', 'ip addr add 10.0.8.3/32 dev lo scope link');
    sysctl(lab, 'r', 'conf.eth0.arp_ignore=3');
    expect(answers(lab, '10.0.8.2')).toEqual([]);
    expect(answers(lab, '10.0.8.3')).toEqual([`10.0.8.3 is-at ${R}`]);
  });

  it('2: only to a sender in that subnet', () => {
    const lab = lan();
    sysctl(lab, 'r', 'conf.eth0.arp_ignore=2');
    expect(answers(lab, '10.0.9.1')).toEqual([]);
    expect(answers(lab, '10.0.0.254')).toEqual([OWN]);
    expect(answers(lab, '10.0.0.254', '10.5.5.5')).toEqual([]);
  });

  it('8: none; and the larger of all and the interface counts', () => {
    const lab = lan();
    sysctl(lab, 'r', 'conf.all.arp_ignore=8', 'conf.eth0.arp_ignore=1');
    expect(answers(lab, '10.0.0.254')).toEqual([]);
  });

  it('who is not answered is not learnt either', () => {
    const lab = lan();
    sysctl(lab, 'r', 'conf.eth0.arp_ignore=1');
    answers(lab, '10.0.9.1');
    expect(lab.show('r', 'neigh')).toBe('');
  });
});

describe('arp_announce', () => {
  /** r asks for a, with a packet from 10.0.8.1 of its lo. */
  function asked(level: number, source = '10.0.8.1'): { lab: Lab; text: string | undefined } {
    const lab = lan();
    sysctl(lab, 'r', `conf.eth0.arp_announce=${level}`);
    expect(lab.ping('r', '10.0.0.1', { source }).probe.replies).toHaveLength(1);
    return { lab, text: arpFrames(lab, 'a:eth0')[0]?.text };
  }

  it('0: in the name of the packet that waits, and a learns that', () => {
    const { lab, text } = asked(0);
    expect(text).toBe('who-has 10.0.0.1 tell 10.0.8.1');
    expect(lab.show('a', 'neigh')).toMatch(new RegExp(`^10.0.8.1 dev eth0 lladdr ${R} `));
  });

  it('1: so only where that address is in the subnet of the target', () => {
    const { lab, text } = asked(1);
    expect(text).toBe('who-has 10.0.0.1 tell 10.0.0.254');
    expect(lab.show('a', 'neigh')).toContain(`10.0.0.254 dev eth0 lladdr ${R} STALE`);
    expect(asked(1, '10.0.0.254').text).toBe('who-has 10.0.0.1 tell 10.0.0.254');
  });

  it('2: always by the best address of the interface', () => {
    expect(asked(2).text).toBe('who-has 10.0.0.1 tell 10.0.0.254');
  });

  it('1 and 2 differ for a second address of the same subnet', () => {
    for (const [level, teller] of [
      [0, '10.0.0.253'],
      [1, '10.0.0.253'],
      [2, '10.0.0.254'],
    ] as const) {
      const lab = lan();
      lab.exec('r', 'ip addr add 10.0.0.253/24 dev eth0', `sysctl -w net.ipv4.conf.eth0.arp_announce=${level}`);
      lab.ping('r', '10.0.0.1', { source: '10.0.0.253' });
      expect(arpFrames(lab, 'a:eth0')[0]?.text).toBe(`who-has 10.0.0.1 tell ${teller}`);
    }
  });
});

describe('two interfaces on one LAN', () => {
  function twins(): Lab {
    const lab = lan();
    lab.exec('b', 'ip link set eth1 up', 'ip addr add 10.0.0.3/24 dev eth1');
    return lab;
  }

  it('both answer for either address (ARP flux); he who asks stays with the first answer', () => {
    const lab = twins();
    expect(answers(lab, '10.0.0.2').toSorted()).toEqual([`10.0.0.2 is-at ${B}`, `10.0.0.2 is-at ${B1}`]);
    lab.ping('a', '10.0.0.3');
    const [first, second] = arpFrames(lab, 'a:eth0').filter(({ text }) => text.startsWith('10.0.0.3 is-at'));
    expect([first?.text, second?.text].toSorted()).toEqual([`10.0.0.3 is-at ${B}`, `10.0.0.3 is-at ${B1}`]);
    const mac = first?.text.split(' ').at(-1);
    expect(lab.show('a', 'neigh')).toContain(`10.0.0.3 dev eth0 lladdr ${mac} REACHABLE`);
    lab.run({ wait: '1s' });
  });

  it('arp_filter: only the one by which b would send to the asker, for the address of the other too', () => {
    const lab = twins();
    sysctl(lab, 'b', 'conf.all.arp_filter=1');
    expect(answers(lab, '10.0.0.3')).toEqual([`10.0.0.3 is-at ${B}`]);
    expect(answers(lab, '10.0.0.2')).toEqual([`10.0.0.2 is-at ${B}`]);
  });

  it('arp_ignore 1: each for its own', () => {
    const lab = twins();
    sysctl(lab, 'b', 'conf.all.arp_ignore=1');
    expect(answers(lab, '10.0.0.2')).toEqual([`10.0.0.2 is-at ${B}`]);
    expect(answers(lab, '10.0.0.3')).toEqual([`10.0.0.3 is-at ${B1}`]);
  });
});
