import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { loadScenario } from '../../sim/app/sources.ts';
import { writePcapng } from '../../sim/capture/pcapng.ts';
import { filterNames } from '../../sim/explain/lab-names.ts';
import { toldCaptures } from '../../sim/explain/told-captures.ts';
import { compileFilter } from '../../sim/filter/filter.ts';
import { runScenario } from '../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { buildSource, readTopology } from '../../sim/world/topology-source.ts';
import type { World } from '../../sim/world/world.ts';
import { hasTshark, needsTshark, TemporaryFolder, tshark, tsharkFields } from '../tools.ts';
import { cutawayIn, temporaryFolder } from './cli.ts';

const LAB = `
topology:
  nodes:
    pc:
      kind: linux
      interfaces: { eth0: { address: 192.168.1.2/24 } }
      routes: ["default via 192.168.1.1"]
    gw:
      kind: linux
      interfaces: { eth0: { address: 192.168.1.1/24 }, eth1: { address: 203.0.113.1/24 } }
      sysctls: { net.ipv4.ip_forward: 1 }
      iptables: |
        *nat
        :POSTROUTING ACCEPT [0:0]
        -A POSTROUTING -s 10.0.0.0/8 -j ACCEPT
        -A POSTROUTING -o eth1 -j SNAT --to-source 203.0.113.1
        COMMIT
        *filter
        :FORWARD ACCEPT [0:0]
        -A FORWARD -p tcp --dport 23 -j DROP
        COMMIT
    srv:
      kind: linux
      interfaces: { eth0: { address: 203.0.113.10/24 } }
      services: [{ port: 7 }]
  links:
    - endpoints: ["pc:eth0", "gw:eth0"]
    - endpoints: ["gw:eth1", "srv:eth0"]
`;

const STEPS = `
name: told
topology: lab.yaml
steps:
  - udp: { from: pc, to: "203.0.113.10:7", source_port: 40000 }
  - tcp: { from: pc, to: "203.0.113.10:23", timeout: 2s }
  - udp: { from: pc, to: "192.168.1.77:9", timeout: 5s }
  - exec: { on: srv, commands: ["iptables -A OUTPUT -p icmp -j DROP"] }
  - ping: { from: pc, to: 203.0.113.10, count: 1, timeout: 1s }
`;

function ran(): World {
  const lab = readTopology(LAB, 'lab.yaml');
  if ('problems' in lab) throw new Error(JSON.stringify(lab.problems));
  const { world } = buildSource(lab.source, { seed: 1, trace: true, capture: true });
  const steps = [
    { udp: { from: 'pc', to: '203.0.113.10:7', source_port: 40000 } },
    { tcp: { from: 'pc', to: '203.0.113.10:23', timeout: '2s' } },
    { udp: { from: 'pc', to: '192.168.1.77:9', timeout: '5s' } },
    { exec: { on: 'srv', commands: ['iptables -A OUTPUT -p icmp -j DROP'] } },
    { ping: { from: 'pc', to: '203.0.113.10', count: 1, timeout: '1s' } },
  ];
  runScenario(world, scenarioSchema.parse({ name: 'told', topology: 'none', steps }));
  return world;
}

function comments(world: World, point: string): string[] {
  const capture = toldCaptures(world).find((one) => one.point.name === point);
  return [...(capture?.frames ?? [])].map(({ comment }) => comment ?? '');
}

/** Numbers of packets whose comments say that they died, one for each such comment. */
function deaths(world: World): number[] {
  const frames = toldCaptures(world).flatMap((one) => [...one.frames]);
  return frames.filter(({ comment }) => comment?.includes('DROPPED')).map(({ packet }) => packet);
}

function dropped(world: World): number[] {
  const { recorder } = world;
  return [...(recorder?.packets() ?? [])]
    .map(({ number }) => number)
    .filter((number) => recorder?.stepsOf(number).at(-1)?.kind === 'drop');
}

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

describe('the comment of a frame', () => {
  const world = ran();

  it('tells a translation with its rule, and what takes it back', () => {
    expect(comments(world, 'gw:eth1')).toContainEqual(
      expect.stringMatching(
        /^Kernel forwarding: .*SNAT 192\.168\.1\.2:40000 -> 203\.0\.113\.1:40000, rule 2 of POSTROUTING$/,
      ),
    );
    expect(comments(world, 'gw:eth0')).toContainEqual(
      expect.stringContaining('SNAT taken back: destination 203.0.113.1:40000 -> 192.168.1.2:40000'),
    );
  });

  it('says of a frame that dies in the stack it came in to: where, why, by which rule', () => {
    expect(comments(world, 'gw:eth0').filter((text) => text.includes('DROPPED'))[0]).toMatch(
      /^Kernel forwarding: DROPPED NETFILTER_DROP: .*\(filter FORWARD rule 1: -p tcp -m tcp --dport 23 -j DROP\); before that: .*TTL 64 -> 63/,
    );
  });

  it('stands at a point of the stack for what died before any device had it, with the bytes it had', () => {
    expect(comments(world, 'pc:dropped')).toEqual([
      expect.stringMatching(/^Kernel forwarding: DROPPED NEIGH_FAILED: .*192\.168\.1\.77/),
    ]);
    expect(comments(world, 'srv:dropped')).toEqual([
      expect.stringMatching(/^Kernel forwarding: DROPPED NETFILTER_DROP: .*OUTPUT rule 1/),
    ]);
    const [frame] = toldCaptures(world).find((one) => one.point.name === 'srv:dropped')?.frames ?? [];
    // IPv4 with a good header, ICMP, an echo reply.
    expect([frame?.bytes[0], frame?.bytes[9], frame?.bytes[20]]).toEqual([0x45, 1, 0]);
  });
});

