import type { Sender, SentPacket } from '../packet/transmissions.ts';
import { capturePoint } from './capture-store.ts';

/** How many of the busiest devices are named. */
const NAMED = 5;

/** Which devices send what is watched, how often, and one after which other. */
export class Senders {
  readonly #counts = new Map<Sender, number>();
  /** How often a packet that one device had sent was sent next by which other. */
  readonly #next = new Map<Sender, Map<Sender, number>>();
  /** By packet: who sent it last. */
  readonly #latest = new Map<number, Sender>();
  #total = 0;

  /** Takes a transmission down; how often this device has sent since then. */
  note({ number, parent, share }: SentPacket, device: Sender): number {
    // What a packet was copied from was where the packet is, until then.
    const before = this.#latest.get(number) ?? this.#latest.get(parent);
    this.#latest.set(number, device);
    if (before !== undefined) this.#follow(before, device);
    this.#total += share;
    const count = (this.#counts.get(device) ?? 0) + share;
    this.#counts.set(device, count);
    return count;
  }

  #follow(before: Sender, device: Sender): void {
    let next = this.#next.get(before);
    if (next === undefined) {
      next = new Map();
      this.#next.set(before, next);
    }
    next.set(device, (next.get(device) ?? 0) + 1);
  }

  /** From the busiest device that it leads on from along the way that is taken most, until it closes; none where none does. */
  loop(): string[] {
    for (const [start] of this.#busiest()) {
      const way = new Set<Sender>();
      let device: Sender | undefined = start;
      while (device !== undefined && !way.has(device)) {
        way.add(device);
        device = mostOf(this.#next.get(device));
      }
      if (device === undefined) continue;
      const all = [...way];
      return all.slice(all.indexOf(device)).map(capturePoint);
    }
    return [];
  }

  busiest(): { readonly device: string; readonly percent: number }[] {
    return this.#busiest()
      .slice(0, NAMED)
      .map(([device, count]) => ({ device: capturePoint(device), percent: Math.round((100 * count) / this.#total) }));
  }

  #busiest(): [Sender, number][] {
    return [...this.#counts].sort(([, a], [, b]) => b - a);
  }
}

function mostOf(counts: ReadonlyMap<Sender, number> = new Map()): Sender | undefined {
  let most: Sender | undefined;
  for (const [device, count] of counts) if (most === undefined || count > (counts.get(most) ?? 0)) most = device;
  return most;
}
