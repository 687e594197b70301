import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { between, host } from './topologies.ts';

/** Static rows of `display ip routing-table`, spaces folded. */
function statics(lab: Lab): string[] {
  const lines = lab.show('dev', 'route').split('\n');
  return lines.filter((line) => line.includes('Static')).map((line) => line.replace(/ +/g, ' '));
}

function configure(lab: Lab, ...lines: string[]): void {
  const { outcomes } = lab.run({ configure: { on: 'dev', lines: lines.join('\n') } });
  expect(outcomes[0]?.refusal).toBeUndefined();
}

function labOf(routes: string[]): Lab {
  const { nodes, links } = between({ routes });
  return new Lab(nodes, links);
}

describe('Comware FIB', () => {
  it('takes the longest prefix, whatever the order and the preference', () => {
    const routes = ['10.5.0.0/16 dev NULL0 preference 1', '10.5.5.0/24 via 10.0.2.2 preference 200'];
    const { nodes, links } = between({ routes });
    const withTarget = { ...nodes, b: host('10.0.2.2/24', '10.0.2.1', { exec: ['ip addr add 10.5.5.5/32 dev lo'] }) };
    const lab = new Lab(withTarget, links);
    expect(lab.ping('a', '10.5.5.5').probe.replies.map(({ ttl }) => ttl)).toEqual([63]);
    expect(lab.ping('a', '10.5.6.5').drops.map(({ reason }) => reason)).toEqual(['comware:BLACKHOLE']);
  });

  it('lists one route of a prefix, of the lowest preference, and the next one when it goes', () => {
    const lab = labOf(['10.5.0.0/16 via 10.0.1.2 preference 80', '10.5.0.0/16 via 10.0.2.2']);
    expect(statics(lab)).toEqual(['10.5.0.0/16 Static 60 0 10.0.2.2 GE1/0/2']);
    lab.run({ link: { endpoint: 'b:eth0', state: 'down' } });
    expect(statics(lab)).toEqual(['10.5.0.0/16 Static 80 0 10.0.1.2 GE1/0/1']);
    lab.run({ link: { endpoint: 'b:eth0', state: 'up' } });
    expect(statics(lab)).toEqual(['10.5.0.0/16 Static 60 0 10.0.2.2 GE1/0/2']);
    configure(lab, 'undo ip route-static 10.5.0.0 16');
    expect(statics(lab)).toEqual([]);
  });

  it.each([
    [['default via 10.0.1.2', '10.8.0.0/16 via 10.7.0.1', '10.7.0.0/24 via 10.0.2.2']],
    [['10.7.0.0/24 via 10.0.2.2', '10.8.0.0/16 via 10.7.0.1', 'default via 10.0.1.2']],
    [['10.8.0.0/16 via 10.7.0.1', 'default via 10.0.1.2', '10.7.0.0/24 via 10.0.2.2']],
  ])('follows a next hop through the most specific route, in any order: %j', (routes) => {
    const lab = labOf(routes);
    expect(statics(lab)).toContain('10.8.0.0/16 Static 60 0 10.7.0.1 GE1/0/2');
    expect(lab.ping('a', '10.8.1.1').path).toContain('GE1/0/2@dev');
    configure(lab, 'undo ip route-static 10.7.0.0 24');
    expect(statics(lab)).toContain('10.8.0.0/16 Static 60 0 10.7.0.1 GE1/0/1');
  });

  it('follows a chain of next hops to its end, and drops all of it when the end is unplugged', () => {
    const lab = labOf(['10.9.0.0/16 via 10.8.0.1', '10.8.0.0/16 via 10.7.0.1', '10.7.0.0/16 via 10.0.2.2']);
    expect(statics(lab)).toHaveLength(3);
    const { request } = lab.ping('a', '10.9.9.9');
    const route = lab.steps(request).find((step) => step.kind === 'route' && step.component === 'Comware forwarding');
    expect(route).toMatchObject({ prefix: '10.9.0.0/16', gateway: '10.0.2.2', device: 'GE1/0/2' });
    configure(lab, 'interface GE1/0/2', 'shutdown');
    expect(statics(lab)).toEqual([]);
    configure(lab, 'interface GE1/0/2', 'undo shutdown');
    expect(statics(lab)).toHaveLength(3);
  });

  it('reaches the next hop of a default route through a route that is more specific', () => {
    const lab = labOf(['default via 10.7.0.1', '10.7.0.0/24 via 10.0.2.2']);
    expect(statics(lab)[0]).toBe('0.0.0.0/0 Static 60 0 10.7.0.1 GE1/0/2');
  });

  it.each([
    ['by itself', ['10.7.0.0/16 via 10.7.0.1']],
    ['by itself, over the default route', ['default via 10.0.2.2', '10.7.0.0/16 via 10.7.0.1']],
    ['in a circle', ['10.7.0.0/16 via 10.8.0.1', '10.8.0.0/16 via 10.7.0.1']],
    ['through NULL0', ['10.7.0.0/16 dev NULL0', '10.8.0.0/16 via 10.7.0.1']],
    ['nowhere', ['10.8.0.0/16 via 203.0.113.1']],
  ])('does not use a next hop that is reached %s', (_, routes) => {
    const rows = statics(labOf(routes));
    expect(rows.filter((row) => row.includes('via') || / 10\.[78]\.0\.1 /.test(row))).toEqual([]);
  });

  it('has the rows every device has, and an own, a subnet and a broadcast row for an address', () => {
    const lab = labOf([]);
    const rows = lab.show('dev', 'route');
    expect(rows).toMatch(/10\.0\.1\.0\/24 +Direct +0 +0 +10\.0\.1\.1 +GE1\/0\/1/);
    expect(rows).toMatch(/10\.0\.1\.1\/32 +Direct +0 +0 +127\.0\.0\.1 +InLoop0/);
    expect(rows).toMatch(/10\.0\.1\.255\/32 +Direct +0 +0 +10\.0\.1\.1 +GE1\/0\/1/);
    expect(rows).toMatch(/224\.0\.0\.0\/4 +Direct +0 +0 +0\.0\.0\.0 +NULL0/);
  });
});

describe('Comware forwarding between two ports', () => {
  it('takes one hop of TTL and never asks the kernel', () => {
    const { nodes, links } = between();
    const lab = new Lab(nodes, links);
    const { path, probe } = lab.ping('a', '10.0.2.2');
    expect(path.slice(4, 7)).toEqual(['GE1/0/1@dev', 'Comware forwarding@dev', 'GE1/0/2@dev']);
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([63]);
    expect(lab.frames('dev/comware:vrfif0')).toEqual([]);
  });

  it('answers for the address of either port with TTL 255, untouched', () => {
    const { nodes, links } = between();
    const lab = new Lab(nodes, links);
    for (const to of ['10.0.1.1', '10.0.2.1']) {
      expect(lab.ping('a', to).probe.replies.map(({ ttl }) => ttl)).toEqual([255]);
    }
  });
});
