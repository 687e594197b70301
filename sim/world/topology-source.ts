import type { Problem } from '../core/problem.ts';
import { buildWorld } from './build.ts';
import { checkTopology } from './check.ts';
import { checkDespite } from './check-despite.ts';
import type { CheckedDocument, SourcePath } from './checked-document.ts';
import { CodeDocument } from './code-document.ts';
import { readDocument, type SourceDocument } from './document.ts';
import { byPlace } from './document-order.ts';
import { problemsOf } from './document-problem.ts';
import { checkSchema } from './document-schema.ts';
import { type Topology, type TopologyInput, topologySchema } from './topology-schema.ts';
import type { World, WorldOptions } from './world.ts';

/** A topology with the document that knows where each of its values stands; `prefix` is its path in there. */
export interface TopologySource {
  readonly topology: Topology;
  readonly document: CheckedDocument;
  readonly prefix: SourcePath;
  readonly file: string;
}

export type Loaded<T> = { readonly source: T } | { readonly problems: readonly Problem[] };

/** Reads and checks the text of a topology file; `file` is its name for messages. */
export function readTopology(text: string, file: string): Loaded<TopologySource> {
  const read = readDocument(text, file);
  if ('problems' in read) return read;
  const { document } = read;
  const named = document.valueAt(['topology']);
  if (typeof named === 'string' || document.has(['steps'])) {
    const hint = typeof named === 'string' ? `its topology is ${named}` : 'run takes scenarios';
    return otherKind(document, 'this is a scenario, and a topology is wanted here', hint);
  }
  return checkedTopology(document, file);
}

/** Checks a topology that is written in code. */
export function topologyOf(nodesAndLinks: TopologyInput['topology']): Loaded<TopologySource> {
  return checkedTopology(new CodeDocument({ topology: nodesAndLinks }, 1), '');
}

function checkedTopology(document: CheckedDocument, file: string): Loaded<TopologySource> {
  const checked = checkSchema(document, topologySchema);
  if ('problems' in checked) return { problems: withDespite(checked.problems, document, []) };
  return soundTopology({ topology: checked.value, document, prefix: [], file });
}

/** A topology that its schema has accepted, once check.ts has too. */
export function soundTopology(source: TopologySource): Loaded<TopologySource> {
  const findings = checkTopology(source.topology);
  if (findings.length > 0) return { problems: problemsOf(source.document, findings, source.prefix) };
  return { source };
}

/** Builds the world of a topology; problems are what the kernel, Comware or Docker refused. */
export function buildSource(source: TopologySource, options: WorldOptions): { world: World; problems: Problem[] } {
  const { world, findings } = buildWorld(source.topology, options);
  return { world, problems: problemsOf(source.document, findings, source.prefix) };
}

/** One sentence instead of the many keys that a file of the other kind has and lacks. */
export function otherKind(
  document: SourceDocument,
  message: string,
  hint: string,
): { readonly problems: readonly Problem[] } {
  return { problems: [{ code: 'BAD_VALUE', message, hint, place: document.place(['topology'], 'key') }] };
}

/** Problems of the schema, and what else can be said of the topology at `prefix` in spite of them. */
export function withDespite(
  problems: readonly Problem[],
  document: CheckedDocument,
  prefix: readonly string[],
): Problem[] {
  const more = problemsOf(document, checkDespite(document.valueAt(prefix)), prefix);
  return [...problems, ...more].toSorted(byPlace);
}
