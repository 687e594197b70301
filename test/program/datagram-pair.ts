import { Chance } from '../../sim/core/chance.ts';
import { EventQueue } from '../../sim/core/events.ts';
import { us } from '../../sim/core/time.ts';
import { trueSize } from '../../sim/packet/true-size.ts';
import type { ProgramHost } from '../../sim/program/program-host.ts';
import { PingTable } from '../../sim/transport/ping.ts';
import { LINUX_PROFILE } from '../../sim/transport/profile.ts';
import type { IpSender, SendRequest } from '../../sim/transport/socket.ts';
import { UdpTable } from '../../sim/transport/udp.ts';
import { u16 } from '../../sim/wire/bytes.ts';
import { UDP_LENGTH } from '../../sim/wire/udp.ts';

/** What a test does to a datagram on its way: how many copies arrive (0: it is lost), and each one's delay in us. */
export type Passage = (payload: Uint8Array, from: 'a' | 'b') => readonly number[];

/**
 * Two program hosts, 10.0.0.1 and 10.0.0.2, whose datagrams meet nothing but `passage`: for what a program does with
 * loss and duplicates, without a network between.
 */
export class DatagramPair {
  readonly clock = new EventQueue();
  readonly a: ProgramHost;
  readonly b: ProgramHost;
  /** Payloads as they were sent, with their UDP ports. */
  readonly sent: { from: 'a' | 'b'; ports: readonly [number, number]; payload: Uint8Array }[] = [];
  readonly #passage: Passage;
  #number = 0;

  constructor(passage: Passage = () => [10], seed = 1) {
    this.#passage = passage;
    this.a = this.#host('a', 0x0a000001, seed);
    this.b = this.#host('b', 0x0a000002, seed);
  }

  run(): void {
    while (this.clock.runNext());
  }

  #host(name: 'a' | 'b', address: number, seed: number): ProgramHost {
    const place = { node: name, role: 'linux', title: name } as const;
    const sender: IpSender = {
      send: (request) => this.#send(name, address, request),
      sourceFor: () => address,
      whyNotTo: () => undefined,
      isLocalAddress: (one) => one === address,
    };
    const chance = new Chance(seed, name);
    const udp = new UdpTable(sender, LINUX_PROFILE, chance);
    return {
      clock: this.clock,
      place,
      udp,
      ping: new PingTable(sender, LINUX_PROFILE, chance),
      tcp: undefined as never,
      packet: undefined,
      flavour: 'Linux',
    };
  }

  #send(from: 'a' | 'b', address: number, request: SendRequest): { packet: number; source: number } {
    const bytes = new Uint8Array(request.length);
    request.write(bytes, 0, address, request.destination);
    const ports = [u16(bytes, 0), u16(bytes, 2)] as const;
    const payload = bytes.slice(UDP_LENGTH);
    this.sent.push({ from, ports, payload });
    const packet = ++this.#number;
    const { destination } = request;
    for (const delay of this.#passage(payload, from)) {
      this.clock.after(
        us(delay),
        () => {
          const peer = from === 'a' ? this.b : this.a;
          const socket = peer.udp.lookup(address, ports[0], destination, ports[1], '');
          const [sourcePort, destinationPort] = ports;
          const datagram = {
            ...{ source: address, sourcePort, destination, destinationPort },
            ...{ asked: destination, ttl: 64, tos: 0, payload: payload.slice(), packet },
            cost: trueSize(payload.length + UDP_LENGTH),
          };
          socket?.receive(this.clock, datagram);
        },
        undefined,
      );
    }
    return { packet, source: address };
  }
}
