import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Action, formatReplay, parseReplay, type Replay } from './finding.ts';
import { ICMP, layersAt, mendIp, mendTransport, set16, set32, TCP, UDP } from './layers.ts';
import { joined } from './reduce.ts';
import { Session } from './session.ts';
import { faultOf } from './soundness.ts';
import { WORLDS } from './worlds.ts';

/* A few thousand hostile frames with each run of the tests; `npm run fuzz` throws as many as one likes. */

const seeds = fc.nat({ max: 1_000_000 });

describe('law: whatever is thrown at whatever device', () => {
  it.each(WORLDS)('%s breaks nowhere, loses no packet, and is well again in the end', (world) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const session = new Session({ world, mode: 'free', seed, device: '' });
        expect(session.run(session.actions(200))).toBeUndefined();
      }),
      { numRuns: 1 },
    );
  });

  it.each(WORLDS)('in %s, flows go on through what no attacker could know', (world) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const session = new Session({ world, mode: 'blind', seed, device: '' });
        expect(session.run(session.actions(200))).toBeUndefined();
      }),
      { numRuns: 1 },
    );
  });

  it('what an attacker could know is no segment that makes a server reset a flow in its own name', () => {
    // It had the numbers of a connection, and came in behind its NAT with the address before that.
    const session = new Session({ world: 'comware', mode: 'blind', seed: 70_000_173, device: '' });
    expect(session.run(session.actions(40_000))).toBeUndefined();
  });

  it('every trace keeps its grammar, and the same seed comes to the same', () => {
    fc.assert(
      fc.property(fc.constantFrom(...WORLDS), seeds, (world, seed) => {
        const digests = [1, 2].map(() => {
          const session = new Session({ world, mode: 'traced', seed, device: '' }, true);
          expect(session.run(session.actions(200))).toBeUndefined();
          return session.digest();
        });
        expect(digests[0]).toBe(digests[1]);
      }),
      { numRuns: 1 },
    );
  });
});

describe('the means of the fuzzer', () => {
  it('a replay is read as it was written', () => {
    const actions: Action[] = [
      { kind: 'beat' },
      { kind: 'throw', point: 'gw:wan', way: 'in', bytes: Uint8Array.of(0, 1, 255) },
      { kind: 'throw', point: 'device-a/host:docker0', way: 'out', bytes: Uint8Array.of() },
      { kind: 'wait', span: 12 },
    ];
    const one: Replay = { about: 'nothing', world: 'bridges', mode: 'blind', seed: 7, actions };
    expect(parseReplay(formatReplay(one))).toEqual(one);
    expect(() => parseReplay(JSON.stringify({ ...one, actions: ['thro gw:wan 00'] }))).toThrow(
      'no action: thro gw:wan 00',
    );
  });

  it('waits in a row are one wait', () => {
    const waits: Action[] = [
      { kind: 'wait', span: 1 },
      { kind: 'wait', span: 2 },
      { kind: 'beat' },
      { kind: 'wait', span: 3 },
    ];
    expect(joined(waits)).toEqual([{ kind: 'wait', span: 3 }, { kind: 'beat' }, { kind: 'wait', span: 3 }]);
  });

  it('law: a mended packet is sound, and one with any bit of a checksum flipped is not', () => {
    const packets = fc.record({
      protocol: fc.constantFrom(ICMP, TCP, UDP),
      data: fc.uint8Array({ maxLength: 40 }),
      bit: fc.nat({ max: 15 }),
    });
    fc.assert(
      fc.property(packets, ({ protocol, data, bit }) => {
        const packet = new Uint8Array(40 + data.length);
        packet[0] = 0x45;
        set16(packet, 2, packet.length);
        packet[9] = protocol;
        set32(packet, 12, 0x0a000001);
        packet.set(data, 40);
        if (protocol === TCP) packet[32] = 0x50;
        if (protocol === UDP) set16(packet, 24, packet.length - 20);
        mendTransport(packet, layersAt(packet, 0));
        mendIp(packet, 0);
        expect(faultOf(packet, 0, packet.length)).toBeUndefined();
        const at = (protocol === TCP ? 36 : protocol === UDP ? 26 : 22) + (bit >>> 3);
        packet[at] = (packet[at] ?? 0) ^ (1 << (bit & 7));
        // A UDP checksum that is zero is none (RFC 768).
        const isNone = protocol === UDP && packet[26] === 0 && packet[27] === 0;
        expect(faultOf(packet, 0, packet.length) === undefined).toBe(isNone);
      }),
    );
  });
});
