import { visible } from '../../show/problem-excerpt.ts';
import type { ChangedFlow, Diff, Seen } from '../../whatif/diff.ts';
import type { Outcome } from '../../whatif/outcome.ts';
import type { Branch, Parting } from '../../whatif/parting.ts';
import type { Palette } from './terminal.ts';

/** How many flows that only one network has are named. */
const MOST_NAMES = 8;

const HEADINGS = {
  fate: 'changed fate',
  way: 'same fate, another way',
  header: 'same way, another header',
} as const;

/** `cutaway diff` as text: what changed fate, what took another way, what only one of them has, and the count of the rest. */
export function diffText(diff: Diff, palette: Palette): string {
  const blocks = (['fate', 'way', 'header'] as const).flatMap((kind) => {
    const flows = diff.changed.filter((flow) => flow.kind === kind);
    if (flows.length === 0) return [];
    return [
      [palette.strong(`${HEADINGS[kind]}: ${flows.length}`), ...flows.flatMap((flow) => flowLines(flow, palette))].join(
        '\n',
      ),
    ];
  });
  const lines = [
    ...blocks,
    ...namesLine('only before', diff.onlyBefore),
    ...namesLine('only after', diff.onlyAfter),
    `unchanged: ${diff.unchanged} of ${diff.compared} flows`,
  ];
  return lines.join('\n');
}

function flowLines({ kind, before, after, parting }: ChangedFlow, palette: Palette): string[] {
  return [
    `  ${titleOf(before, after)}`,
    `    before  ${endText(kind, before.outcome, palette)}`,
    `    after   ${endText(kind, after.outcome, palette)}`,
    ...(parting === undefined ? [] : partingLines(parting, palette)),
  ];
}

/** Addresses may differ where names do not. */
function titleOf(before: Seen, after: Seen): string {
  const from = before.from === after.from ? before.from : `${before.from} (${after.from})`;
  const to = before.to === after.to ? before.to : `${before.to} (${after.to})`;
  return visible(from === to || to.includes(from) ? to : `${from} -> ${to}`);
}

/** `DROPPED kernel:NETFILTER_DROP at gw: -t filter -A FORWARD -j DROP`. */
function endText(kind: ChangedFlow['kind'], outcome: Outcome, palette: Palette): string {
  const { verdict, answered, reason, at, detail, decidedBy, ttl, source } = outcome;
  if (answered) {
    const answer = ttl === undefined ? 'DELIVERED' : `DELIVERED, answered with TTL ${ttl}`;
    return palette.good(kind === 'header' ? `${answer}, seen from ${source}` : answer);
  }
  const place = at === '' ? '' : ` at ${at}`;
  const why = decidedBy === '' ? detail : decidedBy;
  return palette.bad(
    visible([`${verdict}${reason === '' ? '' : ` ${reason}`}${place}`, ...(why === '' ? [] : [why])].join(': ')),
  );
}

function partingLines({ leg, last, before, after }: Parting, palette: Palette): string[] {
  const from = last === '' ? 'from the beginning' : `after ${last}`;
  return [
    palette.dim(visible(`    their ways ${leg} part ${from}`)),
    palette.dim(visible(`      before  ${branchText(before, last)}`)),
    palette.dim(visible(`      after   ${branchText(after, last)}`)),
  ];
}

function branchText({ next, decided }: Branch, last: string): string {
  const where = next !== '' ? `to ${next}` : last === '' ? 'there is none' : 'ends there';
  return decided === '' ? where : `${where}: ${decided}`;
}

function namesLine(title: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > MOST_NAMES ? [`  ... and ${names.length - MOST_NAMES} more`] : [];
  return [`${title}: ${names.length}`, ...names.slice(0, MOST_NAMES).map((name) => `  ${visible(name)}`), ...more];
}
