import type { ConntrackRow, ConntrackTuple } from '../kernel/conntrack-snapshot.ts';
import type { NamespaceSnapshot } from '../kernel/snapshot.ts';

/** `conntrack -L`; what it counts on its other output is left out. `before` is what `-o extended` says first in each line. */
export function showConntrack(snapshot: NamespaceSnapshot, before = ''): string {
  return snapshot.conntrack.map((row) => `${before}${line(row)}\n`).join('');
}

function line(row: ConntrackRow): string {
  const { protocol, protonum, timeout, state, original, reply, flags, mark, use } = row;
  return [
    `${protocol.padEnd(8)} ${protonum} ${timeout}`,
    ...(state === undefined ? [] : [state]),
    ...tupleWords(original),
    ...(flags.includes('UNREPLIED') ? ['[UNREPLIED]'] : []),
    ...tupleWords(reply),
    ...(flags.includes('ASSURED') ? ['[ASSURED]'] : []),
    `mark=${mark}`,
    `use=${use}`,
  ].join(' ');
}

/** The keys stand in the order in which the command prints them. */
function tupleWords(tuple: ConntrackTuple): string[] {
  return Object.entries(tuple).map(([key, value]) => `${key}=${value}`);
}
