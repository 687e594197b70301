import { describe, expect, it } from 'vitest';
import { type CommandFault, configure } from '../../sim/comware/command.ts';
import { must } from '../../sim/core/assert.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import { Lab } from '../bench.ts';

const node = { kind: 'comware', interfaces: { 'GE1/0/1': {}, 'GE1/0/2': { address: '10.0.2.1/24' } } };
const peers = {
  p1: { kind: 'linux', interfaces: { eth0: { address: '10.0.1.2/24' } } },
  p2: { kind: 'linux', interfaces: { eth0: { address: '10.0.2.2/24' } } },
};
const links = [{ endpoints: ['dev:GE1/0/1', 'p1:eth0'] }, { endpoints: ['dev:GE1/0/2', 'p2:eth0'] }];

function device(more: object = {}): Lab {
  return new Lab({ dev: { ...node, ...more }, ...peers }, links);
}

function enter(lab: Lab, ...lines: string[]): CommandFault[] {
  return configure(must(lab.stack('dev').comware, 'dev is Comware'), lines.join('\n'));
}

describe('configuration lines', () => {
  it('are taken as the device prints them, from a topology file', () => {
    const lab = device({
      configuration: [
        '#',
        '',
        'interface LoopBack0',
        ' ip address 9.9.9.9 255.255.255.255',
        '#',
        'interface GigabitEthernet1/0/1',
        ' description to p1',
        ' ip address 10.0.1.1 24',
        'quit',
        ' ip route-static 0.0.0.0 0 10.0.1.2 preference 70',
        ' ip route-static 172.16.0.0 255.240.0.0 NULL0',
        ' ip ttl-expires enable',
        'return',
      ].join('\n'),
    });
    expect(lab.ping('p1', '9.9.9.9', {}).probe.sent[0]?.errno).toBe('ENETUNREACH');
    const rows = lab.show('dev', 'route').replace(/ +/g, ' ');
    expect(rows).toContain('0.0.0.0/0 Static 70 0 10.0.1.2 GE1/0/1');
    expect(rows).toContain('172.16.0.0/12 Static 60 0 0.0.0.0 NULL0');
    expect(rows).toContain('9.9.9.9/32 Direct 0 0 127.0.0.1 InLoop0');
    expect(lab.ping('p2', '10.0.2.1').probe.replies).toHaveLength(1);
  });

  it('that are unknown or malformed are all reported, each with its line', () => {
    const bad = [
      'hostname x',
      'interface GE1/0/99',
      'interface Nonsense0',
      'interface Loop 0 0',
      'ip route-static 10.0.0.0 33 10.0.2.2',
      'ip route-static 10.0.0.0 255.0.255.0 10.0.2.2',
      'ip route-static 10.0.0.0 8',
      'ip route-static 10.0.0.0 8 10.0.2.x',
      'ip route-static 10.0.0.0 8 10.0.2.2 preference 0',
      'ip route-static 10.0.0.0 8 10.0.2.2 preference 256',
      'ip route-static 10.0.0.0 8 10.0.2.2 track 1',
      'ip route-static 10.0.0.0 8 10.0.2.1',
      'ip ttl-expires',
      'ip ttl-expires enable now',
      'tpa ip source',
      'tpa ip sourceinterface LoopBack0',
      'tpa ip source interface',
      'tpa ip source interface Ethernet',
      'shutdown',
      'ip address 1.2.3.4 24',
      'undo ip route-static 10.0.0.0 8',
      'undo interface GE1/0/1',
      'undo interface LoopBack7',
      'undo frobnicate',
      'undo',
      'return now',
    ];
    const lab = device();
    const before = lab.world.snapshot(lab.stack('dev'));
    // A comment between them: every second line is at fault.
    const faults = enter(lab, ...bad.flatMap((line) => [line, '#']));
    expect(faults.map(({ text, line }) => [text, line])).toEqual(bad.map((text, index) => [text, 2 * index]));
    expect(faults.every(({ message }) => message.length > 10)).toBe(true);
    expect(lab.world.snapshot(lab.stack('dev')).comware).toEqual(before.comware);
  });

  it.each([
    ['ip address 10.0.1.1', 'Wrong address'],
    ['ip address 10.0.1.1 24 sub', 'Wrong address'],
    ['ip address 10.0.1.0 24', 'network or broadcast'],
    ['ip address 10.0.1.255 24', 'network or broadcast'],
    ['ip address 224.0.0.1 24', 'cannot be'],
    ['ip address 127.0.0.1 8', 'cannot be'],
    ['ip address 0.1.2.3 8', 'cannot be'],
    ['ip address 10.0.1.1 32', 'must be'],
    ['ip address 10.0.2.77 25', 'overlaps'],
    ['ip address 10.0.0.1 8', 'overlaps'],
    ['undo ip address 10.0.1.1 24', 'no such address'],
    ['shutdown now', 'Unrecognized'],
    ['description', 'Unrecognized'],
  ])('%s is refused on an interface: %s', (line, message) => {
    const lab = device();
    const faults = enter(lab, 'interface GE1/0/1', ` ${line}`);
    expect(faults).toMatchObject([{ line: 1, text: line }]);
    expect(faults[0]?.message).toContain(message);
    expect(lab.show('dev/comware', 'addr', 'linux')).not.toContain('eth2');
  });

  it('in a topology are findings with the line in the block', () => {
    const topology = topologySchema.parse({
      topology: { nodes: { dev: { ...node, configuration: 'interface GE1/0/1\n ip address 1.1.1.1 24\n vlan 7\n' } } },
    });
    const { findings } = buildWorld(topology, { seed: 1, trace: false, capture: false });
    expect(findings).toEqual([
      {
        code: 'COMMAND',
        message: 'Unrecognized command: vlan 7',
        path: ['topology', 'nodes', 'dev', 'configuration'],
        blockLine: 2,
      },
    ]);
  });

  it('a command of the system view leaves the interface view', () => {
    const lab = device();
    const faults = enter(lab, 'interface GE1/0/1', 'ip ttl-expires enable', 'ip address 10.0.1.1 24');
    expect(faults).toMatchObject([{ line: 2 }]);
  });

  it('undo what they did', () => {
    const lab = device();
    const before = [lab.show('dev', 'route'), lab.show('dev/comware', 'route', 'linux'), lab.show('dev', 'addr')];
    const done = [
      'interface LoopBack5',
      'ip address 5.5.5.5 32',
      'interface Virtual-Eth-Group3',
      'ip address 10.33.0.1 24',
      'interface GE1/0/1',
      'ip address 10.0.1.1 24',
      'shutdown',
      'ip route-static 10.8.0.0 16 10.0.2.2',
      'ip route-static 10.8.0.0 16 10.0.2.3',
      'tpa ip source interface LoopBack5',
    ];
    expect(enter(lab, ...done)).toEqual([]);
    expect(lab.show('dev/comware', 'route', 'linux')).toContain('default dev vrfif0 scope link src 5.5.5.5');
    const undone = [
      'undo tpa ip source interface',
      'undo ip route-static 10.8.0.0 16 10.0.2.2',
      'undo ip route-static 10.8.0.0 16',
      'interface GE1/0/1',
      'undo ip address 10.0.1.1 24',
      'undo shutdown',
      'undo interface Virtual-Eth-Group3',
      'undo interface LoopBack5',
    ];
    expect(enter(lab, ...undone)).toEqual([]);
    expect([lab.show('dev', 'route'), lab.show('dev/comware', 'route', 'linux'), lab.show('dev', 'addr')]).toEqual(
      before,
    );
    lab.world.audit();
  });

  it('a malformed undo removes nothing', () => {
    const lab = device({ routes: ['10.8.0.0/16 via 10.0.2.2'] });
    const faults = enter(
      lab,
      'undo ip route-static 10.8.0.0 16 nonsense',
      'undo ip route-static 10.8.0.0 16 10.0.2.9',
      'undo ip route-static 10.8.0.0 16 10.0.2.2 preference 60',
      'undo tpa ip source interface nonsense',
    );
    expect(faults.map(({ line }) => line)).toEqual([0, 1, 2, 3]);
    expect(lab.show('dev', 'route')).toContain('10.8.0.0/16');
  });

  it('an address replaces the one before, in Comware and in the kernel', () => {
    const lab = device();
    lab.ping('p2', '10.0.2.1');
    expect(enter(lab, 'interface GE1/0/2', 'ip address 10.0.2.254 24')).toEqual([]);
    expect(lab.ping('p2', '10.0.2.1').probe.replies).toEqual([]);
    expect(lab.ping('p2', '10.0.2.254').probe.replies.map(({ ttl }) => ttl)).toEqual([255]);
    expect(lab.show('dev/comware', 'addr', 'linux')).not.toContain('10.0.2.1/24');
  });
});

