import type { RecordedStep } from '../../packet/trace.ts';
import { visible } from '../../show/problem-excerpt.ts';
import { textWidth } from '../../show/table.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import {
  fitBlock,
  fitLine,
  type Language,
  type Line,
  lineWidth,
  type Size,
  type Span,
  span,
  type Tone,
} from '../styled.ts';
import type { NamedTable, TableEntry, TableLine } from './table.ts';
import { litRows, rowsOfStep, tablesOf } from './tables.ts';

export interface TablesView {
  readonly snapshot: StackSnapshot;
  /** An earlier one of the same stack: what is new or different since then is marked. */
  readonly before?: StackSnapshot | undefined;
  /** Number of the open table; one that is not there opens the first. */
  readonly open: number;
  /** Of the current stop, up to the current one. */
  readonly steps: readonly RecordedStep[];
  /** Keys go to this pane. */
  readonly focus: boolean;
  readonly scroll: Scroll;
  readonly language: Language;
}

/** `down`: lines beyond where the pane goes by itself to show the lit row. `right`: columns. */
export interface Scroll {
  readonly down: number;
  readonly right: number;
}

const WORDS = {
  empty: { en: '(empty: nothing in this table now)', zh: '（空：此刻表中没有条目）' },
  none: { en: '(no tables)', zh: '（没有表）' },
  lines: { en: 'lines', zh: '行' },
} as const;

/** Marks in the margin, so that no colour has to say it: the row that decided last, and those of the steps before it. */
const DECIDED = '▶';
const DECIDED_BEFORE = '▷';
/** Further lines of a lit entry. */
const CONTINUED = '│';
const MARGIN = 3;
/** Above the lines: the tabs, and the command. */
const HEAD = 2;
/** A lit row is shown with as many lines above it as there is room, but no more than this part of the pane. */
const ABOVE = 3;

/** The tables of one stack, one of them open, with the rows lit that decided. */
export function tablesPane(view: TablesView, size: Size): Line[] {
  const tables = tablesOf(view.snapshot);
  const table = openTable(tables, view.open);
  if (table === undefined) return fitBlock([[span(WORDS.none[view.language], 'quiet')]], size);
  const rows = size.height - HEAD;
  const lit = litEntries(view, table);
  const { down, right } = clamped(view, table, lit, size);
  const markOf = marker(view, table, lit);
  const body = table.lines
    .slice(down, down + Math.max(0, rows))
    .map((line, index) => tableLine(line, markOf(down + index), right, size.width));
  const isEmpty = table.lines.every(({ entry }) => entry === undefined);
  const note: Line[] = isEmpty ? [[span('   '), span(WORDS.empty[view.language], 'quiet')]] : [];
  const head = [tabs(tables, table, view, size.width), commandLine(view, table, down, rows, size.width)];
  return fitBlock([...head, ...body, ...note], size);
}

/** How far it is scrolled indeed, for keys that scroll on from there: no further than there is something to see. */
export function tablesScroll(view: TablesView, size: Size): Scroll {
  const table = openTable(tablesOf(view.snapshot), view.open);
  if (table === undefined) return { down: 0, right: 0 };
  const lit = litEntries(view, table);
  const { down, right } = clamped(view, table, lit, size);
  return { down: down - ownTop(table, lit, size.height - HEAD), right };
}

function openTable(tables: readonly NamedTable[], open: number): NamedTable | undefined {
  return tables.find(({ number }) => number === open) ?? tables[0];
}

/** What stands in the margin of a line, and in which tone it is written. */
interface Mark {
  readonly lit: '' | typeof DECIDED | typeof DECIDED_BEFORE | typeof CONTINUED;
  readonly changed: '' | '+' | '~';
}

const PLAIN: Mark = { lit: '', changed: '' };

type LitEntries = ReadonlyMap<TableEntry | undefined, Mark['lit']>;

/** Gives the mark of a line: of those that are shown alone it is worked out what changed. */
function marker(view: TablesView, table: NamedTable, lit: LitEntries): (index: number) => Mark {
  const isNew = newness(view, table.number);
  return (index) => {
    const entry = table.lines[index]?.entry;
    if (entry === undefined) return PLAIN;
    const own = lit.get(entry) ?? '';
    const isFurther = table.lines[index - 1]?.entry === entry;
    return { lit: own !== '' && isFurther ? CONTINUED : own, changed: isNew(entry) };
  };
}

/** Entries by themselves, not by their keys: of two that are alike the lookup took the first. */
function litEntries({ snapshot, steps }: TablesView, table: NamedTable): LitEntries {
  const lit = new Map<TableEntry | undefined, Mark['lit']>();
  const entryAt = (line: number): TableEntry | undefined => table.lines[line]?.entry;
  for (const line of litRows(table, snapshot, steps)) lit.set(entryAt(line), DECIDED_BEFORE);
  const last = steps.findLast((step) => rowsOfStep([table], snapshot, step).length > 0);
  const rows = last === undefined ? [] : rowsOfStep([table], snapshot, last);
  for (const { line } of rows) lit.set(entryAt(line), DECIDED);
  return lit;
}

