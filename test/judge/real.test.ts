import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadScenario } from '../../sim/app/sources.ts';
import { type NetnsPlan, planNetns } from '../../sim/netns/plan.ts';
import type { ScenarioSource } from '../../sim/scenario/scenario-source.ts';
import { buildSource } from '../../sim/world/topology-source.ts';
import { missingTools, whyNotJudged } from './real/judgeable.ts';
import { carryOut, existing, newPrefix, PlanRefused, removeLeftovers } from './real/namespaces.ts';
import { runInKernel } from './real/run.ts';
import type { WorldRecord } from './record.ts';

/*
 * The real world of the judge. Other judges may be at work on the same machine, so only what is our own is counted.
 */

const ROOT = resolve(import.meta.dirname, '..', '..');
const missing = missingTools();
const folder = mkdtempSync(join(tmpdir(), 'cutaway-real-'));

afterAll(() => rmSync(folder, { recursive: true }));

const NETWORK = `
topology:
  topology:
    nodes:
      a:
        kind: linux
        interfaces: { eth0: { address: 10.0.0.1/24 } }
      sw: { kind: bridge }
      b:
        kind: linux
        interfaces: { eth0: { address: 10.0.0.2/24 } }
        services:
          - { port: 7 }
          - { port: 7, protocol: tcp }
          - { port: 80, program: http }
        iptables: |
          *filter
          :INPUT ACCEPT [0:0]
          :FORWARD ACCEPT [0:0]
          :OUTPUT ACCEPT [0:0]
          -A INPUT -p icmp -j ACCEPT
          -A INPUT -p udp --dport 9 -j DROP
          COMMIT
    links:
      - endpoints: [a:eth0, sw:p1]
      - endpoints: [b:eth0, sw:p2]
`;

function scenario(name: string, steps: string): { readonly source: ScenarioSource; readonly file: string } {
  const source = document(name, `name: ${name}\n${NETWORK}\nsteps:\n${steps}\n`);
  return { source, file: source.file };
}

function document(name: string, text: string): ScenarioSource {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, text);
  const loaded = loadScenario(file);
  if ('problems' in loaded) throw new Error(loaded.problems.map(({ message }) => message).join('; '));
  return loaded.source;
}

function planOf(source: ScenarioSource, prefix: string): NetnsPlan {
  const { world } = buildSource(source.topology, { seed: 1, trace: false, capture: false });
  const planned = planNetns(source.topology.topology, world, { prefix });
  if ('findings' in planned) throw new Error(planned.findings.map(({ message }) => message).join('; '));
  return planned.plan;
}

function play(source: ScenarioSource, prefix: string): Promise<WorldRecord> {
  return runInKernel(source, planOf(source, prefix), { prefix, tail: 100_000_000, drops: true });
}

const left = (prefix: string): string[] => existing().filter((name) => name.startsWith(prefix));

