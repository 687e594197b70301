import { describe, expect, it } from 'vitest';
import { checkTopology } from '../../sim/world/check.ts';
import { findLink } from '../../sim/world/find-link.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import { Lab } from '../bench.ts';

function codesFor(...routes: readonly string[]): string[] {
  const interfaces = { eth0: { address: '10.0.0.1/24' } };
  const topology = topologySchema.parse({ topology: { nodes: { a: { kind: 'linux', interfaces, routes } } } });
  return checkTopology(topology).map((finding) => finding.code);
}

describe('a gateway', () => {
  it('may lie behind a route to the link, but only within its prefix', () => {
    expect(codesFor('10.9.0.0/24 dev eth0', 'default via 10.9.0.1')).toEqual([]);
    expect(codesFor('10.9.0.1 dev eth0', 'default via 10.9.0.1')).toEqual([]);
    expect(codesFor('10.9.0.0/24 dev eth0', 'default via 10.99.0.1')).toEqual(['GATEWAY_OUTSIDE']);
  });
});

describe('a link', () => {
  it("is found by either name of a Comware port, and by either end's node", () => {
    const lab = new Lab(
      {
        d: { kind: 'comware', interfaces: { 'GE1/0/1': {} } },
        a: { kind: 'linux', interfaces: { eth0: {} } },
      },
      [{ endpoints: ['d:GigabitEthernet1/0/1', 'a:eth0'] }],
    );
    const [link] = lab.world.links;
    for (const end of ['d:GE1/0/1', 'd:GigabitEthernet1/0/1', 'a:eth0']) expect(findLink(lab.world, end)).toBe(link);
    expect(findLink(lab.world, 'a:eth1')).toBeUndefined();
  });
});
