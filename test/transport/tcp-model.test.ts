import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ms, seconds } from '../../sim/core/time.ts';
import { COMWARE_PROFILE, LINUX_PROFILE, type StackProfile } from '../../sim/transport/profile.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { TcpPair, type WireOptions } from './tcp-bench.ts';

/*
 * A connection whose programs write, stop reading, go on and end as they like, over a wire that loses, delays and doubles as it
 * likes, beside a model that is two strings of bytes: what was read is always a beginning of what was written, and all of it in
 * the end.
 */

type Side = 'a' | 'b';

interface Stream {
  /** Bytes that TCP took. */
  written: number;
  isEnded: boolean;
  isPaused: boolean;
  read: number;
  hasEnd: boolean;
}

type Model = Record<Side, Stream>;

/** The n-th byte of a side's stream. */
const byteAt = (side: Side, index: number): number => (index * 7 + (side === 'a' ? 13 : 101) + (index >> 8)) & 0xff;

class Connection {
  readonly pair: TcpPair;
  readonly sockets = new Map<Side, TcpSocket>();
  readonly notes: string[] = [];

  constructor(model: Model, profiles: readonly [StackProfile, StackProfile], seed: number) {
    this.pair = new TcpPair({}, seed, profiles);
    this.pair.b.tcp.listen({ name: 'server', place: this.pair.b.place }, 0, 80, (socket) =>
      this.#adopt(model, 'b', socket),
    );
    const client = this.pair.a.tcp.open({ name: 'client', place: this.pair.a.place });
    this.#adopt(model, 'a', client);
    client.connect(this.pair.b.address, 80);
    this.pass(seconds(1));
  }

  /** What a side reads is what the other one wrote, from the first byte on. */
  #adopt(model: Model, side: Side, socket: TcpSocket): void {
    this.sockets.set(side, socket);
    const from = model[side === 'a' ? 'b' : 'a'];
    const sender: Side = side === 'a' ? 'b' : 'a';
    socket.onData = (data) => {
      expect(model[side].isPaused).toBe(false);
      for (const byte of data) {
        if (byte !== byteAt(sender, from.read)) throw new Error(`byte ${from.read} of ${sender} is ${byte}`);
        from.read++;
      }
      expect(from.read).toBeLessThanOrEqual(from.written);
    };
    socket.onEnd = () => {
      expect([from.isEnded, from.read]).toEqual([true, from.written]);
      from.hasEnd = true;
    };
    socket.onError = ({ errno }) => this.notes.push(`${side} ${errno}`);
  }

  pass(span: number): void {
    const { clock } = this.pair;
    const until = clock.now + span;
    while ((clock.nextAt() ?? Number.POSITIVE_INFINITY) <= until) clock.runNext();
  }

  of(side: Side): TcpSocket {
    const socket = this.sockets.get(side);
    if (socket === undefined) throw new Error(`${side} is not connected`);
    return socket;
  }
}

type Step = fc.Command<Model, Connection>;

const step = (name: string, run: (model: Model, real: Connection) => void, check = (_: Model) => true): Step => ({
  check: (model) => check(model),
  run,
  toString: () => name,
});

const write = (side: Side, count: number): Step =>
  step(
    `${side} writes ${count}`,
    (model, real) => {
      const stream = model[side];
      const data = Uint8Array.from({ length: count }, (_, index) => byteAt(side, stream.written + index));
      stream.written += real.of(side).write(data);
    },
    (model) => !model[side].isEnded,
  );

const end = (side: Side): Step =>
  step(
    `${side} writes no more`,
    (model, real) => {
      model[side].isEnded = true;
      real.of(side).end();
    },
    (model) => !model[side].isEnded,
  );

const pause = (side: Side): Step =>
  step(`${side} stops reading`, (model, real) => {
    model[side].isPaused = true;
    real.of(side).pause();
  });

const resume = (side: Side): Step =>
  step(`${side} reads on`, (model, real) => {
    model[side].isPaused = false;
    real.of(side).resume();
  });

const rewire = (wire: WireOptions): Step =>
  step(`wire ${JSON.stringify(wire)}`, (_model, real) => {
    real.pair.wire = wire;
  });

const wait = (span: number): Step => step(`wait ${span / 1e6} ms`, (_model, real) => real.pass(span));

const withoutOffload = (profile: StackProfile): StackProfile => ({
  ...profile,
  tcp: { ...profile.tcp, segmentationOffload: false },
});

const stream = (): Stream => ({ written: 0, isEnded: false, isPaused: false, read: 0, hasEnd: false });

it('law: what is read is what was written, from the first byte to the last', () => {
  const side = fc.constantFrom<Side>('a', 'b');
  const wire = fc.record({
    loss: fc.constantFrom(0, 0.05, 0.3),
    duplication: fc.constantFrom(0, 0.2),
    delay: fc.constantFrom(ms(0), ms(1), ms(30)),
    jitter: fc.constantFrom(ms(0), ms(5)),
  });
  const commands = fc.commands(
    [
      fc.tuple(side, fc.constantFrom(1, 3, 700, 1448, 5000, 40_000)).map(([one, count]) => write(one, count)),
      fc.tuple(side, fc.constantFrom(1, 1448, 20_000)).map(([one, count]) => write(one, count)),
      side.map(pause),
      side.map(resume),
      side.map(end),
      wire.map(rewire),
      fc.constantFrom(0, 0.5, 20, 250, 3000).map((span) => wait(ms(span))),
    ],
    { maxCommands: 40 },
  );
  const profile = fc.constantFrom(LINUX_PROFILE, COMWARE_PROFILE).map(withoutOffload);
  fc.assert(
    fc.property(commands, fc.tuple(profile, profile), fc.nat(1000), (steps, profiles, seed) => {
      const model: Model = { a: stream(), b: stream() };
      const real = new Connection(model, profiles, seed);
      fc.modelRun(() => ({ model, real }), steps);
      // The wire mends, everybody reads, and nobody writes any more.
      real.pair.wire = {};
      for (const one of ['a', 'b'] as const) {
        resume(one).run(model, real);
        if (!model[one].isEnded) end(one).run(model, real);
      }
      real.pass(seconds(900));
      real.pair.ledger.audit(0);
      expect(real.notes).toEqual([]);
      for (const one of ['a', 'b'] as const) {
        expect(model[one]).toMatchObject({ read: model[one].written, hasEnd: true });
      }
      expect(real.pair.a.tcp.connections()).toEqual([]);
      expect(real.pair.b.tcp.connections()).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
