import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../sim/core/events.ts';
import { seconds } from '../../sim/core/time.ts';
import { consume } from '../../sim/packet/fate.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { Packet } from '../../sim/packet/packet.ts';
import type { Place, Site } from '../../sim/packet/place.ts';
import { fragment, MIN_FRAGMENT_MTU } from '../../sim/transport/ip-fragment.ts';
import { Reassembler } from '../../sim/transport/ip-reassembly.ts';
import { checksum } from '../../sim/wire/checksum.ts';
import { IP_DF, IP_MF, IPV4_LENGTH, Ipv4Header, putIpv4 } from '../../sim/wire/ipv4.ts';

const PLACE: Place = { node: 'a', role: 'linux', title: 'a' };
const SITE: Site = { component: 'Kernel forwarding', function: 'test' };
const DUPLICATE = 'kernel:DUP_FRAG';
const TOO_FAR = 'kernel:FRAG_TOO_FAR';
const FULL = 'kernel:NOMEM';
const TIMEOUT = 'kernel:FRAG_REASM_TIMEOUT';

/** A ledger, a reassembler on it, and what came out of it whole. */
class Bench {
  readonly ledger = new Ledger();
  readonly clock = new EventQueue();
  readonly whole: Uint8Array[] = [];
  readonly expired: (number | undefined)[] = [];
  failed = 0;
  readonly limits = {
    timeout: seconds(30),
    memory: 4194304,
    distance: 0,
    fragmentsFrom: (source: number): number => {
      const count = (this.#fragments.get(source) ?? 0) + 1;
      this.#fragments.set(source, count);
      return count;
    },
  };
  readonly #fragments = new Map<number, number>();
  readonly reassembler = new Reassembler(
    this.clock,
    PLACE,
    this.limits,
    { site: SITE, timeout: TIMEOUT, duplicate: DUPLICATE, contradiction: TOO_FAR, full: FULL },
    { expired: (first) => this.expired.push(first?.number), failed: () => this.failed++ },
  );

  datagram(data: Uint8Array, { identification = 1, flags = 0, options = new Uint8Array(0) } = {}): Packet {
    const headerLength = IPV4_LENGTH + options.length;
    const packet = Packet.allocate(this.ledger, headerLength + data.length);
    packet.networkOffset = packet.head;
    putIpv4(packet.bytes, packet.head, {
      tos: 4,
      totalLength: packet.length,
      identification,
      fragment: flags,
      ttl: 64,
      protocol: 17,
      source: 0x0a000001,
      destination: 0x0a000002,
    });
    packet.bytes[packet.head] = 0x40 | (headerLength / 4);
    packet.bytes.set(options, packet.head + IPV4_LENGTH);
    packet.bytes.set(data, packet.head + headerLength);
    packet.ip.writeChecksum();
    return packet;
  }

  /** A fragment made by hand: `length` bytes of value `fill` from byte `from` on. */
  piece(from: number, length: number, more: boolean, fill = 1, identification = 1): Packet {
    const flags = (more ? IP_MF : 0) | (from / 8);
    return this.datagram(new Uint8Array(length).fill(fill), { identification, flags });
  }

  /** Cuts a packet, ends it, and gives the pieces. */
  cut(packet: Packet, mtu: number): Packet[] {
    const pieces = fragment(packet, mtu, PLACE, SITE);
    consume(packet, PLACE, SITE, 'cut');
    return pieces;
  }

  add(...pieces: readonly Packet[]): void {
    this.addSome(pieces);
    this.audit();
  }

  /** As add(), while the test still has other packets in its hands. */
  addSome(pieces: readonly Packet[]): void {
    for (const piece of pieces) {
      const result = this.reassembler.add(piece);
      if (!('whole' in result)) continue;
      this.whole.push(result.whole.data());
      consume(result.whole, PLACE, SITE, 'test');
    }
  }

  drops(): Record<string, number> {
    return Object.fromEntries(this.ledger.drops);
  }

  audit(): void {
    this.ledger.audit(this.reassembler.held);
  }
}

const data = fc.uint8Array({ minLength: 1, maxLength: 4000 });
const mtu = fc.integer({ min: MIN_FRAGMENT_MTU, max: 1500 });

describe('fragmentation', () => {
  it('every piece fits, carries a multiple of 8 bytes except the last, and a right header', () => {
    fc.assert(
      fc.property(data, mtu, (bytes, size) => {
        const bench = new Bench();
        const pieces = bench.cut(bench.datagram(bytes), size);
        let reached = 0;
        pieces.forEach((piece, index) => {
          const { ip } = piece;
          const isLast = index === pieces.length - 1;
          expect(piece.length).toBeLessThanOrEqual(size);
          expect([ip.totalLength, ip.fragmentOffset, ip.moreFragments]).toEqual([piece.length, reached, !isLast]);
          expect([ip.identification, ip.ttl, ip.tos, ip.protocol]).toEqual([1, 64, 4, 17]);
          expect(checksum(piece.bytes, piece.head, ip.headerLength)).toBe(0);
          if (!isLast) expect((piece.length - IPV4_LENGTH) % 8).toBe(0);
          reached += piece.length - IPV4_LENGTH;
        });
        expect(reached).toBe(bytes.length);
      }),
    );
  });

  it('1480 and 528 bytes of a 2008-byte payload at MTU 1500, as ping -s 2000 shows them', () => {
    const bench = new Bench();
    const pieces = bench.cut(bench.datagram(new Uint8Array(2008)), 1500);
    expect(pieces.map((piece) => [piece.ip.totalLength, piece.ip.fragment])).toEqual([
      [1500, IP_MF],
      [548, 185],
    ]);
  });

  it('a fragment cut again keeps its place, and MF on its last piece', () => {
    const bench = new Bench();
    const pieces = bench.cut(bench.piece(800, 160, true), 100);
    expect(pieces.map((piece) => [piece.ip.fragmentOffset, piece.ip.moreFragments])).toEqual([
      [800, true],
      [880, true],
    ]);
  });

  it('keeps every option on the first piece, and on the others only those that say "copied"', () => {
    // Record route (7) is not copied, stream identifier (136) is; end of list.
    const options = Uint8Array.of(7, 3, 4, 136, 4, 0, 9, 0);
    const bench = new Bench();
    const pieces = bench.cut(bench.datagram(new Uint8Array(200), { options }), 100);
    const seen = pieces.map((piece) => [...piece.bytes.subarray(piece.head + IPV4_LENGTH, piece.head + 28)]);
    expect(seen).toEqual([[...options], ...new Array(seen.length - 1).fill([1, 1, 1, 136, 4, 0, 9, 0])]);
    for (const piece of pieces) expect(checksum(piece.bytes, piece.head, 28)).toBe(0);
  });
});

describe('reassembly', () => {
  it('gives the original bytes, whatever the order, the duplicates, and how often it was cut', () => {
    const order = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(data, mtu, mtu, order, (bytes, first, second, random) => {
        const bench = new Bench();
        const original = bench.datagram(bytes);
        const expected = original.data();
        const pieces = bench.cut(original, first).flatMap((piece) => bench.cut(piece, second));
        const copies = pieces.map((piece) => piece.clone());
        const keyed = pieces.map((piece) => ({ piece, key: random.next().value ?? 0 }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ piece }) => piece);
        const last = shuffled.pop();
        const isMissing = (copy: Packet) => copy.parent === last?.number;
        // Everything but one piece comes; then all that came comes again; then the missing one.
        bench.addSome(shuffled);
        bench.addSome(copies.filter((copy) => !isMissing(copy)));
        expect([bench.whole, bench.drops()]).toEqual([
          [],
          shuffled.length === 0 ? {} : { [DUPLICATE]: shuffled.length },
        ]);
        bench.addSome(copies.filter(isMissing));
        expect(bench.whole).toEqual([expected]);
        if (last !== undefined) consume(last, PLACE, SITE, 'test');
        bench.audit();
      }),
    );
  });

