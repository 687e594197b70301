import { describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import type { ArpingResult } from '../../sim/program/arping.ts';
import { outputOf } from '../../sim/scenario/probe-output.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { Lab } from '../bench.ts';

/* The frames are those of arping from iputils 20221126 between two namespaces on Linux 6.18, as captured there. */

const A = 'fa98f12329d4';
const B = '42bc90571948';
const ALL = 'ffffffffffff';
const REQUEST = '0806000108000604' + '0001';
const REPLY = '0806000108000604' + '0002';

const colons = (mac: string): string => must(mac.match(/../g), 'a MAC').join(':');

function pair(): Lab {
  return new Lab(
    {
      a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24', mac: colons(A) } } },
      b: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.2/24', mac: colons(B) } } },
    },
    [{ endpoints: ['a:eth0', 'b:eth0'] }],
  );
}

/** Runs arping on a; its frames in hex without blanks, with the second each passed a:eth0, and what it printed. */
function arping(lab: Lab, options: object): { frames: string[]; result: ArpingResult; output: string[]; took: number } {
  const start = lab.world.clock.now;
  const run = lab.run({ arping: { from: 'a', device: 'eth0', ...options } });
  const took = Math.round((lab.world.clock.now - start) / 1e6) / 1e3;
  const frames = lab
    .frames('a:eth0')
    .filter(({ time }) => time >= start)
    .map(({ time, bytes }) => `${Math.round((time - start) / 1e9)}s ${Buffer.from(bytes).toString('hex')}`);
  const result = run.outcomes[0]?.probe as ArpingResult;
  return { frames, result, output: outputOf(result), took };
}

const request = (second: number, to: string, sender: string, target: string): string =>
  `${second}s ${to}${A}${REQUEST}${A}${sender}${to}${target}`;
const answer = (second: number, asker: string): string => `${second}s ${A}${B}${REPLY}${B}0a000002${A}${asker}`;

describe('arping', () => {
  it('asks everybody, then the one who answered; it ends one interval after its last request', () => {
    const { frames, result, output, took } = arping(pair(), { to: '10.0.0.2', count: 2 });
    expect(frames).toEqual([
      request(0, ALL, '0a000001', '0a000002'),
      answer(0, '0a000001'),
      request(1, B, '0a000001', '0a000002'),
      answer(1, '0a000001'),
    ]);
    expect(result.replies.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(took).toBe(2);
    expect(output).toEqual([
      'ARPING 10.0.0.2 from 10.0.0.1 eth0',
      expect.stringMatching(/^Unicast reply from 10\.0\.0\.2 \[42:BC:90:57:19:48\] {2}0\.\d{3}ms$/),
      expect.stringMatching(/^Unicast reply from 10\.0\.0\.2 \[42:BC:90:57:19:48\] {2}0\.\d{3}ms$/),
      'Sent 2 probes (1 broadcast(s))',
      'Received 2 response(s)',
    ]);
  });

  it('asks everybody each time with broadcast, and in other intervals', () => {
    const { frames } = arping(pair(), { to: '10.0.0.2', count: 2, broadcast: true, interval: '2s' });
    expect(frames).toEqual([
      request(0, ALL, '0a000001', '0a000002'),
      answer(0, '0a000001'),
      request(2, ALL, '0a000001', '0a000002'),
      answer(2, '0a000001'),
    ]);
  });

  it('announces an address of its own by a request or by an answer', () => {
    expect(arping(pair(), { to: '10.0.0.1', mode: 'unsolicited', count: 2 }).frames).toEqual([
      request(0, ALL, '0a000001', '0a000001'),
      request(1, ALL, '0a000001', '0a000001'),
    ]);
    expect(arping(pair(), { to: '10.0.0.1', mode: 'answer' }).frames).toEqual([
      `0s ${ALL}${A}${REPLY}${A}0a000001${A}0a000001`,
    ]);
  });

  it('asks from 0.0.0.0 whether an address is taken, and ends with the first answer', () => {
    const taken = arping(pair(), { to: '10.0.0.2', mode: 'dad', count: 2 });
    expect(taken.frames).toEqual([request(0, ALL, '00000000', '0a000002'), answer(0, '00000000')]);
    expect(taken.took).toBe(0);
    const free = arping(pair(), { to: '10.0.0.99', mode: 'dad', count: 2 });
    expect(free.frames).toEqual([request(0, ALL, '00000000', '0a000063'), request(1, ALL, '00000000', '0a000063')]);
    expect(free.output).toEqual([
      'ARPING 10.0.0.99 from 0.0.0.0 eth0',
      'Sent 2 probes (2 broadcast(s))',
      'Received 0 response(s)',
    ]);
  });

  it('needs no route to what it asks for, and makes no neighbour entry of its own', () => {
    const lab = pair();
    expect(arping(lab, { to: '10.7.7.7' }).frames).toEqual([request(0, ALL, '0a000001', '0a070707')]);
    arping(lab, { to: '10.0.0.2' });
    expect(lab.show('a', 'neigh')).toBe('');
    expect(lab.show('b', 'neigh')).toMatch(/^10\.0\.0\.1 dev eth0 lladdr fa:98:f1:23:29:d4 STALE/);
  });

  it('speaks from the address on the link, not from that of the way to a router', () => {
    const lab = pair();
    lab.exec('a', 'ip addr add 192.0.2.7/32 dev lo', 'ip route add default via 10.0.0.2 src 192.0.2.7');
    expect(arping(lab, { to: '10.7.7.7' }).frames).toEqual([request(0, ALL, '0a000001', '0a070707')]);
  });

  it('says why it cannot begin', () => {
    const lab = pair();
    const failure = (options: object): string[] => arping(lab, options).output;
    expect(failure({ to: '10.0.0.50', mode: 'unsolicited' })).toEqual([
      'arping: bind: Cannot assign requested address',
    ]);
    expect(failure({ to: '10.0.0.2', source: '10.9.9.9' })).toEqual(['arping: bind: Cannot assign requested address']);
    expect(failure({ to: '10.0.0.2', device: 'eth7' })).toEqual(['Device eth7 not available.']);
    expect(failure({ to: '127.0.0.1', device: 'lo' })).toEqual(['Interface "lo" is not ARPable']);
    lab.exec('a', 'ip link set eth0 down');
    expect(failure({ to: '10.0.0.2' })).toEqual(['Interface "eth0" is down']);
    expect(lab.frames('a:eth0')).toEqual([]);
  });

  it('counts in whole seconds', () => {
    const step = { arping: { from: 'a', to: '10.0.0.2', device: 'eth0', interval: '1500ms' } };
    const read = scenarioSchema.safeParse({ name: 'x', topology: 'none', steps: [step] });
    expect(read.success).toBe(false);
  });
});
