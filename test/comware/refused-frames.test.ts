import { describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { ARP_REPLY, ARP_REQUEST, putArp } from '../../sim/wire/arp.ts';
import { IP_MF, Ipv4Header, putIpv4 } from '../../sim/wire/ipv4.ts';
import { BROADCAST_MAC, type Mac, putMac } from '../../sim/wire/mac.ts';
import { Lab } from '../bench.ts';
import { host } from './topologies.ts';

/* What Comware does not take from a port, each frame for its own reason. */

const PEER = 0x02aa00000001;
const OWN = '10.8.0.1';

class Port {
  readonly lab = new Lab(
    {
      dev: {
        kind: 'comware',
        interfaces: { 'GE1/0/1': { address: `${OWN}/24` }, 'GE1/0/2': { address: '10.9.0.1/24' } },
      },
      a: host('10.8.0.2/24', OWN),
      b: host('10.9.0.2/24', '10.9.0.1'),
    },
    [{ endpoints: ['a:eth0', 'dev:GE1/0/1'] }, { endpoints: ['b:eth0', 'dev:GE1/0/2'] }],
  );

  get #device() {
    return must(must(this.lab.stack('dev').comware, 'dev').interface('GE1/0/1')?.port, 'its port');
  }

  /** The reasons for which the device drops a frame of these bytes; none where it takes it. */
  receive(etherType: number, payload: Uint8Array, to: Mac = this.#device.mac): string[] {
    const frame = new Uint8Array(14 + payload.length);
    putMac(frame, 0, to);
    putMac(frame, 6, PEER);
    frame.set([etherType >>> 8, etherType & 0xff], 12);
    frame.set(payload, 14);
    const before = this.lab.drops();
    netifReceive(Packet.of(this.lab.world.ledger, frame), this.#device);
    this.lab.world.audit();
    return Object.entries(this.lab.drops())
      .filter(([key, count]) => key.endsWith('@dev/comware') && count > (before[key] ?? 0))
      .map(([key]) => key.split('@')[0] ?? '');
  }

  get neighbours(): string[] {
    const { arp } = must(this.lab.stack('dev').comware, 'dev').parts;
    return arp.list().map(({ address }) => String(address & 0xff));
  }
}

const ip = (text: string): number => must(parseIpv4(text), text);

function arp(
  change: (bytes: Uint8Array) => void = () => {},
  operation = ARP_REQUEST,
  sender = '10.8.0.77',
): Uint8Array {
  const bytes = new Uint8Array(28);
  const fields = { senderMac: PEER, senderAddress: ip(sender), targetMac: 0, targetAddress: ip(OWN) };
  putArp(bytes, 0, { operation, ...fields });
  change(bytes);
  return bytes;
}

function datagram(source: string, destination: string, change: (bytes: Uint8Array) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(48);
  const fields = { tos: 0, totalLength: 48, identification: 1, fragment: 0, ttl: 64, protocol: 17 };
  putIpv4(bytes, 0, { ...fields, source: ip(source), destination: ip(destination) });
  change(bytes);
  return bytes;
}

const signed = (change: (header: Ipv4Header) => void) => (bytes: Uint8Array) => {
  const header = new Ipv4Header(bytes, 0);
  change(header);
  header.writeChecksum();
};

function withTtl1(bytes: Uint8Array): void {
  bytes[8] = 1;
  new Ipv4Header(bytes, 0).writeChecksum();
}

describe('an ARP packet', () => {
  it('that is sound makes an entry of who asked', () => {
    const port = new Port();
    expect([port.receive(0x0806, arp()), port.neighbours]).toEqual([[], ['77']]);
  });

  it.each<[string, Uint8Array]>([
    ['of another hardware', arp((bytes) => bytes.set([0, 6], 0))],
    ['of another protocol', arp((bytes) => bytes.set([0x86, 0xdd], 2))],
    ['with hardware addresses of 8 bytes', arp((bytes) => bytes.set([8], 4))],
    ['with protocol addresses of 16 bytes', arp((bytes) => bytes.set([16], 5))],
    ['that neither asks nor answers', arp(undefined, 3)],
    ['from a group MAC', arp((bytes) => bytes.set([1], 8))],
    ['from a multicast address', arp(undefined, ARP_REPLY, '224.0.0.5')],
    ['from 127.0.0.1', arp(undefined, ARP_REQUEST, '127.0.0.1')],
    ['from 255.255.255.255', arp(undefined, ARP_REQUEST, '255.255.255.255')],
    ['in our own name', arp(undefined, ARP_REQUEST, OWN)],
  ])('%s is refused, and teaches nothing', (_name, bytes) => {
    const port = new Port();
    expect([port.receive(0x0806, bytes), port.neighbours]).toEqual([['comware:ARP_INVALID'], []]);
  });

  it('that is cut short is refused', () => {
    expect(new Port().receive(0x0806, arp().subarray(0, 27))).toEqual(['comware:FRAME_TOO_SHORT']);
  });
});

describe('a frame', () => {
  it('to another MAC, of a kind that nobody handles, or to an interface that is shut down', () => {
    const port = new Port();
    expect(port.receive(0x0800, datagram('10.8.0.2', OWN), 0x02bb00000001)).toEqual(['comware:FRAME_OTHER_HOST']);
    expect(port.receive(0x86dd, new Uint8Array(40))).toEqual(['comware:UNKNOWN_ETHERTYPE']);
    port.lab.run({ configure: { on: 'dev', lines: 'interface GE1/0/1\nshutdown' } });
    expect(port.receive(0x0800, datagram('10.8.0.2', OWN))).toEqual(['comware:INTERFACE_DOWN']);
  });

  it.each<[string, string, Uint8Array]>([
    ['ends in the header', 'BAD_IP_HEADER', datagram('10.8.0.2', OWN).subarray(0, 19)],
    ['is of version 5', 'BAD_IP_HEADER', datagram('10.8.0.2', OWN, (bytes) => bytes.set([0x55], 0))],
    ['has a header of four words', 'BAD_IP_HEADER', datagram('10.8.0.2', OWN, (bytes) => bytes.set([0x44], 0))],
    [
      'says that it is longer',
      'BAD_IP_HEADER',
      datagram(
        '10.8.0.2',
        OWN,
        signed((ip) => (ip.totalLength = 49)),
      ),
    ],
    ['has a wrong checksum', 'BAD_IP_CHECKSUM', datagram('10.8.0.2', OWN, (bytes) => bytes.set([1], 10))],
    ['comes from a multicast address', 'INVALID_ADDRESS', datagram('224.0.0.1', OWN)],
    ['comes from 255.255.255.255', 'INVALID_ADDRESS', datagram('255.255.255.255', OWN)],
    ['comes from 127.0.0.1', 'INVALID_ADDRESS', datagram('127.0.0.1', OWN)],
    ['goes to 127.0.0.1', 'INVALID_ADDRESS', datagram('10.8.0.2', '127.0.0.1')],
    ['comes from nowhere and goes elsewhere', 'INVALID_ADDRESS', datagram('0.0.0.0', '10.9.0.2')],
    ['goes to a group', 'INVALID_ADDRESS', datagram('10.8.0.2', '224.0.0.9')],
    ['has lived too long', 'TTL_EXPIRED', datagram('10.8.0.2', '10.9.0.2', withTtl1)],
  ])('with an IP packet that %s', (_name, reason, bytes) => {
    expect(new Port().receive(0x0800, bytes)).toEqual([`comware:${reason}`]);
  });

  it('with an IP packet to everybody is not forwarded', () => {
    const port = new Port();
    expect(port.receive(0x0800, datagram('10.8.0.2', '10.9.0.2'), BROADCAST_MAC)).toEqual(['comware:INVALID_ADDRESS']);
    expect(port.receive(0x0800, datagram('10.8.0.2', '10.9.0.2'))).toEqual([]);
  });

  it('with a fragment that overlaps another', () => {
    const port = new Port();
    const piece = (offset: number) =>
      datagram(
        '10.8.0.2',
        OWN,
        signed((ip) => (ip.fragment = IP_MF | offset)),
      );
    expect(port.receive(0x0800, piece(0))).toEqual([]);
    expect(port.receive(0x0800, piece(0))).toEqual(['comware:FRAGMENT_INVALID']);
    expect(port.lab.world.held).toBe(1);
    expect(port.receive(0x0800, piece(1))).toEqual(['comware:FRAGMENT_INVALID']);
    expect(port.lab.world.held).toBe(0);
  });
});
