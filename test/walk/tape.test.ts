import { describe, expect, it } from 'vitest';
import { filterNames } from '../../sim/explain/lab-names.ts';
import { compileFilter } from '../../sim/filter/filter.ts';
import { reportScenario } from '../../sim/scenario/report.ts';
import { letArrive, playScenario, runScenario } from '../../sim/scenario/runner.ts';
import { problemText } from '../../sim/show/problem-text.ts';
import { stepText } from '../../sim/show/step-text.ts';
import { Moments } from '../../sim/walk/moments.ts';
import { Pass } from '../../sim/walk/pass.ts';
import { buildReel, type Reel } from '../../sim/walk/reel.ts';
import { INITIAL } from '../../sim/walk/state.ts';
import { stackOf } from '../../sim/walk/stop-index.ts';
import { accountAt, storyLines } from '../../sim/walk/story.ts';
import { Tape } from '../../sim/walk/tape.ts';
import { Viewer } from '../../sim/walk/view.ts';
import type { StackSnapshot } from '../../sim/world/stack-snapshot.ts';
import { topologyOf } from '../../sim/world/topology-source.ts';
import { reelOf, worked } from './reels.ts';

/* A run can be looked at from any moment, in any order, and is always the same. */

const FIG11 = 'scenarios/whitepaper/fig11.yaml';

function read(moments: Moments, order: number, title: string): StackSnapshot | 'absent' {
  for (;;) {
    const found = moments.at(order, title);
    if (found !== undefined) return found;
    moments.work();
  }
}

describe('tables at a moment', () => {
  const reel = reelOf(FIG11);
  const tape = worked(new Tape(reel));
  const { index } = tape;
  const stops = Array.from({ length: index.length }, (_, stop) => stop).filter((stop) => stop % 7 === 0);
  const at = (moments: Moments, stop: number) => read(moments, index.last(stop), stackOf(index.station(stop)));

  it('are the same whether one comes from before or from behind', () => {
    const forwards = new Moments(reel, index);
    const there = stops.map((stop) => at(forwards, stop));
    const backwards = new Moments(reel, index);
    const back = [...stops].reverse().map((stop) => at(backwards, stop));
    expect(back.reverse()).toEqual(there);
  });

  it('are those that the world had when the step was made', () => {
    const wanted = new Map(stops.map((stop) => [index.last(stop), stackOf(index.station(stop))]));
    const seen = new Map<number, StackSnapshot | 'absent'>();
    const built = buildReel(reel, {
      trace: {
        watch: ({ order }) => {
          const title = wanted.get(order);
          if (title === undefined || 'fault' in built) return;
          const stack = built.world.find(title);
          seen.set(order, stack === undefined ? 'absent' : built.world.snapshot(stack));
        },
      },
      capture: false,
    });
    if ('fault' in built) throw new Error(built.fault.message);
    runScenario(built.world, reel.play);
    letArrive(built.world, reel.play);
    const moments = new Moments(reel, index);
    for (const [order, title] of wanted) expect(read(moments, order, title)).toEqual(seen.get(order));
    expect(seen.size).toBe(wanted.size);
  });

  it('show a neighbour as it was before it was known', () => {
    const moments = new Moments(reel, index);
    const neighbours = (order: number) => {
      const snapshot = read(moments, order, 'device-a/container3');
      return snapshot === 'absent' ? [] : snapshot.namespace.neigh.map(({ state }) => String(state));
    };
    expect(neighbours(0)).toEqual([]);
    expect(neighbours(index.last(1))).toEqual(['INCOMPLETE']);
    expect(neighbours(index.steps - 1)).not.toContain('INCOMPLETE');
  });
});

describe('a run in slices', () => {
  it('is the same run', () => {
    const reel = reelOf(FIG11);
    const reports = [1, Number.POSITIVE_INFINITY].map((slice) => {
      const built = buildReel(reel, { trace: true, capture: true });
      if ('fault' in built) throw new Error(built.fault.message);
      const playing = playScenario(built.world, reel.play, { slice });
      for (;;) {
        const { done, value } = playing.next();
        if (!done) continue;
        letArrive(built.world, reel.play);
        return reportScenario(built.world, reel.play, value);
      }
    });
    expect(reports[0]).toEqual(reports[1]);
    expect(reports[0]?.passed).toBe(true);
  });

  it('is told to be a storm all the same', () => {
    const pass = new Pass(loop(), { trace: { keeps: () => false }, capture: false });
    while (!pass.work());
    expect(pass.world.halt?.reason).toBe('storm');
  });
});

