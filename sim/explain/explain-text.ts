import { formatSeconds } from '../core/time.ts';
import type { FlowAccount, Leg } from './account.ts';
import type { DropAccount } from './drop-account.ts';
import { layersBlock } from './header-text.ts';
import { decidedText, decisiveDrops, verdictLines } from './verdict-text.ts';
import { wayLines } from './way-text.ts';

/** Why a flow ended as it did: its verdict, each death with all that is known of it, or the way by which it was delivered. */
export function explainLines(account: FlowAccount): string[] {
  const { kind, from, source, to, port, there, back, received } = account;
  const [verdict = '', ...reasons] = verdictLines(account);
  const target = port === 0 ? to : `${to}:${port}`;
  const lines = [`${kind} ${from}${source === '' ? '' : ` (${source})`} -> ${target}`, verdict];
  const drops = decisiveDrops(account);
  // The blocks below tell of every death.
  if (drops.length === 0) lines.push(...reasons);
  else lines.push(...reasons.filter((_, index) => isNotSent(reasons, index)));
  for (const drop of drops) lines.push('', ...dropLines(drop));
  if (drops.length === 0 && there !== undefined) {
    lines.push('', ...legLines('the way there', there));
    if (back !== undefined && received > 0) lines.push(...legLines('the way back', back));
  }
  return lines;
}

/** Lines of a refusal: `not sent: ...` and the reason below it. */
function isNotSent(reasons: readonly string[], index: number): boolean {
  const line = reasons[index] ?? '';
  return line.startsWith('not sent: ') || (reasons[index - 1] ?? '').startsWith('not sent: ');
}

function legLines(title: string, leg: Leg): string[] {
  return [title, ...wayLines(leg.hops).map((line) => `  ${line}`)];
}

const ROLES: Readonly<Record<DropAccount['role'], string>> = {
  request: 'the request',
  answer: 'the answer',
  error: 'an error about it',
  further: 'what followed',
};

/** One death: when and where, why, what decided, the headers there and the way to it. */
export function dropLines(drop: DropAccount): string[] {
  const { packet, role, time, at, reason, sentence, component, detail, decidedBy, headers, hops } = drop;
  const rows: (readonly [string, readonly string[]])[] = [
    ['reason', [`${reason}: ${sentence}`]],
    ['detail', detail === '' ? [] : [detail]],
    ['in', [`${component}, ${drop.function}`]],
    ['decided by', [decidedText(decidedBy), ...(decidedBy.resolution ?? []).map((line) => `ARP at ${line}`)]],
    ['headers', layersBlock(headers)],
    ['the way', wayLines(hops)],
  ];
  return [
    `packet #${packet}, ${ROLES[role]}, died at ${at} after ${formatSeconds(time)} s`,
    ...rows.flatMap(([name, lines]) =>
      lines.map((line, index) => `  ${(index === 0 ? name : '').padEnd(11)} ${line}`.trimEnd()),
    ),
  ];
}
