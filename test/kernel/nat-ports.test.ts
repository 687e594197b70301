import { afterEach, describe, expect, it } from 'vitest';
import type { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { deviceOf, masquerade, natLab } from './nat-lab.ts';

/* Two inside hosts with the same port, or identifier, and one outside address: reference lab 07, Linux 6.18. */

let lab: Lab;

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

/** Sends from both inside hosts by the same port; the ports seen outside. */
function twoClients(sourcePort: number, range = {}, seed = 1): number[] {
  lab = natLab({}, seed);
  masquerade(lab, 'gw', 'eth2', range);
  const sent = ['in1', 'in2'].map((host) => lab.udp(host, '198.51.100.2:7', { source_port: sourcePort }));
  expect(sent.map(({ probe }) => probe.replies.length)).toEqual([1, 1]);
  return [...lab.show('gw', 'conntrack').matchAll(/sport=7 dport=(\d+)/g)].map((match) => Number(match[1]));
}

describe('the port a masquerade gives', () => {
  it('is not that of an earlier connection of the client that has expired', () => {
    const [, second] = twoClients(40000);
    expect(second).not.toBe(40000);
    lab.run({ wait: '200s' });
    lab.udp('in2', '198.51.100.3:7', { source_port: 40000 });
    expect(lab.show('gw', 'conntrack')).toMatch(/src=10.0.2.2 dst=198.51.100.3 sport=40000 .* dport=40000 /);
  });

  it('is the one the client has, as long as it is free; then one of its class', () => {
    for (let seed = 1; seed < 5; seed++) {
      const [first, second = 0] = twoClients(40000, {}, seed);
      expect(first).toBe(40000);
      expect(second).not.toBe(40000);
      expect(second).toBeGreaterThanOrEqual(1024);
    }
  });

  it.each([
    [700, 600, 1023],
    [500, 1, 511],
  ])('of a client at %i lies in %i to %i', (port, least, most) => {
    const [first, second = 0] = twoClients(port);
    expect(first).toBe(port);
    expect(second).not.toBe(port);
    expect(second >= least && second <= most).toBe(true);
  });

  it('is random from the start with --random', () => {
    const ports = twoClients(40000, { random: true });
    for (const port of ports) expect(port).toBeGreaterThanOrEqual(1024);
    expect(ports).not.toContain(40000);
  });

  it('is the remaining one of --to-ports 40000-40001', () => {
    expect(twoClients(40000, { ports: [40000, 40001] })).toEqual([40000, 40001]);
  });

  it('is kept for another destination: only the whole answer tells two apart', () => {
    lab = natLab();
    lab.exec('out', 'ip addr add 198.51.100.3/24 dev eth0');
    masquerade(lab, 'gw', 'eth2');
    lab.udp('in1', '198.51.100.2:7', { source_port: 40000 });
    lab.udp('in2', '198.51.100.3:7', { source_port: 40000 });
    expect(lab.show('gw', 'conntrack').match(/dport=40000 (?=\[|mark)/g)).toHaveLength(2);
  });

  it('is the one that the client was given elsewhere, so that it is one and the same to everybody', () => {
    lab = natLab();
    lab.exec('out', 'ip addr add 198.51.100.3/24 dev eth0');
    masquerade(lab, 'gw', 'eth2');
    lab.udp('in1', '198.51.100.2:7', { source_port: 40000 });
    lab.udp('in2', '198.51.100.2:7', { source_port: 40000 });
    const given = /src=10.0.2.2 dst=198.51.100.2 .* sport=7 dport=(\d+)/.exec(lab.show('gw', 'conntrack'))?.[1];
    expect(given).not.toBe('40000');
    // 40000 is free towards this one, and is not taken; another port of the same client goes its own way.
    lab.udp('in2', '198.51.100.3:7', { source_port: 40000 });
    lab.udp('in2', '198.51.100.3:7', { source_port: 40001 });
    expect(lab.show('gw', 'conntrack')).toMatch(
      new RegExp(`src=10.0.2.2 dst=198.51.100.3 sport=40000 .* dport=${given} `),
    );
    expect(lab.show('gw', 'conntrack')).toMatch(/src=10.0.2.2 dst=198.51.100.3 sport=40001 .* dport=40001 /);
  });

  it('--to-ports 40000 has no second one: the packet is dropped and nothing is entered', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2', { ports: [40000, 40000] });
    expect(lab.udp('in1', '198.51.100.2:7', { source_port: 40000 }).probe.replies).toHaveLength(1);
    const second = lab.udp('in2', '198.51.100.2:7', { source_port: 40000 });
    expect(second.drops).toMatchObject([{ reason: 'kernel:NETFILTER_DROP', function: 'nf_hook_slow' }]);
    expect(lab.show('gw', 'conntrack').split('\n')).toHaveLength(2);
    expect(lab.stack('gw').net.conntrack.statistics.insert_failed).toBe(1);
  });
});

describe('ping through a masquerade', () => {
  it('c1-ext: keeps its identifier and its IP id; the answer comes back to who asked', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    expect(lab.ping('in1', '198.51.100.2').probe.replies).toMatchObject([{ ttl: 63, intact: true }]);
    expect(linesOf(lab, 'out:eth0').map((line) => line.slice(6))).toEqual([
      '198.51.100.1>198.51.100.2 len=84 ttl=63 DF id=n echo request 1',
      '198.51.100.2>198.51.100.1 len=84 ttl=64 id=n echo reply 1',
    ]);
    const [inside, outside] = ['in1:eth0', 'out:eth0'].map((point) => {
      const bytes = lab.frames(point).find((frame) => frame.bytes[12] === 8 && frame.bytes[13] === 0)?.bytes;
      return [bytes?.slice(18, 20), bytes?.slice(38, 40)];
    });
    expect(inside).toEqual(outside);
  });

  it('of two with one identifier the second gets another, and both get their answers', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    const identifiers = new Set<string>();
    for (let round = 0; round < 3; round++) {
      for (const host of ['in1', 'in2']) expect(lab.ping(host, '198.51.100.2').probe.replies).toHaveLength(1);
    }
    for (const match of lab.show('gw', 'conntrack').matchAll(/type=0 code=0 id=(\d+)/g))
      identifiers.add(match[1] ?? '');
    expect(identifiers.size).toBe(6);
  });
});

