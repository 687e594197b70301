import { describe, expect, it } from 'vitest';
import { problemText } from '../../sim/show/problem-text.ts';
import type { TopologyInput } from '../../sim/world/topology-schema.ts';
import { buildSource, topologyOf } from '../../sim/world/topology-source.ts';

type Given = TopologyInput['topology'];

function refusals(given: unknown): string[] {
  const loaded = topologyOf(given as Given);
  if ('problems' in loaded) return loaded.problems.map(problemText);
  return buildSource(loaded.source, { seed: 1, trace: false, capture: false }).problems.map(problemText);
}

describe('a topology that is written in code', () => {
  it('is told what is wrong with it by the path that leads there', () => {
    const gw = { kind: 'linux', interfaces: { eth0: { adress: '10.0.0.1/24' } }, routes: ['default via nowhere'] };
    expect(refusals({ nodes: { gw, 'device-a': { kind: 'comware', interfaces: { 'GE1/0/1': { mtu: 9 } } } } })).toEqual(
      [
        'nodes.gw.interfaces.eth0.adress: error: unknown key "adress" [UNKNOWN_KEY]\n   hint: did you mean "address"?',
        'nodes["device-a"].interfaces["GE1/0/1"].mtu: error: expected at least 68, found 9 [BAD_VALUE]',
      ],
    );
  });

  it('is told all at once, each thing once', () => {
    const pc = { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } } };
    const endpoints = ['pc1:eth0', 'pc3:eth0'];
    expect(refusals({ nodes: { pc1: pc, pc2: pc }, links: [{ endpoints }, { endpoints }] })).toEqual([
      'links[0].endpoints[1]: error: there is no node "pc3" [UNKNOWN_NODE]\n   hint: nodes are pc1, pc2',
      'links[1].endpoints[0]: error: pc1:eth0 already has the cable of link 1 [INTERFACE_TWICE]',
      'links[1].endpoints[1]: error: there is no node "pc3" [UNKNOWN_NODE]\n   hint: nodes are pc1, pc2',
    ]);
  });

  it('is told what the kernel refuses, and in which line of a block', () => {
    const iptables = '*filter\n-A FORWARD -p tpc -j DROP\nCOMMIT\n';
    const exec = ['ip route add default via 10.0.0.1'];
    expect(refusals({ nodes: { gw: { kind: 'linux', exec, iptables } } })).toEqual([
      'nodes.gw.iptables, line 2: error: unknown protocol "tpc" specified [COMMAND]',
      'nodes.gw.exec[0]: error: Error: Nexthop has invalid gateway. [COMMAND]',
    ]);
  });

  it('may be anything at all, and nothing is thrown', () => {
    for (const given of [undefined, null, 7, [], 'pc1', { nodes: null }, { nodes: { __proto__: null, x: 1 } }]) {
      expect(refusals(given).join('\n')).toMatch(/error: /);
    }
    const circle: Record<string, unknown> = { kind: 'linux' };
    circle.interfaces = circle;
    expect(refusals({ nodes: { gw: circle } }).length).toBeGreaterThan(0);
  });
});
