import { applyCommand } from '../iproute2/apply.ts';
import { parseCommand, parseRoute } from '../iproute2/command.ts';
import { controlErrorText, type Refusal } from '../iproute2/error-text.ts';
import { type CommandFault, isFault } from '../iproute2/fault.ts';
import { iptablesFault, runIptables } from '../iptables/apply.ts';
import { restoreIptables } from '../iptables/restore.ts';
import type { Net } from '../kernel/net.ts';

/** Whether a line is for iptables, which reads quotes and options in its own way. */
const isIptables = (line: string): boolean => /^\s*iptables(\s|$)/.test(line);

/**
 * Runs a line such as `ip route del default` or `iptables -A INPUT -p udp -j DROP` in a namespace; what the real tool
 * would print when it is refused.
 */
export function runCommand(net: Net, line: string): string | undefined {
  if (isIptables(line)) return runIptables(net, line);
  const command = parseCommand(line);
  return isFault(command) ? faultText(command) : refusalText(applyCommand(net, command));
}

function faultText({ message, hint }: CommandFault): string {
  return `${message}${hint === undefined ? '' : ` (${hint})`}`;
}

function refusalText(refusal: Refusal | undefined): string | undefined {
  return refusal === undefined ? undefined : controlErrorText(refusal);
}

/** `ip route add` with this behind it. */
export function runRoute(net: Net, text: string): string | undefined {
  const request = parseRoute(text);
  return isFault(request)
    ? faultText(request)
    : refusalText(applyCommand(net, { object: 'route', verb: 'add', request }));
}

/** Why a line is no command, before it is run; undefined where it can be read. */
export function commandFault(line: string): { readonly message: string; readonly hint?: string } | undefined {
  if (isIptables(line)) {
    const message = iptablesFault(line);
    return message === undefined ? undefined : { message };
  }
  const command = parseCommand(line);
  return isFault(command) ? command : undefined;
}

/** Loads a block of text as iptables-save writes it; what is wrong with it, and in which of its lines, from 0. */
export function loadIptables(
  net: Net,
  text: string | undefined,
): { readonly message: string; readonly blockLine: number } | undefined {
  const fault = text === undefined ? undefined : restoreIptables(net, text);
  return fault === undefined ? undefined : { message: fault.message, blockLine: fault.line - 1 };
}
