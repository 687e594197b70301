import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type SessionOwner, SessionTable } from '../../sim/comware/stack/sessions.ts';
import { EventQueue } from '../../sim/core/events.ts';
import { ns } from '../../sim/core/time.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../sim/wire/tcp.ts';

/*
 * Whose an answer is, beside a model that is a list of conversations with the time at which each ends. Written from the ageing
 * times of `display session aging-time state` and the states of a connection, not from the table.
 */

const ICMP_ECHO = 1 | (8 << 8);
const UDP = 17;
const TCP = 6;
const [SYN, SYN_ACK, ACK, FIN, RST] = [TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST | TCP_ACK];

interface Talk {
  readonly key: string;
  readonly kind: number;
  readonly owner: SessionOwner;
  /** Of TCP: how far it has come; of others whether an answer came. */
  state: 'opening' | 'answered' | 'open' | 'closing';
  ends: number;
}

type Model = { talks: Talk[] };

interface Real {
  readonly clock: EventQueue;
  readonly table: SessionTable;
}

type Step = fc.Command<Model, Real>;

const flowOf = (kind: number, port: number) => ({
  kind,
  source: 1,
  sourcePort: port,
  destination: 2,
  destinationPort: 9,
});
const keyOf = (kind: number, port: number): string => `${kind} ${port}`;

function lifeOf({ kind, state }: Talk): number {
  if (kind === TCP) return state === 'open' ? 3600e9 : 30e9;
  if (kind === UDP) return state === 'answered' ? 60e9 : 30e9;
  return state === 'answered' ? 30e9 : 60e9;
}

/** The talk of that key that has not ended. */
function living(model: Model, key: string, now: number): Talk | undefined {
  model.talks = model.talks.filter(({ ends }) => ends > now);
  return model.talks.find((talk) => talk.key === key);
}

/** A segment moves a connection on. */
function segment(talk: Talk, flags: number, isAnswer: boolean): void {
  if (flags === RST) talk.state = 'closing';
  else if (flags === SYN) {
    if (!isAnswer) talk.state = 'opening';
    else if (talk.state === 'opening') talk.state = 'answered';
  } else if (flags === SYN_ACK) {
    if (talk.state === 'opening') talk.state = 'answered';
  } else if (flags === FIN) {
    talk.state = 'closing';
  } else if (flags === ACK && talk.state === 'answered') talk.state = 'open';
}

/** A SYN for a connection that is past its opening begins another one. */
const isOfAnother = (talk: Talk, flags: number): boolean =>
  talk.kind === TCP && flags === SYN && (talk.state === 'open' || talk.state === 'closing');

/** Another's connection is not taken over in its middle: by a SYN, or when it closes. */
const isKept = (talk: Talk, owner: SessionOwner, flags: number): boolean =>
  talk.kind === TCP && talk.owner !== owner && talk.state !== 'closing' && flags !== SYN && flags !== SYN_ACK;

const sent = (kind: number, port: number, owner: SessionOwner, flags: number): Step => ({
  check: () => true,
  run: (model, { table, clock }) => {
    table.sent(flowOf(kind, port), owner, flags);
    const old = living(model, keyOf(kind, port), clock.now);
    if (old !== undefined && isKept(old, owner, flags)) return;
    let talk = old;
    if (old === undefined || old.owner !== owner || isOfAnother(old, flags)) {
      if (flags === RST) return;
      model.talks = model.talks.filter((one) => one !== old);
      // A connection that is met in its middle counts as open; one that answers a SYN nobody saw, as answered.
      const state = kind !== TCP || flags === SYN ? 'opening' : flags === SYN_ACK ? 'answered' : 'open';
      talk = { key: keyOf(kind, port), kind, owner, state, ends: 0 };
      model.talks.push(talk);
      if (kind === TCP && flags === FIN) talk.state = 'closing';
    } else if (kind === TCP) segment(old, flags, false);
    if (talk !== undefined) talk.ends = clock.now + lifeOf(talk);
  },
  toString: () => `${owner} sends ${keyOf(kind, port)} flags ${flags}`,
});

const arrives = (kind: number, port: number, flags: number): Step => ({
  check: () => true,
  run: (model, { table, clock }) => {
    const found = table.find(flowOf(kind, port), flags);
    const talk = living(model, keyOf(kind, port), clock.now);
    if (talk === undefined || isOfAnother(talk, flags)) {
      expect(found).toBeUndefined();
      return;
    }
    expect(found?.owner).toBe(talk.owner);
    if (kind === TCP) segment(talk, flags, true);
    else talk.state = 'answered';
    talk.ends = clock.now + lifeOf(talk);
  },
  toString: () => `answer to ${keyOf(kind, port)} flags ${flags}`,
});

const quoted = (kind: number, port: number): Step => ({
  check: () => true,
  run: (model, { table, clock }) => {
    expect(table.peek(flowOf(kind, port))?.owner).toBe(living(model, keyOf(kind, port), clock.now)?.owner);
  },
  toString: () => `error about ${keyOf(kind, port)}`,
});

const wait = (span: number): Step => ({
  check: () => true,
  run: (model, { table, clock }) => {
    clock.after(ns(span), () => {}, undefined);
    clock.runNext();
    living(model, '', clock.now);
    expect(table.list()).toHaveLength(model.talks.length);
  },
  toString: () => `wait ${span / 1e9} s`,
});

it('law: an answer belongs to whom a list of conversations says', () => {
  const port = fc.constantFrom(1, 2);
  const owner = fc.constantFrom<SessionOwner>('kernel', 'host');
  const datagram = fc.constantFrom(UDP, ICMP_ECHO);
  const flags = fc.constantFrom(SYN, SYN_ACK, ACK, ACK, FIN, RST);
  const commands = fc.commands(
    [
      fc.tuple(datagram, port, owner).map(([kind, one, who]) => sent(kind, one, who, 0)),
      fc.tuple(datagram, port).map(([kind, one]) => arrives(kind, one, 0)),
      fc.tuple(port, owner, flags).map(([one, who, what]) => sent(TCP, one, who, what)),
      fc.tuple(port, flags).map(([one, what]) => arrives(TCP, one, what)),
      fc.tuple(fc.constantFrom(UDP, TCP, ICMP_ECHO), port).map(([kind, one]) => quoted(kind, one)),
      fc.constantFrom(1e9, 29_999_999_999, 30e9, 31e9, 60e9, 3600e9).map(wait),
    ],
    { maxCommands: 80 },
  );
  fc.assert(
    fc.property(commands, (steps) => {
      const clock = new EventQueue();
      fc.modelRun(() => ({ model: { talks: [] }, real: { clock, table: new SessionTable(clock) } }), steps);
    }),
    { numRuns: 500 },
  );
});
