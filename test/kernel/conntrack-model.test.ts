import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventQueue } from '../../sim/core/events.ts';
import { seconds } from '../../sim/core/time.ts';
import type { Connection } from '../../sim/kernel/forwarding/conntrack/connection.ts';
import { ConntrackTable } from '../../sim/kernel/forwarding/conntrack/conntrack-table.ts';
import { Tuple } from '../../sim/kernel/forwarding/conntrack/tuple.ts';
import { ConntrackSysctls } from '../../sim/kernel/sysctl.ts';

/*
 * A table of connections with room for four, beside a model that is a list of them. Which one of several goes for a new one is
 * the hash's business; that it is none that is assured, and none while there is room, is not.
 */

const MOST = 4;

interface Known {
  readonly connection: Connection;
  ends: number;
  assured: boolean;
}

type Model = { known: Map<number, Known> };

interface Real {
  readonly clock: EventQueue;
  readonly table: ConntrackTable;
}

type Step = fc.Command<Model, Real>;

function tupleOf(port: number): Tuple {
  const tuple = new Tuple();
  tuple.source = 0x0a000001;
  tuple.destination = 0x0a000002;
  tuple.protocol = 17;
  tuple.sourceKey = port;
  tuple.destinationKey = 53;
  return tuple;
}

const living = (model: Model, now: number): [number, Known][] => [...model.known].filter(([, { ends }]) => ends > now);

/** The table after each step: exactly what lives, by both directions, and never more than there is room for. */
function step(name: string, run: (model: Model, real: Real) => void): Step {
  return {
    check: () => true,
    run: (model, real) => {
      run(model, real);
      const { table, clock } = real;
      const alive = living(model, clock.now);
      expect(table.count).toBeLessThanOrEqual(MOST);
      const ports = table.list().map(({ original }) => original.tuple.sourceKey);
      expect(ports.sort()).toEqual(alive.map(([port]) => port).sort());
      for (const [port, { connection, ends }] of alive) {
        const inverse = new Tuple();
        inverse.invert(tupleOf(port));
        expect(table.find(tupleOf(port))?.connection).toBe(connection);
        expect(table.find(inverse)?.direction).toBe('reply');
        expect(table.secondsLeft(connection)).toBe(Math.floor((ends - clock.now) / 1e9));
      }
    },
    toString: () => name,
  };
}

const enter = (port: number, timeout: number): Step =>
  step(`new ${port} for ${timeout} s`, (model, { table, clock }) => {
    if (table.find(tupleOf(port)) !== undefined) return;
    const before = living(model, clock.now);
    const drops = table.statistics.early_drop;
    const reply = new Tuple();
    reply.invert(tupleOf(port));
    const connection = table.allocate(tupleOf(port), reply);
    const gone = before.filter(([, known]) => known.connection.dying);
    // While there is room nobody goes; where there is none one goes, and never one that is assured.
    expect(gone.length).toBe(table.statistics.early_drop - drops);
    expect(gone.length).toBeLessThanOrEqual(before.length >= MOST ? 1 : 0);
    for (const [other, known] of gone) {
      expect(known.assured).toBe(false);
      model.known.delete(other);
    }
    if (connection === undefined) {
      expect([before.length, gone.length]).toEqual([MOST, 0]);
      return;
    }
    table.refresh(connection, timeout);
    expect(table.confirm(connection)).toBeUndefined();
    model.known.set(port, { connection, ends: clock.now + timeout * 1e9, assured: false });
  });

const onEach = (name: string, port: number, run: (known: Known, real: Real, model: Model) => void): Step =>
  step(`${name} ${port}`, (model, real) => {
    const known = living(model, real.clock.now).find(([one]) => one === port)?.[1];
    if (known !== undefined) run(known, real, model);
  });

const assure = (port: number): Step =>
  onEach('assured', port, (known) => {
    known.assured = true;
    known.connection.assured = true;
  });

const refresh = (port: number, timeout: number): Step =>
  onEach(`${timeout} s more for`, port, (known, { table, clock }) => {
    table.refresh(known.connection, timeout);
    known.ends = clock.now + timeout * 1e9;
  });

const kill = (port: number): Step =>
  onEach('end of', port, ({ connection }, { table }, model) => {
    table.kill(connection);
    model.known.delete(port);
  });

const wait = (span: number): Step =>
  step(`wait ${span} s`, (_model, { clock }) => {
    clock.after(seconds(span), () => {}, undefined);
    clock.runNext();
  });

it('law: a full table of connections gives up what is not assured, and nothing else', () => {
  const port = fc.nat(9);
  const timeout = fc.integer({ min: 1, max: 60 });
  const commands = fc.commands(
    [
      fc.tuple(port, timeout).map(([one, span]) => enter(one, span)),
      fc.tuple(port, timeout).map(([one, span]) => enter(one, span)),
      port.map(assure),
      fc.tuple(port, timeout).map(([one, span]) => refresh(one, span)),
      port.map(kill),
      fc.integer({ min: 1, max: 20 }).map(wait),
    ],
    { maxCommands: 80 },
  );
  fc.assert(
    fc.property(commands, (steps) => {
      const settings = new ConntrackSysctls();
      settings.nf_conntrack_max = MOST;
      const clock = new EventQueue();
      const real = { clock, table: new ConntrackTable(clock, settings) };
      fc.modelRun(() => ({ model: { known: new Map() }, real }), steps);
    }),
    { numRuns: 300 },
  );
});
