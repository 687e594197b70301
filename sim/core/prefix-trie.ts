/** What longest() and shorter() give where there is no prefix. */
export const NO_PREFIX = -1;

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

/**
 * Longest-prefix match over 32-bit keys: a path-compressed binary trie. A lookup costs one step per branching bit, not
 * one per entry. Its nodes are numbers and lie in one array of words, four to a line of a processor's cache: a million
 * prefixes take 32 MB and their values. A node's number serves until the trie changes.
 */
export class PrefixTrie<T> {
  #words = new Int32Array(WORDS * 4);
  #values: (T | undefined)[] = [undefined];
  #free: number[] = [];
  #size = 0;

  /** Number of prefixes with a value. */
  get size(): number {
    return this.#size;
  }

  get(network: number, length: number): T | undefined {
    const node = this.#find(network, length);
    return node === NO_PREFIX ? undefined : this.#values[node];
  }

  /** Stores `value` under a prefix whose host bits are clear. */
  set(network: number, length: number, value: T): void {
    const node = this.#findOrInsert(network, length);
    if (!this.#hasValue(node)) this.#size++;
    this.#values[node] = value;
    (this.#words[node * WORDS + PARENT] as number) |= HAS_VALUE;
  }

  delete(network: number, length: number): void {
    let node = this.#find(network, length);
    if (node === NO_PREFIX || !this.#hasValue(node)) return;
    this.#values[node] = undefined;
    (this.#words[node * WORDS + PARENT] as number) &= ~HAS_VALUE;
    this.#size--;
    // Nodes without a value exist only to branch: those that no longer do are taken out.
    while (node !== ROOT && !this.#hasValue(node)) {
      const parent = this.#parentOf(node);
      const zero = this.#childOf(node, 0);
      const one = this.#childOf(node, 1);
      if (zero !== ROOT && one !== ROOT) break;
      this.#putChild(parent, this.#sideOf(parent, node), zero === ROOT ? one : zero);
      this.#free.push(node);
      if (zero !== one) break;
      node = parent;
    }
  }

  /** The node of the longest prefix that contains `address`; shorter ones follow by shorter(). */
  longest(address: number): number {
    const words = this.#words;
    let best = NO_PREFIX;
    let node = ROOT;
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
    return best;
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

  /** The value of a node that longest() or shorter() gave. */
  valueAt(node: number): T {
    return this.#values[node] as T;
  }

  lengthAt(node: number): number {
    return (this.#words[node * WORDS + PARENT] as number) & LENGTH_MASK;
  }

  /** Values ordered by network, shorter prefixes first. */
  *values(): IterableIterator<T> {
    const stack = [ROOT];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (this.#hasValue(node)) yield this.#values[node] as T;
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
    const node = this.#free.pop() ?? this.#values.push(undefined) - 1;
    if (node * WORDS === this.#words.length) {
      const larger = new Int32Array(2 * this.#words.length);
      larger.set(this.#words);
      this.#words = larger;
    }
    const at = node * WORDS;
    this.#words[at + NETWORK] = network;
    this.#words[at + ZERO] = ROOT;
    this.#words[at + ZERO + 1] = ROOT;
    this.#words[at + PARENT] = length;
    return node;
  }

  #find(network: number, length: number): number {
    let node = ROOT;
    while (this.lengthAt(node) < length) {
      node = this.#childOf(node, bitOf(network, this.lengthAt(node)));
      if (node === ROOT) return NO_PREFIX;
    }
    return this.lengthAt(node) === length && this.#networkOf(node) === (network | 0) ? node : NO_PREFIX;
  }

  #findOrInsert(network: number, length: number): number {
    let node = ROOT;
    while (this.lengthAt(node) < length) {
      const side = bitOf(network, this.lengthAt(node));
      const child = this.#childOf(node, side);
      if (child === ROOT) {
        const leaf = this.#make(network, length);
        this.#putChild(node, side, leaf);
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
      node = branch;
    }
    return node;
  }
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
