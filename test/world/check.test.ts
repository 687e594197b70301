import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkTopology } from '../../sim/world/check.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import { single, twoDevices } from '../comware/topologies.ts';

/** `CODE path` of each finding, the path from `topology` on. */
function check(nodes: object, ends: readonly (readonly [string, string])[] = []): string[] {
  const links = ends.map((endpoints) => ({ endpoints }));
  const topology = topologySchema.parse({ topology: { nodes, links } });
  return checkTopology(topology).map(({ code, path }) => `${code} ${path.slice(1).join('/')}`);
}

const linux = (address?: string | string[], more: object = {}): object => ({
  kind: 'linux',
  interfaces: { eth0: address === undefined ? {} : { address } },
  ...more,
});
const comware = (interfaces: object, more: object = {}): object => ({ kind: 'comware', interfaces, ...more });

describe('a sound topology', () => {
  it('has no findings', () => {
    for (const { nodes, links } of [single, twoDevices]) {
      expect(
        check(
          nodes,
          links.map(({ endpoints: [a = '', b = ''] }) => [a, b] as const),
        ),
      ).toEqual([]);
    }
  });
});

describe('ends of links', () => {
  const nodes = { a: linux(), b: linux(), dev: comware({ 'GE1/0/1': {} }), sw: { kind: 'bridge' } };

  it.each([
    [['a:eth0', 'nobody:eth0'], 'UNKNOWN_NODE links/0/endpoints/1'],
    [['a:eth1', 'b:eth0'], 'UNKNOWN_INTERFACE links/0/endpoints/0'],
    [['dev:GE1/0/2', 'b:eth0'], 'UNKNOWN_INTERFACE links/0/endpoints/0'],
    [['dev:LoopBack0', 'b:eth0'], 'UNKNOWN_INTERFACE links/0/endpoints/0'],
    [['b:eth0', 'dev:Virtual-Eth-Group0'], 'UNKNOWN_INTERFACE links/0/endpoints/1'],
    [['a:eth0', 'a:eth0'], 'INTERFACE_TWICE links/0/endpoints/1'],
  ] as const)('%j: %s', (ends, finding) => {
    expect(check(nodes, [ends])).toEqual([finding]);
  });

  it('a port takes one cable, by whichever of its names', () => {
    const ends = [
      ['a:eth0', 'dev:GE1/0/1'],
      ['b:eth0', 'dev:GigabitEthernet1/0/1'],
    ] as const;
    expect(check(nodes, ends)).toEqual(['INTERFACE_TWICE links/1/endpoints/1']);
    expect(
      check(nodes, [
        ['a:eth0', 'sw:1'],
        ['b:eth0', 'sw:1'],
      ]),
    ).toEqual(['INTERFACE_TWICE links/1/endpoints/1']);
  });

  it('a bridge takes none itself', () => {
    const bridged = {
      h: { kind: 'linux', interfaces: { br0: { kind: 'bridge', ports: ['p0'] }, p0: {} } },
      a: linux(),
    };
    expect(check(bridged, [['h:br0', 'a:eth0']])).toEqual(['UNKNOWN_INTERFACE links/0/endpoints/0']);
    expect(check(bridged, [['h:p0', 'a:eth0']])).toEqual([]);
  });

  it('a node that lists no interface takes any cable', () => {
    expect(check({ a: { kind: 'linux' }, b: linux() }, [['a:eth7', 'b:eth0']])).toEqual([]);
  });
});

describe('bridges of a Linux node', () => {
  const bridge = (interfaces: object): string[] => check({ h: { kind: 'linux', interfaces } });

  it('have ports that are Ethernet interfaces of the same node, and of no other bridge', () => {
    expect(bridge({ eth0: { ports: ['eth1'] }, eth1: {} })).toEqual(['BAD_VALUE nodes/h/interfaces/eth0/ports']);
    expect(bridge({ br0: { kind: 'bridge', ports: ['eth9'] } })).toEqual([
      'UNKNOWN_INTERFACE nodes/h/interfaces/br0/ports/0',
    ]);
    expect(bridge({ br0: { kind: 'bridge', ports: ['br1'] }, br1: { kind: 'bridge' } })).toEqual([
      'UNKNOWN_INTERFACE nodes/h/interfaces/br0/ports/0',
    ]);
    expect(bridge({ br0: { kind: 'bridge', ports: ['p'] }, br1: { kind: 'bridge', ports: ['p'] }, p: {} })).toEqual([
      'INTERFACE_TWICE nodes/h/interfaces/br1/ports/0',
    ]);
  });
});

