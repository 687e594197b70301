import { type Errno, strerror } from '../core/errno.ts';
import { cancel, type Timer } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import type { ArpArrival, PacketSocket } from '../transport/packet-socket.ts';
import type { Ipv4 } from '../wire/address.ts';
import { ARP_REPLY, ARP_REQUEST } from '../wire/arp.ts';
import { BROADCAST_MAC, type Mac } from '../wire/mac.ts';
import { newProbe, type ProbeResult } from './probe.ts';
import type { ProgramHost } from './program-host.ts';

/**
 * What arping sends: a request; an announcement of an own address as a request (-U) or as an answer (-A); a question
 * whether the address is taken (-D).
 */
export type ArpingMode = 'request' | 'unsolicited' | 'answer' | 'dad';

export interface ArpingOptions {
  readonly mode: ArpingMode;
  readonly destination: Ipv4;
  readonly device: string;
  readonly count: number;
  readonly interval: SimTime;
  /** 0 lets the stack choose; of an announcement, the address itself. */
  readonly source: Ipv4;
  /** Every request is broadcast; else those after the first answer go to its sender alone. */
  readonly broadcast: boolean;
}

/** An answer, in the order of `replies`. */
export interface ArpingAnswer {
  readonly mac: Mac;
  readonly unicast: boolean;
}

export interface ArpingResult extends ProbeResult {
  readonly kind: 'arping';
  readonly device: string;
  readonly mode: ArpingMode;
  readonly answers: ArpingAnswer[];
  /** How many of the frames were broadcast. */
  broadcasts: number;
  /** What the tool prints when it cannot begin, or cannot go on. */
  failure: string | undefined;
}

/** Runs arping as iputils has it; `done` is called once, one interval after the last frame, or when -D has its answer. */
export function startArping(
  host: ProgramHost,
  options: ArpingOptions,
  done: (result: ArpingResult) => void,
): ArpingResult {
  const { destination, device, mode } = options;
  const result: ArpingResult = {
    ...newProbe('arping', host.flavour, { destination, port: 0, size: 0 }),
    ...{ device, mode, answers: [], broadcasts: 0, failure: undefined },
  };
  new Arping(host, options, result, done).start();
  return result;
}

class Arping {
  readonly #host: ProgramHost;
  readonly #options: ArpingOptions;
  readonly #result: ArpingResult;
  readonly #done: (result: ArpingResult) => void;
  #socket: PacketSocket | undefined;
  /** Where the next frame goes. */
  #peer: Mac = BROADCAST_MAC;
  #timer: Timer | undefined;

  constructor(host: ProgramHost, options: ArpingOptions, result: ArpingResult, done: (result: ArpingResult) => void) {
    this.#host = host;
    this.#options = options;
    this.#result = result;
    this.#done = done;
  }

  start(): void {
    const { device, destination, mode, source } = this.#options;
    const door = this.#host.packet;
    if (door === undefined) {
      this.#fail('ENODEV', 'arping is no program of Comware');
      return;
    }
    const socket = door.open({ name: 'arping', place: this.#host.place }, device);
    if ('errno' in socket) {
      this.#fail(socket.errno, socket.why);
      return;
    }
    this.#socket = socket;
    const announces = mode === 'unsolicited' || mode === 'answer';
    const wanted = source === 0 && announces ? destination : source;
    const own = mode === 'dad' && wanted === 0 ? 0 : door.sourceFor(device, destination, wanted);
    if (typeof own !== 'number') {
      this.#fail(own.errno, `arping: ${own.call}: ${strerror(own.errno)}`);
      return;
    }
    this.#result.source = own;
    socket.onArp = (arrival) => this.#hear(socket, arrival);
    this.#tick();
  }

  readonly #tick = (): void => {
    if (this.#result.sent.length >= this.#options.count) {
      this.#finish();
      return;
    }
    this.#send();
    if (!this.#result.finished) this.#timer = this.#host.clock.after(this.#options.interval, this.#tick, undefined);
  };

  #send(): void {
    const { mode, destination } = this.#options;
    const socket = this.#socket;
    if (socket === undefined) return;
    const sent = socket.send(this.#peer, {
      operation: mode === 'answer' ? ARP_REPLY : ARP_REQUEST,
      senderMac: socket.mac,
      senderAddress: this.#result.source,
      targetMac: mode === 'answer' ? socket.mac : this.#peer,
      targetAddress: destination,
    });
    if ('errno' in sent) {
      this.#fail(sent.errno, `arping: sendto: ${strerror(sent.errno)}`);
      return;
    }
    if (this.#peer === BROADCAST_MAC) this.#result.broadcasts++;
    const sequence = this.#result.sent.length + 1;
    this.#result.sent.push({
      ...{ sequence, at: this.#host.clock.now, packet: sent.packet, errno: undefined, mtu: 0 },
    });
  }

  #hear(socket: PacketSocket, { to, arp, packet }: ArpArrival): void {
    const { mode, destination, broadcast } = this.#options;
    const last = this.#result.sent.at(-1);
    if (to === 'otherhost' || last === undefined || arp.senderAddress !== destination) return;
    if (arp.operation !== ARP_REQUEST && arp.operation !== ARP_REPLY) return;
    const { source } = this.#result;
    if (mode === 'dad') {
      // Any other station that has the address will do, whomever it speaks to.
      if (arp.senderMac === socket.mac || (source !== 0 && arp.targetAddress !== source)) return;
    } else if (arp.targetAddress !== source || arp.targetMac !== socket.mac) return;
    const { now } = this.#host.clock;
    this.#result.replies.push({
      ...{ sequence: last.sequence, at: now, packet, from: destination, ttl: 0, length: 0 },
      ...{ roundTrip: (now - last.at) as SimTime, intact: true },
    });
    this.#result.answers.push({ mac: arp.senderMac, unicast: to === 'host' });
    if (mode === 'dad') this.#finish();
    else if (!broadcast) this.#peer = arp.senderMac;
  }

  #fail(errno: Errno, why: string): void {
    this.#result.failure = why;
    this.#result.sent.push({
      ...{ sequence: this.#result.sent.length + 1, at: this.#host.clock.now, packet: 0, errno, mtu: 0 },
    });
    this.#finish();
  }

  #finish(): void {
    if (this.#result.finished) return;
    this.#result.finished = true;
    cancel(this.#timer);
    this.#socket?.close();
    this.#done(this.#result);
  }
}
