import type { z } from 'zod';
import { nearest } from '../core/nearest.ts';
import type { Problem, ProblemCode } from '../core/problem.ts';
import type { CheckedDocument, SourcePath } from './checked-document.ts';
import { problemsOf } from './document-problem.ts';
import { quoted } from './document-quote.ts';
import { AllowedKeys, strings } from './document-schema-keys.ts';
import { choices, issueMessage } from './document-schema-message.ts';
import { type Complaint, UnionChoice } from './document-schema-union.ts';
import type { Finding } from './finding.ts';

export type CheckResult<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

/** What a custom issue may carry in `params`, to be more than a BAD_VALUE at the value. */
export interface IssueParams {
  readonly code?: ProblemCode;
  readonly hint?: string;
  readonly part?: 'key' | 'value';
  readonly blockLine?: number;
}

/** Checks a document against a zod schema: what the schema makes of it, or every problem, in its order. */
export function checkSchema<Schema extends z.ZodType>(
  document: CheckedDocument,
  schema: Schema,
): CheckResult<z.output<Schema>> {
  if (document.value === null) {
    return { problems: problemsOf(document, [{ code: 'BAD_VALUE', message: 'the document is empty', path: [] }]) };
  }
  const allowed = new AllowedKeys();
  const result = schema.safeParse(document.value, {
    reportInput: true,
    error: (issue) => {
      allowed.note(issue);
      return issueMessage(issue);
    },
  });
  if (result.success) return { value: result.data };
  return { problems: new Complaints(document, allowed).problems(result.error.issues) };
}

/** Turns the issues of one parse into problems of the document. */
class Complaints {
  readonly #document: CheckedDocument;
  readonly #allowed: AllowedKeys;

  constructor(document: CheckedDocument, allowed: AllowedKeys) {
    this.#document = document;
    this.#allowed = allowed;
  }

  problems(issues: readonly z.core.$ZodIssue[]): readonly Problem[] {
    const complaints = this.#flat(issues, []);
    const findings: Finding[] = [];
    // A misspelt key is both unknown and missing: it is said once.
    const meant = new Set<string>();
    for (const { issue, path } of complaints) {
      if (issue.code !== 'unrecognized_keys') continue;
      for (const key of issue.keys)
        findings.push(this.#unknownKey(key, path, this.#allowed.besides(issue.keys), meant));
    }
    for (const complaint of complaints) {
      if (complaint.issue.code === 'unrecognized_keys' || isMeant(complaint, meant)) continue;
      findings.push(this.#finding(complaint));
    }
    return problemsOf(this.#document, findings);
  }

  /** Complaints with paths from the root; of each union those of one branch. */
  #flat(issues: readonly z.core.$ZodIssue[], base: SourcePath): Complaint[] {
    return issues.flatMap((issue): readonly Complaint[] => {
      const path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
      if (issue.code !== 'invalid_union' || issue.errors.length === 0 || !this.#document.has(path)) {
        return [{ issue, path }];
      }
      const branches = issue.errors.map((branch) => this.#flat(branch, path));
      return new UnionChoice(this.#document, this.#allowed, issue, path).meant(branches);
    });
  }

  #unknownKey(key: string, path: SourcePath, allowed: readonly string[], meant: Set<string>): Finding {
    const near = nearest(
      key,
      allowed.filter((name) => !this.#document.has([...path, name])),
    );
    if (near !== undefined) meant.add(JSON.stringify([...path, near]));
    const hint =
      near !== undefined
        ? `did you mean ${quoted(near)}?`
        : allowed.length > 0
          ? `allowed keys: ${allowed.join(', ')}`
          : 'no key is allowed here';
    return { code: 'UNKNOWN_KEY', message: `unknown key ${quoted(key)}`, hint, path: [...path, key], part: 'key' };
  }

  #finding(complaint: Complaint): Finding {
    const { issue, path } = complaint;
    if (issue.code === 'custom') return customFinding(issue, path);
    if (!this.#document.has(path)) return this.#missing(complaint);
    if (issue.code === 'invalid_key') {
      const message = `bad key ${quoted(String(path.at(-1)))}: ${issue.issues.map((inner) => inner.message).join('; ')}`;
      return { code: 'BAD_VALUE', message, path, part: 'key' };
    }
    const value = this.#document.valueAt(path);
    const options = optionsOf(issue);
    const isOther = issue.code === 'invalid_union' && options.length > 0;
    const message = isOther
      ? (issueMessage({ code: 'invalid_value', values: [...options], input: value }) ?? '')
      : issue.message;
    const hint = valueHint(issue, value, options);
    return { code: 'BAD_VALUE', message, path, ...(hint === undefined ? {} : { hint }) };
  }

  #keysAt(path: SourcePath): string[] {
    const value = this.#document.valueAt(path);
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  }

  /**
   * The key that is not there cannot be marked: the one it belongs under is. Without the key that tells a union's
   * branches apart no key is known to be unknown, so a misspelt one is looked for here.
   */
  #missing({ issue, path, orKeys = [] }: Complaint): Finding {
    const parent = path.slice(0, -1);
    const owner = parent.at(-1);
    const inside = owner === undefined ? '' : ` in ${typeof owner === 'number' ? `item ${owner + 1}` : quoted(owner)}`;
    const options = optionsOf(issue);
    const misspelt = issue.code === 'invalid_union' ? nearest(String(path.at(-1)), this.#keysAt(parent)) : undefined;
    const expected = options.length > 0 ? `expected ${choices(options)}` : undefined;
    const hint = misspelt === undefined ? expected : `is ${quoted(misspelt)} meant to be it?`;
    const keys = [String(path.at(-1)), ...orKeys].map(quoted);
    const what = keys.length === 1 ? `key ${keys[0]}` : `one of the keys ${keys.join(', ')}`;
    return {
      code: 'MISSING_KEY',
      message: `missing ${what}${inside}`,
      ...(hint === undefined ? {} : { hint }),
      path: parent,
      part: 'key',
    };
  }
}

/** The missing key is there, only misspelt. */
function isMeant({ path, orKeys = [] }: Complaint, meant: ReadonlySet<string>): boolean {
  const parent = path.slice(0, -1);
  return [path, ...orKeys.map((key) => [...parent, key])].some((one) => meant.has(JSON.stringify(one)));
}

function customFinding(issue: z.core.$ZodIssueCustom, path: SourcePath): Finding {
  const params: IssueParams = issue.params ?? {};
  return { ...params, code: params.code ?? 'BAD_VALUE', message: issue.message, path };
}

/** The values that may stand there, where they can be counted. */
function optionsOf(issue: z.core.$ZodIssue): readonly z.core.util.Primitive[] {
  if (issue.code === 'invalid_value') return issue.values;
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []) : [];
}

function valueHint(issue: z.core.$ZodIssue, value: unknown, options: readonly unknown[]): string | undefined {
  if (typeof value === 'string') {
    const near = nearest(value, strings(options));
    if (near !== undefined) return `did you mean ${quoted(near)}?`;
  }
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return 'put it in quotes';
  const isQuotedNumber = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  return (issue.expected === 'number' || issue.expected === 'int') && isQuotedNumber
    ? 'leave the quotes out'
    : undefined;
}
