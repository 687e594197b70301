import { fitBlock, type Language, type Line, line, type Size } from '../styled.ts';
import type { View } from '../view.ts';
import { TEXT } from '../words.ts';
import { decidingTable } from './tables.ts';
import { type TablesView, tablesPane, tablesScroll } from './tables-pane.ts';

/** The tables that are looked at, as of the moment, open where the last decision was made unless a key has opened another. */
export function viewedTables(view: View, language: Language, size: Size): Line[] {
  const { tables, title } = view;
  if (tables === 'absent') return fitBlock([line(`${title} ${TEXT.absent[language]}`, 'quiet')], size);
  const shown = tablesView(view, language);
  return shown === undefined ? fitBlock([line(TEXT.reading[language], 'quiet')], size) : tablesPane(shown, size);
}

/** Where scrolling by some lines leads from where the pane stands now. */
export function scrolledTables(view: View, language: Language, size: Size, lines: number): number {
  const shown = tablesView(view, language);
  return shown === undefined ? 0 : tablesScroll(shown, size).down + lines;
}

function tablesView(view: View, language: Language): TablesView | undefined {
  const { state, tables, before, here } = view;
  if (tables === undefined || tables === 'absent') return undefined;
  return {
    ...{ snapshot: tables, before, steps: here, language },
    open: state.table ?? decidingTable(tables, here)?.table ?? 1,
    focus: state.pane === 'tables',
    scroll: { down: state.pane === 'tables' ? state.scroll : 0, right: state.pane === 'tables' ? state.shift : 0 },
  };
}