  it('keeps datagrams apart by their identification', () => {
    const bench = new Bench();
    bench.add(bench.piece(0, 8, true, 1, 1), bench.piece(0, 8, true, 2, 2), bench.piece(8, 8, false, 2, 2));
    expect(bench.whole.map((bytes) => [...bytes.subarray(IPV4_LENGTH)])).toEqual([new Array(16).fill(2)]);
    expect(bench.reassembler.held).toBe(1);
  });

  it.each([
    ['from inside one piece into the next', 8, 16, true],
    ['over the front of a piece', 16, 16, true],
    ['around a piece', 16, 32, true],
  ])('an overlap kills the whole datagram: %s', (_, from, length, more) => {
    const bench = new Bench();
    bench.add(bench.piece(0, 16, true), bench.piece(24, 8, true), bench.piece(from, length, more, 2));
    expect([bench.drops(), bench.reassembler.held, bench.failed]).toEqual([{ [TOO_FAR]: 3 }, 0, 1]);
    // What follows waits for a datagram that never completes.
    bench.add(bench.piece(32, 8, false));
    expect(bench.whole).toEqual([]);
  });

  it('an end that contradicts another end, or lies before what is there, kills the datagram', () => {
    const twoEnds = new Bench();
    twoEnds.add(twoEnds.piece(16, 8, false), twoEnds.piece(32, 8, false));
    expect(twoEnds.drops()).toEqual({ [TOO_FAR]: 2 });
    const beforeOthers = new Bench();
    beforeOthers.add(beforeOthers.piece(32, 8, true), beforeOthers.piece(0, 8, false));
    expect(beforeOthers.drops()).toEqual({ [TOO_FAR]: 2 });
    const beyondEnd = new Bench();
    beyondEnd.add(beyondEnd.piece(8, 8, false), beyondEnd.piece(16, 8, true));
    expect(beyondEnd.drops()).toEqual({ [TOO_FAR]: 2 });
  });

