import type { Key } from 'ink';
import type { Action } from '../../walk/actions.ts';

/** Lines that PgUp and PgDn scroll by. */
const PAGE = 8;
/** Columns that < and > move a pane by. */
const ASIDE = 8;

const LETTERS: Readonly<Record<string, Action>> = {
  ' ': { kind: 'play' },
  ',': { kind: 'fine', by: -1 },
  '.': { kind: 'fine', by: 1 },
  h: { kind: 'step', by: -1 },
  l: { kind: 'step', by: 1 },
  k: { kind: 'packet', by: -1 },
  j: { kind: 'packet', by: 1 },
  n: { kind: 'event', by: 1 },
  N: { kind: 'event', by: -1 },
  '+': { kind: 'speed', by: 1 },
  '=': { kind: 'speed', by: 1 },
  '-': { kind: 'speed', by: -1 },
  '[': { kind: 'look', by: -1 },
  ']': { kind: 'look', by: 1 },
  '<': { kind: 'shift', columns: -ASIDE },
  '>': { kind: 'shift', columns: ASIDE },
  f: { kind: 'follow' },
  a: { kind: 'all' },
  z: { kind: 'zoom' },
  p: { kind: 'predict' },
  g: { kind: 'home' },
  G: { kind: 'end' },
  '?': { kind: 'open', overlay: 'help' },
  e: { kind: 'open', overlay: 'explain' },
  c: { kind: 'open', overlay: 'compare' },
  x: { kind: 'open', overlay: 'change' },
  '/': { kind: 'open', overlay: 'filter' },
};

/** What a key asks for on the walk; undefined for one that means nothing there. */
export function walkAction(input: string, key: Key): Action | undefined {
  if (key.leftArrow) return key.shift ? { kind: 'fine', by: -1 } : { kind: 'step', by: -1 };
  if (key.rightArrow) return key.shift ? { kind: 'fine', by: 1 } : { kind: 'step', by: 1 };
  if (key.upArrow) return { kind: 'packet', by: -1 };
  if (key.downArrow) return { kind: 'packet', by: 1 };
  if (key.pageUp) return { kind: 'scroll', lines: -PAGE };
  if (key.pageDown) return { kind: 'scroll', lines: PAGE };
  if (key.home) return { kind: 'home' };
  if (key.end) return { kind: 'end' };
  if (key.tab) return { kind: 'pane', by: key.shift ? -1 : 1 };
  if (key.escape) return { kind: 'close' };
  if (key.return) return { kind: 'zoom' };
  if (key.ctrl || key.meta) return undefined;
  if (/^[1-9]$/.test(input)) return { kind: 'table', number: Number(input) };
  return LETTERS[input];
}
