import { checkTopology } from './check.ts';
import type { Finding } from './finding.ts';
import { topologySchema } from './topology-schema.ts';

/** How often what the schema refuses is taken out before giving up. */
const ROUNDS = 20;

type Tree = Record<string | number, unknown>;

/**
 * What check.ts finds in a topology that its schema refuses: all findings are to be told at once. Whatever is malformed
 * is left out, and nothing is said of nodes and links that had to be cut.
 */
export function checkDespite(value: unknown): Finding[] {
  const copy = copyOf(value);
  const cutNodes = new Set<string>();
  let linksAreCut = false;
  for (let round = 0; round < ROUNDS; round++) {
    const parsed = topologySchema.safeParse(copy);
    if (parsed.success) {
      return checkTopology(parsed.data).filter((finding) => isCertain(finding, cutNodes, linksAreCut));
    }
    for (const issue of parsed.error.issues) {
      const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
      if (path[1] === 'nodes' && path[2] !== undefined) cutNodes.add(String(path[2]));
      if (path[1] === 'links') linksAreCut = true;
      if (issue.code === 'unrecognized_keys') for (const key of issue.keys) cut(copy, [...path, key]);
      else if (!cut(copy, path)) cut(copy, path.slice(0, -1));
    }
  }
  return [];
}

function isCertain(finding: Finding, cutNodes: ReadonlySet<string>, linksAreCut: boolean): boolean {
  const [, kind, name] = finding.path;
  if (kind === 'nodes') return !cutNodes.has(String(name));
  // A dangling end stays dangling; which interfaces a cut node has is not known.
  return !linksAreCut && (finding.code === 'UNKNOWN_NODE' || cutNodes.size === 0);
}

/** Removes the value at a path; false when there is none. */
function cut(tree: unknown, path: readonly (string | number)[]): boolean {
  let at = tree;
  for (const step of path.slice(0, -1)) at = isTree(at) ? at[step] : undefined;
  const last = path.at(-1);
  if (last === undefined || !isTree(at) || !Object.hasOwn(at, last)) return false;
  if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete at[last];
  return true;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

/** A value given in code may hold itself: there the copy ends. */
function copyOf(value: unknown, above: readonly unknown[] = []): unknown {
  if (!isTree(value)) return value;
  if (above.includes(value)) return undefined;
  const within = [...above, value];
  if (Array.isArray(value)) return value.map((child) => copyOf(child, within));
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copyOf(child, within)]));
}
