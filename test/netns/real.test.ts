import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { isOfWholeMachine } from '../../sim/netns/sysctls.ts';
import { TemporaryFolder } from '../tools.ts';
import { canBuild, kernelTables, namespacesWith, needsRoot, simulatedTables, type Tables } from './kernel.ts';
import { scriptOf } from './script-of.ts';
import { built, DOCKER, EVERYTHING, LOOPED, PAIR } from './topologies.ts';

/** What the kernel makes the larger the more memory a machine has. */
const OF_MEMORY: readonly string[] = ['net.ipv4.tcp_max_syn_backlog', 'net.ipv4.tcp_max_tw_buckets'];

/** No two runs of this test meet. */
const PREFIX = `ct${process.pid}-`;

function fileOf(script: string): string {
  const folder = new TemporaryFolder();
  onTestFinished(() => folder.dispose());
  return folder.write('lab.sh', script);
}

function run(file: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('bash', [file, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The kernel tells changes of carrier up to a second late: asks until the tables are as wanted, or stay otherwise. */
async function settled(namespace: string, wanted: Tables): Promise<Tables> {
  for (let round = 0; round < 30; round++) {
    const tables = kernelTables(namespace);
    if (JSON.stringify(tables) === JSON.stringify(wanted)) return tables;
    await setTimeout(100);
  }
  return kernelTables(namespace);
}

describe.skipIf(!canBuild)(`a script builds on Linux what is simulated ${needsRoot}`, () => {
  afterEach(() => {
    for (const name of namespacesWith(PREFIX)) spawnSync('ip', ['netns', 'del', name]);
  });

  it.each([
    ['a pair of hosts', PAIR],
    ['everything a node may have', EVERYTHING],
    ['a host like one of Docker', DOCKER],
    ['a cable from a node to itself, and switches with different MTUs', LOOPED],
  ])('%s: all tables are equal, and nothing is left afterwards', { timeout: 60_000 }, async (_, text) => {
    const { world } = built(text);
    const file = fileOf(scriptOf(text, PREFIX));
    const { status, stdout } = run(file);
    expect(status).toBe(0);
    for (const stack of world.stacks()) {
      expect(stdout).toContain(`  ip netns exec ${PREFIX}${stack.title} bash\n`);
      const simulated = simulatedTables(world.snapshot(stack).namespace);
      expect({ node: stack.title, ...(await settled(`${PREFIX}${stack.title}`, simulated)) }).toEqual({
        node: stack.title,
        ...simulated,
      });
    }
    expect(run(file, 'down')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(namespacesWith(PREFIX)).toEqual([]);
    // Once more, there is nothing to do.
    expect(run(file, 'down')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('settings are what the simulator has, for every device', { timeout: 60_000 }, () => {
    const { world } = built(EVERYTHING);
    expect(run(fileOf(scriptOf(EVERYTHING, PREFIX))).status).toBe(0);
    for (const stack of world.stacks()) {
      const { sysctl } = world.snapshot(stack).namespace;
      const wanted = new Map(
        sysctl.flatMap(({ key, value }): [string, string][] => {
          // Of the whole machine, or as large as its memory makes them.
          if (isOfWholeMachine(key) || OF_MEMORY.includes(key)) return [];
          const text = typeof value === 'number' ? String(value) : value.join('\t');
          // Only the first namespace has it.
          if (key.startsWith('net.ipv4.neigh.default.')) return [];
          const [, group, device, name] = /^net\.ipv4\.(conf|neigh)\.(.*)\.(\w+)$/.exec(key) ?? [];
          return [[group === undefined ? key.replaceAll('.', '/') : `net/ipv4/${group}/${device}/${name}`, text]];
        }),
      );
      const paths = [...wanted.keys()].map((key) => `/proc/sys/${key}`);
      const { stdout } = spawnSync('ip', ['netns', 'exec', `${PREFIX}${stack.title}`, 'grep', '', ...paths], {
        encoding: 'utf8',
      });
      const found = stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.replace('/proc/sys/', '').split(':') as [string, string]);
      expect({ node: stack.title, settings: new Map(found) }).toEqual({ node: stack.title, settings: wanted });
    }
  });

  it('a cable that is not plugged in carries frames once both its far ends are up', { timeout: 60_000 }, async () => {
    expect(
      run(
        fileOf(
          scriptOf(
            EVERYTHING.replace('eth2: {}', 'eth2: { address: 192.0.2.9/24 }').replace('[eth0, eth2]', '[eth0]'),
            PREFIX,
          ),
        ),
      ).status,
    ).toBe(0);
    const ping = () => spawnSync('ip', ['netns', 'exec', `${PREFIX}h1`, 'ping', '-c1', '-W1', '192.0.2.9']).status;
    expect(ping()).toBe(1);
    for (const end of ['cable4a', 'cable4b']) spawnSync('ip', ['-n', `${PREFIX}_cables`, 'link', 'set', end, 'up']);
    let status = ping();
    for (let round = 0; round < 5 && status !== 0; round++) status = ping();
    expect(status).toBe(0);
  });

  it('a command that fails in the middle takes everything away again', { timeout: 60_000 }, () => {
    const script = scriptOf(PAIR, PREFIX);
    const broken = script.replace('inside host-b ip link set dev eth0 up', 'inside host-b ip link set dev eth7 up');
    expect(broken).not.toBe(script);
    const { status, stdout, stderr } = run(fileOf(broken));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /Cannot find device "eth7"\n.*lab\.sh: in host-b this failed: ip link set dev eth7 up\nTaking away what was made\.\n$/,
    );
    expect(namespacesWith(PREFIX)).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('so does %s', { timeout: 60_000 }, async (signal) => {
    const script = scriptOf(PAIR, PREFIX);
    const slow = script.replace('inside host-b ip link set dev eth0 up', 'outside sleep 60\n$&');
    // A group of its own, which a terminal would send Ctrl-C to as a whole.
    const child = spawn('bash', [fileOf(slow)], { detached: true, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const group = -(child.pid ?? 0);
    for (let round = 0; round < 200 && !sleeps(child.pid); round++) await setTimeout(20);
    expect(namespacesWith(PREFIX)).toEqual([`${PREFIX}host-a`, `${PREFIX}host-b`]);
    process.kill(group, signal);
    expect(await ended).toEqual([{ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal], null]);
    expect(namespacesWith(PREFIX)).toEqual([]);
  });

  it('a namespace of the name that is there already is not touched', { timeout: 60_000 }, () => {
    spawnSync('ip', ['netns', 'add', `${PREFIX}host-b`]);
    const file = fileOf(scriptOf(PAIR, PREFIX));
    const { status, stderr } = run(file);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `${file}: there is a namespace ${PREFIX}host-b already: "${file} --prefix ${PREFIX} down" takes it away\n`,
    });
    expect(namespacesWith(PREFIX)).toEqual([`${PREFIX}host-b`]);
  });

  it('--prefix gives the namespaces other names', { timeout: 60_000 }, () => {
    const file = fileOf(scriptOf(PAIR));
    expect(run(file, '--prefix', PREFIX).status).toBe(0);
    expect(namespacesWith(PREFIX)).toEqual([`${PREFIX}host-a`, `${PREFIX}host-b`]);
    expect(run(file, `--prefix=${PREFIX}`, 'down')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(namespacesWith(PREFIX)).toEqual([]);
  });
});

/** Whether the script has come to its `sleep`. */
function sleeps(pid: number | undefined): boolean {
  return spawnSync('pgrep', ['-P', String(pid), '-x', 'sleep']).status === 0;
}
