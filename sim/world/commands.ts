import { applyCommand } from '../iproute2/apply.ts';
import { parseCommand } from '../iproute2/command.ts';
import { controlErrorText } from '../iproute2/error-text.ts';
import { isFault } from '../iproute2/fault.ts';
import { runIptables } from '../iptables/apply.ts';
import type { Net } from '../kernel/net.ts';

/** Runs a line such as `ip route del default` or `iptables -A INPUT -p udp -j DROP` in a namespace; what the real tool would print when it is refused. */
export function runCommand(net: Net, line: string): string | undefined {
  if (/^\s*iptables\s/.test(line)) return runIptables(net, line);
  const command = parseCommand(line);
  if (isFault(command)) return `${command.message}${command.hint === undefined ? '' : ` (${command.hint})`}`;
  const refusal = applyCommand(net, command);
  return refusal === undefined ? undefined : controlErrorText(refusal);
}
