import type { Key } from 'ink';
import type { Action } from '../../walk/actions.ts';
import { questionIn } from '../../walk/ask.ts';
import { scrolledTables } from '../../walk/panes/tables-of-view.ts';
import { scored } from '../../walk/predict.ts';
import type { Rooms } from '../../walk/screen.ts';
import type { Asking, WalkState } from '../../walk/state.ts';
import type { Language } from '../../walk/styled.ts';
import type { View } from '../../walk/view.ts';
import { walkAction } from './keys.ts';
import { type Outside, typingAction } from './typing.ts';

/** Milliseconds that the tables of a question may take to be read; it is not asked if they take longer. */
const PATIENCE = 400;

export type Pressed = Action | 'leave';

interface Moment {
  readonly view: View;
  readonly rooms: Rooms;
  readonly language: Language;
  readonly outside: Outside;
}

/** What a key does at this moment; undefined for one that does nothing. */
export function pressed(moment: Moment, input: string, key: Key): Pressed | undefined {
  const { view, language, outside } = moment;
  const { state } = view;
  const typed = typingAction(view, input, key, language, outside);
  if (typed !== undefined) return typed;
  if (state.overlay !== undefined) return overOverlay(walkAction(input, key));
  if (isLeaving(state, input, key)) return 'leave';
  if (state.asking !== undefined) return answer(view, state.asking, input, key);
  if (input === 'w') return set({ message: outside.onWrite() });
  const action = walkAction(input, key);
  if (action === undefined) return undefined;
  if (action.kind === 'step' && action.by === 1 && state.predicting) return ahead(view, 0) ?? action;
  if (action.kind === 'scroll' && state.pane === 'tables') return scrollTables(moment, action.lines);
  return action;
}

function set(state: Partial<WalkState>): Action {
  return { kind: 'set', state };
}

/** q and Escape leave, where nothing is open that they would close. */
function isLeaving({ zoomed, follow, filter, asking }: WalkState, input: string, key: Key): boolean {
  if (input === 'q' && !key.ctrl && !key.meta) return true;
  return key.escape && !zoomed && follow === undefined && filter === undefined && asking === undefined;
}

/** Over an overlay the arrows scroll it; every other key closes it. */
function overOverlay(action: Action | undefined): Action {
  if (action?.kind === 'packet') return { kind: 'scroll', lines: action.by };
  return action?.kind === 'scroll' ? action : { kind: 'close' };
}

function scrollTables({ view, rooms, language }: Moment, lines: number): Action {
  const width = rooms.panes.find(({ name }) => name === 'tables')?.width ?? 0;
  return set({ scroll: scrolledTables(view, language, { width, height: rooms.rows }, lines) });
}

/** The next decision of the stop that comes, as a question; undefined where there is none. */
function ahead({ tape, details, selection, state }: View, from: number): Action | undefined {
  const stop = state.asking?.stop ?? selection.next(state.stop, 1);
  if (stop === undefined || details === undefined) return undefined;
  const until = performance.now() + PATIENCE;
  for (;;) {
    const found = questionIn(tape, details, stop, from);
    if (found === undefined) return undefined;
    if (found !== 'reading') return set({ asking: found });
    if (performance.now() > until || !tape.work()) return undefined;
  }
}

/** A number answers, as Enter does for the line that the arrows have chosen; then Enter or an arrow goes on. */
function answer(view: View, asking: Asking, input: string, key: Key): Action | undefined {
  const { state } = view;
  const count = asking.question.options.length;
  if (key.escape) return set({ asking: undefined });
  if (input === 'p') return set({ asking: undefined, predicting: false });
  if (asking.isRevealed) {
    if (!key.return && !key.rightArrow && input !== ' ' && input !== 'l') return undefined;
    return ahead(view, asking.order + 1) ?? { kind: 'go', stop: asking.stop };
  }
  const number = /^[1-9]$/.test(input) ? Number(input) : 0;
  if (number > count) return undefined;
  if (key.upArrow) return set({ asking: { ...asking, choice: Math.max(0, asking.choice - 1) } });
  if (key.downArrow) return set({ asking: { ...asking, choice: Math.min(count - 1, asking.choice + 1) } });
  if (number === 0 && !key.return) return undefined;
  const choice = number === 0 ? asking.choice : number - 1;
  return set({
    asking: { ...asking, choice, isRevealed: true },
    score: scored(state.score, choice === asking.question.right),
  });
}
