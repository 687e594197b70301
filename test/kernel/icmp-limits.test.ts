import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';
import { EventQueue } from '../../sim/core/events.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import { InetPeers } from '../../sim/kernel/inet-peers.ts';
import { IcmpRateLimit } from '../../sim/kernel/stack/icmp-rate-limit.ts';
import { GlobalSysctls } from '../../sim/kernel/sysctl.ts';
import { Lab } from '../bench.ts';

function limits() {
  const clock = new EventQueue();
  const settings = new GlobalSysctls();
  const peers = new InetPeers(clock, settings);
  const limit = new IcmpRateLimit(clock, new Chance(1), settings, peers);
  const wait = (span: number): void => {
    clock.after(span as never, () => {}, undefined);
    clock.runNext();
  };
  /** How many of `count` errors to as many destinations go out. */
  const burst = (count: number, first = 1): number => {
    let sent = 0;
    for (let index = 0; index < count; index++) {
      if (!limit.allowsAny() || !limit.allows(first + index)) continue;
      limit.consume();
      sent++;
    }
    return sent;
  };
  return { clock, settings, peers, limit, wait, burst };
}

describe('errors to many destinations at once', () => {
  it('are about icmp_msgs_burst, and no more for a fiftieth of a second', () => {
    const { wait, burst } = limits();
    const first = burst(1000);
    expect(first).toBeGreaterThan(35);
    expect(first).toBeLessThan(70);
    wait(ms(19));
    expect(burst(1000, 2000)).toBe(0);
    wait(ms(1));
    // A fiftieth of 1000 a second.
    const later = burst(1000, 4000);
    expect(later).toBeGreaterThan(10);
    expect(later).toBeLessThan(35);
  });

  it('are about icmp_msgs_per_sec in a second', () => {
    const { settings, wait, burst } = limits();
    settings.icmp_msgs_per_sec = 500;
    let sent = 0;
    for (let round = 0; round < 100; round++) {
      sent += burst(200, 1 + round * 200);
      wait(ms(20));
    }
    expect(sent).toBeGreaterThan(900);
    expect(sent).toBeLessThan(1200);
    settings.icmp_msgs_per_sec = 0;
    wait(seconds(2));
    burst(100, 1e6);
    expect(burst(100, 2e6)).toBe(0);
  });

  it('of a closed port are counted as limited for all (IcmpOutRateLimitGlobal)', () => {
    const host = (address: string, more = {}) => ({ kind: 'linux', interfaces: { eth0: { address } }, ...more });
    const lab = new Lab(
      {
        a: host('10.0.0.1/24'),
        b: host('10.0.0.2/24', { sysctls: { 'net.ipv4.icmp_msgs_burst': 1, 'net.ipv4.icmp_msgs_per_sec': 1 } }),
      },
      [{ endpoints: ['a:eth0', 'b:eth0'] }],
    );
    lab.udp('a', '10.0.0.2:9', { count: 20, interval: '1ms' });
    const { IcmpOutDestUnreachs = 0, IcmpOutRateLimitGlobal = 0, IcmpOutRateLimitHost = 0 } = lab.counters('b');
    // One token; some of what is sent takes none, and none of them is beyond what its destination may have.
    expect(IcmpOutDestUnreachs).toBeGreaterThan(0);
    expect(IcmpOutDestUnreachs + IcmpOutRateLimitGlobal + IcmpOutRateLimitHost).toBe(20);
    expect(IcmpOutRateLimitGlobal).toBeGreaterThan(10);
  });
});

describe('what is remembered of addresses (inet_peer)', () => {
  it('is of no more than inet_peer_threshold, and those that were asked for last stay', () => {
    const { peers, settings, wait } = limits();
    settings.inet_peer_threshold = 100;
    for (let address = 1; address <= 5000; address++) {
      peers.get(address).redirects = address;
      peers.get(7).redirects = 7;
      wait(1);
    }
    expect(peers.size).toBeLessThanOrEqual(100);
    expect(peers.get(7).redirects).toBe(7);
    expect(peers.get(5000).redirects).toBe(5000);
    expect(peers.get(1).redirects).toBe(0);
  });

  it('is forgotten after inet_peer_maxttl when there are few, and not sooner', () => {
    const { peers, wait } = limits();
    peers.get(1).redirects = 5;
    wait(seconds(599));
    peers.get(2);
    expect(peers.size).toBe(2);
    wait(seconds(600));
    peers.get(3);
    expect(peers.size).toBe(1);
  });

  it('law: the table never holds more than it may, whoever is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.integer({ min: 1, max: 60 })), (most, asked) => {
        const { peers, settings } = limits();
        settings.inet_peer_threshold = most;
        for (const address of asked) {
          peers.get(address);
          expect(peers.size).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});
