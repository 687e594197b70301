import { must } from '../../sim/core/assert.ts';
import { devQueueXmit } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { formatIpv4, parseIpv4 } from '../../sim/wire/address.ts';
import { ARP_LENGTH, ARP_REPLY, ARP_REQUEST, ArpPacket, putArp } from '../../sim/wire/arp.ts';
import { ETHERNET_LENGTH, ETHERTYPE_ARP, EthernetHeader } from '../../sim/wire/ethernet.ts';
import { formatMac, parseMac } from '../../sim/wire/mac.ts';
import type { Lab } from '../bench.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** An ARP packet as `arping` makes it; `mac` is the sender's, that of the interface where it is left out. */
export interface Arping {
  readonly operation?: 'request' | 'reply';
  readonly sender: string;
  readonly target: string;
  readonly mac?: string;
  readonly targetMac?: string;
  readonly to?: string;
}

/** Sends an ARP packet by an interface, past the kernel's own ARP, and lets it arrive. */
export function arping(lab: Lab, node: string, device: string, arping: Arping): void {
  const { net } = lab.stack(node);
  const port = must(net.device(device), `${node} has ${device}`);
  const mac = arping.mac === undefined ? port.mac : macOf(arping.mac);
  const packet = Packet.allocate(net.ledger, ETHERNET_LENGTH + ARP_LENGTH);
  const ethernet = new EthernetHeader(packet.bytes, packet.head);
  ethernet.destination = macOf(arping.to ?? BROADCAST);
  ethernet.source = mac;
  ethernet.etherType = ETHERTYPE_ARP;
  packet.protocol = ETHERTYPE_ARP;
  putArp(packet.bytes, packet.head + ETHERNET_LENGTH, {
    operation: arping.operation === 'reply' ? ARP_REPLY : ARP_REQUEST,
    senderMac: mac,
    senderAddress: addressOf(arping.sender),
    targetMac: macOf(arping.targetMac ?? BROADCAST),
    targetAddress: addressOf(arping.target),
  });
  devQueueXmit(packet, port);
  lab.run({ wait: '1ms' });
}

/** ARP frame of a capture. */
export interface SeenArp {
  /** Seconds. */
  readonly time: number;
  readonly direction: 'in' | 'out';
  /** `who-has 10.0.0.2 tell 10.0.0.1` or `10.0.0.2 is-at 02:...`. */
  readonly text: string;
  /** Destination of the Ethernet frame. */
  readonly to: string;
  readonly arp: ArpPacket;
}

/** ARP frames that passed a capture point, oldest first. */
export function arpFrames(lab: Lab, point: string, since = 0): SeenArp[] {
  return lab
    .frames(point)
    .filter(({ bytes, time }) => time >= since && new EthernetHeader(bytes, 0).etherType === ETHERTYPE_ARP)
    .map(({ bytes, time, direction }) => {
      const arp = new ArpPacket(bytes, ETHERNET_LENGTH);
      const to = formatMac(new EthernetHeader(bytes, 0).destination);
      return { time: time / 1e9, direction, text: textOf(arp), to: to === BROADCAST ? 'all' : to, arp };
    });
}

/** `out all: who-has 10.0.0.2 tell 10.0.0.1`, one line a frame. */
export function arpLines(lab: Lab, point: string, since = 0): string[] {
  return arpFrames(lab, point, since).map(({ direction, to, text }) => `${direction} ${to}: ${text}`);
}

/** When each ARP frame that left there was sent, in seconds after the first. */
export function arpRhythm(lab: Lab, point: string, since = 0): number[] {
  const times = arpFrames(lab, point, since)
    .filter(({ direction }) => direction === 'out')
    .map(({ time }) => time);
  return times.map((time) => Number((time - (times[0] ?? 0)).toFixed(3)));
}

/** Frames that are no ARP, with the MAC each went to. */
export function dataTo(lab: Lab, point: string, since = 0): string[] {
  return lab
    .frames(point)
    .filter(({ bytes, time, direction }) => {
      const isArp = new EthernetHeader(bytes, 0).etherType === ETHERTYPE_ARP;
      return time >= since && direction === 'out' && !isArp;
    })
    .map(({ bytes }) => formatMac(new EthernetHeader(bytes, 0).destination));
}

function textOf(arp: ArpPacket): string {
  const sender = formatIpv4(arp.senderAddress);
  if (arp.operation === ARP_REPLY) return `${sender} is-at ${formatMac(arp.senderMac)}`;
  return `who-has ${formatIpv4(arp.targetAddress)} tell ${sender}`;
}

function macOf(text: string): number {
  return must(parseMac(text), `${text} is a MAC`);
}

function addressOf(text: string): number {
  return must(parseIpv4(text), `${text} is an address`);
}
