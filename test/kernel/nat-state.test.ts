import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';
import { Connection } from '../../sim/kernel/forwarding/conntrack/connection.ts';
import { Tuple } from '../../sim/kernel/forwarding/conntrack/tuple.ts';
import { NatState } from '../../sim/kernel/forwarding/nat/nat-state.ts';

let serial = 0;

function connection(source: number, sourceKey: number, more: { protocol?: number; bound?: boolean } = {}): Connection {
  const made = new Connection(serial++, false);
  Object.assign(made.original.tuple, { source, sourceKey, protocol: more.protocol ?? 17, destination: 9 });
  made.sourceNatDone = more.bound ?? true;
  return made;
}

function tuple(source: number, sourceKey: number, protocol = 17): Tuple {
  return Object.assign(new Tuple(), { source, sourceKey, protocol });
}

describe('connections by where they come from (nf_nat_bysource)', () => {
  it('are those of one address, port and protocol, newest first', () => {
    const state = new NatState(new Chance(1));
    const [first, second] = [connection(1, 5), connection(1, 5)];
    const others = [connection(2, 5), connection(1, 6), connection(1, 5, { protocol: 6 })];
    for (const one of [first, ...others, second]) state.enter(one);
    expect([...state.fromSameSource(tuple(1, 5))]).toEqual([second, first]);
    expect([...state.fromSameSource(tuple(1, 5, 6))]).toEqual([others[2]]);
    expect([...state.fromSameSource(tuple(3, 5))]).toEqual([]);
  });

  it('are forgotten one by one, and once', () => {
    const state = new NatState(new Chance(1));
    const all = [connection(1, 5), connection(1, 5), connection(1, 5)] as const;
    for (const one of all) state.enter(one);
    state.forget(all[1]);
    expect([...state.fromSameSource(tuple(1, 5))]).toEqual([all[2], all[0]]);
    state.forget(all[1]);
    state.forget(connection(1, 5));
    expect([...state.fromSameSource(tuple(1, 5))]).toEqual([all[2], all[0]]);
    state.forget(all[0]);
    state.forget(all[2]);
    expect([...state.fromSameSource(tuple(1, 5))]).toEqual([]);
    state.enter(all[0]);
    expect([...state.fromSameSource(tuple(1, 5))]).toEqual([all[0]]);
  });

  it('that have no binding of their source are not among them', () => {
    const state = new NatState(new Chance(1));
    const unbound = connection(1, 5, { bound: false });
    state.enter(unbound);
    state.forget(unbound);
    expect([...state.fromSameSource(tuple(1, 5))]).toEqual([]);
  });
});