describe('a masqueraded connection', () => {
  it('is rewritten in sight of the trace', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    const sent = lab.udp('in1', '198.51.100.2:7', { source_port: 40000 });
    const told = (steps: readonly { kind: string }[]) =>
      steps.filter(({ kind }) => kind === 'hook' || kind === 'rewrite');
    expect(told(sent.requestSteps)).toMatchObject([
      { hook: 'PREROUTING', by: 'conntrack: NEW, original of udp 10.0.1.2:40000 -> 198.51.100.2:7' },
      { field: 'TTL' },
      { hook: 'POSTROUTING', by: 'nat: source bound, answers are udp 198.51.100.2:7 -> 198.51.100.1:40000' },
      { field: 'source', before: '10.0.1.2:40000', after: '198.51.100.1:40000' },
    ]);
    expect(told(sent.replySteps)).toMatchObject([
      { hook: 'PREROUTING', by: 'conntrack: ESTABLISHED, reply of udp 10.0.1.2:40000 -> 198.51.100.2:7' },
      { field: 'destination', before: '198.51.100.1:40000', after: '10.0.1.2:40000' },
      { field: 'TTL' },
    ]);
  });

  it('ends when its address goes, or its interface goes down', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    const { net } = lab.stack('gw');
    lab.udp('in1', '198.51.100.2:7');
    expect(net.conntrack.count).toBe(1);
    lab.exec('gw', 'ip addr add 198.51.100.9/24 dev eth2', 'ip addr del 198.51.100.9/24 dev eth2');
    expect(net.conntrack.count).toBe(1);
    lab.exec('gw', 'ip addr del 198.51.100.1/24 dev eth2');
    expect(net.conntrack.count).toBe(0);
    lab.exec('gw', 'ip addr add 198.51.100.1/24 dev eth2');
    lab.udp('in1', '198.51.100.2:7');
    expect(net.conntrack.count).toBe(1);
    lab.exec('gw', 'ip link set eth2 down');
    expect(net.conntrack.count).toBe(0);
  });

  it('whose route moves to another interface is ended, its packet dropped', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    masquerade(lab, 'gw', 'eth1');
    lab.udp('in1', '198.51.100.2:7', { source_port: 40000 });
    lab.exec('gw', 'ip route add 198.51.100.2/32 via 10.0.2.2 dev eth1');
    const sent = lab.udp('in1', '198.51.100.2:7', { source_port: 40000 });
    expect(sent.drops).toMatchObject([{ reason: 'kernel:NETFILTER_DROP' }]);
    expect(lab.show('gw', 'conntrack')).toBe('');
  });

  it('is dropped where the interface has no address to hide behind', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    const device = deviceOf(lab, 'gw', 'eth2');
    lab.ping('in1', '10.0.1.1');
    lab.exec('gw', 'ip addr flush dev eth2', 'ip route add 198.51.100.0/24 dev eth2');
    lab.exec('gw', 'ip addr flush dev eth0', 'ip addr flush dev eth1', 'ip route add 10.0.1.0/24 dev eth0');
    const sent = lab.udp('in1', '198.51.100.2:7');
    expect(sent.drops).toMatchObject([{ detail: `${device.name} ate my IP address` }]);
  });
});