/** Two bridges with two cables between them, and a host that asks for somebody who is not there. */
function loop(): Reel {
  const nodes = {
    a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } } },
    left: { kind: 'bridge' },
    right: { kind: 'bridge' },
  } as const;
  const links: { endpoints: [string, string] }[] = [
    { endpoints: ['a:eth0', 'left:p1'] },
    { endpoints: ['left:p2', 'right:p2'] },
    { endpoints: ['left:p3', 'right:p3'] },
  ];
  const read = topologyOf({ nodes, links });
  if ('problems' in read) throw new Error(read.problems.map(problemText).join('\n'));
  return {
    topology: read.source.topology,
    play: {
      name: 'loop',
      seed: 1,
      expect: [],
      steps: [{ ping: { from: 'a', to: { address: 0x0a000002, port: 0 }, count: 1 } }],
    },
    changes: [],
  };
}

describe('a run that is too long to be kept', () => {
  const reel = reelOf(FIG11);
  const whole = worked(new Tape(reel));
  const parts = worked(new Tape(reel, 40));

  it('has the same stops', () => {
    expect([whole.isWhole, parts.isWhole]).toEqual([true, false]);
    expect(parts.index.length).toBe(whole.index.length);
  });

  it('shows the same at each of them', () => {
    const told = (tape: Tape) => {
      const viewer = new Viewer(tape);
      return (stop: number) => {
        for (;;) {
          const view = viewer.view({ ...INITIAL, stop });
          const isRead = view.details !== undefined && view.tables !== undefined;
          if (!isRead && tape.work()) continue;
          const { station, way, here, hop, tables, paper } = view;
          return {
            station,
            way: way.map(stepText),
            here: here.map(stepText),
            changes: hop?.changes,
            tables,
            paper: paper?.step.number,
          };
        }
      };
    };
    const [one, other] = [told(whole), told(parts)];
    for (const stop of [0, 60, 61, 59, 200, 297, 150, 149, 3]) expect(other(stop)).toEqual(one(stop));
  });
});

describe('an account of a request', () => {
  const reel = reelOf(FIG11);

  it.each([40, 120])('is the same where only the packets of the first %i steps are kept', (kept) => {
    const [whole, parts] = [worked(new Tape(reel)), worked(new Tape(reel, kept))];
    const told = (tape: Tape, stop: number): string[] => {
      const viewer = new Viewer(tape);
      for (;;) {
        const view = viewer.view({ ...INITIAL, stop });
        const account = accountAt(view);
        if (account === 'reading' || view.details === undefined) tape.work();
        else return storyLines(view, account, 'en');
      }
    };
    const requests = whole.outcomes.flatMap(({ probe }) => (probe?.sent ?? []).map(({ packet }) => packet));
    expect(requests).toHaveLength(7);
    for (const packet of requests) {
      const stop = whole.index.firstStop(packet) ?? 0;
      expect(told(parts, stop)).toEqual(told(whole, stop));
    }
  });

  it('is not made while its answer may still come', () => {
    const tape = new Tape(reel);
    while (tape.index.length === 0) tape.work();
    const viewer = new Viewer(tape);
    const before = tape.isDone ? undefined : accountAt(viewer.view(INITIAL));
    worked(tape);
    const after = accountAt(viewer.view(INITIAL));
    expect(before === undefined || before === 'reading').toBe(true);
    expect(typeof after === 'object' && after.account.verdict).toBe('DELIVERED');
  });
});

describe('a filter over a run', () => {
  const reel = reelOf(FIG11);
  const tape = worked(new Tape(reel));

  it.each(['icmp', 'arp', 'udp port 7', 'host 198.51.100.1', 'icmp[0] == 3', 'greater 2000'])(
    '%s passes what its frames pass',
    (text) => {
      const compiled = compileFilter(text, filterNames(tape.world));
      if ('problem' in compiled) throw new Error(compiled.problem.message);
      const passes = tape.filtered(compiled.filter);
      worked(tape);
      const sightings = tape.details(0)?.sightings;
      const packets = Array.from({ length: tape.index.packets }, (_, one) => one + 1);
      const wanted = packets.filter((one) => sightings?.some(one, (frame, type) => compiled.filter.test(frame, type)));
      expect(packets.filter(passes)).toEqual(wanted);
    },
  );
});

describe("the paper's steps on the tape", () => {
  it('come one after the other, there and back, for the first request of figure 11', () => {
    const tape = worked(new Tape(reelOf(FIG11)));
    const viewer = new Viewer(tape);
    const root = tape.index.rootOf(1);
    const numbers: string[] = [];
    for (let stop = 0; stop < tape.index.length; stop++) {
      if (tape.index.rootOf(tape.index.packet(stop)) !== root) continue;
      const { paper } = viewer.view({ ...INITIAL, stop });
      const said = paper === undefined ? '' : `${paper.leg} ${paper.step.number}`;
      if (said !== '' && numbers.at(-1) !== said) numbers.push(said);
    }
    const flow = tape.report()?.steps[0]?.figure;
    expect(numbers).toEqual([
      ...(flow?.request ?? []).map(({ number }) => `request ${number}`),
      ...(flow?.reply ?? []).map(({ number }) => `reply ${number}`),
    ]);
    expect(numbers.length).toBeGreaterThan(4);
  });
});
