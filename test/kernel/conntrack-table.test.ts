import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../sim/core/events.ts';
import { seconds } from '../../sim/core/time.ts';
import type { Connection } from '../../sim/kernel/forwarding/conntrack/connection.ts';
import { ConntrackTable } from '../../sim/kernel/forwarding/conntrack/conntrack-table.ts';
import { Tuple } from '../../sim/kernel/forwarding/conntrack/tuple.ts';
import { ConntrackSysctls } from '../../sim/kernel/sysctl.ts';

/* The table beside a list that is searched from end to end. */

function udp(source: number, sourcePort: number): Tuple {
  const tuple = new Tuple();
  tuple.source = source;
  tuple.destination = 0xc6336402;
  tuple.protocol = 17;
  tuple.sourceKey = sourcePort;
  tuple.destinationKey = 7;
  return tuple;
}

function enter(table: ConntrackTable, tuple: Tuple, timeout: number): Connection | undefined {
  const reply = new Tuple();
  reply.invert(tuple);
  const connection = table.allocate(tuple, reply);
  if (connection === undefined) return undefined;
  table.refresh(connection, timeout);
  table.confirm(connection);
  return connection;
}

const step = fc.oneof(
  fc.record({ do: fc.constant('enter' as const), port: fc.nat(40), timeout: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ do: fc.constant('kill' as const), port: fc.nat(40), timeout: fc.constant(0) }),
  fc.record({ do: fc.constant('refresh' as const), port: fc.nat(40), timeout: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ do: fc.constant('wait' as const), port: fc.constant(0), timeout: fc.integer({ min: 1, max: 20 }) }),
);

describe('the table of connections', () => {
  it('finds both directions of what lives, nothing of what expired or was ended', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const clock = new EventQueue();
        const table = new ConntrackTable(clock, new ConntrackSysctls());
        const ends = new Map<number, number>();
        const inverse = new Tuple();
        for (const { do: what, port, timeout } of steps) {
          const until = clock.now + timeout * 1e9;
          const found = table.find(udp(1, port))?.connection;
          expect(found !== undefined).toBe((ends.get(port) ?? 0) > clock.now);
          if (what === 'enter' && found === undefined) {
            enter(table, udp(1, port), timeout);
            ends.set(port, until);
          } else if (found !== undefined && what === 'kill') {
            table.kill(found);
            ends.delete(port);
          } else if (found !== undefined && what === 'refresh') {
            table.refresh(found, timeout);
            ends.set(port, until);
          } else if (what === 'wait') {
            clock.after(seconds(timeout), () => {}, undefined);
            while (clock.runNext());
          }
        }
        const living = [...ends].filter(([, end]) => end > clock.now).map(([port]) => port);
        expect(
          table
            .list()
            .map(({ original }) => original.tuple.sourceKey)
            .sort(),
        ).toEqual(living.sort());
        expect(table.count).toBe(living.length);
        for (const port of living) {
          inverse.invert(udp(1, port));
          expect(table.find(inverse)?.direction).toBe('reply');
        }
      }),
    );
  });

  it('of thousands still finds each one', () => {
    const table = new ConntrackTable(new EventQueue(), new ConntrackSysctls());
    for (let source = 0; source < 50; source++) {
      for (let port = 0; port < 100; port++) enter(table, udp(source, port), 30);
    }
    expect(table.count).toBe(5000);
    for (let source = 0; source < 50; source++) {
      for (let port = 0; port < 100; port++) {
        expect(table.find(udp(source, port))?.connection.original.tuple.source).toBe(source);
      }
    }
  });

  it('takes what expired out as it goes: it does not grow beyond what lives', () => {
    const clock = new EventQueue();
    const table = new ConntrackTable(clock, new ConntrackSysctls());
    for (let port = 0; port < 20000; port++) {
      enter(table, udp(port, port), 1);
      clock.after(seconds(0.1), () => {}, undefined);
      clock.runNext();
    }
    expect(table.count).toBeLessThan(100);
  });

  it('that is full gives up one that is not assured, or refuses', () => {
    const settings = new ConntrackSysctls();
    settings.nf_conntrack_max = 3;
    const table = new ConntrackTable(new EventQueue(), settings);
    const first = enter(table, udp(1, 1), 30);
    for (const port of [2, 3]) {
      const connection = enter(table, udp(1, port), 30);
      if (connection !== undefined) connection.assured = true;
    }
    // Chains are looked at from the newcomer's on: some find the victim, and then none is left.
    let entered = 0;
    for (let port = 4; port < 200; port++) if (enter(table, udp(2, port), 30) !== undefined) entered++;
    expect(entered).toBeGreaterThan(0);
    expect(first?.dying).toBe(true);
    expect(table.count).toBe(3);
    expect(table.statistics.early_drop).toBe(entered);
  });
});
