import { afterEach, describe, expect, it } from 'vitest';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { ETHERNET_LENGTH, EthernetHeader } from '../../sim/wire/ethernet.ts';
import type { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { deviceOf, forwardPort, masquerade, natLab } from './nat-lab.ts';

let lab: Lab;

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

const lengths = (point: string): string[] => linesOf(lab, point).map((line) => line.replace(/^.* len=/, 'len='));

describe('a fragmented datagram through NAT', () => {
  it('is put together, translated, and leaves in pieces of the size it came in', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    const sent = lab.udp('in1', '198.51.100.2:7', { size: 4000, df: 'dont', source_port: 40000 });
    expect(sent.probe.replies).toMatchObject([{ length: 4000, intact: true }]);
    expect(lengths('gw:eth2')).toEqual([
      'len=1500 ttl=63 id=n 0+ udp 40000>7',
      'len=1500 ttl=63 id=n 1480+',
      'len=1068 ttl=63 id=n 2960.',
      'len=1500 ttl=64 id=n 0+ udp 7>40000',
      'len=1500 ttl=64 id=n 1480+',
      'len=1068 ttl=64 id=n 2960.',
    ]);
    expect(linesOf(lab, 'gw:eth2').every((line) => line.includes('198.51.100.1'))).toBe(true);
  });

  it('is put together and translated also where it goes round by lo', () => {
    lab = natLab();
    lab.exec(
      'gw',
      'ip link set lo mtu 1500',
      'iptables -t nat -A POSTROUTING -o lo -d 10.0.1.1 -j SNAT --to-source 10.0.2.1',
      'iptables -t nat -A OUTPUT -p udp --dport 8007 -j DNAT --to-destination 10.0.1.1:7',
    );
    const sent = lab.udp('gw', '198.51.100.1:8007', { size: 4000, df: 'dont' });
    expect(sent.probe.replies).toMatchObject([{ length: 4000, intact: true }]);
    expect(lab.drops()).toEqual({});
  });

  it('stays in pieces even where the next link would carry the whole', () => {
    lab = natLab();
    lab.exec('in1', 'ip link set eth0 mtu 600');
    lab.exec('gw', 'ip link set eth0 mtu 600');
    masquerade(lab, 'gw', 'eth2');
    expect(lab.ping('in1', '198.51.100.2', { size: 1000, df: 'dont' }).probe.replies).toHaveLength(1);
    expect(lengths('gw:eth2').slice(0, 2)).toEqual([
      'len=596 ttl=63 id=n 0+ echo request 1',
      'len=452 ttl=63 id=n 576.',
    ]);
  });

  it('to a forwarded port gets there whole', () => {
    lab = natLab();
    forwardPort(lab, 'gw', '198.51.100.1', 8080, '10.0.1.2', 7);
    const sent = lab.udp('out', '198.51.100.1:8080', { size: 4000, df: 'dont' });
    expect(sent.probe.replies).toMatchObject([{ length: 4000, intact: true, from: 0xc6336401 }]);
  });

  it('without its last piece waits, and dies without a word to the sender: the gateway is not its destination', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    lab.ping('in1', '198.51.100.2', { size: 2000, df: 'dont' });
    const first = lab.frames('gw:eth0').find(({ bytes }) => {
      return new EthernetHeader(bytes, 0).etherType === 0x800 && ((bytes[ETHERNET_LENGTH + 6] ?? 0) & 0x20) !== 0;
    });
    if (first === undefined) throw new Error('no fragment was seen');
    // With another identification it is a datagram of its own.
    const bytes = first.bytes.slice();
    const view = new DataView(bytes.buffer);
    const id = view.getUint16(ETHERNET_LENGTH + 4);
    view.setUint16(ETHERNET_LENGTH + 4, id ^ 1);
    view.setUint16(ETHERNET_LENGTH + 10, checksumAfter(view.getUint16(ETHERNET_LENGTH + 10), id, id ^ 1));
    netifReceive(Packet.of(lab.world.ledger, bytes), deviceOf(lab, 'gw', 'eth0'));
    lab.world.audit();
    expect(lab.stack('gw').net.held).toBe(1);
    lab.run({ wait: '31s' });
    expect(lab.drops()).toEqual({ 'kernel:FRAG_REASM_TIMEOUT@gw': 1 });
    expect(linesOf(lab, 'in1:eth0').some((line) => line.includes('icmp 11/'))).toBe(false);
  });
});

const checksumAfter = (checksum: number, before: number, after: number): number => {
  const total = (~checksum & 0xffff) + (~before & 0xffff) + after;
  return ~((total & 0xffff) + (total >>> 16)) & 0xffff;
};
