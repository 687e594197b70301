import type { Errno } from '../../core/errno.ts';
import type { Step } from '../../packet/trace.ts';
import type { Ipv4 } from '../../wire/address.ts';
import type { FibRule } from './fib-rules.ts';
import type { FibEntry } from './fib-table.ts';

/** An entry to route by, or the error that its type or the rules give; and the rule that decided, where rules are asked. */
export type FibResult = (
  | { readonly entry: FibEntry; readonly rule: FibRule | undefined }
  | { readonly errno: Errno; readonly entry: FibEntry | undefined; readonly rule: FibRule | undefined }
) & {
  /** What a trace said of it last: packets of one flow find the same result, and say the same. */
  told?: ToldRoute | undefined;
};

export interface ToldRoute {
  readonly destination: Ipv4;
  readonly step: Step;
}