  it('65535 bytes with the header are the most; a larger datagram is thrown away once it is complete', () => {
    const largest = new Bench();
    largest.add(largest.piece(0, 65512, true), largest.piece(65512, 3, false));
    expect(largest.whole.map((bytes) => bytes.length)).toEqual([65535]);
    const larger = new Bench();
    larger.add(larger.piece(0, 65512, true), larger.piece(65512, 4, false));
    expect([larger.drops(), larger.whole, larger.failed]).toEqual([{ [TOO_FAR]: 2 }, [], 1]);
  });

  it('bytes behind the last multiple of 8 of a piece that is not the last are cut off', () => {
    const bench = new Bench();
    bench.add(bench.piece(0, 13, true, 1), bench.piece(8, 8, false, 2));
    const expected = [...new Array(8).fill(1), ...new Array(8).fill(2)];
    expect(bench.whole.map((bytes) => [...bytes.subarray(IPV4_LENGTH)])).toEqual([expected]);
  });

  it('gives up after its time, and shows the first fragment to whoever sends the ICMP error', () => {
    const bench = new Bench();
    const first = bench.piece(0, 8, true);
    bench.add(first, bench.piece(16, 8, true));
    expect(bench.clock.nextAt()).toBe(30e9);
    bench.clock.runNext();
    bench.audit();
    expect([bench.drops(), bench.expired]).toEqual([{ [TIMEOUT]: 2 }, [first.number]]);
  });

  it('without the first fragment there is nothing to show', () => {
    const bench = new Bench();
    bench.add(bench.piece(8, 8, true));
    bench.clock.runNext();
    expect(bench.expired).toEqual([undefined]);
  });

  it('a complete datagram leaves no timer behind', () => {
    const bench = new Bench();
    bench.add(bench.piece(8, 8, false), bench.piece(0, 8, true));
    expect(bench.whole.length).toBe(1);
    expect(bench.clock.nextAt()).toBeUndefined();
  });

