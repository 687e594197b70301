import type { z } from 'zod';
import { nearest } from '../core/nearest.ts';
import type { CheckedDocument, SourcePath } from './checked-document.ts';
import { quoted } from './document-quote.ts';
import { type AllowedKeys, strings } from './document-schema-keys.ts';
import { choices, foundNoun, typeNoun } from './document-schema-message.ts';

/** A single thing that a schema found wrong, with its path from the root of the document. */
export interface Complaint {
  readonly issue: z.core.$ZodIssue;
  readonly path: SourcePath;
  /** Of a missing key: others that would do as well. */
  readonly orKeys?: readonly string[];
}

type Branch = readonly Complaint[];

/** Decides what to say of a value that fits no branch of a union: not every branch's complaints, those of the one meant. */
export class UnionChoice {
  readonly #document: CheckedDocument;
  readonly #allowed: AllowedKeys;
  readonly #union: z.core.$ZodIssue;
  readonly #path: SourcePath;

  constructor(document: CheckedDocument, allowed: AllowedKeys, union: z.core.$ZodIssue, path: SourcePath) {
    this.#document = document;
    this.#allowed = allowed;
    this.#union = union;
    this.#path = path;
  }

  /**
   * The branch meant is one whose type the value has; of those the one whose keys and literals agree best, then the one
   * that was followed furthest, then the one with the fewest complaints. Where there is none, one complaint names all
   * that may stand there.
   */
  meant(branches: readonly Branch[]): Branch {
    const open = branches.filter((branch) => !branch.some((complaint) => this.#isMismatch(complaint)));
    const mismatches = branches.flat().filter((complaint) => this.#isMismatch(complaint));
    if (open.length === 0 || this.#isMisspelt(mismatches)) return [this.#allMismatched(mismatches)];
    const least = Math.min(...open.map((branch) => this.#strangeness(branch)));
    const likely = open.filter((branch) => this.#strangeness(branch) === least);
    return (
      this.#undecided(likely, open) ?? likely.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? []
    );
  }

  /** The value itself is of another type, or is none of the literals. */
  #isMismatch({ issue, path }: Complaint): boolean {
    return path.length === this.#path.length && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
  }

  #isMisspelt(mismatches: readonly Complaint[]): boolean {
    const { input } = this.#union;
    return typeof input === 'string' && nearest(input, strings(valuesOf(mismatches))) !== undefined;
  }

  /** How many keys of the map speak against the branch: unknown ones, missing ones, and `kind: other`. */
  #strangeness(branch: Branch): number {
    let count = this.#missing(branch).length;
    for (const { issue, path } of branch) {
      if (issue.code === 'unrecognized_keys' && path.length === this.#path.length) count += issue.keys.length;
      const isLiteral = issue.code === 'invalid_value' && issue.values.length === 1;
      if (isLiteral && path.length === this.#path.length + 1 && this.#document.has(path)) count++;
    }
    return count;
  }

  #missing(branch: Branch): Complaint[] {
    return branch.filter(
      ({ issue, path }) =>
        path.length === this.#path.length + 1 && issue.code !== 'custom' && !this.#document.has(path),
    );
  }

  /**
   * Branches told apart by the one key each must have (`ping:`, `udp:`, `exec:`), and none of them given: there is no
   * branch to speak of, so this speaks of the keys of all.
   */
  #undecided(likely: readonly Branch[], open: readonly Branch[]): Branch | undefined {
    const missing = likely.map((branch) => this.#missing(branch));
    const keys = new Set(missing.flat().map(({ path }) => String(path.at(-1))));
    const first = missing[0]?.[0];
    if (first === undefined || keys.size < 2 || missing.some((list) => list.length !== 1)) return undefined;
    const lists = likely.map((branch) => branch.flatMap((complaint) => this.#unrecognized(complaint)));
    const unknown = (lists[0] ?? []).filter((key) => lists.every((list) => list.includes(key)));
    const complaints: Complaint[] = [{ ...first, orKeys: [...keys].slice(1) }];
    if (unknown.length > 0) {
      this.#allowed.add(unknown, this.#allowedIn(open));
      const issue = { code: 'unrecognized_keys', keys: unknown, path: [], message: '' } as const;
      complaints.push({ issue: { ...issue, path: [] }, path: this.#path });
    }
    return complaints;
  }

  #unrecognized({ issue, path }: Complaint): readonly string[] {
    return issue.code === 'unrecognized_keys' && path.length === this.#path.length ? issue.keys : [];
  }

  #allowedIn(branches: readonly Branch[]): string[] {
    const lists = branches.flat().map((complaint) => this.#allowed.besides(this.#unrecognized(complaint)));
    return [...new Set(lists.flat())];
  }

  /** One complaint in place of several: what the branches expected between them. */
  #allMismatched(complaints: readonly Complaint[]): Complaint {
    const { input } = this.#union;
    const values = valuesOf(complaints);
    const types = complaints.flatMap(({ issue }) => (issue.code === 'invalid_type' ? [typeNoun(issue.expected)] : []));
    const expected = [...(values.length > 0 ? [choices(values)] : []), ...new Set(types)].join(' or ');
    const found = typeof input === 'string' && values.length > 0 ? quoted(input) : foundNoun(input);
    const message = `expected ${expected}, found ${found}`;
    return { issue: { code: 'invalid_value', values, path: [], message, input }, path: this.#path };
  }
}

function valuesOf(complaints: readonly Complaint[]): z.core.util.Primitive[] {
  return [...new Set(complaints.flatMap(({ issue }) => (issue.code === 'invalid_value' ? issue.values : [])))];
}

function depth(branch: Branch): number {
  return branch.reduce((deepest, { path }) => Math.max(deepest, path.length), 0);
}
