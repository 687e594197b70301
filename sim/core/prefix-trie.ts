/** What longest() and shorter() give where there is no prefix. */
export const NO_PREFIX = -1;
/** What get() gives where there is no prefix. */
export const NO_VALUE = -1;

/** Words of a node: network, child for a 0, child for a 1, and of whom it is the child with what it is. */
const NETWORK = 0;
const ZERO = 1;
const PARENT = 3;
const WORDS = 4;
/** In the fourth word: 6 bits of length, a bit for a value, the parent above them. */
const LENGTH_MASK = 63;
const HAS_VALUE = 64;
const PARENT_SHIFT = 7;
/** The root: 0.0.0.0/0, child of nobody, so that as a child it means none. */
const ROOT = 0;
/** So many nodes have an index by the first bits of an address: the way down to them is long, and in no cache. */
const LARGE = 4096;
const INDEX_BITS = 16;
const INDEX_SHIFT = 32 - INDEX_BITS;

/**
 * Longest-prefix match over 32-bit keys: a path-compressed binary trie. A lookup costs one step per branching bit, not
 * one per entry. The values are numbers from 0 to 2^31 - 1, such as places in a list. Its nodes are numbers too and lie in
 * one array of words, four to a line of a processor's cache: a million prefixes take 40 MB, and nothing of it is the
 * garbage collector's. A large one has an index, so that a walk begins behind the first 16 bits. A node's number serves
 * until the trie changes.
 */
export class PrefixTrie {
  #words = new Int32Array(WORDS * 4);
  #values = new Int32Array(4);
  /** Nodes that were ever made, the root among them. */
  #made = 1;
  #free: number[] = [];
  #size = 0;
  /** Where the walk to the addresses that begin with the same bits begins: the last node with no more bits than those. */
  #starts: Int32Array | undefined;

  /** Number of prefixes with a value. */
  get size(): number {
    return this.#size;
  }

  get(network: number, length: number): number {
    const node = this.#find(network, length);
    return node === NO_PREFIX || !this.#hasValue(node) ? NO_VALUE : this.valueAt(node);
  }

