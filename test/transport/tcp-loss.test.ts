import { array, assert, boolean, constantFrom, double, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';
import { ms } from '../../sim/core/time.ts';
import { COMWARE_PROFILE, LINUX_PROFILE } from '../../sim/transport/profile.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { type End, TcpPair, type WireOptions } from './tcp-bench.ts';

/* A stream is a stream, whatever the network does to the segments: each byte once, in order, and an end of it. */

/**
 * Writes `data` in pieces as room allows, then ends; collects what comes. It never calls close(): for a closed socket
 * the kernel tries for 102 s only.
 */
class Talker {
  readonly received: number[] = [];
  readonly notes: string[] = [];
  readonly #socket: TcpSocket;
  readonly #data: Uint8Array;
  readonly #pieces: readonly number[];
  #written = 0;
  #turn = 0;
  #hasEnded = false;

  constructor(socket: TcpSocket, data: Uint8Array, pieces: readonly number[]) {
    this.#socket = socket;
    this.#data = data;
    this.#pieces = pieces;
    socket.onWritable = () => this.speak();
    socket.onData = (bytes) => {
      for (const byte of bytes) this.received.push(byte);
    };
    socket.onEnd = () => {
      this.notes.push('end');
    };
    socket.onError = (error) => this.notes.push(error.errno);
    socket.onClose = () => this.notes.push('close');
  }

  speak(): void {
    while (this.#written < this.#data.length) {
      const size = this.#pieces[this.#turn++ % this.#pieces.length] ?? 1;
      const piece = this.#data.subarray(this.#written, this.#written + size);
      const taken = this.#socket.write(piece);
      this.#written += taken;
      if (taken < piece.length) return;
    }
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.end();
  }
}

interface Talk {
  readonly wire: WireOptions;
  readonly seed: number;
  readonly there: Uint8Array;
  readonly back: Uint8Array;
  readonly pieces: readonly number[];
  readonly profiles: ConstructorParameters<typeof TcpPair>[2];
}

function talk({ wire, seed, there, back, pieces, profiles }: Talk): { pair: TcpPair; a: Talker; b: Talker } {
  const pair = new TcpPair(wire, seed, profiles);
  let b: Talker | undefined;
  pair.b.tcp.listen({ name: 'server', place: pair.b.place }, 0, 80, (socket) => {
    b = new Talker(socket, back, pieces);
    b.speak();
  });
  const socket = pair.a.tcp.open({ name: 'client', place: pair.a.place });
  const a = new Talker(socket, there, pieces);
  socket.onConnect = () => a.speak();
  expect(socket.connect(pair.b.address, 80)).toBe(undefined);
  pair.finish();
  if (b === undefined) throw new Error('no connection was accepted');
  return { pair, a, b };
}

function noise(length: number, seed: number): Uint8Array {
  const chance = new Chance(seed, 'noise');
  return Uint8Array.from({ length }, () => chance.below(256));
}

/** Index of the first byte that differs, -1 if none does (an assertion on whole arrays takes seconds). */
function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) if (a[index] !== b[index]) return index;
  return -1;
}

function isGone(end: End): boolean {
  return end.tcp.connections().length === 0 && end.tcp.records().length === 0;
}

describe('a stream over a bad wire', () => {
  it('arrives whole in both directions, and both ends close: 20 % loss, reordering, duplicates', () => {
    const profiles = constantFrom(LINUX_PROFILE, COMWARE_PROFILE);
    const talks = record({
      seed: integer({ min: 0, max: 2 ** 31 }),
      loss: double({ min: 0, max: 0.2, noNaN: true }),
      jitter: constantFrom(0, 1, 5, 50),
      duplicates: boolean(),
      there: integer({ min: 0, max: 60000 }),
      back: integer({ min: 0, max: 60000 }),
      pieces: array(integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 6 }),
      one: profiles,
      other: profiles,
    });
    assert(
      property(talks, (talked) => {
        const wire = { loss: talked.loss, jitter: ms(talked.jitter), duplication: talked.duplicates ? 0.1 : 0 };
        const there = noise(talked.there, talked.seed);
        const back = noise(talked.back, talked.seed + 1);
        const { pair, a, b } = talk({ ...talked, wire, there, back, profiles: [talked.one, talked.other] });
        expect([firstDifference(b.received, there), firstDifference(a.received, back)]).toEqual([-1, -1]);
        expect([a.notes, b.notes]).toEqual([
          ['end', 'close'],
          ['end', 'close'],
        ]);
        expect([isGone(pair.a), isGone(pair.b)]).toEqual([true, true]);
      }),
      { numRuns: 60 },
    );
  });
});