/** Children of this process that run a script. */
function childrenWith(script: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')[1];
        return parent === String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(script);
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function until(what: () => boolean): Promise<void> {
  for (let waited = 0; !what(); waited += 20) {
    if (waited > 20_000) throw new Error('it does not come to that');
    await sleep(20);
  }
}

describe.skipIf(missing.length > 0)(`the real kernel (${missing.join(', ') || 'all there'})`, () => {
  it('hears a ping on every device it passes, in the order in which it passes them', async () => {
    const prefix = newPrefix();
    const { source } = scenario('ping', '  - ping: { from: a, to: 10.0.0.2 }');
    const { points, steps, nodes } = await play(source, prefix);
    expect(steps[0]?.result).toEqual({ transmitted: 1, received: 1, errors: 0, ttls: '64', errorsFrom: '' });
    const heard = points.flatMap(({ node, device, frames }) =>
      frames.map(({ time, direction, bytes }) => ({ time, text: `${direction} ${node}:${device}`, bytes })),
    );
    const echo = heard
      .filter(({ bytes }) => bytes[23] === 1 && bytes[34] === 8)
      .sort((one, other) => one.time - other.time);
    expect(echo.map(({ text }) => text)).toEqual(['out a:eth0', 'in sw:p1', 'out sw:p2', 'in b:eth0']);
    expect(echo.every(({ bytes }) => bytes.length === 98)).toBe(true);
    expect(points.map(({ node, device }) => `${node}:${device}`)).toContain('a:lo');
    expect(nodes.find(({ node }) => node === 'a')?.neighbours).toMatchObject([{ dst: '10.0.0.2', dev: 'eth0' }]);
    expect(left(prefix)).toEqual([]);
  });

  it('records a frame as it was when it passed, whatever is written into the packet behind', async () => {
    const { points } = await play(document('fragments', FRAGMENTS_THROUGH_NAT), newPrefix());
    const fragments = (node: string, device: string, direction: string): string[] =>
      points
        .filter((point) => point.node === node && point.device === device)
        .flatMap(({ frames }) => frames)
        .filter((frame) => frame.direction === direction && frame.bytes[12] === 8 && frame.bytes[13] === 0)
        .map(({ bytes }) => Buffer.from(bytes).toString('hex'));
    const sent = fragments('in', 'eth0', 'out');
    // MAC addresses of its own link, its own source address, and the TTL with which everything begins.
    expect(sent.map((hex) => hex.slice(44, 46))).toEqual(['40', '40', '40']);
    expect(sent.map((hex) => hex.slice(52, 60))).toEqual(['0a000002', '0a000002', '0a000002']);
    expect(new Set(sent.map((hex) => hex.slice(0, 24))).size).toBe(1);
    expect(fragments('gw', 'lan', 'in')).toEqual(sent);
    const translated = fragments('gw', 'wan', 'out');
    expect(translated.map((hex) => hex.slice(52, 60))).toEqual(['c6336401', 'c6336401', 'c6336401']);
    expect(translated.map((hex) => hex.slice(68))).toEqual(sent.map((hex) => hex.slice(68)));
  });

  it('plays programs on real sockets, and knows which rule dropped what', async () => {
    const { source } = scenario(
      'programs',
      [
        'udp: { from: a, to: "10.0.0.2:7", payload: hello }',
        'udp: { from: a, to: "10.0.0.2:9", count: 2, interval: 10ms, timeout: 50ms }',
        'udp: { from: a, to: "10.0.0.2:11" }',
        'tcp: { from: a, to: "10.0.0.2:7", send: hello }',
        'tcp: { from: a, to: "10.0.0.2:8" }',
        'http: { from: a, get: "http://10.0.0.2/" }',
        'exec: { on: a, commands: [ip route del 192.0.2.0/24] }',
      ]
        .map((step) => `  - ${step}`)
        .join('\n'),
    );
    const { steps, nodes, drops } = await play(source, newPrefix());
    expect(steps.map(({ result }) => result)).toMatchObject([
      { sent: 1, received: 1, errors: 0, error: '' },
      { sent: 2, received: 0, errors: 0, error: '' },
      { sent: 1, received: 0, errors: 1, error: 'ECONNREFUSED' },
      { connected: true, bytes: 5, error: '' },
      { connected: false, bytes: 0, error: 'ECONNREFUSED' },
      { connected: true, status: 200, bytes: 12 },
      { refusal: true },
    ]);
    const b = nodes.find(({ node }) => node === 'b');
    expect(b?.droppingRules).toEqual([{ table: 'filter', chain: 'INPUT', rule: 2, packets: 2 }]);
    expect(b?.iptables).toContain('[2:70] -A INPUT -p udp -m udp --dport 9 -j DROP');
    expect(b?.iptables).not.toContain('cutaway_judge');
    expect(drops).toMatchObject({ NETFILTER_DROP: 2, NO_SOCKET: 2 });
  });

  it('tells which command the kernel refused, and leaves no namespace behind', async () => {
    const prefix = newPrefix();
    const { source } = scenario('refused', '  - wait: 1ms');
    const plan = planOf(source, prefix);
    const argv = ['ip', 'route', 'add', '192.0.2.0/24', 'via', '198.51.100.1'];
    const commands = [...plan.commands, { node: 'a', argv: ['ip', 'link', 'show', 'dev', 'lo'] }, { node: 'a', argv }];
    const built = carryOut({ ...plan, commands });
    await expect(built).rejects.toThrow(PlanRefused);
    await expect(built).rejects.toThrow('a: ip route add 192.0.2.0/24 via 198.51.100.1: ');
    expect(left(prefix)).toEqual([]);
  });

  it('fails when its recorder is killed, and leaves no namespace behind', async () => {
    const prefix = newPrefix();
    const { source } = scenario('killed', '  - wait: 30s');
    const run = play(source, prefix);
    const failure = expect(run).rejects.toThrow('the recorder ended early');
    await until(() => left(prefix).length === 3 && childrenWith('peer.py').length > 0);
    await sleep(500);
    for (const pid of childrenWith('recorder.py')) process.kill(pid, 'SIGKILL');
    await failure;
    expect(left(prefix)).toEqual([]);
    expect(childrenWith('peer.py')).toEqual([]);
  });

  it('ends a storm, and leaves no namespace behind', async () => {
    const prefix = newPrefix();
    await expect(play(document('storm', STORM), prefix)).rejects.toThrow('they multiply');
    expect(left(prefix)).toEqual([]);
  });

  describe('as a program of its own', () => {
    const main = join(ROOT, 'dist', 'judge', 'test', 'judge', 'main.js');
    const { file } = missing.length > 0 ? { file: '' } : scenario('long', '  - wait: 60s');

    beforeAll(() => {
      const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
      const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', 'test/judge/tsconfig.json'], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      expect(stdout).toBe('');
      expect(status).toBe(0);
    });

    /** Starts it and waits for its namespaces. */
    async function started() {
      const child = spawn(process.execPath, [main, file], { cwd: ROOT, stdio: 'ignore' });
      const prefix = `cwj-${(child.pid ?? 0).toString(36)}-`;
      await until(() => left(prefix).length === 3);
      const ended = new Promise<NodeJS.Signals | null>((tell) => child.on('exit', (_code, signal) => tell(signal)));
      return { child, prefix, ended };
    }

    it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind after %s', async (signal) => {
      const { child, prefix, ended } = await started();
      child.kill(signal);
      expect(await ended).toBe(signal);
      expect(left(prefix)).toEqual([]);
    });

    it('leaves namespaces behind only when it is killed, and the next run removes them', async () => {
      const { child, prefix, ended } = await started();
      child.kill('SIGKILL');
      await ended;
      expect(left(prefix)).toHaveLength(3);
      await removeLeftovers();
      expect(left(prefix)).toEqual([]);
    });
  });
});

