import fc from 'fast-check';
import { expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { putIpv4 } from '../../sim/wire/ipv4.ts';
import { Lab } from '../bench.ts';
import { single } from './topologies.ts';

/** Addresses that mean something in the topology, and some that must never be on a wire. */
const address = fc.constantFrom(
  0x0a090001,
  0x0a090002,
  0x0a090003,
  0xac140001,
  0xac140002,
  0xac1400ff,
  0xac1400aa,
  0xc0a8074d,
  0x7f010101,
  0x7f010102,
  0x7f000001,
  0,
  0xffffffff,
  0xe0000001,
  0xc6336401,
);
const bytes = fc.uint8Array({ maxLength: 80 });

/** IPv4 packets whose header holds, with anything behind it: truncated transport headers, wild fragments, wrong checksums. */
const ipv4 = fc
  .record({
    source: address,
    destination: address,
    protocol: fc.constantFrom(1, 1, 6, 17, 17, 89),
    ttl: fc.constantFrom(0, 1, 2, 64),
    fragment: fc.constantFrom(0, 0, 0x4000, 0x2000, 1, 0x2001, 0x1fff),
    identification: fc.constantFrom(1, 2),
    payload: bytes,
  })
  .map(({ payload, ...fields }) => {
    const packet = new Uint8Array(20 + payload.length);
    packet.set(payload, 20);
    putIpv4(packet, 0, { ...fields, tos: 0, totalLength: packet.length });
    return packet;
  });

const packets = fc.oneof({ weight: 4, arbitrary: ipv4 }, { weight: 1, arbitrary: bytes });

const frames = fc
  .record({
    destination: fc.constantFrom('port', 'broadcast', 'other'),
    etherType: fc.constantFrom(0x0800, 0x0800, 0x0800, 0x0806, 0x86dd),
    payload: packets,
  })
  .map(({ destination, etherType, payload }) => ({ destination, etherType, payload }));

function labWithEverything(): Lab {
  const lab = new Lab(single.nodes, single.links);
  const lines = 'ip ttl-expires enable\nip unreachables enable\ntpa ip source interface GE1/0/1';
  lab.run({ configure: { on: 'dev', lines } });
  return lab;
}

it('law: no frame of whatever bytes, into a Comware port, throws or gets lost', () => {
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 25 }), (sent) => {
      const lab = labWithEverything();
      const port = must(lab.stack('dev').comware?.interface('GE1/0/1')?.port, 'the port');
      for (const { destination, etherType, payload } of sent) {
        const frame = new Uint8Array(14 + payload.length);
        const to = destination === 'port' ? port.mac : destination === 'broadcast' ? 0xffffffffffff : 0x02aaaaaaaaaa;
        for (let index = 0; index < 6; index++) frame[index] = Math.floor(to / 2 ** (40 - 8 * index)) % 256;
        frame[6] = 2;
        frame.set([etherType >>> 8, etherType & 0xff], 12);
        frame.set(payload, 14);
        netifReceive(Packet.of(lab.world.ledger, frame), port);
        lab.world.ledger.audit(lab.world.held);
      }
      lab.run({ wait: '60s' });
      expect(lab.world.held).toBe(0);
    }),
    { numRuns: 60 },
  );
});

it('law: no packet of whatever bytes, from the kernel by vrfif0, throws or gets lost', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), packets), { maxLength: 25 }), (sent) => {
      const lab = labWithEverything();
      const { vrfif0 } = must(lab.stack('dev').comware, 'Comware').parts;
      for (const [toKernel, payload] of sent) {
        const packet = Packet.of(lab.world.ledger, payload);
        if (toKernel) vrfif0.inject(packet);
        else vrfif0.startXmit(packet);
        lab.world.ledger.audit(lab.world.held);
      }
      lab.run({ wait: '60s' });
      expect(lab.world.held).toBe(0);
    }),
    { numRuns: 60 },
  );
});
