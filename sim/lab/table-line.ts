import { nearest } from '../core/nearest.ts';
import { LabError } from './lab-error.ts';

export type LineKind = 'route' | 'neigh' | 'rule' | 'conntrack';

/** How the lines of a table of iproute2 are made of words. */
interface Grammar {
  /** What one line is called. */
  readonly noun: string;
  /** Words that a value follows. */
  readonly keys: readonly string[];
  /** Words that stand alone. */
  readonly flags: readonly string[];
  /** Whether the first word that is neither is what the line is about. */
  readonly hasHead: boolean;
}

export const GRAMMARS: Readonly<Record<LineKind, Grammar>> = {
  route: {
    noun: 'route',
    keys: ['via', 'dev', 'table', 'proto', 'scope', 'src', 'metric', 'mtu', 'advmss'],
    flags: [
      ...['onlink', 'linkdown', 'dead', 'pervasive', 'unicast', 'local', 'broadcast', 'multicast'],
      ...['unreachable', 'blackhole', 'prohibit', 'throw'],
    ],
    hasHead: true,
  },
  neigh: {
    noun: 'neighbour',
    keys: ['dev', 'lladdr'],
    flags: [
      ...['NONE', 'INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'],
      ...['proxy', 'router', 'extern_learn'],
    ],
    hasHead: true,
  },
  rule: {
    noun: 'rule',
    keys: ['from', 'to', 'tos', 'fwmark', 'iif', 'oif', 'ipproto', 'sport', 'dport', 'lookup'],
    flags: ['not', '[detached]', 'unreachable', 'blackhole', 'prohibit'],
    hasHead: false,
  },
  conntrack: { noun: 'connection', keys: [], flags: [], hasHead: false },
};

/**
 * Whether a line of a printed table says all that is wanted; what is not said may be anything. Of iproute2 words that
 * belong together are compared together, in any order; of conntrack and of Comware's tables words in their order.
 * Throws LabError for a wanted line that no such table could have.
 */
export function lineSays(
  kind: LineKind,
  isComware: boolean,
  printed: string,
  wanted: string,
  matcher: string,
): boolean {
  const lines = printed.split('\n').map(wordsOf);
  const words = wordsOf(wanted);
  if (words.length === 0) throw new LabError(`${matcher}: what ${GRAMMARS[kind].noun}? The line is empty`);
  if (isComware || kind === 'conntrack') return lines.some((line) => isWithin(words, line));
  const facts = factsOf(kind, words);
  if ('unknown' in facts) {
    const { keys, flags, noun } = GRAMMARS[kind];
    const close = nearest(facts.unknown, [...keys, ...flags]);
    const hint = close === undefined ? `there are ${[...keys, ...flags].join(', ')}` : `did you mean "${close}"?`;
    throw new LabError(`${matcher}: no ${noun} has the word "${facts.unknown}"; ${hint}`);
  }
  return lines.some((line) => {
    const said = factsOf(kind, line);
    return 'said' in said && [...facts.said].every((fact) => said.said.has(fact));
  });
}

function wordsOf(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== '');
}

/** Whether `words` stand in `line` in this order. */
function isWithin(words: readonly string[], line: readonly string[]): boolean {
  let at = 0;
  for (const word of line) if (word === words[at]) at++;
  return at === words.length;
}

/** Groups of words that say one thing each; the first word that says nothing. */
function factsOf(
  kind: LineKind,
  words: readonly string[],
): { readonly said: ReadonlySet<string> } | { readonly unknown: string } {
  const { keys, flags, hasHead } = GRAMMARS[kind];
  const said = new Set<string>();
  let needsHead = hasHead;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const value = words[at + 1];
    if (kind === 'rule' && at === 0 && /^\d+:$/.test(word)) said.add(word);
    else if (flags.includes(word)) said.add(word);
    else if (keys.includes(word) && value !== undefined) {
      // Routes of main say nothing of their table.
      if (`${word} ${value}` !== 'table main') said.add(`${word} ${value}`);
      at++;
    } else if (needsHead) {
      said.add(`to ${word === '0.0.0.0/0' ? 'default' : word.replace(/\/32$/, '')}`);
      needsHead = false;
    } else return { unknown: word };
  }
  return { said };
}
