import type { Problem, SourcePlace } from '../core/problem.ts';
import type { CheckedDocument, SourcePath, Whereabouts } from './checked-document.ts';
import { descend, type SourceNode } from './document-node.ts';
import { byPlace } from './document-order.ts';
import { parseSyntax } from './document-syntax.ts';
import { SourceText } from './document-text.ts';
import { TreeBuilder } from './document-tree.ts';
import type { Finding } from './finding.ts';

export type ReadResult = { readonly document: SourceDocument } | { readonly problems: readonly Problem[] };

/**
 * Reads one YAML 1.2 document (core schema, string keys, merge keys, anchors). Problems are YAML_SYNTAX or, once the
 * syntax holds, KEY_TWICE, YAML_ALIASES and BAD_VALUE: all of them, in file order. `file` is only a name for messages.
 */
export function readDocument(text: string, file: string): ReadResult {
  const source = new SourceText(text, file);
  const syntax = parseSyntax(source);
  if ('problems' in syntax) return syntax;
  const builder = new TreeBuilder(source);
  const root = builder.build(syntax.root, 0);
  if (builder.problems.length > 0) return { problems: builder.problems.toSorted(byPlace) };
  return { document: new SourceDocument(source, root) };
}

/** A user's file as plain data that still knows where each value was written. */
export class SourceDocument implements CheckedDocument {
  readonly #source: SourceText;
  readonly #root: SourceNode;

  constructor(source: SourceText, root: SourceNode) {
    this.#source = source;
    this.#root = root;
  }

  get file(): string {
    return this.#source.file;
  }

  /** The whole document; null for an empty file. Aliases share what they stand for, so it must not be changed. */
  get value(): unknown {
    return this.#root.value;
  }

  has(path: SourcePath): boolean {
    return descend(this.#root, path).found;
  }

  /** The value at `path`; undefined where there is none. */
  valueAt(path: SourcePath): unknown {
    const { node, found } = descend(this.#root, path);
    return found ? node.value : undefined;
  }

  /**
   * Where the key or the value at `path` is written; a value that is left empty is marked at its key, an item of a list
   * has no key but itself. Where the path leads nowhere, the key of the last thing on the way.
   */
  place(path: SourcePath, part: 'key' | 'value'): SourcePlace {
    const { node, key, found } = descend(this.#root, path);
    const span = found && part === 'value' ? node.span : (key ?? node.span);
    return this.#source.place(span.start, span.end);
  }

  locate({ path, part, blockLine }: Finding, prefix: SourcePath): Whereabouts {
    const whole = [...prefix, ...path];
    if (blockLine === undefined) return { place: this.place(whole, part ?? 'value') };
    return { place: this.placeInBlock(whole, blockLine, 0, Number.POSITIVE_INFINITY) };
  }

  /**
   * A place within the literal block (`|`) at `path`: `length` characters of line `lineInText`, from `columnInText`, both
   * counted from 0 in the value. Any other value is marked as a whole, since its lines are not those of the file.
   */
  placeInBlock(path: SourcePath, lineInText: number, columnInText: number, length: number): SourcePlace {
    const { node, found } = descend(this.#root, path);
    if (!found || node.blockHeader === undefined || typeof node.value !== 'string') return this.place(path, 'value');
    const lines = node.value.replace(/\n$/, '').split('\n');
    const index = Math.max(0, Math.min(lineInText, lines.length - 1));
    const number = Math.min(this.#source.lineAt(node.blockHeader) + 1 + index, this.#source.lineCount);
    const indentation = this.#source.line(number).length - (lines[index] ?? '').length;
    return this.#source.placeInLine(number, indentation + columnInText, length);
  }
}