describe('shutdown', () => {
  it('takes the routes out of Comware and of the kernel, and the peer loses its carrier', () => {
    const lab = device();
    const routes = (): string[] => [lab.show('dev', 'route'), lab.show('dev/comware', 'route', 'linux')];
    const before = routes();
    lab.ping('p2', '10.0.2.1');
    expect(enter(lab, 'interface GE1/0/2', 'shutdown')).toEqual([]);
    for (const text of routes()) expect(text).not.toContain('10.0.2.0/24');
    expect(lab.show('dev', 'neigh')).not.toContain('10.0.2.2');
    expect(lab.show('dev', 'addr')).toMatch(/GE1\/0\/2 +\*down +down/);
    expect(lab.ping('p2', '10.0.2.1').probe.replies).toEqual([]);
    expect(lab.ping('dev', '10.0.2.2').probe.sent[0]?.errno).toBe('ENETUNREACH');
    expect(enter(lab, 'interface GE1/0/2', 'undo shutdown')).toEqual([]);
    expect(routes()).toEqual(before);
    expect(lab.ping('p2', '10.0.2.1').probe.replies).toHaveLength(1);
  });
});

describe('static routes', () => {
  const routes = (lab: Lab): string[] =>
    lab
      .stack('dev')
      .comware?.statics.map(({ prefix, nextHop, interface: out }) => `${prefix.length} ${out ?? nextHop & 255}`) ?? [];

  it('are told apart by network, length, next hop and interface', () => {
    const lab = device();
    const all = ['8 10.0.2.2', '16 10.0.2.2', '8 10.0.2.3', '8 NULL0'].map(
      (rest) => `ip route-static 10.0.0.0 ${rest}`,
    );
    expect(enter(lab, ...all, ...all, 'ip route-static 11.0.0.0 8 10.0.2.2')).toEqual([]);
    expect(routes(lab)).toEqual(['8 2', '16 2', '8 3', '8 NULL0', '8 2']);
  });

  it('are undone by what is named of them', () => {
    const left = (...words: readonly string[]): string[] => {
      const lab = device();
      const all = [
        '10.0.0.0 8 10.0.2.2',
        '10.0.0.0 16 10.0.2.2',
        '10.0.0.0 8 10.0.2.3',
        '10.0.0.0 8 NULL0',
        '11.0.0.0 8 10.0.2.2',
      ];
      expect(enter(lab, ...all.map((rest) => `ip route-static ${rest}`))).toEqual([]);
      expect(enter(lab, ...words.map((word) => `undo ip route-static ${word}`))).toEqual([]);
      return routes(lab);
    };
    expect(left('10.0.0.0 8')).toEqual(['16 2', '8 2']);
    expect(left('10.0.0.0 8 10.0.2.2')).toEqual(['16 2', '8 3', '8 NULL0', '8 2']);
    expect(left('10.0.0.0 8 NULL0')).toEqual(['8 2', '16 2', '8 3', '8 2']);
    expect(left('10.0.0.0 16', '11.0.0.0 8 10.0.2.2')).toEqual(['8 2', '8 3', '8 NULL0']);
  });
});

describe('an address at the edge of what is allowed', () => {
  it.each<[string, string, boolean]>([
    ['GE1/0/1', '10.7.0.1 31', true],
    ['GE1/0/1', '10.7.0.0 31', true],
    ['GE1/0/1', '10.7.0.1 30', true],
    ['GE1/0/1', '10.7.0.3 30', false],
    ['GE1/0/1', '10.7.0.4 30', false],
    ['GE1/0/1', '10.7.0.1 1', false],
    ['GE1/0/1', '192.7.0.1 1', true],
    ['GE1/0/1', '192.7.0.1 0', false],
    ['LoopBack5', '10.7.0.1 32', true],
    ['LoopBack5', '10.0.2.1 32', false],
    ['GE1/0/1', '1.0.0.1 8', true],
    ['GE1/0/1', '223.255.255.1 24', true],
    ['GE1/0/1', '240.0.0.1 24', true],
    ['GE1/0/1', '10.0.3.1 24', true],
    ['GE1/0/1', '10.0.3.1 23', false],
  ])('%s may have %s: %s', (name, address, mayHave) => {
    const faults = enter(device(), `interface ${name}`, `ip address ${address}`);
    expect(faults.length === 0).toBe(mayHave);
  });
});
