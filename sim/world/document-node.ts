/** A span of the file: offsets of its first character and of the one behind its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A value of a document and the spot that is marked for it. An alias has its own spot, and the content of what it
 * stands for.
 */
export interface SourceNode {
  readonly value: unknown;
  /** Of a block collection only its beginning, of anything else all of it. */
  readonly span: Span;
  /** Nodes in the value, itself included, each alias counted with all that it stands for. */
  readonly size: number;
  /** Levels of collections in the value; 0 for a scalar. */
  readonly height: number;
  /** Of a map: also what merge keys bring in. */
  readonly entries?: ReadonlyMap<string, SourceEntry>;
  /** Of a list. */
  readonly items?: readonly SourceNode[];
  /** Of a literal block scalar: where its `|` stands. */
  readonly blockHeader?: number;
}

/** A key of a map and its value. */
export interface SourceEntry {
  readonly key: Span;
  readonly node: SourceNode;
}

/** The node at `path`, or the last one on the way that exists; `found` says which. */
export interface Descent {
  readonly node: SourceNode;
  /** The key under which `node` stands; undefined for the root and for an item of a list. */
  readonly key: Span | undefined;
  readonly found: boolean;
}

/** Follows `path` from `root`, through aliases and merge keys, as far as it goes. */
export function descend(root: SourceNode, path: readonly (string | number)[]): Descent {
  let node = root;
  let key: Span | undefined;
  for (const step of path) {
    const entry = node.entries?.get(String(step));
    const next = entry?.node ?? (typeof step === 'number' ? node.items?.[step] : undefined);
    if (next === undefined) return { node, key, found: false };
    node = next;
    key = entry?.key;
  }
  return { node, key, found: true };
}
