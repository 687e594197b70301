import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { loadScenario } from '../../sim/app/sources.ts';
import { runScenario } from '../../sim/scenario/runner.ts';
import { readQuestion } from '../../sim/show/ask/ask.ts';
import { isMisunderstood } from '../../sim/show/ask/question.ts';
import type { StackSnapshot } from '../../sim/world/stack-snapshot.ts';
import { buildSource } from '../../sim/world/topology-source.ts';
import { scenarioOf } from '../judge/fuzz/fuzz.ts';
import { canBuild, namespacesWith, needsRoot } from '../netns/kernel.ts';
import { scriptOf } from '../netns/script-of.ts';
import { built, DOCKER, EVERYTHING, LOOPED, PAIR } from '../netns/topologies.ts';
import { TemporaryFolder } from '../tools.ts';
import { liveOffice } from './live.ts';
import { masked, realTables } from './real-tables.ts';

/** No two runs of this test meet. */
const PREFIX = `cs${process.pid}-`;

/** Of a network in which nothing has happened yet. */
const COMMANDS = [
  'ip addr',
  'ip -4 addr',
  'ip -j addr',
  'ip -br addr',
  'ip addr show dev lo',
  'ip link',
  'ip -j link',
  'ip -br link',
  'ip link show type bridge',
  'ip route',
  'ip -j route',
  'ip -4 route show table all',
  'ip -4 -j route show table all',
  'ip route show table local',
  'ip route show table 100',
  'ip route show proto kernel',
  'ip -j route show scope link',
  'ip route show dev lo table local',
  'route -n',
  'ip rule',
  'ip -j rule',
  'ip -4 neigh',
  'ip -4 -j neigh',
  'bridge fdb',
  'bridge -j fdb',
  'bridge link',
  'bridge -j link',
  'iptables-save',
  'iptables-save -c',
];

/** Of one in which packets have been. */
const LIVE_COMMANDS = [
  'ip -4 neigh',
  'ip -4 -j neigh',
  'bridge fdb',
  'bridge -j fdb',
  'ip -s link',
  'ip -j -s link',
  'conntrack -L',
  'conntrack -L -o extended',
  'iptables-save -c',
  'iptables -L -v -n',
  'iptables -L -v -n --line-numbers',
  'iptables -t nat -nvL',
  'iptables -nvxL FORWARD',
  'iptables -L -n',
  'iptables -S',
  'iptables -t nat -S',
  'ss -4 -tuln',
  'ss -4 -tunap',
  'ss -4 -tn',
  'ss -4 -tlnH',
  'nstat -as',
];

const OFFICE = 'test/show/office-live.yaml';

/** What the simulator prints for a command. */
function simulated(snapshot: StackSnapshot, command: string): string {
  const question = readQuestion(command);
  if (isMisunderstood(question)) throw new Error(`${command}: ${question.problem}`);
  return question.text(snapshot);
}

/** The kernel tells changes of carrier up to a second late: asks until the tables are as wanted. */
async function compare(snapshot: StackSnapshot, namespace: string, commands: readonly string[]): Promise<void> {
  const cableless = snapshot.namespace.addr
    .filter((row) => row.link === undefined && row.link_index === undefined && row.info_kind === undefined)
    .map((row) => row.ifname);
  const wanted = Object.fromEntries(
    commands.map((command) => [command, masked(command, simulated(snapshot, command), cableless)]),
  );
  const read = () =>
    Object.fromEntries(
      [...realTables(namespace, commands)].map(([command, text]) => [command, masked(command, text, cableless)]),
    );
  let found = read();
  for (let round = 0; round < 6 && JSON.stringify(found) !== JSON.stringify(wanted); round++) {
    await setTimeout(150);
    found = read();
  }
  expect({ node: snapshot.title, ...wanted }).toEqual({ node: snapshot.title, ...found });
}

function build(text: string): ReturnType<typeof built>['world'] {
  const folder = new TemporaryFolder();
  onTestFinished(() => folder.dispose());
  const { world } = built(text);
  const { status, stderr } = spawnSync('bash', [folder.write('lab.sh', scriptOf(text, PREFIX))], { encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return world;
}

describe.skipIf(!canBuild)(`the real tools print what show prints ${needsRoot}`, () => {
  afterEach(() => {
    for (const name of namespacesWith(PREFIX)) spawnSync('ip', ['netns', 'del', name]);
  });

  it.each([
    ['a pair of hosts', PAIR],
    ['everything a node may have', EVERYTHING],
    ['a host like one of Docker', DOCKER],
    ['a cable from a node to itself, and switches with different MTUs', LOOPED],
    ...[1, 2, 3].map((seed) => [`random network ${seed}`, stringify(scenarioOf(seed).topology)]),
  ])('%s', { timeout: 120_000 }, async (_, text) => {
    const world = build(text);
    for (const stack of world.stacks()) await compare(world.snapshot(stack), `${PREFIX}${stack.title}`, COMMANDS);
  });

  it('after pings, a datagram and a connection that stays open', { timeout: 120_000 }, async () => {
    const text = readFileSync('topologies/linux/office.yaml', 'utf8');
    build(text);
    const loaded = loadScenario(OFFICE);
    if ('problems' in loaded) throw new Error('the scenario does not load');
    const { scenario, topology } = loaded.source;
    const { world } = buildSource(topology, { seed: 1, trace: false, capture: false });
    runScenario(world, scenario);
    const end = await liveOffice(PREFIX);
    onTestFinished(end);
    // The router first: what it tracks does not last.
    for (const node of ['gw', 'pc1', 'isp', 'pc2', 'sw']) {
      const stack = world.find(node);
      if (stack !== undefined) await compare(world.snapshot(stack), `${PREFIX}${node}`, LIVE_COMMANDS);
    }
  });
});