describe('gateways', () => {
  it('of a Linux node lie in one of its subnets, unless the route says onlink or a device route leads there', () => {
    const at = (...routes: string[]): string[] => check({ h: linux(['10.0.0.2/24', '10.1.0.2/24'], { routes }) });
    expect(at('default via 10.1.0.1')).toEqual([]);
    expect(at('default via 10.2.0.1', '10.9.0.0/16 via 10.0.0.1')).toEqual(['GATEWAY_OUTSIDE nodes/h/routes/0']);
    expect(at('default via 10.2.0.1 dev eth0 onlink')).toEqual([]);
    expect(at('10.2.0.1 dev eth0', 'default via 10.2.0.1')).toEqual([]);
    expect(check({ h: linux(undefined, { routes: ['default via 10.0.0.1'] }) })).toEqual([
      'GATEWAY_OUTSIDE nodes/h/routes/0',
    ]);
  });

  it('of a Comware device may be reached by another static route', () => {
    const at = (...routes: string[]): string[] =>
      check({ d: comware({ 'GE1/0/1': { address: '10.0.0.1/24' } }, { routes }) });
    expect(at('default via 10.0.0.2')).toEqual([]);
    expect(at('default via 10.7.0.2')).toEqual(['GATEWAY_OUTSIDE nodes/d/routes/0']);
    expect(at('10.8.0.0/16 via 10.7.0.2', '10.7.0.0/24 via 10.0.0.2')).toEqual([]);
    expect(at('10.8.0.0/16 dev NULL0')).toEqual([]);
  });

  it.each([
    'nonsense via 10.0.0.2',
    'default by 10.0.0.2',
    'default via 10.0.0',
    'default',
    'default dev GE1/0/1',
    'default via 10.0.0.2 preference 0',
    'default via 10.0.0.2 preference x',
    'default via 10.0.0.2 metric 5',
  ])('a Comware route "%s" is malformed', (route) => {
    expect(
      check({ d: comware({ 'GE1/0/1': { address: '10.0.0.1/24' } }, { routes: ['10.9.0.0/16 via 10.0.0.9', route] }) }),
    ).toEqual(['BAD_VALUE nodes/d/routes/1']);
  });
});

describe('interfaces of a Comware device', () => {
  it('are listed once, by whichever name', () => {
    expect(check({ d: comware({ 'GE1/0/1': {}, 'gigabitethernet1/0/1': {} }) })).toEqual([
      'INTERFACE_TWICE nodes/d/interfaces/gigabitethernet1/0/1',
    ]);
  });

  it('have subnets that do not overlap', () => {
    const d = comware({
      'GE1/0/1': { address: '10.0.0.1/16' },
      'GE1/0/2': { address: '10.0.7.1/24' },
      'Virtual-Eth-Group0': { address: '10.1.0.1/24' },
    });
    expect(check({ d })).toEqual(['SUBNET_OVERLAP nodes/d/interfaces/GE1/0/2/address']);
  });
});

describe('containers', () => {
  const groups = { 'Virtual-Eth-Group0': { address: '10.1.0.1/24' }, 'Virtual-Eth-Group1': { address: '10.2.0.1/24' } };
  const at = (containers: object, interfaces: object = groups): string[] =>
    check({ d: comware(interfaces, { containers }) });

  it('have names of their own', () => {
    expect(at({ comware: { network_mode: 'none' }, host: { network_mode: 'none' } })).toEqual([
      'NAME_TWICE nodes/d/containers/comware',
      'NAME_TWICE nodes/d/containers/host',
    ]);
  });

  it('name their network when there is a choice, or none at all', () => {
    expect(at({ c: {} })).toEqual(['MISSING_KEY nodes/d/containers/c']);
    expect(at({ c: {} }, {})).toEqual(['MISSING_KEY nodes/d/containers/c']);
    expect(at({ c: { network_mode: 'none' } }, {})).toEqual([]);
    expect(at({ c: {} }, { 'Virtual-Eth-Group4': { address: '10.1.0.1/24' } })).toEqual([]);
    expect(at({ c: { networks: ['Virtual-Eth-Group7'] } })).toEqual([
      'UNKNOWN_INTERFACE nodes/d/containers/c/networks',
    ]);
    const both = { 'Virtual-Eth-Group0': null, 'Virtual-Eth-Group1': null };
    expect(at({ c: { networks: both } })).toEqual(['BAD_VALUE nodes/d/containers/c/networks']);
  });

  it('have fixed addresses of the subnet, that nobody else has', () => {
    const fixed = (ipv4_address: string): object => ({ networks: { 'Virtual-Eth-Group1': { ipv4_address } } });
    const where = 'networks/Virtual-Eth-Group1/ipv4_address';
    expect(at({ c: fixed('10.1.0.9') })).toEqual([`GATEWAY_OUTSIDE nodes/d/containers/c/${where}`]);
    expect(at({ c: fixed('10.2.0.1') })).toEqual([`ADDRESS_TWICE nodes/d/containers/c/${where}`]);
    expect(at({ c: fixed('10.2.0.9'), e: fixed('10.2.0.9') })).toEqual([`ADDRESS_TWICE nodes/d/containers/e/${where}`]);
  });
});

