import { expect } from 'vitest';
import { stationText } from '../sim/packet/stations.ts';
import type { RecordedStep } from '../sim/packet/trace.ts';
import type { ProbeResult } from '../sim/program/probe.ts';
import { type ProbeReport, reportProbe } from '../sim/scenario/probe-report.ts';
import { runScenario, type ScenarioRun } from '../sim/scenario/runner.ts';
import { scenarioSchema } from '../sim/scenario/scenario-schema.ts';
import type { TableName } from '../sim/show/table-names.ts';
import { showTable } from '../sim/show/table-of.ts';
import { buildWorld } from '../sim/world/build.ts';
import { runCommand } from '../sim/world/commands.ts';
import type { StoredFrame } from '../sim/world/frame-log.ts';
import { stackNames } from '../sim/world/stack-names.ts';
import { topologySchema } from '../sim/world/topology-schema.ts';
import type { Stack, World } from '../sim/world/world.ts';

/** A probe's result, and what the trace tells of its first request. */
export interface Sent extends Omit<ProbeReport, 'requestPath' | 'replyPath'> {
  readonly probe: ProbeResult;
  readonly path: readonly string[];
  readonly replyPath: readonly string[];
}

/** A world for tests: nodes and links as in a topology file; the ledger is audited after every step. */
export class Lab {
  readonly world: World;

  constructor(nodes: Record<string, unknown>, links: readonly unknown[] = [], seed = 1) {
    const topology = topologySchema.parse({ topology: { nodes, links } });
    const { world, findings } = buildWorld(topology, { seed, trace: true, capture: true });
    expect(findings).toEqual([]);
    this.world = world;
  }

  /** Runs steps as in a scenario file. */
  run(...steps: readonly object[]): ScenarioRun {
    const scenario = scenarioSchema.parse({ name: 'lab', topology: 'none', steps });
    const run = runScenario(this.world, scenario);
    expect(this.world.halt).toBeUndefined();
    this.world.audit();
    return run;
  }

  ping(from: string, to: string, options: object = {}): Sent {
    return this.#sent(this.run({ ping: { from, to, ...options } }));
  }

  udp(from: string, to: string, options: object = {}): Sent {
    return this.#sent(this.run({ udp: { from, to, ...options } }));
  }

  /** Commands in a namespace; each must be accepted. */
  exec(on: string, ...commands: readonly string[]): void {
    for (const command of commands)
      expect([command, runCommand(this.stack(on).net, command)]).toEqual([command, undefined]);
  }

  stack(name: string): Stack {
    const stack = this.world.find(name);
    if (stack === undefined) throw new Error(`no stack ${name}; there are ${stackNames(this.world).join(', ')}`);
    return stack;
  }

  show(name: string, table: TableName, style?: 'linux' | 'comware'): string {
    return showTable(this.world.snapshot(this.stack(name)), table, style).replace(/ +$/gm, '');
  }

  /** Non-zero counters of a namespace. */
  counters(name: string): Record<string, number> {
    return Object.fromEntries(Object.entries({ ...this.stack(name).net.counters }).filter(([, value]) => value !== 0));
  }

  /** Frames of a capture point such as `a:eth0`, oldest first. */
  frames(point: string): readonly StoredFrame[] {
    const capture = this.world.captures?.captures().find((one) => one.name === point);
    if (capture === undefined) throw new Error(`no capture point ${point}`);
    return [...capture.frames];
  }

  steps(packet: number): readonly RecordedStep[] {
    return this.world.recorder?.stepsOf(packet) ?? [];
  }

  /** Drops of the whole run, `REASON@PLACE` with how often. */
  drops(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { number } of this.world.recorder?.packets() ?? []) {
      const last = this.steps(number).at(-1);
      if (last?.kind !== 'drop') continue;
      const key = `${last.reason}@${last.place.title}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  #sent(run: ScenarioRun): Sent {
    const { probe, refusal } = run.outcomes[0] ?? {};
    if (probe === undefined || this.world.recorder === undefined) throw new Error(refusal ?? 'nothing was sent');
    const report = reportProbe(this.world.recorder, probe);
    return {
      ...report,
      probe,
      path: report.requestPath.map(stationText),
      replyPath: report.replyPath.map(stationText),
    };
  }
}
