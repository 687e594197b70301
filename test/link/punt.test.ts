import { describe, expect, it } from 'vitest';
import { devQueueXmit } from '../../sim/link/device.ts';
import { PuntDevice } from '../../sim/link/punt.ts';
import { consume } from '../../sim/packet/fate.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { Bench } from './bench.ts';

function punt() {
  const bench = new Bench();
  const device = new PuntDevice(bench.clock, { name: 'eth1', mac: 0, mtu: 1500 });
  bench.attach(device);
  return { bench, device };
}

describe('punt device', () => {
  it('has carrier while a program is attached', () => {
    const { device } = punt();
    const told: boolean[] = [];
    device.onCarrier = () => told.push(device.carrier);
    const program = () => expect.fail('nothing was sent');
    device.userSide = program;
    device.userSide = program;
    device.userSide = undefined;
    expect(told).toEqual([true, false]);
  });

  it('gives the program what the kernel sends, at the same time but not from inside the kernel', () => {
    const { bench, device } = punt();
    const got: string[] = [];
    device.userSide = (packet, by) => {
      got.push(`${by.name} ${packet.length} ${packet.head === packet.linkOffset}`);
      return consume(packet, by.where, { component: 'Comware stack', function: 'test' }, 'test');
    };
    devQueueXmit(Packet.allocate(bench.ledger, 84), device);
    expect([got.length, device.held]).toEqual([0, 1]);
    bench.settle();
    expect(got).toEqual(['eth1 84 true']);
    expect([device.txBytes, device.held]).toEqual([84, 0]);
  });

  it('gives the kernel what the program writes, as IPv4 to this host with nothing else known of it', () => {
    const { bench, device } = punt();
    const packet = Packet.allocate(bench.ledger, 84);
    Object.assign(packet, { mark: 3, packetType: 'broadcast', destination: { family: 'ipv4' } });
    device.inject(packet);
    expect(device.held).toBe(1);
    bench.settle();
    expect(bench.arrivals).toEqual([
      { device: 'eth1', at: 0, number: packet.number, type: 'host', mark: 0, length: 84 },
    ]);
    expect([packet.protocol, packet.networkOffset === packet.head, device.rxBytes]).toEqual([0x0800, true, 84]);
  });

  it('drops by KERNEL_LINK_DOWN when the program is gone, also when it leaves while a packet is on the way', () => {
    const { bench, device } = punt();
    device.startXmit(Packet.allocate(bench.ledger, 84));
    device.userSide = () => expect.fail('the program is gone');
    devQueueXmit(Packet.allocate(bench.ledger, 84), device);
    device.userSide = undefined;
    bench.settle();
    expect(bench.drops()).toEqual({ 'comware:KERNEL_LINK_DOWN': 2 });
  });
});
