import { formatSeconds } from '../core/time.ts';
import { packetText } from './packet-text.ts';
import { herePane } from './panes/here-pane.ts';
import { layersPane } from './panes/layers-pane.ts';
import { packetsPane, timelineLine } from './panes/packets-pane.ts';
import { PANES, type PaneName } from './state.ts';
import { fitBlock, fitLine, type Language, type Line, line, lineWidth, type Size, span } from './styled.ts';
import type { View } from './view.ts';
import { HALTS, KEYS, PANE_TITLES, TEXT } from './words.ts';

/** How the rows of a terminal are shared out. */
export interface Rooms {
  readonly diagram: Size;
  readonly panes: readonly { readonly name: PaneName; readonly width: number }[];
  /** Rows of the panes below their titles. */
  readonly rows: number;
}

/** Rows that are there in any case: title, caption, timeline, titles of the panes, keys. */
const FIXED = 5;

/** Columns that a pane needs to be read. */
const LEAST_PANE = 38;

export function roomsOf({ width, height }: Size, pane: PaneName, zoomed: boolean): Rooms {
  const room = Math.max(2, height - FIXED);
  if (zoomed) return { diagram: { width, height: 0 }, panes: [{ name: pane, width }], rows: room };
  const diagram = Math.max(1, Math.min(room - 3, Math.round(room * 0.58)));
  const names = panesShown(Math.max(1, Math.min(PANES.length, Math.floor((width + 1) / (LEAST_PANE + 1)))), pane);
  const each = Math.floor((width - (names.length - 1)) / names.length);
  const panes = names.map((name, index) => ({
    name,
    width: index === names.length - 1 ? width - (each + 1) * (names.length - 1) : each,
  }));
  return { diagram: { width, height: diagram }, panes, rows: room - diagram };
}

/** What is decided here stays; the last place is for the pane that the keys go to. */
function panesShown(count: number, pane: PaneName): PaneName[] {
  if (count === 1) return [pane];
  const shown = PANES.slice(0, count);
  if (shown.includes(pane)) return shown;
  return [...shown.slice(0, -1), pane];
}

/** The title: what runs, where in it one is, and what is switched on. */
export function titleLine(view: View, name: string, language: Language, width: number): Line {
  const { state, tape, outcome } = view;
  const { steps } = tape.reel.play;
  const at =
    outcome === undefined ? '' : ` ${TEXT.step[language]} ${outcome.index + 1}/${steps.length}: ${outcome.title}`;
  const flags = [
    ...(state.changes.length === 0 ? [] : [`${TEXT.changed[language]} ${state.changes.length}`]),
    ...(state.follow === undefined ? [] : [`${TEXT.follow[language]} #${state.follow}`]),
    ...(state.filter === undefined ? [] : [`${TEXT.filter[language]} ${state.filter.text}`]),
    ...(state.playing ? [`${TEXT.playing[language]} ${state.speed}/s`] : []),
    ...(state.predicting ? [`${TEXT.predict[language]} ${state.score.right}/${state.score.asked}`] : []),
    ...(tape.halt === undefined ? [] : [HALTS[tape.halt.reason][language]]),
    ...(tape.isDone ? [] : [`${TEXT.running[language]} ${tape.index.steps}`]),
  ];
  const right: Line = [
    ...flags.map((flag) => span(`[${flag}] `, 'changed')),
    span(`${formatSeconds(tape.index.time(view.stop))}s `, 'strong'),
    span(`${view.stop + 1}/${tape.index.length}`, 'quiet'),
  ];
  const room = Math.max(0, width - lineWidth(right) - 1);
  return fitLine([...fitLine([span(name, 'title'), span(at)], room), span(' '), ...right], width);
}

/** What moves, and where it is. */
export function captionLine(view: View, language: Language, width: number): Line {
  const { details, packet, station, state, tape } = view;
  if (state.message !== undefined) return fitLine(line(state.message[language], 'changed'), width);
  if (tape.index.length === 0)
    return fitLine(line(tape.isDone ? TEXT.nothing[language] : TEXT.reading[language]), width);
  const what = details === undefined ? TEXT.reading[language] : packetText(details, packet);
  const died = view.here.at(-1)?.kind === 'drop' && !tape.index.isNoise(packet);
  return fitLine(
    [
      span(died ? '✗ ' : '◆ ', died ? 'bad' : 'packet'),
      span(`#${packet} `, 'strong'),
      span(what, 'packet'),
      span(' @ ', 'quiet'),
      span(station.replace(/@([^@]*)$/, ', $1'), 'lit'),
    ],
    width,
  );
}

export function timeline(view: View, width: number): Line {
  return fitLine(timelineLine(view, width), width);
}

/** The titles of the panes, and the panes side by side. `tables` draws the one of tables. */
export function paneLines(
  view: View,
  { panes, rows }: Rooms,
  language: Language,
  tables: (size: Size) => Line[],
): Line[] {
  const blocks = panes.map(({ name, width }) => {
    const size = { width, height: rows };
    return [paneTitle(view, name, language, width), ...bodyOf(name, size)];
  });
  return Array.from({ length: rows + 1 }, (_, row) =>
    blocks.flatMap((block, index): Line => [...(index === 0 ? [] : [span('│', 'quiet')]), ...(block[row] ?? [])]),
  );

  function bodyOf(name: PaneName, size: Size): Line[] {
    if (view.tape.index.length === 0) return fitBlock([], size);
    if (name === 'here') return herePane(view, language, size);
    if (name === 'layers') return layersPane(view, language, size);
    return name === 'packets' ? packetsPane(view, size) : tables(size);
  }
}

function paneTitle(view: View, name: PaneName, language: Language, width: number): Line {
  const isFocused = view.state.pane === name;
  const title = PANE_TITLES[name][language];
  const of = name === 'tables' ? ` ${TEXT.of[language]} ${view.title}` : '';
  const text: Line = [
    span(isFocused ? '▶ ' : '─ ', isFocused ? 'key' : 'quiet'),
    span(title, isFocused ? 'title' : 'quiet'),
    span(`${of} `, isFocused ? 'strong' : 'quiet'),
  ];
  return fitLine([...text, span('─'.repeat(Math.max(0, width - lineWidth(text))), 'quiet')], width);
}

/** As many keys as fit. */
export function keysLine(language: Language, width: number): Line {
  const shown: Line[] = [];
  let room = width;
  for (const { key, short } of KEYS) {
    const next: Line = [span(key, 'key'), span(` ${short[language]}  `)];
    const needed = lineWidth(next);
    if (needed - 2 > room) break;
    shown.push(next);
    room -= needed;
  }
  return fitLine(shown.flat(), width);
}

export function helpLines(language: Language): Line[] {
  const widest = Math.max(...KEYS.map(({ key }) => lineWidth(line(key))));
  return KEYS.map(({ key, long }) => [span(' '), ...fitLine(line(key, 'key'), widest + 2), span(long[language])]);
}

/** Lines over everything between the title and the keys, scrolled; the last line says how to close them. */
export function overlayBlock(lines: readonly Line[], scroll: number, language: Language, size: Size): Line[] {
  const rows = Math.max(1, size.height - 1);
  const down = Math.max(0, Math.min(scroll, lines.length - rows));
  const more = lines.length > rows ? `  ${down + 1}-${Math.min(lines.length, down + rows)}/${lines.length}  ↑↓` : '';
  return fitBlock(
    [
      ...fitBlock(lines.slice(down, down + rows), { ...size, height: rows }),
      line(`${TEXT.close[language]}${more}`, 'quiet'),
    ],
    size,
  );
}
