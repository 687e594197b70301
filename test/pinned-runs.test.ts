import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../sim/app/package-root.ts';
import { loadScenario } from '../sim/app/sources.ts';
import { runScenario } from '../sim/scenario/runner.ts';
import { buildSource } from '../sim/world/topology-source.ts';
import { Session } from './fuzz/session.ts';
import { WORLDS } from './fuzz/worlds.ts';
import { LABS } from './judge/files.ts';
import { digestOfCommands } from './pinned/commands.ts';
import { digestOfConversation } from './pinned/conversation.ts';
import { Digest, digestOf } from './pinned/digest.ts';
import { digestOfNat } from './pinned/nat-traffic.ts';
import { digestOfSegments } from './pinned/segments.ts';
import { randomRun } from './random-network.ts';

/*
 * A run of yesterday is the run of today, to the last byte of a frame, row of a table and step of a trace. The other tests
 * say what is right; these say that nothing moved that nobody meant to move. Where a change is meant, look at what it
 * changes, and let `RENEW_PINS=1 npx vitest run test/pinned-runs.test.ts` write the new ones down.
 */

const FILE = join(import.meta.dirname, 'pinned', 'runs.txt');
const pinned = new Map(
  readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(': ') as [string, string]),
);
const seen = new Map<string, string>();

function expectPinned(name: string, digest: string): void {
  seen.set(name, digest);
  if (process.env.RENEW_PINS === undefined) expect(`${name}: ${digest}`).toBe(`${name}: ${pinned.get(name)}`);
}

afterAll(() => {
  if (process.env.RENEW_PINS === undefined) return;
  const all = new Map([...pinned, ...seen]);
  writeFileSync(FILE, `${[...all].map(([name, digest]) => `${name}: ${digest}`).join('\n')}\n`);
});

/** Scenario files, by the folder they are found in. */
function scenariosBelow(folder: string): string[] {
  return readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `${folder}/${file}`)
    .sort();
}

const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('what happens is what happened before', () => {
  it.each(seeds(24))('in random network %i', (seed) =>
    expectPinned(`network ${seed}`, digestOf(randomRun(seed).world)),
  );

  it.each([...scenariosBelow('scenarios'), ...scenariosBelow(LABS)])('in %s', (file) => {
    const loaded = loadScenario(join(PACKAGE_ROOT, file));
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const { world } = buildSource(loaded.source.topology, { seed: 1, trace: true, capture: true });
    runScenario(world, loaded.source.scenario);
    expectPinned(file, digestOf(world));
  });

  it.each(WORLDS)('to hostile frames in %s', (name) => {
    const session = new Session({ world: name, mode: 'traced', seed: 3, device: '' }, true);
    expect(session.run(session.actions(150))).toBeUndefined();
    const passed = new Digest().text(session.digest()).value;
    expectPinned(`frames ${name}`, `${session.thrown} thrown, ${digestOf(session.world)}, passed ${passed}`);
  });

  it.each(seeds(24))('at a router that is typed at, %i', (seed) =>
    expectPinned(`commands ${seed}`, digestOfCommands(seed)),
  );

  it.each(seeds(30))('to the segments of a tracked connection, %i', (seed) =>
    expectPinned(`segments ${seed}`, digestOfSegments(seed)),
  );

  it.each(seeds(24))('at a device with NAT, %i', (seed) => expectPinned(`nat ${seed}`, digestOfNat(seed)));

  it.each([...seeds(30).map((seed) => ['chat', seed] as const), ...seeds(16).map((seed) => ['bulk', seed] as const)])(
    'between two TCPs on a bad line, %s %i',
    (kind, seed) => expectPinned(`${kind} ${seed}`, digestOfConversation(kind, seed)),
  );
});
