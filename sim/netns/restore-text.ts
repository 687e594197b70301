/** A block of iptables-save as `iptables-restore` is given it on stdin, and the options it is given with. */
export interface Restore {
  readonly argv: readonly string[];
  readonly stdin: string;
}

const CHAIN = /^:(\S+)\s+(\S+)\s*(\[\d+:\d+\])?\s*$/;

/** Counters count for something only with `-c`, and then every chain has to have them. */
export function restoreOf(text: string): Restore {
  const lines = text.replace(/\n*$/, '').split('\n');
  const hasCounters = lines.some((line) => /^:\S+\s+\S+\s+\[(?!0+:0+\])|^\[(?!0+:0+\])\d+:\d+\]/.test(line));
  if (!hasCounters) return { argv: ['iptables-restore'], stdin: `${lines.join('\n')}\n` };
  const counted = lines.map((line) => {
    const [, chain, policy, counters] = CHAIN.exec(line) ?? [];
    return chain === undefined ? line : `:${chain} ${policy} ${counters ?? '[0:0]'}`;
  });
  return { argv: ['iptables-restore', '-c'], stdin: `${counted.join('\n')}\n` };
}
