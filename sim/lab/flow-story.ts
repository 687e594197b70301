import type { FlowAccount, Leg } from '../explain/account.ts';
import { decidedText, decisiveDrops, verdictLines } from '../explain/verdict-text.ts';

/** `ping pc1 -> 203.0.113.1`, `udp pc1 -> 203.0.113.1:53`. */
export function titleOf({ kind, from, to, port }: FlowAccount): string {
  return `${kind} ${from} -> ${to}${port === 0 ? '' : `:${port}`}`;
}

/** What became of a flow, for the message of a test that expected something else. */
export function storyOf(account: FlowAccount): string {
  const { there, back, drops } = account;
  const told = decisiveDrops(account);
  const others = drops.filter((drop) => !told.includes(drop));
  const lines = [
    ...(there === undefined ? [] : [`there: ${wayOf(there)}`]),
    ...(back === undefined ? [] : [`back: ${wayOf(back)}`]),
    ...verdictLines(account),
    ...others.map(({ at, reason, decidedBy }) => `dropped on the way, at ${at}: ${reason}, ${decidedText(decidedBy)}`),
  ];
  return lines.map((line) => `  ${line}`).join('\n');
}

function wayOf({ path, verdict }: Leg): string {
  return `${path.join(' > ')} (${verdict})`;
}