  it('remembers the largest piece, and DF where a piece had it', () => {
    const bench = new Bench();
    bench.reassembler.add(bench.datagram(new Uint8Array(64), { flags: IP_MF | IP_DF }));
    const result = bench.reassembler.add(bench.datagram(new Uint8Array(8), { flags: 8 | IP_DF }));
    if (!('whole' in result)) throw new Error('not complete');
    const header = new Ipv4Header(result.whole.bytes, result.whole.head);
    expect([result.whole.fragMaxSize, header.fragment, header.totalLength]).toEqual([84, IP_DF, 92]);
  });

  it('purge drops what waits', () => {
    const bench = new Bench();
    bench.add(bench.piece(0, 8, true, 1, 1), bench.piece(0, 8, true, 1, 2));
    bench.reassembler.purge('kernel:QUEUE_PURGE');
    bench.audit();
    expect([bench.drops(), bench.clock.nextAt()]).toEqual([{ 'kernel:QUEUE_PURGE': 2 }, undefined]);
  });

  it('takes no more fragments once those that wait take more memory than is allowed, nor any where none is', () => {
    const bench = new Bench();
    // 832 for each, 200 for its datagram: the fourth is taken with 3096 bytes of 3096, the fifth not.
    bench.limits.memory = 3 * 1032;
    for (let identification = 1; identification <= 5; identification++) {
      bench.reassembler.add(bench.piece(0, 8, true, 1, identification));
    }
    expect(bench.reassembler.held).toBe(4);
    expect(bench.reassembler.memory).toBe(4 * 1032);
    expect(bench.ledger.drops.get(FULL)).toBe(1);
    // What would complete a datagram is refused like any other: nothing says so before it is looked up.
    bench.reassembler.add(bench.piece(8, 8, false, 1, 1));
    expect(bench.ledger.drops.get(FULL)).toBe(2);
    // Time makes room again.
    while (bench.clock.runNext());
    expect(bench.reassembler.memory).toBe(0);
    expect('fate' in bench.reassembler.add(bench.piece(0, 8, true))).toBe(true);
    expect(bench.reassembler.held).toBe(1);
    bench.limits.memory = 0;
    bench.reassembler.add(bench.piece(8, 8, false));
    expect(bench.ledger.drops.get(FULL)).toBe(3);
  });

  it('gives back all memory, however a datagram ends', () => {
    const piece = fc.record({
      from: fc.integer({ min: 0, max: 40 }).map((index) => 8 * index),
      length: fc.integer({ min: 0, max: 60 }),
      more: fc.boolean(),
      identification: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.constantFrom(0, 2), (pieces, distance) => {
        const bench = new Bench();
        bench.limits.distance = distance;
        for (const { from, length, more, identification } of pieces) {
          const result = bench.reassembler.add(bench.piece(from, length, more, 1, identification));
          if ('whole' in result) consume(result.whole, PLACE, SITE, 'test');
          expect(bench.reassembler.memory >= 832 * bench.reassembler.held).toBe(true);
        }
        while (bench.clock.runNext());
        expect([bench.reassembler.held, bench.reassembler.memory]).toEqual([0, 0]);
        bench.ledger.audit(0);
      }),
    );
  });

  it('takes a fragment behind more than `distance` others of its sender for the beginning of another datagram', () => {
    const behind = (others: number): Bench => {
      const bench = new Bench();
      bench.limits.distance = 64;
      bench.reassembler.add(bench.piece(0, 8, true));
      for (let index = 0; index < others; index++) bench.reassembler.add(bench.piece(0, 8, true, 1, 100 + index));
      bench.reassembler.add(bench.piece(8, 8, false));
      return bench;
    };
    // 63 in between: the 64th behind the first completes it, the 65th finds it gone, and waits alone.
    expect(behind(63).reassembler.held).toBe(63);
    const late = behind(64);
    expect(late.reassembler.held).toBe(65);
    expect(late.ledger.drops.get(TOO_FAR)).toBe(1);
    expect(late.failed).toBe(1);
  });
});
