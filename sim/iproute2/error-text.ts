import { strerror } from '../core/errno.ts';
import type { ControlError } from '../kernel/control.ts';

/** Why a command was refused: by the kernel, or by the tool, which then says a line of its own. */
export interface Refusal extends ControlError {
  readonly line?: string;
}

/** What the tool prints: `RTNETLINK answers: File exists`, or `Error: ...` where the kernel has a sentence for it. */
export function controlErrorText(error: Refusal): string {
  if (error.line !== undefined) return error.line;
  return error.message === undefined ? `RTNETLINK answers: ${strerror(error.errno)}` : `Error: ${error.message}`;
}