/** What an entry is since the earlier snapshot: `+` new, `~` different. */
function newness({ before }: TablesView, number: number): (entry: TableEntry) => Mark['changed'] {
  const earlier = before === undefined ? undefined : tablesOf(before).find((table) => table.number === number);
  if (earlier === undefined) return () => '';
  const known = new Map<string, TableEntry[]>();
  for (const { entry } of earlier.lines) {
    if (entry === undefined) continue;
    const alike = known.get(entry.key);
    if (alike === undefined) known.set(entry.key, [entry]);
    else if (alike.at(-1) !== entry) alike.push(entry);
  }
  return ({ key, state }) => {
    const old = known.get(key);
    if (old === undefined) return '+';
    const now = state();
    return old.some((one) => one.state() === now) ? '' : '~';
  };
}

function clamped(view: TablesView, table: NamedTable, lit: LitEntries, { width, height }: Size): Scroll {
  const rows = height - HEAD;
  const most = Math.max(0, table.lines.length - rows);
  const down = between(0, ownTop(table, lit, rows) + view.scroll.down, most);
  if (view.scroll.right <= 0) return { down, right: 0 };
  const widest = table.lines.reduce((widest, { text }) => Math.max(widest, textWidth(plain(text))), 0);
  return { down, right: between(0, view.scroll.right, Math.max(0, widest - Math.max(1, width - MARGIN))) };
}

/** The first line shown where nobody scrolls: the row that decided last is in sight. */
function ownTop({ lines }: NamedTable, lit: LitEntries, rows: number): number {
  const count = lines.length;
  if (lit.size === 0 || count <= rows) return 0;
  const last = lines.findIndex(({ entry }) => lit.get(entry) === DECIDED);
  const target = last < 0 ? lines.findIndex(({ entry }) => lit.has(entry)) : last;
  if (target < rows) return 0;
  return between(0, Math.max(0, target - Math.floor(Math.max(0, rows) / ABOVE)), Math.max(0, count - rows));
}

function between(least: number, value: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** The names of all tables where there is room, else the numbers of those that are closed. */
function tabs(tables: readonly NamedTable[], table: NamedTable, view: TablesView, width: number): Line {
  const names = tables.map((one) => tab(one, one === table, true, view));
  const whole = names.flatMap((line, index) => (index === 0 ? line : [span(' '), ...line]));
  const lead: Span[] = [span(view.focus ? '» ' : '  ', view.focus ? 'strong' : 'quiet')];
  if (lineWidth(whole) + 2 <= width) return [...lead, ...whole];
  const short = tables.flatMap((one) => [...tab(one, one === table, one === table, view), span(' ')]);
  return [...lead, ...short];
}

function tab(table: NamedTable, isOpen: boolean, withName: boolean, view: TablesView): Line {
  const isLit = litRows(table, view.snapshot, view.steps).length > 0;
  const name = withName ? ` ${table.name[view.language]}` : '';
  const tone: Tone = isOpen ? 'title' : isLit ? 'lit' : 'quiet';
  const lit = isLit ? [span(DECIDED, 'lit')] : [];
  if (isOpen)
    return [span('[', 'title'), span(String(table.number), 'key'), span(name, tone), ...lit, span(']', 'title')];
  return [span(String(table.number), 'key'), span(name, tone), ...lit];
}

/** The command as typed there, and at the right which lines are shown where not all are. */
function commandLine(view: TablesView, table: NamedTable, top: number, rows: number, width: number): Line {
  const { comware, title } = view.snapshot;
  const prompt = comware === undefined ? `${title}# ` : `<${comware.sysname}> `;
  const command = [span(plain(prompt), 'quiet'), span(plain(table.command), 'strong')];
  const count = table.lines.length;
  if (count <= rows || rows <= 0) return command;
  const position = ` ${top + 1}-${Math.min(count, top + rows)}/${count} ${WORDS.lines[view.language]}`;
  const room = width - textWidth(position);
  return room <= 0 ? command : [...fitLine(command, room), span(position, 'quiet')];
}

function tableLine(line: TableLine, mark: Mark, right: number, width: number): Line {
  const changed: Span = span(mark.changed === '' ? ' ' : mark.changed, mark.changed === '' ? 'plain' : 'changed');
  const lit: Span = span(mark.lit === '' ? ' ' : mark.lit, mark.lit === '' ? 'plain' : 'lit');
  const margin: Line = [lit, changed, span(' ')];
  const text = plain(line.text);
  const shown = right === 0 || text === '' ? text : `…${dropColumns(text, right + 1)}`;
  return fitLine([...margin, span(shown, toneOf(line, mark))], width);
}

function toneOf({ entry }: TableLine, { lit, changed }: Mark): Tone {
  if (entry === undefined) return 'quiet';
  if (lit !== '') return lit === DECIDED_BEFORE ? 'path' : 'lit';
  return changed === '' ? 'plain' : 'changed';
}

const TAB = 8;

/** As a terminal would show it, with what would move its cursor written out. */
function plain(text: string): string {
  const [first = '', ...others] = text.split('\t');
  const expanded = others.reduce((line, part) => `${line}${' '.repeat(TAB - (textWidth(line) % TAB))}${part}`, first);
  return visible(expanded);
}

/** The rest of a text behind its first columns; half a wide character is a blank. */
function dropColumns(text: string, columns: number): string {
  let width = 0;
  let index = 0;
  for (const character of text) {
    if (width >= columns) break;
    width += textWidth(character);
    index += character.length;
  }
  return ' '.repeat(Math.max(0, width - columns)) + text.slice(index);
}
