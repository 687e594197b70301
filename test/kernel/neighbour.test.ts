import { describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { Lab } from '../bench.ts';
import { arpFrames, arping, arpLines, arpRhythm, dataTo } from './arping.ts';

/*
 * What is expected here is what Linux 6.18 did on a wire: 10.0.0.1 (a) and 10.0.0.2 (b) on one LAN. Its timers are a
 * few hundredths of a second late; ours are exact.
 */

const A = '02:00:00:00:00:0a';
const B = '02:00:00:00:00:0b';
const NEW = '02:00:00:00:00:2b';

function pair(seed = 1): Lab {
  const host = (address: string, mac: string) => ({ kind: 'linux', interfaces: { eth0: { address, mac } } });
  const nodes = { a: host('10.0.0.1/24', A), b: host('10.0.0.2/24', B), sw: { kind: 'bridge' } };
  return new Lab(nodes, [{ endpoints: ['a:eth0', 'sw:p1'] }, { endpoints: ['b:eth0', 'sw:p2'] }], seed);
}

/** The same without a switch between them, so that each sees the other's cable go. */
function direct(): Lab {
  const host = (address: string, mac: string) => ({ kind: 'linux', interfaces: { eth0: { address, mac } } });
  const nodes = { a: host('10.0.0.1/24', A), b: host('10.0.0.2/24', B) };
  return new Lab(nodes, [{ endpoints: ['a:eth0', 'b:eth0'] }]);
}

/** The state `ip neigh` shows for `address`, '' when it is not listed. */
function stateOf(lab: Lab, node: string, address: string): string {
  const line = lab
    .show(node, 'neigh')
    .split('\n')
    .find((one) => one.startsWith(`${address} `));
  return line?.trim().split(' ').at(-1) ?? '';
}

function now(lab: Lab): number {
  return lab.world.clock.now;
}

/** Waits in steps of 0.1 s until the entry leaves `state`; the seconds it took. */
function secondsIn(lab: Lab, node: string, address: string, state: string): number {
  const start = now(lab);
  while (stateOf(lab, node, address) === state && now(lab) - start < 100e9) lab.run({ wait: '100ms' });
  return (now(lab) - start) / 1e9;
}

/** a with a STALE entry for b: resolved once, and then left alone. */
function stale(seed = 1): Lab {
  const lab = pair(seed);
  lab.ping('a', '10.0.0.2');
  lab.run({ wait: '60s' });
  expect(stateOf(lab, 'a', '10.0.0.2')).toBe('STALE');
  return lab;
}

describe('an address that nobody has', () => {
  it('is asked for by three broadcasts a second apart, then FAILED, and the sender learns it', () => {
    const lab = pair();
    const sent = lab.ping('a', '10.0.0.99');
    expect(arpLines(lab, 'a:eth0')).toEqual(Array(3).fill('out all: who-has 10.0.0.99 tell 10.0.0.1'));
    expect(arpRhythm(lab, 'a:eth0')).toEqual([0, 1, 2]);
    expect(stateOf(lab, 'a', '10.0.0.99')).toBe('FAILED');
    expect(lab.show('a', 'neigh')).toBe('10.0.0.99 dev eth0 FAILED\n');
    expect(sent.drops.map((drop) => drop.reason)).toEqual(['kernel:NEIGH_FAILED']);
    expect(sent.probe.errors).toMatchObject([{ errno: 'EHOSTUNREACH', at: 3e9, from: 0x0a000001 }]);
  });

  it('is INCOMPLETE while it is asked for', () => {
    const lab = pair();
    lab.udp('a', '10.0.0.99:9', { timeout: '1500ms' });
    expect(lab.show('a', 'neigh')).toBe('10.0.0.99 dev eth0 INCOMPLETE\n');
    expect(lab.show('b', 'neigh')).toBe('');
  });

  it('is asked for anew by the next packet', () => {
    const lab = pair();
    lab.ping('a', '10.0.0.99');
    const start = now(lab);
    lab.ping('a', '10.0.0.99');
    expect(arpRhythm(lab, 'a:eth0', start)).toEqual([0, 1, 2]);
    expect(arpFrames(lab, 'a:eth0', start).every(({ to }) => to === 'all')).toBe(true);
  });

  it('takes every packet that waits for it down, each with its own error', () => {
    const lab = pair();
    const sent = lab.ping('a', '10.0.0.99', { count: 3, interval: '500ms' });
    expect(sent.probe.errors).toMatchObject([
      { sequence: 1, at: 3e9 },
      { sequence: 2, at: 3e9 },
      { sequence: 3, at: 3e9 },
    ]);
    expect(lab.drops()).toMatchObject({ 'kernel:NEIGH_FAILED@a': 3 });
    expect(arpRhythm(lab, 'a:eth0')).toEqual([0, 1, 2]);
  });
});

describe('what waits for an answer', () => {
  it('goes out in order when it comes', () => {
    const lab = pair();
    lab.run({ link: { endpoint: 'b:eth0', state: 'down' } });
    lab.run(
      { ping: { from: 'a', to: '10.0.0.2', count: 3, interval: '100ms' } },
      { at: '500ms', link: { endpoint: 'b:eth0', state: 'up' } },
    );
    expect(arpLines(lab, 'b:eth0')).toEqual([
      'in all: who-has 10.0.0.2 tell 10.0.0.1',
      `out ${A}: 10.0.0.2 is-at ${B}`,
      ...arpLines(lab, 'b:eth0').slice(2),
    ]);
    expect(dataTo(lab, 'a:eth0')).toEqual([B, B, B]);
    expect(arpRhythm(lab, 'a:eth0').slice(0, 2)).toEqual([0, 1]);
  });

  it('is limited to unres_qlen_bytes: the oldest packet makes room', () => {
    const lab = pair();
    lab.exec('a', 'sysctl -w net.ipv4.neigh.default.unres_qlen_bytes=2600');
    // An echo of 84 bytes costs 832: three of them fit, the fourth does not.
    const sent = lab.ping('a', '10.0.0.99', { count: 5, interval: '10ms' });
    expect(lab.drops()).toMatchObject({ 'kernel:NEIGH_QUEUEFULL@a': 2, 'kernel:NEIGH_FAILED@a': 3 });
    expect(sent.probe.errors.map(({ sequence }) => sequence)).toEqual([3, 4, 5]);
    expect(sent.drops.map(({ reason }) => reason)).toEqual(['kernel:NEIGH_QUEUEFULL']);
  });

  it('is reported unreachable at once when its entry is deleted or flushed', () => {
    for (const command of ['ip neigh del 10.0.0.99 dev eth0', 'ip neigh flush all']) {
      const lab = pair();
      const [outcome] = lab.run(
        { ping: { from: 'a', to: '10.0.0.99', timeout: '5s' } },
        { at: '500ms', exec: { on: 'a', commands: [command] } },
      ).outcomes;
      expect(lab.show('a', 'neigh')).toBe('');
      expect(lab.drops()).toMatchObject({ 'kernel:NEIGH_FAILED@a': 1 });
      expect(outcome?.probe?.errors).toMatchObject([{ errno: 'EHOSTUNREACH', at: 5e8 }]);
      expect(arpRhythm(lab, 'a:eth0')).toEqual([0]);
    }
  });

  it('is dropped without a word where no request may be sent (mcast_solicit 0)', () => {
    const lab = pair();
    lab.exec('a', 'sysctl -w net.ipv4.neigh.eth0.mcast_solicit=0');
    const sent = lab.ping('a', '10.0.0.99', { timeout: '2s' });
    expect(sent.probe.errors).toEqual([]);
    expect(lab.drops()).toMatchObject({ 'kernel:NEIGH_FAILED@a': 1 });
    expect(lab.show('a', 'neigh')).toBe('10.0.0.99 dev eth0 FAILED\n');
    expect(lab.frames('a:eth0')).toEqual([]);
  });
});

describe('how an entry comes to be', () => {
  it('REACHABLE by the answer to a request; STALE at the one asked, who does not know whether he is heard', () => {
    const lab = pair();
    const sent = lab.ping('a', '10.0.0.2');
    expect(sent.probe.replies).toHaveLength(1);
    expect(arpLines(lab, 'a:eth0')).toEqual([
      'out all: who-has 10.0.0.2 tell 10.0.0.1',
      `in ${A}: 10.0.0.2 is-at ${B}`,
    ]);
    expect(lab.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${B} REACHABLE\n`);
    // b's reply has used the entry: it is being doubted already.
    expect(lab.show('b', 'neigh')).toBe(`10.0.0.1 dev eth0 lladdr ${A} DELAY\n`);
  });

  it('from a request only at him who answers it', () => {
    const lab = pair();
    arping(lab, 'a', 'eth0', { sender: '10.0.0.1', target: '10.0.0.2' });
    expect(lab.show('b', 'neigh')).toBe(`10.0.0.1 dev eth0 lladdr ${A} STALE\n`);
    arping(lab, 'a', 'eth0', { sender: '10.0.0.7', target: '10.0.0.8' });
    expect(lab.show('b', 'neigh')).toBe(`10.0.0.1 dev eth0 lladdr ${A} STALE\n`);
  });

  it('not from an answer that nobody asked for', () => {
    const lab = pair();
    arping(lab, 'b', 'eth0', { operation: 'reply', sender: '10.0.0.2', target: '10.0.0.1', to: A, targetMac: A });
    expect(lab.show('a', 'neigh')).toBe('');
  });
});

describe('how it ages', () => {
  it('is REACHABLE for 15 to 45 seconds, by chance, then STALE', () => {
    const spans = Array.from({ length: 12 }, (_, index) => {
      const lab = pair(index + 1);
      lab.ping('a', '10.0.0.2');
      const span = secondsIn(lab, 'a', '10.0.0.2', 'REACHABLE');
      expect(stateOf(lab, 'a', '10.0.0.2')).toBe('STALE');
      return span;
    });
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(15);
    expect(Math.max(...spans)).toBeLessThanOrEqual(45.1);
    expect(new Set(spans).size).toBeGreaterThan(6);
  });

  it('asked first, b proves a by a unicast request 5 s after its reply', () => {
    const lab = pair();
    lab.ping('a', '10.0.0.2');
    const start = now(lab);
    lab.run({ wait: '6s' });
    expect(arpLines(lab, 'b:eth0', start)).toEqual([
      `out ${A}: who-has 10.0.0.1 tell 10.0.0.2`,
      `in ${B}: 10.0.0.1 is-at ${A}`,
    ]);
    expect(arpFrames(lab, 'b:eth0', start)[0]?.time).toBeCloseTo(5, 2);
    expect(stateOf(lab, 'b', '10.0.0.1')).toBe('REACHABLE');
  });

  it('STALE is used at once, doubted for 5 s, proved by one unicast request from either side', () => {
    const lab = stale();
    const start = now(lab);
    const sent = lab.ping('a', '10.0.0.2');
    expect(sent.probe.replies[0]?.roundTrip).toBeLessThan(1e6);
    expect(stateOf(lab, 'a', '10.0.0.2')).toBe('DELAY');
    expect(arpLines(lab, 'a:eth0', start)).toEqual([]);
    lab.run({ wait: '4900ms' });
    expect(arpLines(lab, 'a:eth0', start)).toEqual([]);
    lab.run({ wait: '200ms' });
    expect(arpLines(lab, 'a:eth0', start).toSorted()).toEqual([
      `in ${A}: 10.0.0.2 is-at ${B}`,
      `in ${A}: who-has 10.0.0.1 tell 10.0.0.2`,
      `out ${B}: 10.0.0.1 is-at ${A}`,
      `out ${B}: who-has 10.0.0.2 tell 10.0.0.1`,
    ]);
    expect(stateOf(lab, 'a', '10.0.0.2')).toBe('REACHABLE');
    expect(stateOf(lab, 'b', '10.0.0.1')).toBe('REACHABLE');
  });

  it('an answer to a ping proves nothing to ARP, which asks though replies keep coming', () => {
    const lab = stale();
    const start = now(lab);
    const sent = lab.ping('a', '10.0.0.2', { count: 100 });
    expect(sent.probe.replies).toHaveLength(100);
    const asked = arpFrames(lab, 'a:eth0', start).filter(({ text }) => text.startsWith('who-has 10.0.0.2'));
    expect(asked[0]?.time).toBeCloseTo(start / 1e9 + 5, 6);
    expect(asked.every(({ to }) => to === B)).toBe(true);
  });

  it('proof in the first moments of the doubt comes too early: the timer that looks for it is late', () => {
    for (const [proof, asks] of [
      ['100ms', true],
      ['300ms', false],
    ] as const) {
      const lab = stale();
      lab.ping('a', '10.0.0.2');
      const start = now(lab);
      lab.run({ wait: proof });
      const { net } = lab.stack('a');
      net.parts.neighbours.confirm(must(net.device('eth0'), 'eth0'), must(parseIpv4('10.0.0.2'), 'an address'));
      lab.run({ wait: '5100ms' });
      expect(arpLines(lab, 'a:eth0', start).includes(`out ${B}: who-has 10.0.0.2 tell 10.0.0.1`)).toBe(asks);
    }
  });

  it('datagrams prove nothing: what is only sent to must be asked for again and again', () => {
    const lab = pair();
    lab.ping('a', '10.0.0.2');
    const start = now(lab);
    lab.udp('a', '10.0.0.2:9', { count: 100, interval: '1s', timeout: '1s' });
    const asked = arpFrames(lab, 'a:eth0', start).filter(({ text }) => text.startsWith('who-has 10.0.0.2'));
    expect(asked.length).toBeGreaterThanOrEqual(1);
    expect(asked.every(({ to }) => to === B)).toBe(true);
    // An entry that runs out is STALE, however busy: 5 s count from the next datagram, which leaves on the full second.
    for (const { time } of asked) expect((time - start / 1e9) % 1).toBeCloseTo(0, 6);
  });
});

describe('a neighbour that goes silent', () => {
  it('is probed by three unicast requests while data still goes to it, then FAILED, then sought by broadcast', () => {
    const lab = stale();
    lab.run({ link: { endpoint: 'b:eth0', state: 'down' } });
    const start = now(lab);
    lab.ping('a', '10.0.0.2', { count: 10, timeout: '5s' });
    const lines = arpLines(lab, 'a:eth0', start);
    expect(lines.slice(0, 3)).toEqual(Array(3).fill(`out ${B}: who-has 10.0.0.2 tell 10.0.0.1`));
    expect(lines.slice(3, 6)).toEqual(Array(3).fill('out all: who-has 10.0.0.2 tell 10.0.0.1'));
    expect(arpFrames(lab, 'a:eth0', start)[0]?.time).toBeCloseTo(start / 1e9 + 5, 6);
    expect(arpRhythm(lab, 'a:eth0', start).slice(0, 3)).toEqual([0, 1, 2]);
    // One each second from 0 to 7; what follows waits for the broadcasts.
    expect(dataTo(lab, 'a:eth0', start)).toEqual(Array(8).fill(B));
    expect(stateOf(lab, 'a', '10.0.0.2')).toBe('FAILED');
  });

  it('and is found again as if it were new', () => {
    const lab = stale();
    lab.run({ link: { endpoint: 'b:eth0', state: 'down' } });
    lab.ping('a', '10.0.0.2', { timeout: '12s' });
    expect(stateOf(lab, 'a', '10.0.0.2')).toBe('FAILED');
    lab.run({ link: { endpoint: 'b:eth0', state: 'up' } });
    const start = now(lab);
    expect(lab.ping('a', '10.0.0.2').probe.replies).toHaveLength(1);
    expect(arpLines(lab, 'a:eth0', start)[0]).toBe('out all: who-has 10.0.0.2 tell 10.0.0.1');
    expect(stateOf(lab, 'a', '10.0.0.2')).toBe('REACHABLE');
  });
});

describe('by hand', () => {
  it('a permanent entry is never asked for nor changed', () => {
    const lab = pair();
    lab.exec('a', `ip neigh replace 10.0.0.2 lladdr ${NEW} dev eth0 nud permanent`);
    lab.ping('a', '10.0.0.2', { timeout: '1s' });
    expect(dataTo(lab, 'a:eth0')).toEqual([NEW]);
    expect(arpLines(lab, 'a:eth0')).toEqual([]);
    lab.ping('b', '10.0.0.1', { timeout: '60s' });
    expect(lab.show('a', 'neigh')).toBe(`10.0.0.2 dev eth0 lladdr ${NEW} PERMANENT\n`);
  });

  it('an entry that is deleted is asked for again', () => {
    const lab = pair();
    lab.ping('a', '10.0.0.2');
    lab.exec('a', 'ip neigh del 10.0.0.2 dev eth0');
    expect(lab.show('a', 'neigh')).toBe('');
    const start = now(lab);
    lab.ping('a', '10.0.0.2');
    expect(arpLines(lab, 'a:eth0', start)[0]).toBe('out all: who-has 10.0.0.2 tell 10.0.0.1');
  });

  it('a permanent entry lets the packets go that waited for it', () => {
    const lab = pair();
    lab.run(
      { ping: { from: 'a', to: '10.0.0.99', timeout: '2s' } },
      { at: '500ms', exec: { on: 'a', commands: [`ip neigh replace 10.0.0.99 lladdr ${B} dev eth0 nud permanent`] } },
    );
    expect(dataTo(lab, 'a:eth0')).toEqual([B]);
    expect(lab.drops()).toEqual({ 'kernel:IP_INADDRERRORS@b': 1 });
  });
});

describe('the interface', () => {
  it('set down loses every entry, permanent ones too', () => {
    const lab = pair();
    lab.ping('a', '10.0.0.2');
    lab.exec('a', `ip neigh replace 10.0.0.3 lladdr ${NEW} dev eth0 nud permanent`, 'ip link set eth0 down');
    expect(lab.show('a', 'neigh')).toBe('');
    lab.exec('a', 'ip link set eth0 up');
    expect(lab.ping('a', '10.0.0.2').probe.replies).toHaveLength(1);
  });

  it('that loses its cable keeps what was entered by hand', () => {
    const lab = direct();
    lab.ping('a', '10.0.0.2');
    lab.exec('a', `ip neigh replace 10.0.0.3 lladdr ${NEW} dev eth0 nud permanent`);
    lab.run({ link: { endpoint: 'a:eth0', state: 'down' } });
    expect(lab.show('a', 'neigh')).toBe(`10.0.0.3 dev eth0 lladdr ${NEW} PERMANENT\n`);
    expect(lab.show('b', 'neigh')).toBe('');
  });

  it('set down takes what waits on it down', () => {
    const lab = pair();
    lab.run(
      { ping: { from: 'a', to: '10.0.0.99', timeout: '5s' } },
      { at: '1500ms', exec: { on: 'a', commands: ['ip link set eth0 down'] } },
    );
    expect(lab.drops()).toMatchObject({ 'kernel:QUEUE_PURGE@a': 1 });
    expect(arpRhythm(lab, 'a:eth0')).toEqual([0, 1]);
  });
});

describe('what a router forwards', () => {
  /** a - r - b: r learnt a from its question, and never asked for it. */
  function behindRouter(): Lab {
    const lab = new Lab(
      {
        a: { kind: 'linux', interfaces: { eth0: { address: '10.0.1.2/24' } }, routes: ['default via 10.0.1.1'] },
        r: {
          kind: 'linux',
          interfaces: { eth0: { address: '10.0.1.1/24' }, eth1: { address: '10.0.2.1/24' } },
          sysctls: { 'net.ipv4.ip_forward': 1 },
        },
        b: {
          kind: 'linux',
          interfaces: { eth0: { address: '10.0.2.2/24' } },
          routes: ['default via 10.0.2.1'],
          services: [{ program: 'sink', protocol: 'tcp', port: 80 }],
        },
      },
      [{ endpoints: ['a:eth0', 'r:eth0'] }, { endpoints: ['b:eth0', 'r:eth1'] }],
    );
    lab.ping('a', '10.0.2.2');
    return lab;
  }

  it('proves nothing of its neighbours: they are asked after five seconds', () => {
    const lab = behindRouter();
    lab.run({ wait: '6s' });
    expect(arpLines(lab, 'r:eth0').filter((line) => line.includes('tell 10.0.1.1'))).toHaveLength(1);
  });

  it('but a TCP segment that tells its own sender so tells every hop of a veth, as Linux 6.18 does', () => {
    const lab = behindRouter();
    lab.run({ wait: '1s' }, { tcp: { from: 'a', to: '10.0.2.2:80', size: 100 } }, { wait: '6s' });
    expect(arpLines(lab, 'r:eth0').filter((line) => line.includes('tell 10.0.1.1'))).toHaveLength(0);
    expect(stateOf(lab, 'r', '10.0.1.2')).toBe('REACHABLE');
  });
});
