import type { z } from 'zod';

/** Remembers which keys a map may have, by the list of those it may not: an issue names its schema only while it is made. */
export class AllowedKeys {
  readonly #keys = new Map<readonly string[], readonly string[]>();

  /** To be called with each issue as zod makes it. */
  note(issue: z.core.$ZodRawIssue): void {
    if (issue.code === 'unrecognized_keys') this.add(issue.keys, keysOf(issue.inst));
  }

  add(unrecognized: readonly string[], allowed: readonly string[]): void {
    this.#keys.set(unrecognized, allowed);
  }

  /** The keys allowed in the map that has `unrecognized` ones, which must be the very list of the issue. */
  besides(unrecognized: readonly string[]): readonly string[] {
    return this.#keys.get(unrecognized) ?? [];
  }
}

/** The keys of an object's shape, or those of a record whose keys are an enum. */
function keysOf(schema: z.core.$ZodRawIssue['inst']): readonly string[] {
  const definition: object = schema?._zod.def ?? {};
  if ('shape' in definition) return Object.keys(definition.shape as object);
  if ('keyType' in definition) return strings((definition.keyType as z.core.$ZodType)._zod.values ?? []);
  return [];
}

export function strings(values: Iterable<unknown>): string[] {
  return [...values].filter((value) => typeof value === 'string');
}
