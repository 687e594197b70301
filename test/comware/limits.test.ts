import { describe, expect, it } from 'vitest';
import { SessionTable } from '../../sim/comware/stack/sessions.ts';
import { must } from '../../sim/core/assert.ts';
import { EventQueue } from '../../sim/core/events.ts';
import { seconds } from '../../sim/core/time.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { Lab } from '../bench.ts';
import { cut, NatLab, packet } from './nat-lab.ts';
import { host } from './topologies.ts';

describe('the NAT sessions of a device', () => {
  const PAT = ['interface GE1/0/1', 'nat outbound', 'nat server protocol udp global 203.0.113.50 77 inside 10.0.2.2 7'];

  function full(most: number): NatLab {
    const lab = new NatLab(PAT);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    lab.neighbour('GE1/0/2', '10.0.2.2');
    lab.comware.nat.sessions.most = most;
    return lab;
  }

  const fromInside = (port: number) =>
    packet('udp', `10.0.2.2:${port}`, '203.0.113.200:9', '', { payload: new Uint8Array(4) });

  it('that are as many as there may be leave no room for a new one, and go on themselves', () => {
    const lab = full(2);
    for (const port of [5001, 5002, 5003]) lab.inject('GE1/0/2', fromInside(port));
    expect(lab.deviceDrops()).toEqual({ 'comware:NAT_SESSION_LIMIT': 1 });
    expect(lab.sessions()).toHaveLength(2);
    expect(lab.inject('GE1/0/2', fromInside(5001))).toEqual(['udp 203.0.113.1:1024>203.0.113.200:9']);
    // One from outside for a server has no room either.
    lab.inject('GE1/0/1', packet('udp', '203.0.113.200:9', '203.0.113.50:77', '', { payload: new Uint8Array(4) }));
    expect(lab.deviceDrops()).toEqual({ 'comware:NAT_SESSION_LIMIT': 2 });
  });

  it('give their room and port back when they age', () => {
    const lab = full(1);
    lab.inject('GE1/0/2', fromInside(5001));
    lab.inject('GE1/0/2', fromInside(5002));
    expect(lab.deviceDrops()).toEqual({ 'comware:NAT_SESSION_LIMIT': 1 });
    lab.run({ wait: '31s' });
    expect(lab.sessions()).toEqual([]);
    expect(lab.inject('GE1/0/2', fromInside(5003))).toEqual(['udp 203.0.113.1:1024>203.0.113.200:9']);
  });
});

describe('datagrams in pieces that NAT knows of', () => {
  it('are 4096 at most: of another one no piece passes until they are forgotten', () => {
    const lab = new NatLab(['interface GE1/0/1', 'nat outbound']);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const port = must(lab.interface('GE1/0/2').port, 'GE1/0/2');
    const late = (identification: number): Uint8Array =>
      must(
        cut(
          packet('udp', '10.0.2.2:5000', '203.0.113.200:9', '', { payload: new Uint8Array(2000), identification }),
          1000,
        )[1],
        'a second piece',
      );
    for (let identification = 1; identification <= 4100; identification++) {
      const bytes = late(identification);
      const frame = new Uint8Array(14 + bytes.length);
      frame.set([2, 0, 0, 0, 0, 0], 0);
      new DataView(frame.buffer).setUint16(12, 0x0800);
      for (let index = 0; index < 6; index++) frame[index] = Math.floor(port.mac / 256 ** (5 - index)) & 0xff;
      frame[6] = 2;
      frame.set(bytes, 14);
      netifReceive(Packet.of(lab.world.ledger, frame), port);
    }
    expect(lab.deviceDrops()).toEqual({ 'comware:FRAGMENT_QUEUE_FULL': 4 });
    expect(lab.world.held).toBe(4096);
    lab.run({ wait: '4s' });
    expect(lab.world.held).toBe(0);
  });
});

describe('the ARP table', () => {
  it('has 4096 entries: a scan of a large subnet is dropped beyond, and finds room when its searches have failed', () => {
    const lab = new Lab(
      {
        dev: {
          kind: 'comware',
          interfaces: { 'GE1/0/1': { address: '10.0.0.1/16' }, 'GE1/0/2': { address: '10.9.0.1/24' } },
        },
        a: host('10.9.0.2/24', '10.9.0.1'),
        far: host('10.0.0.2/16', '10.0.0.1'),
      },
      [{ endpoints: ['a:eth0', 'dev:GE1/0/2'] }, { endpoints: ['far:eth0', 'dev:GE1/0/1'] }],
    );
    lab.ping('a', '10.9.0.1');
    const net = lab.stack('a').net;
    const socket = net.parts.udp.open({ name: 'scan', place: net.place });
    for (let index = 0; index < 4200; index++) {
      socket.sendTo(new Uint8Array(1), 0x0a000100 + index, 9);
      if (index % 100 === 99) lab.run({ wait: '1ms' });
    }
    lab.run({ wait: '1ms' });
    const table = must(lab.stack('dev').comware, 'dev').parts.arp;
    expect(table.list()).toHaveLength(4096);
    // One is of a itself.
    expect(lab.drops()['comware:ARP_TABLE_FULL@dev/comware']).toBe(4200 - 4095);
    lab.run({ wait: '5s' });
    expect(table.list()).toHaveLength(1);
    expect(lab.ping('a', '10.0.0.2').probe.replies.length).toBeGreaterThan(0);
  });
});

describe('sessions that keep two stacks apart', () => {
  it('are 65536 at most: the oldest is forgotten', () => {
    const clock = new EventQueue();
    const table = new SessionTable(clock);
    const flow = (index: number) => ({ kind: 17, source: index, sourcePort: 1, destination: 7, destinationPort: 7 });
    for (let index = 0; index < 65_600; index++) table.sent(flow(index), 'kernel', 0);
    expect(table.list()).toHaveLength(65_536);
    expect(table.peek(flow(0))).toBeUndefined();
    expect(table.peek(flow(64))?.owner).toBe('kernel');
    clock.after(seconds(120), () => {}, undefined);
    clock.runNext();
    table.sent(flow(1), 'host', 0);
    expect(table.list()).toHaveLength(1);
  });
});
