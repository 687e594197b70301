import type { FlowKey } from './flow.ts';

/** An entry of a FlowTable: its key must not change while it is in the table. */
export interface FlowEntry extends FlowKey {
  /** The next entry of the same bucket: the table's own. */
  next: FlowEntry | undefined;
}

const INITIAL_BUCKETS = 64;

/** Finds entries by their flow: a hash table with chains, keyed by integers because every packet asks it. */
export class FlowTable<Entry extends FlowEntry> {
  #buckets: (Entry | undefined)[] = new Array<Entry | undefined>(INITIAL_BUCKETS).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(
    kind: number,
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
  ): Entry | undefined {
    let entry = this.#buckets[this.#bucket(kind, source, sourcePort, destination, destinationPort)];
    while (entry !== undefined) {
      if (
        entry.source === source &&
        entry.sourcePort === sourcePort &&
        entry.destination === destination &&
        entry.destinationPort === destinationPort &&
        entry.kind === kind
      ) {
        return entry;
      }
      entry = entry.next as Entry | undefined;
    }
    return undefined;
  }

  findKey(key: FlowKey): Entry | undefined {
    return this.find(key.kind, key.source, key.sourcePort, key.destination, key.destinationPort);
  }

  /** The key must not be in the table. */
  add(entry: Entry): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    this.#link(entry);
    this.#size++;
  }

  /** Nothing happens where it is not in the table. */
  remove(entry: Entry): void {
    const bucket = this.#bucketOf(entry);
    let at = this.#buckets[bucket];
    if (at === entry) this.#buckets[bucket] = entry.next as Entry | undefined;
    else {
      while (at !== undefined && at.next !== entry) at = at.next as Entry | undefined;
      if (at === undefined) return;
      at.next = entry.next;
    }
    entry.next = undefined;
    this.#size--;
  }

  #link(entry: Entry): void {
    const bucket = this.#bucketOf(entry);
    entry.next = this.#buckets[bucket];
    this.#buckets[bucket] = entry;
  }

  #grow(): void {
    const old = this.#buckets;
    this.#buckets = new Array<Entry | undefined>(old.length * 2).fill(undefined);
    for (const head of old) {
      for (let entry = head; entry !== undefined; ) {
        const next = entry.next as Entry | undefined;
        this.#link(entry);
        entry = next;
      }
    }
  }

  #bucketOf(key: FlowKey): number {
    return this.#bucket(key.kind, key.source, key.sourcePort, key.destination, key.destinationPort);
  }

  /** Mixes the five numbers; any mixing will do, the order of a bucket is never seen. */
  #bucket(kind: number, source: number, sourcePort: number, destination: number, destinationPort: number): number {
    let hash = Math.imul(source ^ (kind << 24), 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ destination, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ ((sourcePort << 16) | destinationPort), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) & (this.#buckets.length - 1);
  }
}