/** The gateway puts together what it tracks, translates it and cuts it anew, all in the memory that `in` has sent. */
const FRAGMENTS_THROUGH_NAT = `
name: fragments
topology:
  topology:
    nodes:
      in:
        kind: linux
        interfaces: { eth0: { address: 10.0.0.2/24 } }
        routes: [default via 10.0.0.1]
      gw:
        kind: linux
        interfaces: { lan: { address: 10.0.0.1/24 }, wan: { address: 198.51.100.1/24 } }
        sysctls: { net.ipv4.ip_forward: 1 }
        exec: [iptables -t nat -A POSTROUTING -o wan -j MASQUERADE]
      out:
        kind: linux
        interfaces: { eth0: { address: 198.51.100.2/24 } }
    links:
      - endpoints: [in:eth0, gw:lan]
      - endpoints: [out:eth0, gw:wan]
steps:
  - ping: { from: in, to: 198.51.100.2, size: 4000, df: dont }
`;

/** Two bridges with two cables between them, and no spanning tree. */
const STORM = `
name: storm
topology:
  topology:
    nodes:
      a:
        kind: linux
        interfaces: { eth0: { address: 10.0.0.1/24 } }
      left: { kind: bridge }
      right: { kind: bridge }
    links:
      - endpoints: [a:eth0, left:p0]
      - endpoints: [left:p1, right:p1]
      - endpoints: [left:p2, right:p2]
steps:
  - ping: { from: a, to: 10.0.0.2 }
  - wait: 30s
`;

describe('what the kernel cannot play', () => {
  const why = (steps: string): string[] => whyNotJudged(scenario('steps', steps).source);

  it('is told by name', () => {
    expect(why('  - ping: { from: a, to: 10.0.0.2 }')).toEqual([]);
    expect(why('  - link: { endpoint: "a:eth0", state: down }')).toEqual([
      'step 1: a cable has no plug here; as a command on a: ip link set dev eth0 down',
    ]);
    expect(why('  - wait: 1s\n  - tftp: { from: a, to: 10.0.0.2, get: file }')).toEqual([
      'step 2: no real program plays tftp',
    ]);
  });
});
