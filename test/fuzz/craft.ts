import type { Chance } from '../../sim/core/chance.ts';
import type { Connection } from '../../sim/transport/tcp/connection.ts';
import type { Atlas } from './atlas.ts';
import { get32, ICMP, layersAt, mendIp, mendTransport, set16, set32, setMac, TCP, UDP } from './layers.ts';
import { type Mutator, near } from './mutate.ts';

/** IPv4 packets that are written to hit something. */
export class Crafter {
  readonly #atlas: Atlas;
  readonly #mutator: Mutator;
  readonly #chance: Chance;
  /** Fragments that are still to come, of datagrams that were begun. */
  readonly #pieces: Uint8Array[] = [];

  constructor(atlas: Atlas, mutator: Mutator, chance: Chance) {
    this.#atlas = atlas;
    this.#mutator = mutator;
    this.#chance = chance;
  }

  ipv4(): Uint8Array {
    const chance = this.#chance;
    if (this.#pieces.length > 0 && chance.below(2) === 0) return this.#pieces.shift() as Uint8Array;
    switch (chance.below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.#segment();
      case 4:
      case 5:
      case 6:
        return this.#icmpError();
      case 7:
        return this.#datagram();
      case 8:
        return this.#echo();
      case 9:
      case 10:
        return this.#fragments();
      default:
        return this.#syn();
    }
  }

  #header(protocol: number, length: number, source: number, destination: number): Uint8Array {
    const bytes = new Uint8Array(20 + length);
    bytes[0] = 0x45;
    set16(bytes, 2, bytes.length);
    set16(bytes, 4, this.#chance.below(0x10000));
    if (this.#chance.below(3) === 0) set16(bytes, 6, 0x4000);
    bytes[8] = this.#atlas.pick([64, 64, 64, 64, 255, 2, 1, 0]);
    bytes[9] = protocol;
    set32(bytes, 12, source);
    set32(bytes, 16, destination);
    return bytes;
  }

  /** Checksums right, and rarely not; rarely something else is wrong too. */
  #done(bytes: Uint8Array): Uint8Array {
    if (this.#chance.below(12) === 0) return this.#mutator.mutate(bytes);
    return this.#mutator.mend(bytes);
  }

  /** Into an open connection, from its peer: every flag, numbers near what it expects or far from that. */
  #segment(): Uint8Array {
    const chance = this.#chance;
    const one = this.#atlas.connection();
    if (one === undefined) return this.#syn();
    const options = chance.below(3) === 0 ? 12 : 0;
    const data = this.#atlas.pick([0, 0, 0, 1, 4, 100, 1400]);
    const bytes = this.#header(TCP, 20 + options + data, one.remoteAddress, one.localAddress);
    set16(bytes, 20, one.remotePort);
    set16(bytes, 22, one.localPort);
    set32(bytes, 24, this.#sequence(one));
    set32(bytes, 28, near(chance, chance.below(2) === 0 ? one.sndNxt : one.sndUna));
    bytes[32] = (5 + options / 4) << 4;
    bytes[33] =
      chance.below(3) === 0 ? chance.below(256) : this.#atlas.pick([0, 1, 2, 4, 4, 16, 16, 17, 18, 20, 24, 25, 41, 63]);
    set16(bytes, 34, this.#atlas.pick([0, 1, 500, 0xffff]));
    if (options > 0) this.#timestamp(bytes, one);
    return this.#done(bytes);
  }

  #sequence(one: Connection): number {
    const edges = [one.rcvNxt, one.rcvNxt, one.rcvWup, one.rcvNxt + one.receiveWindow, one.rcvNxt - one.receiveWindow];
    return near(this.#chance, this.#atlas.pick(edges) >>> 0);
  }

  #timestamp(bytes: Uint8Array, one: Connection): void {
    bytes.set([1, 1, 8, 10], 40);
    set32(bytes, 44, near(this.#chance, one.tsRecent));
    set32(bytes, 48, near(this.#chance, one.timestamp));
  }

  #syn(): Uint8Array {
    const chance = this.#chance;
    const bytes = this.#header(TCP, 24, this.#atlas.address(), this.#atlas.destination());
    set16(bytes, 20, this.#atlas.port());
    set16(bytes, 22, this.#atlas.port());
    set32(bytes, 24, chance.below(2) === 0 ? 0xffffffff - chance.below(4) : chance.u32());
    bytes[32] = 0x60;
    bytes[33] = chance.below(2) === 0 ? 2 : chance.below(256);
    set16(bytes, 34, this.#atlas.pick([0, 1, 0xffff]));
    bytes.set([2, 4, chance.below(256), chance.below(256)], 40);
    return this.#done(bytes);
  }

  #datagram(): Uint8Array {
    const length = this.#atlas.pick([0, 1, 8, 100, 1472, 3000]);
    const bytes = this.#header(UDP, 8 + length, this.#atlas.address(), this.#atlas.destination());
    set16(bytes, 20, this.#atlas.port());
    set16(bytes, 22, this.#atlas.port());
    set16(bytes, 24, 8 + length);
    bytes.set(this.#atlas.noise(Math.min(length, 64)).subarray(0, length), 28);
    return this.#done(bytes);
  }

  #echo(): Uint8Array {
    const length = this.#atlas.pick([0, 8, 56, 1472, 2000]);
    const bytes = this.#header(ICMP, 8 + length, this.#atlas.address(), this.#atlas.destination());
    bytes[20] = this.#atlas.pick([0, 8, 8, 8, 13, 14, 15, 17, 42, 43]);
    set32(bytes, 24, this.#chance.u32());
    return this.#done(bytes);
  }

  /** About a packet that passed somewhere, or about garbage; to whoever sent that, or to anybody. */
  #icmpError(): Uint8Array {
    const chance = this.#chance;
    const seen = this.#atlas.ipv4();
    const quoted = seen === undefined || chance.below(10) === 0 ? this.#atlas.noise(28) : this.#quote(seen);
    const cut = quoted.subarray(0, this.#atlas.pick([0, 8, 19, 20, 27, 28, 28, 28, 28, 40, 60, 548]));
    const sender = seen === undefined ? this.#atlas.address() : layersAt(quoted, 0).ip < 0 ? 0 : get32(quoted, 12);
    const to = chance.below(8) === 0 ? this.#atlas.address() : sender;
    const bytes = this.#header(ICMP, 8 + cut.length, this.#atlas.address(), to);
    bytes[20] = this.#atlas.pick([3, 3, 3, 3, 4, 5, 5, 11, 12, chance.below(256)]);
    bytes[21] = this.#atlas.pick([0, 1, 2, 3, 4, 4, 4, 5, 9, 10, 13, 15, 16, 255]);
    // Of all errors these two change how a stack sends.
    const lesson = chance.below(8);
    if (lesson === 0) bytes.set([3, 4], 20);
    else if (lesson === 1) bytes.set([5, 1], 20);
    const isRedirect = bytes[20] === 5;
    if (isRedirect) set32(bytes, 24, this.#atlas.address());
    else set32(bytes, 24, this.#atlas.pick([0, 67, 68, 296, 552, 576, 1000, 1500, 0xffff]));
    bytes.set(cut, 28);
    return this.#done(bytes);
  }

  /** As the packet was, or with other numbers, ports or addresses. */
  #quote(seen: Uint8Array): Uint8Array {
    const quoted = seen.slice(0, 600);
    const { transport, protocol } = layersAt(quoted, 0);
    if (transport < 0) return quoted;
    const chance = this.#chance;
    if (protocol === TCP && chance.below(2) === 0)
      set32(quoted, transport + 4, near(chance, get32(quoted, transport + 4)));
    if (chance.below(6) === 0) set16(quoted, transport + 2 * chance.below(2), this.#atlas.port());
    if (chance.below(6) === 0) set32(quoted, 12 + 4 * chance.below(2), this.#atlas.address());
    return quoted;
  }

  /** Cuts a packet into pieces that fit, overlap, leave gaps, repeat or reach beyond the largest datagram. */
  #fragments(): Uint8Array {
    const chance = this.#chance;
    const whole = this.#atlas.ipv4() ?? this.#echo();
    set16(whole, 4, chance.below(8));
    if (chance.below(2) === 0) set32(whole, 12, this.#atlas.address());
    mendTransport(whole, layersAt(whole, 0));
    const data = whole.subarray(20);
    const step = 8 * (1 + chance.below(6));
    const shift = this.#atlas.pick([0, 0, 0, 0, 8, -8, 16, 65528]);
    const pieces: Uint8Array[] = [];
    for (let from = 0; from < Math.min(data.length, 400); from += step) {
      const wobble = chance.below(8) === 0 ? 8 * (chance.below(3) - 1) : 0;
      const isLast = from + step >= data.length;
      pieces.push(this.#piece(whole, from === 0 ? 0 : from + wobble + shift, data.slice(from, from + step), isLast));
    }
    // In any order, some twice, some never.
    for (const piece of pieces) {
      if (chance.below(12) === 0) continue;
      this.#pieces.splice(chance.below(3) === 0 ? 0 : this.#pieces.length, 0, piece);
      if (chance.below(12) === 0) this.#pieces.push(piece.slice());
    }
    while (this.#pieces.length > 100) this.#pieces.shift();
    return this.#pieces.shift() ?? whole;
  }

  #piece(whole: Uint8Array, offset: number, data: Uint8Array, isLast: boolean): Uint8Array {
    const bytes = new Uint8Array(20 + data.length);
    bytes.set(whole.subarray(0, 20));
    bytes.set(data, 20);
    bytes[0] = 0x45;
    set16(bytes, 2, bytes.length);
    set16(bytes, 6, ((Math.max(0, offset) >>> 3) & 0x1fff) | (isLast ? 0 : 0x2000));
    mendIp(bytes, 0);
    return bytes;
  }

  /** 28 bytes of ARP: true words, lies, probes, and what breaks a rule of RFC 826. */
  arp(): Uint8Array {
    const chance = this.#chance;
    const bytes = new Uint8Array(28 + this.#atlas.pick([0, 0, 18]));
    set16(bytes, 0, chance.below(12) === 0 ? chance.below(8) : 1);
    set16(bytes, 2, chance.below(12) === 0 ? 0x86dd : 0x0800);
    bytes[4] = chance.below(16) === 0 ? chance.below(256) : 6;
    bytes[5] = chance.below(16) === 0 ? chance.below(256) : 4;
    set16(bytes, 6, chance.below(12) === 0 ? chance.below(12) : 1 + chance.below(2));
    setMac(bytes, 8, this.#atlas.mac());
    set32(bytes, 14, this.#atlas.address());
    setMac(bytes, 18, this.#atlas.mac());
    set32(bytes, 24, chance.below(4) === 0 ? get32(bytes, 14) : this.#atlas.destination());
    return chance.below(16) === 0 ? bytes.subarray(0, chance.below(28)) : bytes;
  }
}