describe('every death is told once', () => {
  it('in a small lab', () => {
    const world = ran();
    expect(dropped(world).length).toBeGreaterThan(3);
    expect(sorted(deaths(world))).toEqual(sorted(dropped(world)));
  });

  it.each(['fig11', 'fig14', 'fig16', 'fig18', 'stock-inc08'])('in %s, Comware included', (name) => {
    const loaded = loadScenario(join(PACKAGE_ROOT, 'scenarios', 'whitepaper', `${name}.yaml`));
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const { world } = buildSource(loaded.source.topology, { seed: 1, trace: true, capture: true });
    runScenario(world, loaded.source.scenario);
    expect(sorted(deaths(world))).toEqual(sorted(dropped(world)));
  });
});

describe('run --filter', () => {
  it('keeps the frames that an expression with names of the lab lets pass', () => {
    const world = ran();
    const compiled = compileFilter('udp and host srv', filterNames(world));
    if ('problem' in compiled) throw new Error(compiled.problem.message);
    const points = toldCaptures(world, compiled.filter).map(({ point, frames }) => `${point.name} ${frames.length}`);
    expect(points).toEqual(['pc:eth0 2', 'gw:eth0 2', 'gw:eth1 2', 'srv:eth0 2']);
  });

  it('refuses an expression with its column, and writes nothing', () => {
    const folder = temporaryFolder();
    folder.write('lab.yaml', LAB);
    folder.write('told.yaml', STEPS);
    const { status, stderr } = cutawayIn(folder.path, ['run', 'told.yaml', '--filter', 'host srw']);
    expect(status).toBe(2);
    expect(stderr).toContain('filter expression:1:6: error: unknown host "srw" [FILTER]');
    expect(stderr).toContain('did you mean "srv"?');
  });
});

describe('tshark', () => {
  it.skipIf(!hasTshark)(`reads the merged file: names, directions, packet numbers, comments ${needsTshark}`, () => {
    const folder = new TemporaryFolder();
    try {
      const file = folder.write('all.pcapng', writePcapng(toldCaptures(ran())));
      const fields = ['frame.interface_name', 'frame.packet_flags_direction', 'frame.packet_id', 'frame.comment'];
      const rows = tsharkFields(file, fields).filter((row) => row[2] === '1');
      expect(rows.map(([name, direction]) => `${name} ${direction}`)).toEqual([
        'pc:eth0 0x00000002',
        'gw:eth0 0x00000001',
        'gw:eth1 0x00000002',
        'srv:eth0 0x00000001',
      ]);
      expect(rows[1]?.[3]).toContain('SNAT 192.168.1.2:40000 -> 203.0.113.1:40000, rule 2 of POSTROUTING');
    } finally {
      folder.dispose();
    }
  });
});

describe('profile --wireshark', () => {
  it.skipIf(!hasTshark)(
    `writes a profile that Wireshark loads, with the lab's names ${needsTshark}`,
    () => {
      const folder = temporaryFolder();
      folder.write('lab.yaml', LAB);
      folder.write('told.yaml', STEPS);
      const { status, stdout } = cutawayIn(folder.path, ['profile', '--wireshark', 'config/profiles/lab', 'lab.yaml']);
      expect(status).toBe(0);
      expect(stdout.split('\n')[0]).toBe(join('config/profiles/lab', 'preferences'));
      const read = (name: string) => readFileSync(join(folder.path, 'config/profiles/lab', name), 'utf8');
      expect(read('hosts')).toContain('203.0.113.10\tsrv.eth0\n');
      expect(read('ethers')).toMatch(/^02:00:00:00:00:0\d\tgw\.eth1$/m);
      expect(cutawayIn(folder.path, ['run', 'told.yaml', '--merge', '-q']).status).toBe(0);
      const file = join(folder.path, 'out/told/captures/all.pcapng');
      const config = join(folder.path, 'config');
      const shown = tshark(['-r', file, '-C', 'lab', '--color', '-V', '-Y', 'udp'], config);
      expect(shown.stderr).not.toMatch(/warning|no such|could not/i);
      expect(shown.status).toBe(0);
      expect(shown.stdout).toContain('srv.eth0 (203.0.113.10)');
      expect(shown.stdout).toContain('(02:00:00:00:00:0');
      const rules = read('colorfilters').trim().split('\n');
      const filters = rules.map((line) => `(${line.split('@')[2]})`);
      expect(tshark(['-r', file, '-Y', filters.join(' || '), '-c', '1'], config)).toMatchObject({ status: 0 });
    },
    300_000,
  );

  it('goes without a lab, and refuses a file that is none', () => {
    const folder = temporaryFolder();
    expect(cutawayIn(folder.path, ['profile', '--wireshark', 'p']).status).toBe(0);
    expect(cutawayIn(folder.path, ['profile', '--wireshark', 'p', 'nothing.yaml']).status).toBe(4);
    expect(cutawayIn(folder.path, ['profile']).status).toBe(2);
  });
});
