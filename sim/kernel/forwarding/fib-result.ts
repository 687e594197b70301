import type { Errno } from '../../core/errno.ts';
import type { FibRule } from './fib-rules.ts';
import type { FibEntry } from './fib-table.ts';

/** An entry to route by, or the error that its type or the rules give; and the rule that decided, where rules are asked. */
export type FibResult =
  | { readonly entry: FibEntry; readonly rule: FibRule | undefined }
  | { readonly errno: Errno; readonly entry: FibEntry | undefined; readonly rule: FibRule | undefined };
