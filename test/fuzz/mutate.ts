import type { Chance } from '../../sim/core/chance.ts';
import type { Atlas } from './atlas.ts';
import { get16, get32, ICMP, layersAt, mendIp, mendTransport, set16, set32, TCP, UDP } from './layers.ts';

/** Values at which a comparison turns. */
const EDGES_8 = [0, 1, 2, 4, 5, 15, 63, 64, 127, 128, 254, 255];
const EDGES_16 = [
  0, 1, 7, 8, 19, 20, 21, 28, 40, 60, 0x1fff, 0x2000, 0x2001, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xfff8, 0xffff,
];
const EDGES_32 = [0, 1, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff];

/** Changes IPv4 packets: their bytes, or fields by their meaning; and mends checksums so that what is changed is read. */
export class Mutator {
  readonly #atlas: Atlas;
  readonly #chance: Chance;

  constructor(atlas: Atlas, chance: Chance) {
    this.#atlas = atlas;
    this.#chance = chance;
  }

  /** One to four changes. */
  mutate(packet: Uint8Array): Uint8Array {
    let bytes = packet;
    for (let changes = 1 + this.#chance.below(4); changes > 0; changes--) {
      bytes = this.#chance.below(3) === 0 ? this.#bytes(bytes) : this.#field(bytes);
    }
    return this.mend(bytes);
  }

  /** Checksums right, mostly: wrong ones are a wall in front of all that follows. */
  mend(bytes: Uint8Array): Uint8Array {
    const roll = this.#chance.below(16);
    const layers = layersAt(bytes, 0);
    if (layers.ip < 0 || roll === 0) return bytes;
    if (roll !== 1) mendTransport(bytes, layers);
    if (roll !== 2) mendIp(bytes, 0);
    return bytes;
  }

  /** A change that knows nothing of headers. */
  #bytes(bytes: Uint8Array): Uint8Array {
    const chance = this.#chance;
    const at = chance.below(bytes.length);
    switch (chance.below(8)) {
      case 0:
        return bytes.slice(0, at);
      case 1: {
        const longer = new Uint8Array(bytes.length + 1 + chance.below(64));
        longer.set(bytes);
        return longer;
      }
      case 2: {
        // The end of another one.
        const other = this.#atlas.packet() ?? bytes;
        const spliced = new Uint8Array(at + Math.max(0, other.length - at));
        spliced.set(bytes.subarray(0, at));
        spliced.set(other.subarray(at), at);
        return spliced;
      }
      case 3:
        if (bytes.length > 2) set16(bytes, Math.min(at, bytes.length - 2), this.#atlas.pick(EDGES_16));
        return bytes;
      case 4:
        if (bytes.length > 4) set32(bytes, Math.min(at, bytes.length - 4), this.#atlas.pick(EDGES_32));
        return bytes;
      case 5:
        if (bytes.length > 0) bytes[at] = this.#atlas.pick(EDGES_8);
        return bytes;
      case 6:
        bytes.copyWithin(chance.below(bytes.length), at, at + chance.below(24));
        return bytes;
      default:
        if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
        return bytes;
    }
  }

  #field(bytes: Uint8Array): Uint8Array {
    const layers = layersAt(bytes, 0);
    if (layers.ip < 0) return bytes;
    const { transport, protocol } = layers;
    if (transport < 0 || this.#chance.below(2) === 0) return this.#ipField(bytes);
    if (protocol === TCP) this.#tcpField(bytes, transport);
    else if (protocol === UDP) this.#udpField(bytes, transport);
    else if (protocol === ICMP) this.#icmpField(bytes, transport);
    return bytes;
  }

  #ipField(bytes: Uint8Array): Uint8Array {
    const chance = this.#chance;
    const atlas = this.#atlas;
    switch (chance.below(14)) {
      case 0:
        bytes[0] = 0x40 | chance.below(16);
        break;
      case 1:
        bytes[0] = chance.below(256);
        break;
      case 2:
        bytes[1] = chance.below(256);
        break;
      case 3:
        set16(bytes, 2, chance.below(2) === 0 ? get16(bytes, 2) + chance.below(33) - 16 : atlas.pick(EDGES_16));
        break;
      case 4:
        set16(bytes, 2, bytes.length);
        break;
      case 5:
        set16(bytes, 4, chance.below(4));
        break;
      case 6:
        set16(bytes, 6, chance.below(2) === 0 ? atlas.pick(EDGES_16) : chance.below(64) | (chance.below(2) << 13));
        break;
      case 7:
        bytes[8] = atlas.pick([0, 1, 1, 2, 3, 64, 255]);
        break;
      case 8:
        bytes[9] = atlas.pick([ICMP, 2, 4, TCP, UDP, 41, 47, 50, 51, 89, 103, 112, 132, 136, 255, chance.below(256)]);
        break;
      case 9:
      case 10:
        set32(bytes, 12, atlas.address());
        break;
      case 11:
      case 12:
        set32(bytes, 16, atlas.destination());
        break;
      default:
        return withOptions(bytes, this.#ipOptions());
    }
    return bytes;
  }

  /** Some of each kind, some with lengths that are wrong (RFC 791 3.1, RFC 2113). */
  #ipOptions(): number[] {
    const chance = this.#chance;
    const kind = this.#atlas.pick([0, 1, 7, 68, 130, 131, 134, 136, 137, 148, chance.below(256)]);
    const length = this.#atlas.pick([0, 1, 2, 3, 4, 7, 11, 39, 40, 255]);
    const rest = Array.from({ length: chance.below(12) }, () => chance.below(256));
    return [kind, length, this.#atlas.pick([0, 4, 5, 8, 255]), ...rest];
  }

  #tcpField(bytes: Uint8Array, at: number): void {
    const chance = this.#chance;
    const atlas = this.#atlas;
    switch (chance.below(10)) {
      case 0:
        set16(bytes, at + 2 * chance.below(2), atlas.port());
        return;
      case 1:
        set32(bytes, at + 4, near(chance, get32(bytes, at + 4)));
        return;
      case 2:
        set32(bytes, at + 8, near(chance, get32(bytes, at + 8)));
        return;
      case 3:
        bytes[at + 12] = chance.below(256);
        return;
      case 4:
      case 5:
        bytes[at + 13] = chance.below(256);
        return;
      case 6:
        set16(bytes, at + 14, atlas.pick(EDGES_16));
        return;
      case 7:
        set16(bytes, at + 18, atlas.pick(EDGES_16));
        return;
      default:
        this.#tcpOptions(bytes, at);
    }
  }