  /** Stores `value` under a prefix whose host bits are clear. */
  set(network: number, length: number, value: number): void {
    const node = this.#findOrInsert(network, length);
    if (!this.#hasValue(node)) this.#size++;
    this.#values[node] = value;
    (this.#words[node * WORDS + PARENT] as number) |= HAS_VALUE;
  }

  delete(network: number, length: number): void {
    let node = this.#find(network, length);
    if (node === NO_PREFIX || !this.#hasValue(node)) return;
    (this.#words[node * WORDS + PARENT] as number) &= ~HAS_VALUE;
    this.#size--;
    // Nodes without a value exist only to branch: those that no longer do are taken out.
    while (node !== ROOT && !this.#hasValue(node)) {
      const parent = this.#parentOf(node);
      const zero = this.#childOf(node, 0);
      const one = this.#childOf(node, 1);
      if (zero !== ROOT && one !== ROOT) break;
      this.#putChild(parent, this.#sideOf(parent, node), zero === ROOT ? one : zero);
      this.#beginAt(node, parent);
      this.#free.push(node);
      if (zero !== one) break;
      node = parent;
    }
  }

  /** The node of the longest prefix that contains `address`; shorter ones follow by shorter(). */
  longest(address: number): number {
    const words = this.#words;
    const start = this.#starts?.[address >>> INDEX_SHIFT] ?? ROOT;
    let best = NO_PREFIX;
    let node = start;
    do {
      const at = node * WORDS;
      const about = words[at + PARENT] as number;
      const length = about & LENGTH_MASK;
      // A shift by 32 is none: of the root, which contains every address, nothing is compared.
      if (length > 0 && (address ^ (words[at + NETWORK] as number)) >>> (32 - length) !== 0) break;
      if ((about & HAS_VALUE) !== 0) best = node;
      if (length === 32) break;
      node = words[at + ZERO + ((address >>> (31 - length)) & 1)] as number;
    } while (node !== ROOT);
    return best === NO_PREFIX ? this.shorter(start) : best;
  }

  /** The next shorter prefix with a value. */
  shorter(node: number): number {
    let above = node;
    while (above !== ROOT) {
      above = this.#parentOf(above);
      if (this.#hasValue(above)) return above;
    }
    return NO_PREFIX;
  }

  /** The value of a node that longest(), shorter() or nodes() gave. */
  valueAt(node: number): number {
    return this.#values[node] as number;
  }

  networkAt(node: number): number {
    return (this.#words[node * WORDS + NETWORK] as number) >>> 0;
  }

  lengthAt(node: number): number {
    return (this.#words[node * WORDS + PARENT] as number) & LENGTH_MASK;
  }

  /** The nodes that have a value, ordered by network, shorter prefixes first. */
  *nodes(): IterableIterator<number> {
    const stack = [ROOT];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (this.#hasValue(node)) yield node;
      for (const side of [1, 0]) {
        const child = this.#childOf(node, side);
        if (child !== ROOT) stack.push(child);
      }
    }
  }

  #hasValue(node: number): boolean {
    return ((this.#words[node * WORDS + PARENT] as number) & HAS_VALUE) !== 0;
  }

  #networkOf(node: number): number {
    return this.#words[node * WORDS + NETWORK] as number;
  }

  #parentOf(node: number): number {
    return (this.#words[node * WORDS + PARENT] as number) >>> PARENT_SHIFT;
  }

  #childOf(node: number, side: number): number {
    return this.#words[node * WORDS + ZERO + side] as number;
  }

  #sideOf(parent: number, child: number): number {
    return this.#childOf(parent, 1) === child ? 1 : 0;
  }

  /** `child` may be ROOT, for none. */
  #putChild(parent: number, side: number, child: number): void {
    this.#words[parent * WORDS + ZERO + side] = child;
    if (child === ROOT) return;
    const at = child * WORDS + PARENT;
    this.#words[at] = ((this.#words[at] as number) & (LENGTH_MASK | HAS_VALUE)) | (parent << PARENT_SHIFT);
  }

  #make(network: number, length: number): number {
    const node = this.#free.pop() ?? this.#made++;
    if (node === this.#values.length) this.#grow();
    const at = node * WORDS;
    this.#words[at + NETWORK] = network;
    this.#words[at + ZERO] = ROOT;
    this.#words[at + ZERO + 1] = ROOT;
    this.#words[at + PARENT] = length;
    return node;
  }

  #grow(): void {
    this.#words = twice(this.#words);
    this.#values = twice(this.#values);
    if (this.#starts !== undefined || this.#values.length < LARGE) return;
    this.#starts = new Int32Array(1 << INDEX_BITS);
    this.#index(ROOT);
  }

  /** Takes a node into the index, and those below it. */
  #index(node: number): void {
    this.#beginAt(node, node);
    for (const side of [0, 1]) {
      const child = this.#childOf(node, side);
      if (child !== ROOT && this.lengthAt(child) <= INDEX_BITS) this.#index(child);
    }
  }

  /** Walks to all that `node` contains begin at `start` now, but for those that begin at a longer one. */
  #beginAt(node: number, start: number): void {
    const starts = this.#starts;
    const length = this.lengthAt(node);
    if (starts === undefined || length > INDEX_BITS) return;
    const first = this.#networkOf(node) >>> INDEX_SHIFT;
    const behind = first + (1 << (INDEX_BITS - length));
    for (let at = first; at < behind; at++) {
      if (this.lengthAt(starts[at] as number) <= length) starts[at] = start;
    }
  }

  /** Where to begin to look for a prefix: no longer one, and none of those that it lies in which are shorter is missed. */
  #startOf(network: number, length: number): number {
    return length < INDEX_BITS ? ROOT : (this.#starts?.[network >>> INDEX_SHIFT] ?? ROOT);
  }

  #find(network: number, length: number): number {
    let node = this.#startOf(network, length);
    while (this.lengthAt(node) < length) {
      node = this.#childOf(node, bitOf(network, this.lengthAt(node)));
      if (node === ROOT) return NO_PREFIX;
    }
    return this.lengthAt(node) === length && this.#networkOf(node) === (network | 0) ? node : NO_PREFIX;
  }

  #findOrInsert(network: number, length: number): number {
    let node = this.#startOf(network, length);
    while (this.lengthAt(node) < length) {
      const side = bitOf(network, this.lengthAt(node));
      const child = this.#childOf(node, side);
      if (child === ROOT) {
        const leaf = this.#make(network, length);
        this.#putChild(node, side, leaf);
        this.#beginAt(leaf, leaf);
        return leaf;
      }
      const common = commonLength(this.#networkOf(child), network, Math.min(this.lengthAt(child), length));
      if (common === this.lengthAt(child)) {
        node = child;
        continue;
      }
      const branch = this.#make(network & maskOf(common), common);
      this.#putChild(node, side, branch);
      this.#putChild(branch, bitOf(this.#networkOf(child), common), child);
      this.#beginAt(branch, branch);
      node = branch;
    }
    return node;
  }
}

function twice(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** The bit behind the first `length`. */
function bitOf(network: number, length: number): number {
  return (network >>> (31 - length)) & 1;
}

function maskOf(length: number): number {
  return length === 0 ? 0 : -1 << (32 - length);
}

/** How many leading bits two keys share, at most `limit`. */
function commonLength(a: number, b: number, limit: number): number {
  return Math.min(Math.clz32(a ^ b), limit);
}
