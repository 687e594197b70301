import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';
import { ZERO } from '../../sim/core/time.ts';
import { BridgeDevice } from '../../sim/link/bridge.ts';
import { Cable } from '../../sim/link/cable.ts';
import { devQueueXmit } from '../../sim/link/device.ts';
import { EthernetPort } from '../../sim/link/ethernet-port.ts';
import { LoopbackDevice } from '../../sim/link/loopback.ts';
import { createVethPair } from '../../sim/link/veth.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { Bench, mac } from './bench.ts';

it('law: no frame of whatever bytes, sent by whatever device, throws or gets lost', () => {
  // Few different bytes, so that frames do meet groups, zeros and each other's addresses.
  const byte = fc.oneof(fc.constantFrom(0, 1, 2, 0x0f, 0x80, 0xc2, 0xff), fc.integer({ min: 0, max: 255 }));
  const random = fc.array(byte, { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));
  const frames = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), random), { maxLength: 30 });
  fc.assert(
    fc.property(frames, (sent) => {
      const bench = new Bench();
      const br0 = new BridgeDevice(bench.clock, { name: 'br0', mac: mac('10'), mtu: 1500 });
      const [h1, p1] = createVethPair(bench.clock, end('h1', 'a1'), end('p1', '11'));
      const [near, far] = [new EthernetPort(end('near', 'a2')), new EthernetPort(end('far', '12'))];
      const options = { delay: ZERO, jitter: ZERO, rate: 1e9, loss: 0.1 };
      new Cable(bench.clock, new Chance(1), near, far, options);
      const devices = [br0, h1, p1, near, far, new LoopbackDevice(bench.clock)];
      for (const device of devices) bench.attach(device);
      br0.addPort(p1);
      br0.addPort(far);
      for (const [index, bytes] of sent) {
        const device = devices[index];
        if (device !== undefined) devQueueXmit(Packet.of(bench.ledger, bytes), device);
      }
      bench.settle();
      expect(bench.ledger.held).toBe(0);
    }),
  );
});

function end(name: string, address: string) {
  return { name, mac: mac(address), mtu: 1500 };
}