  /** Over whatever stands behind the header; the data offset may promise more than there is. */
  #tcpOptions(bytes: Uint8Array, at: number): void {
    const chance = this.#chance;
    bytes[at + 12] = (5 + chance.below(11)) << 4;
    for (let to = at + 20; to < Math.min(bytes.length, at + 60); ) {
      bytes[to] = this.#atlas.pick([0, 1, 2, 3, 4, 5, 5, 8, 8, 14, 15, 19, 28, 29, 30, 34, 69, 254, chance.below(256)]);
      bytes[to + 1] = this.#atlas.pick([0, 1, 2, 3, 4, 10, 10, 18, 26, 34, 40, 255]);
      to += Math.max(1, (bytes[to + 1] ?? 1) % 16);
    }
  }

  #udpField(bytes: Uint8Array, at: number): void {
    const chance = this.#chance;
    if (chance.below(2) === 0) set16(bytes, at + 2 * chance.below(2), this.#atlas.port());
    else if (chance.below(4) === 0) set16(bytes, at + 6, 0);
    else
      set16(
        bytes,
        at + 4,
        chance.below(2) === 0 ? this.#atlas.pick(EDGES_16) : get16(bytes, at + 4) + chance.below(9) - 4,
      );
  }

  #icmpField(bytes: Uint8Array, at: number): void {
    const chance = this.#chance;
    const which = chance.below(4);
    if (which === 0) bytes[at] = chance.below(2) === 0 ? chance.below(20) : chance.below(256);
    else if (which === 1) bytes[at + 1] = chance.below(2) === 0 ? chance.below(16) : chance.below(256);
    else set16(bytes, at + 2 * which, this.#atlas.pick(EDGES_16));
  }
}

/** A number near another one on the circle of sequence numbers, or far from it. */
export function near(chance: Chance, number: number): number {
  const steps = [0, 1, -1, 2, 100, -100, 1460, -1460, 32768, 65535, 65536, -65536, 0x7fffffff, 0x80000000, -0x7fffffff];
  if (chance.below(8) === 0) return chance.u32();
  return (
    (number + (steps[chance.below(steps.length)] as number) + (chance.below(4) === 0 ? chance.below(3) - 1 : 0)) >>> 0
  );
}

/** Puts options behind the 20 bytes of the IPv4 header; lengths follow, as far as they can. */
function withOptions(bytes: Uint8Array, options: readonly number[]): Uint8Array {
  const length = Math.min(40, Math.ceil(options.length / 4) * 4);
  const header = Math.max(20, Math.min(bytes.length, ((bytes[0] ?? 0) & 15) * 4));
  const longer = new Uint8Array(bytes.length - header + 20 + length);
  longer.set(bytes.subarray(0, 20));
  longer.set(options.slice(0, length), 20);
  longer.set(bytes.subarray(header), 20 + length);
  longer[0] = 0x40 | (5 + length / 4);
  set16(longer, 2, get16(bytes, 2) + 20 + length - header);
  return longer;
}
