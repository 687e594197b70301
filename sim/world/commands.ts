import { applyCommand } from '../iproute2/apply.ts';
import { parseCommand } from '../iproute2/command.ts';
import { controlErrorText } from '../iproute2/error-text.ts';
import { isFault } from '../iproute2/fault.ts';
import type { Net } from '../kernel/net.ts';

/** Runs a line such as `ip route del default` in a namespace; what the real tool would print when it is refused. */
export function runCommand(net: Net, line: string): string | undefined {
  const command = parseCommand(line);
  if (isFault(command)) return `${command.message}${command.hint === undefined ? '' : ` (${command.hint})`}`;
  const refusal = applyCommand(net, command);
  return refusal === undefined ? undefined : controlErrorText(refusal);
}
