import { Chance } from '../../sim/core/chance.ts';
import { type Clock, EventQueue } from '../../sim/core/events.ts';
import { ms, ns, type SimTime } from '../../sim/core/time.ts';
import { TCP_DROPS } from '../../sim/kernel/stack/tcp-input.ts';
import { drop } from '../../sim/packet/fate.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { Packet } from '../../sim/packet/packet.ts';
import type { Place } from '../../sim/packet/place.ts';
import { LINUX_PROFILE, type StackProfile } from '../../sim/transport/profile.ts';
import type { SegmentSender, SendRequest, SendResult } from '../../sim/transport/socket.ts';
import { noTcpCounts } from '../../sim/transport/tcp/counters.ts';
import { incomingSegment } from '../../sim/transport/tcp/incoming.ts';
import { TcpTable } from '../../sim/transport/tcp/table.ts';
import { IP_DF, IPV4_LENGTH, putIpv4 } from '../../sim/wire/ipv4.ts';

export interface WireOptions {
  /** Share of packets lost, 0 to 1; but never more than three of one sender in a row. */
  readonly loss?: number;
  /** One way. */
  readonly delay?: SimTime;
  /** Up to this much more by chance: packets overtake each other. */
  readonly jitter?: SimTime;
  /** Packets delivered twice, 0 to 1. */
  readonly duplication?: number;
  readonly mtu?: number;
  /** Takes a packet off the wire: true means that it is lost. */
  readonly loses?: (packet: Packet, from: 'a' | 'b') => boolean;
}

/** Two TCPs and a wire of bare IP packets between them: 10.0.0.1 (a) and 10.0.0.2 (b). */
export class TcpPair {
  readonly clock = new EventQueue();
  readonly ledger = new Ledger();
  readonly a: End;
  readonly b: End;
  wire: WireOptions;
  held = 0;

  constructor(
    wire: WireOptions = {},
    seed = 1,
    profiles: readonly [StackProfile, StackProfile] = [LINUX_PROFILE, LINUX_PROFILE],
  ) {
    this.wire = wire;
    const chance = new Chance(seed);
    this.a = new End(this, 'a', 0x0a000001, profiles[0], chance);
    this.b = new End(this, 'b', 0x0a000002, profiles[1], chance);
  }

  run(time: SimTime): void {
    const until = this.clock.now + time;
    for (let next = this.clock.nextAt(); next !== undefined && next <= until; next = this.clock.nextAt()) {
      this.clock.runNext();
    }
    this.clock.after(ns(until - this.clock.now), () => {}, undefined);
    this.clock.runNext();
    this.ledger.audit(this.held);
  }

  /** Runs until nothing is scheduled any more. */
  finish(most = 2e6): void {
    for (let count = 0; this.clock.runNext(); count++) if (count > most) throw new Error('it never ends');
    this.ledger.audit(this.held);
  }
}

export class End implements SegmentSender {
  readonly place: Place;
  readonly tcp: TcpTable;
  readonly address: number;
  /** Segments it sent, as text. */
  readonly sent: string[] = [];
  readonly #pair: TcpPair;
  readonly #name: 'a' | 'b';
  readonly #chance: Chance;
  #lostInRow = 0;

  constructor(pair: TcpPair, name: 'a' | 'b', address: number, profile: StackProfile, chance: Chance) {
    this.#pair = pair;
    this.#name = name;
    this.#chance = chance.fork(name);
    this.address = address;
    this.place = { node: name, role: 'linux', title: name };
    this.tcp = new TcpTable({
      clock: pair.clock as Clock,
      sender: this,
      profile,
      chance: this.#chance.fork('tcp'),
      counters: noTcpCounts(),
      place: this.place,
      site: { component: 'Inet stack', function: 'tcp_v4_rcv' },
      reasons: TCP_DROPS,
    });
  }

  send(request: SendRequest): SendResult {
    const length = IPV4_LENGTH + request.length;
    const mtu = this.#pair.wire.mtu ?? 1500;
    if (length > mtu) return { errno: 'EMSGSIZE', mtu };
    const packet = Packet.allocate(this.#pair.ledger, length, request.cause);
    packet.networkOffset = packet.head;
    packet.transportOffset = packet.head + IPV4_LENGTH;
    request.write(packet.bytes, packet.transportOffset, request.source, request.destination);
    putIpv4(packet.bytes, packet.head, {
      tos: request.tos,
      totalLength: length,
      identification: request.identification ?? 0,
      fragment: request.pathMtu === 'do' ? IP_DF : 0,
      ttl: request.ttl || 64,
      protocol: 6,
      source: request.source,
      destination: request.destination,
    });
    const { header, dataLength } = incomingSegment(packet);
    const flags = [...'FSRPA'].filter((_, bit) => (header.flags >> bit) & 1).join('');
    this.sent.push(dataLength > 0 ? `${flags} ${dataLength}` : flags);
    this.#launch(packet);
    return { packet: packet.number, source: request.source };
  }

  #launch(packet: Packet): void {
    const { wire } = this.#pair;
    const { number } = packet;
    if (this.#chance.happens(wire.duplication ?? 0)) this.#fly(packet.clone());
    const isUnlucky = this.#chance.happens(wire.loss ?? 0) && this.#lostInRow < 3;
    this.#lostInRow = isUnlucky ? this.#lostInRow + 1 : 0;
    if (isUnlucky || wire.loses?.(packet, this.#name)) {
      drop(packet, this.place, { component: 'Cable', function: 'carry' }, 'link:LOSS', String(number));
      return;
    }
    this.#fly(packet);
  }

  #fly(packet: Packet): void {
    const { wire, clock } = this.#pair;
    const late = this.#chance.below((wire.jitter ?? 0) + 1);
    this.#pair.held++;
    clock.after(
      ns((wire.delay ?? ms(1)) + late),
      (arrived: Packet) => {
        this.#pair.held--;
        const other = this.#name === 'a' ? this.#pair.b : this.#pair.a;
        other.tcp.receive(arrived, '');
      },
      packet,
    );
  }

  whyNotTo(): undefined {
    return undefined;
  }

  holds(): boolean {
    return false;
  }

  sourceFor(): number {
    return this.address;
  }

  mtuFor(): number {
    return this.#pair.wire.mtu ?? 1500;
  }

  isLocalAddress(address: number): boolean {
    return address === this.address;
  }
}
