import { type Alias, isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { assert } from '../core/assert.ts';
import type { Problem, ProblemCode } from '../core/problem.ts';
import type { SourceEntry, SourceNode, Span } from './document-node.ts';
import { quoted } from './document-quote.ts';
import { DEPTH_LIMIT, MISTAKE_LIMIT } from './document-syntax.ts';
import type { SourceText } from './document-text.ts';

/**
 * How many values all aliases of a file may stand for together. Nine aliases of nine aliases of nine ... make a
 * thousand million values of ten lines ("billion laughs").
 */
const ALIAS_LIMIT = 10_000;

const MERGE_KEY = '<<';

/** What an anchor names. There is no node yet while it is being built: an alias would contain itself. */
interface Anchored {
  node: SourceNode | undefined;
}

/** Turns the parser's nodes into plain data with places, in file order. What it cannot accept ends up in `problems`. */
export class TreeBuilder {
  readonly problems: Problem[] = [];
  readonly #source: SourceText;
  readonly #anchors = new Map<string, Anchored>();
  #aliased = 0;

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** `depth` collections lie around `node`. */
  build(node: unknown, depth: number): SourceNode {
    if (isAlias(node)) return this.#alias(node, depth);
    const anchored: Anchored = { node: undefined };
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, anchored);
    anchored.node = this.#content(node, depth);
    return anchored.node;
  }

  #content(node: unknown, depth: number): SourceNode {
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return this.#list(node, depth);
    if (isScalar(node)) return scalar(node);
    // A key without a colon in a flow map (`{a}`) has no node at all.
    return { ...NOTHING, span: { start: 0, end: 0 } };
  }

  #list(list: YAMLSeq, depth: number): SourceNode {
    const items = list.items.map((item) => this.build(item, depth + 1));
    const start = list.range?.[0] ?? 0;
    return {
      value: items.map((item) => item.value),
      span: { start, end: list.flow ? (list.range?.[1] ?? start) : start + 1 },
      ...extent(items),
      items,
    };
  }

  #map(map: YAMLMap, depth: number): SourceNode {
    const entries = new Map<string, SourceEntry>();
    const merges: SourceNode[] = [];
    let mergeKey: Span | undefined;
    for (const pair of map.items) {
      const key = this.#key(pair);
      const node = this.build(pair.value, depth + 1);
      if (key === undefined) continue;
      const isMerge = key.name === MERGE_KEY && key.type === 'PLAIN';
      const first = isMerge ? mergeKey : entries.get(key.name)?.key;
      if (first !== undefined) this.#keyTwice(key, first);
      else if (isMerge) {
        mergeKey = key;
        merges.push(...this.#mergeSources(node, key));
      } else entries.set(key.name, { key, node: isEmpty(node.span) ? standingAt(node, key) : node });
    }
    for (const merge of merges) {
      for (const [name, entry] of merge.entries ?? []) if (!entries.has(name)) entries.set(name, entry);
    }
    const nodes = [...entries.values()].map((entry) => entry.node);
    const value = Object.fromEntries([...entries].map(([name, entry]) => [name, entry.node.value]));
    return { value, span: mapSpan(map, entries), ...extent(nodes), entries };
  }

  /** The key of `pair`; undefined for one that plain data cannot hold, which is a problem. */
  #key({ key }: Pair): (Span & { name: string; type: string | undefined }) | undefined {
    assert(isScalar(key), 'the parser let a key pass that is no string');
    const { value, span } = this.build(key, 0);
    const name = String(value);
    if (name === '__proto__') {
      this.#report('BAD_VALUE', 'no key may be named "__proto__"', span);
      return undefined;
    }
    return { ...span, name, type: key.type };
  }

  #keyTwice(key: Span & { name: string }, first: Span): void {
    const place = this.#source.place(first.start, first.end);
    const hint = `it is given first at line ${place.line}, column ${place.column}`;
    this.#report('KEY_TWICE', `key ${quoted(key.name)} is given twice`, key, hint);
  }

  /** The maps that a merge key brings in, the strongest first (https://yaml.org/type/merge.html). */
  #mergeSources(node: SourceNode, key: Span): readonly SourceNode[] {
    const sources = node.items ?? [node];
    if (sources.every((source) => source.entries !== undefined)) return sources;
    this.#report('BAD_VALUE', 'a merge key takes a map, or a list of maps', key);
    return [];
  }

  #alias(alias: Alias, depth: number): SourceNode {
    const span = spanOf(alias);
    const refuse = (message: string): SourceNode => {
      this.#report('YAML_ALIASES', message, span);
      return refused(span);
    };
    const anchored = this.#anchors.get(alias.source);
    const name = quoted(`*${alias.source}`);
    if (anchored === undefined) return refuse(`no anchor ${quoted(`&${alias.source}`)} stands before this alias`);
    const target = anchored.node;
    if (target === undefined) return refuse(`the alias ${name} contains itself`);
    if (depth + target.height > DEPTH_LIMIT) return refuse(`the alias ${name} nests deeper than ${DEPTH_LIMIT} levels`);
    // Past the limit every further alias would say the same.
    if (this.#aliased > ALIAS_LIMIT) return refused(span);
    this.#aliased += target.size;
    if (this.#aliased > ALIAS_LIMIT) return refuse(`with ${name} the aliases stand for over ${ALIAS_LIMIT} values`);
    return standingAt(target, span);
  }

  #report(code: ProblemCode, message: string, span: Span, hint?: string): void {
    if (this.problems.length === MISTAKE_LIMIT) return;
    const place = this.#source.place(span.start, span.end);
    this.problems.push({ code, message, place, ...(hint === undefined ? {} : { hint }) });
  }
}

const NOTHING = { value: null, size: 1, height: 0 } as const;

/** In place of an alias that is a problem: empty, and a map, so that merging it is not a second one. */
function refused(span: Span): SourceNode {
  return { ...NOTHING, span, entries: new Map() };
}

/** The same content at another spot: an alias, or an empty value, which is marked at its key. */
function standingAt(node: SourceNode, { start, end }: Span): SourceNode {
  return { ...node, span: { start, end } };
}

function scalar(node: Scalar): SourceNode {
  const span = spanOf(node);
  const block = node.type === 'BLOCK_LITERAL' ? { blockHeader: span.start } : {};
  return { value: node.value, span, size: 1, height: 0, ...block };
}

function isEmpty({ start, end }: Span): boolean {
  return start === end;
}

function spanOf(node: Scalar | Alias): Span {
  return { start: node.range?.[0] ?? 0, end: node.range?.[1] ?? 0 };
}

/** A block map is marked at its first key: marking all of it would mark the key's value, too. */
function mapSpan(map: YAMLMap, entries: ReadonlyMap<string, SourceEntry>): Span {
  const start = map.range?.[0] ?? 0;
  if (map.flow) return { start, end: map.range?.[1] ?? start };
  const first = [...entries.values()].find((entry) => entry.key.start >= start);
  return first?.key ?? { start, end: start + 1 };
}

function extent(children: readonly SourceNode[]): { size: number; height: number } {
  let size = 1;
  let height = 0;
  for (const child of children) {
    size += child.size;
    height = Math.max(height, child.height);
  }
  return { size, height: height + 1 };
}
