import { expect } from 'vitest';
import { EventQueue } from '../../sim/core/events.ts';
import type { SimTime } from '../../sim/core/time.ts';
import { devQueueXmit, type NetDevice, type PacketReceiver } from '../../sim/link/device.ts';
import type { DropReason } from '../../sim/packet/drop-reasons.ts';
import { consume, type Fate } from '../../sim/packet/fate.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { Packet, type PacketType } from '../../sim/packet/packet.ts';
import type { Site } from '../../sim/packet/place.ts';
import { Recorder } from '../../sim/packet/recorder.ts';
import type { RecordedStep } from '../../sim/packet/trace.ts';
import { EthernetHeader } from '../../sim/wire/ethernet.ts';
import { type Mac, parseMac } from '../../sim/wire/mac.ts';

const SITE: Site = { component: 'Inet stack', function: 'test' };

/** What a receiver was given. */
export interface Arrival {
  readonly device: string;
  readonly at: SimTime;
  readonly number: number;
  readonly type: PacketType;
  readonly mark: number;
  readonly length: number;
}

/** Time, a ledger that is audited, and a receiver that uses up whatever reaches it. */
export class Bench {
  readonly clock = new EventQueue();
  readonly ledger = new Ledger();
  readonly recorder = new Recorder(this.clock);
  readonly arrivals: Arrival[] = [];
  readonly #devices: NetDevice[] = [];

  constructor() {
    this.ledger.recorder = this.recorder;
  }

  /** Puts devices into a namespace of their own, and up. */
  attach(...devices: NetDevice[]): void {
    const receiver: PacketReceiver = { receive: (packet, device) => this.#receive(packet, device) };
    for (const device of devices) {
      device.receiver = receiver;
      device.ifindex = this.#devices.push(device);
      device.place = { node: 'test', role: 'linux', title: 'test' };
      device.setUp(true);
    }
  }

  frame(to: string, from: string, length = 60): Packet {
    const packet = Packet.allocate(this.ledger, length);
    const header = new EthernetHeader(packet.bytes, packet.head);
    header.destination = mac(to);
    header.source = mac(from);
    header.etherType = 0x0800;
    return packet;
  }

  /** Sends a frame by `device` and lets everything happen that follows from it. */
  send(device: NetDevice, to: string, from: string, length = 60): Packet {
    const packet = this.frame(to, from, length);
    devQueueXmit(packet, device);
    this.settle();
    return packet;
  }

  /** Runs all events; the ledger must balance with what the devices hold. */
  settle(): void {
    this.audit();
    while (this.clock.runNext()) this.audit();
  }

  /** Lets `span` pass with nothing in it. */
  wait(span: SimTime): void {
    this.clock.after(span, () => {}, undefined);
    this.settle();
  }

  audit(): void {
    this.ledger.audit(this.#devices.reduce((sum, device) => sum + device.held, 0));
  }

  /** Where something arrived since the last call. */
  take(): string[] {
    return this.arrivals.splice(0).map((arrival) => arrival.device);
  }

  drops(): Partial<Record<DropReason, number>> {
    return Object.fromEntries(this.ledger.drops);
  }

  /** The last step of a packet, which has to be a drop. */
  dropOf(packet: Packet): Extract<RecordedStep, { kind: 'drop' }> {
    const last = this.recorder.stepsOf(packet.number).at(-1);
    expect(last?.kind).toBe('drop');
    return last as Extract<RecordedStep, { kind: 'drop' }>;
  }

  #receive(packet: Packet, device: NetDevice): Fate {
    const { packetType: type, number, mark, length } = packet;
    this.arrivals.push({ device: device.name, at: this.clock.now, number, type, mark, length });
    return consume(packet, device.where, SITE, 'test');
  }
}

/** `broadcast`, the last byte of 02:00:00:00:00:XX, or a whole MAC. */
export function mac(text: string): Mac {
  if (text === 'broadcast') return 0xffffffffffff;
  return parseMac(text.length === 2 ? `02:00:00:00:00:${text}` : text) ?? Number.NaN;
}
