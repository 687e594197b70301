/**
 * Longest-prefix match over 32-bit keys: a path-compressed binary trie. A lookup costs one step per branching bit, not
 * one per entry.
 */
export class PrefixTrie<T> {
  readonly #root = new TrieNode<T>(0, 0, undefined);
  #size = 0;

  /** Number of prefixes with a value. */
  get size(): number {
    return this.#size;
  }

  get(network: number, length: number): T | undefined {
    return this.#find(network, length)?.value;
  }

  /** Stores `value` under a prefix whose host bits are clear. */
  set(network: number, length: number, value: T): void {
    const node = this.#findOrInsert(network, length);
    if (node.value === undefined) this.#size++;
    node.value = value;
  }

  delete(network: number, length: number): void {
    let node = this.#find(network, length);
    if (node === undefined || node.value === undefined) return;
    node.value = undefined;
    this.#size--;
    // Nodes without a value exist only to branch: those that no longer do are taken out.
    while (node !== undefined && node.value === undefined && node.parent !== undefined) {
      const parent: TrieNode<T> = node.parent;
      if (node.zero !== undefined && node.one !== undefined) break;
      const child: TrieNode<T> | undefined = node.zero ?? node.one;
      parent.replace(node, child);
      if (child !== undefined) break;
      node = parent;
    }
  }

  /** The node of the longest prefix that contains `address`; shorter ones follow by `shorter()`. */
  longest(address: number): TrieNode<T> | undefined {
    let best: TrieNode<T> | undefined;
    let node: TrieNode<T> | undefined = this.#root;
    while (node !== undefined && (address & node.mask) >>> 0 === node.network) {
      if (node.value !== undefined) best = node;
      if (node.length === 32) break;
      node = (address >>> (31 - node.length)) & 1 ? node.one : node.zero;
    }
    return best;
  }

  /** Values ordered by network, shorter prefixes first. */
  *values(): IterableIterator<T> {
    const stack: (TrieNode<T> | undefined)[] = [this.#root];
    while (stack.length > 0) {
      const node = stack.pop();
      if (node === undefined) continue;
      if (node.value !== undefined) yield node.value;
      stack.push(node.one, node.zero);
    }
  }

  #find(network: number, length: number): TrieNode<T> | undefined {
    let node: TrieNode<T> | undefined = this.#root;
    while (node !== undefined && node.length < length) {
      node = (network >>> (31 - node.length)) & 1 ? node.one : node.zero;
    }
    return node?.length === length && node.network === network ? node : undefined;
  }

  #findOrInsert(network: number, length: number): TrieNode<T> {
    let node = this.#root;
    while (node.length < length) {
      const bit = (network >>> (31 - node.length)) & 1;
      const child = bit ? node.one : node.zero;
      if (child === undefined) return node.attach(new TrieNode<T>(network, length, node));
      const common = commonLength(child.network, network, Math.min(child.length, length));
      if (common === child.length) {
        node = child;
        continue;
      }
      const branch = new TrieNode<T>((network & maskOf(common)) >>> 0, common, node);
      node.replace(child, branch);
      branch.attach(child);
      node = branch;
    }
    return node;
  }
}

/** A prefix of the trie. */
export class TrieNode<T> {
  readonly network: number;
  readonly length: number;
  readonly mask: number;
  value: T | undefined;
  zero: TrieNode<T> | undefined;
  one: TrieNode<T> | undefined;
  parent: TrieNode<T> | undefined;

  constructor(network: number, length: number, parent: TrieNode<T> | undefined) {
    this.network = network;
    this.length = length;
    this.mask = maskOf(length);
    this.parent = parent;
  }

  /** The next shorter prefix with a value, undefined when there is none. */
  shorter(): TrieNode<T> | undefined {
    let node = this.parent;
    while (node !== undefined && node.value === undefined) node = node.parent;
    return node;
  }

  attach(child: TrieNode<T>): TrieNode<T> {
    child.parent = this;
    if ((child.network >>> (31 - this.length)) & 1) this.one = child;
    else this.zero = child;
    return child;
  }

  replace(child: TrieNode<T>, by: TrieNode<T> | undefined): void {
    if (this.zero === child) this.zero = by;
    else this.one = by;
    if (by !== undefined) by.parent = this;
  }
}

function maskOf(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** How many leading bits two keys share, at most `limit`. */
function commonLength(a: number, b: number, limit: number): number {
  return Math.min(Math.clz32(a ^ b), limit);
}
