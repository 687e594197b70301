import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatorBug } from '../../sim/core/assert.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { HEADROOM, Packet } from '../../sim/packet/packet.ts';

const data = fc.uint8Array({ maxLength: 100 });

describe('Packet', () => {
  it('is born with its data behind the headroom, and a number of its own', () => {
    const ledger = new Ledger();
    const packet = Packet.of(ledger, Uint8Array.of(1, 2, 3));
    expect([packet.head, packet.length, packet.number, packet.parent]).toEqual([HEADROOM, 3, 1, 0]);
    expect([...packet.data()]).toEqual([1, 2, 3]);
    expect([...Packet.allocate(ledger, 2).data()]).toEqual([0, 0]);
    expect(ledger.born).toBe(2);
  });

  it('copies what it was made of', () => {
    const source = Uint8Array.of(1, 2, 3);
    const packet = Packet.of(new Ledger(), source);
    source.fill(9);
    expect([...packet.data()]).toEqual([1, 2, 3]);
  });

  it('push then pull is where it began, however far the headers outgrow the headroom', () => {
    fc.assert(
      fc.property(data, fc.array(fc.nat({ max: 100 }), { maxLength: 10 }), (bytes, headers) => {
        const packet = Packet.of(new Ledger(), bytes);
        for (const size of headers) {
          packet.push(size);
          packet.bytes.fill(0xee, packet.head, packet.head + size);
        }
        const total = headers.reduce((sum, size) => sum + size, 0);
        expect([...packet.data()]).toEqual([...new Array(total).fill(0xee), ...bytes]);
        for (const size of headers.toReversed()) packet.pull(size);
        expect(packet.data()).toEqual(bytes);
      }),
    );
  });

  it('headers keep their places when the packet moves to a larger buffer; unknown ones stay unknown', () => {
    const packet = Packet.of(new Ledger(), Uint8Array.of(10, 20, 30));
    packet.networkOffset = packet.head;
    packet.transportOffset = packet.head + 1;
    const before = packet.bytes;
    packet.push(HEADROOM + 1);
    expect(packet.bytes).not.toBe(before);
    expect([packet.bytes[packet.networkOffset], packet.bytes[packet.transportOffset]]).toEqual([10, 20]);
    expect(packet.linkOffset).toBe(-1);
  });

  it('what is seen of it is what its bytes are, wherever it lies by then', () => {
    const moves = fc.array(
      fc.record({ move: fc.constantFrom('push', 'pull', 'trim', 'write'), count: fc.nat(2 * HEADROOM) }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), moves, (bytes, list) => {
        const packet = Packet.of(new Ledger(), bytes);
        for (const { move, count } of list) {
          if (move === 'push') packet.push(count);
          else if (move === 'pull') packet.pull(Math.min(count, packet.length));
          else if (move === 'trim') packet.trim(Math.max(0, packet.length - count));
          else if (packet.length > 0) packet.bytes[packet.head + (count % packet.length)] = count;
          expect(packet.view).toEqual(packet.bytes.slice(packet.head, packet.tail));
          expect(packet.view).toBe(packet.view);
          expect(packet.data()).toEqual(packet.view);
        }
      }),
    );
  });

  it('what is seen of it after it has moved is not what lay in the same place before', () => {
    const packet = Packet.of(new Ledger(), Uint8Array.of(1, 2, 3));
    expect([...packet.view]).toEqual([1, 2, 3]);
    packet.push(HEADROOM + 1);
    packet.push(HEADROOM);
    packet.trim(3);
    expect([packet.head, packet.length]).toEqual([HEADROOM, 3]);
    expect([...packet.view]).toEqual([0, 0, 0]);
  });

  it('growing leaves headroom for the next header', () => {
    const packet = Packet.allocate(new Ledger(), 1);
    packet.push(HEADROOM + 1);
    const grown = packet.bytes;
    packet.push(14);
    expect(packet.bytes).toBe(grown);
  });

  it('trim takes off the end: Ethernet padding goes', () => {
    const packet = Packet.of(new Ledger(), Uint8Array.of(1, 2, 3, 0, 0));
    packet.trim(3);
    expect([...packet.data()]).toEqual([1, 2, 3]);
  });

  it('pulling or trimming more than there is is a bug', () => {
    const packet = Packet.allocate(new Ledger(), 3);
    expect(() => packet.pull(4)).toThrow(SimulatorBug);
    expect(() => packet.trim(4)).toThrow(SimulatorBug);
    packet.pull(3);
    expect(packet.length).toBe(0);
  });

  it('a clone has the same bytes and marks, but a number and bytes of its own', () => {
    const packet = Packet.of(new Ledger(), Uint8Array.of(1, 2, 3));
    packet.linkOffset = 64;
    packet.networkOffset = 65;
    packet.transportOffset = 66;
    Object.assign(packet, { protocol: 0x0800, packetType: 'broadcast', inputIfindex: 3, mark: 7, fragMaxSize: 1400 });
    Object.assign(packet, { forwarded: true, ignoreDf: true, destination: { family: 'ipv4' } });
    packet.pull(1);
    const copy = packet.clone();
    expect({ ...copy, number: 0, parent: 0 }).toEqual({ ...packet, number: 0, parent: 0 });
    expect([copy.number, copy.parent]).toEqual([2, 1]);
    copy.bytes.fill(9);
    expect([...packet.data()]).toEqual([2, 3]);
  });

  it('asking for an IPv4 header that is not there is a bug', () => {
    const packet = Packet.allocate(new Ledger(), 20);
    expect(() => packet.ip).toThrow(SimulatorBug);
    packet.networkOffset = packet.head + 1;
    expect(() => packet.ip).toThrow(SimulatorBug);
    packet.networkOffset = packet.head;
    expect(packet.ip.offset).toBe(HEADROOM);
  });
});
