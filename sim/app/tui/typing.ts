import type { Key } from 'ink';
import { filterNames } from '../../explain/lab-names.ts';
import { compileFilter } from '../../filter/filter.ts';
import type { Action } from '../../walk/actions.ts';
import { typedChange } from '../../walk/change-menu.ts';
import type { WalkState } from '../../walk/state.ts';
import type { Language, Words } from '../../walk/styled.ts';
import type { View } from '../../walk/view.ts';
import { type Change, isChangeFault, parseChange } from '../../whatif/change.ts';
import { typed } from './input.ts';
import { changesAt } from './overlay.ts';

/** What the walk asks of whoever opened it. */
export interface Outside {
  /** Runs the same with other changes; the sentence of what is wrong with them. */
  readonly onChange: (changes: readonly Change[], state: WalkState) => string | undefined;
  /** Writes captures and tables; says where. */
  readonly onWrite: () => Words;
}

/** What a key does while something is asked: it types, chooses or answers; undefined where nothing is asked. */
export function typingAction(
  view: View,
  input: string,
  key: Key,
  language: Language,
  props: Pick<Outside, 'onChange'>,
): Action | undefined {
  const { state } = view;
  if (state.overlay !== 'filter' && state.overlay !== 'change') return undefined;
  if (key.escape) return { kind: 'close' };
  if (key.return) return state.overlay === 'filter' ? filtered(view) : changed(view, language, props);
  const count = state.overlay === 'change' ? changesAt(view, language).length : 0;
  if (key.upArrow) return set({ choice: Math.max(0, state.choice - 1), input: '' });
  if (key.downArrow) return set({ choice: Math.max(0, Math.min(count - 1, state.choice + 1)), input: '' });
  return set({ input: typed(state.input, input, key), inputFault: '' });
}

function set(state: Partial<WalkState>): Action {
  return { kind: 'set', state };
}

function filtered({ state, tape }: View): Action {
  const text = state.input.trim();
  if (text === '') return set({ filter: undefined, overlay: undefined });
  const compiled = compileFilter(text, filterNames(tape.world));
  if ('problem' in compiled) {
    const { message, hint } = compiled.problem;
    return set({ inputFault: `${message}${hint === undefined ? '' : `; ${hint}`}` });
  }
  return set({ filter: { text, filter: compiled.filter }, overlay: undefined });
}

function changed(view: View, language: Language, { onChange }: Pick<Outside, 'onChange'>): Action {
  const { state } = view;
  const choice = changesAt(view, language)[state.choice];
  if (state.input === '') {
    if (choice === undefined) return { kind: 'close' };
    if (choice.change === undefined) return set({ inputFault: onChange([], state) ?? '' });
  }
  const change =
    state.input !== '' || choice?.change === undefined
      ? typedChange(state.input)
      : parseChange(choice.change.verb, choice.change.line);
  if (typeof change === 'string') return set({ inputFault: change });
  if (isChangeFault(change)) return set({ inputFault: change.message });
  return set({ inputFault: onChange([...state.changes, change], state) ?? '' });
}