describe('addresses on a segment', () => {
  it('are had by one interface: over a cable, a switch and a bridge of a node', () => {
    expect(
      check({ a: linux('10.0.0.1/24'), b: linux(['10.0.0.2/24', '10.0.0.1/24']) }, [['a:eth0', 'b:eth0']]),
    ).toEqual(['ADDRESS_TWICE nodes/b/interfaces/eth0/address/1']);
    const nodes = {
      a: linux('10.0.0.1/24'),
      sw: { kind: 'bridge' },
      h: {
        kind: 'linux',
        interfaces: { br0: { kind: 'bridge', address: '10.0.0.1/24', ports: ['p0', 'p1'] }, p0: {}, p1: {} },
      },
      d: comware({ 'GE1/0/1': { address: '10.0.0.1/24' } }),
    };
    const links = [
      ['a:eth0', 'sw:1'],
      ['h:p0', 'sw:2'],
      ['h:p1', 'd:GigabitEthernet1/0/1'],
    ] as const;
    expect(check(nodes, links)).toEqual([
      'ADDRESS_TWICE nodes/h/interfaces/br0/address',
      'ADDRESS_TWICE nodes/d/interfaces/GE1/0/1/address',
    ]);
    // The same three on segments of their own are nobody's business.
    expect(check(nodes)).toEqual([]);
  });
});

it('every topology of this repository is sound', async () => {
  const { parse } = await import('yaml');
  const text = readFileSync('topologies/whitepaper/separate-namespace.yaml', 'utf8');
  expect(checkTopology(topologySchema.parse(parse(text)))).toEqual([]);
});

describe('the name of an interface', () => {
  const named = (name: string): string[] => check({ a: { kind: 'linux', interfaces: { [name]: {} } } });

  it('is what Linux lets a device be called', () => {
    for (const name of ['eth0', 'eth0.10', 'br-lan', 'e!', '...', 'x'.repeat(15), 'née', '__proto', 'constructor']) {
      expect(named(name)).toEqual([]);
    }
  });

  it.each(['a b', 'a/b', '../../x', '..', '.', 'a:b', 'a\tb', 'a\u00a0b', 'é'.repeat(8)])('is not "%s"', (name) => {
    expect(named(name)).toEqual([`BAD_VALUE nodes/a/interfaces/${name}`]);
  });

  it('holds nothing that steers a terminal or turns the direction of writing', () => {
    for (const name of ['e\u001b[31m', 'e\u0007', 'e\u009b1m', 'e\u202ex', 'e\u200bx', 'e\ud800']) {
      expect(named(name)).toEqual([`BAD_VALUE nodes/a/interfaces/${name}`]);
    }
  });

  it('is held to the same where only a link gives it', () => {
    const nodes = { a: { kind: 'linux' }, b: { kind: 'linux' }, sw: { kind: 'bridge' } };
    expect(
      check(nodes, [
        ['a:../x', 'b:eth0'],
        ['sw:GE1/0/1', 'b:eth1'],
        ['sw:\u001bc', 'b:eth2'],
      ]),
    ).toEqual(['BAD_VALUE links/0/endpoints/0', 'BAD_VALUE links/2/endpoints/0']);
  });

  it('is not one that every object has', () => {
    expect(check({ a: linux() }, [['constructor:eth0', 'a:eth0']])).toEqual(['UNKNOWN_NODE links/0/endpoints/0']);
    expect(check({ a: linux() }, [['a:toString', 'a:eth0']])).toEqual(['UNKNOWN_INTERFACE links/0/endpoints/0']);
  });
});
