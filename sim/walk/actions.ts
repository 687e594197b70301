import type { Selection } from './selection.ts';
import { type Overlay, PANES, SPEEDS, type WalkState } from './state.ts';
import { stackOf } from './stop-index.ts';
import type { Tape } from './tape.ts';
import { TEXT } from './words.ts';

/** What a key asks for. */
export type Action =
  | { readonly kind: 'step' | 'fine' | 'packet' | 'event' | 'pane' | 'look' | 'speed'; readonly by: 1 | -1 }
  | { readonly kind: 'home' | 'end' | 'follow' | 'all' | 'zoom' | 'play' | 'tick' | 'predict' | 'close' }
  | { readonly kind: 'go'; readonly stop: number }
  | { readonly kind: 'table'; readonly number: number }
  | { readonly kind: 'scroll'; readonly lines: number }
  | { readonly kind: 'shift'; readonly columns: number }
  | { readonly kind: 'open'; readonly overlay: Overlay }
  | { readonly kind: 'set'; readonly state: Partial<WalkState> };

/** What an action makes of where one is; the tape says what is there. Moving ends whatever was only for where one was. */
export function reduce(state: WalkState, action: Action, tape: Tape, selection: Selection): WalkState {
  switch (action.kind) {
    case 'step':
      return moved(state, selection.next(state.stop, action.by));
    case 'fine':
      return finely(state, action.by, tape, selection);
    case 'home':
      return moved(state, selection.next(-1, 1));
    case 'end':
      return moved(state, selection.next(tape.index.length, -1));
    case 'event':
      return toEvent(state, action.by, selection);
    case 'packet':
      return toPacket(state, action.by, tape, selection);
    case 'go':
      return moved(state, action.stop);
    case 'follow': {
      const follow = state.follow === undefined ? tape.index.packet(state.stop) : undefined;
      return { ...state, follow, scroll: 0 };
    }
    case 'all':
      return { ...state, all: !state.all };
    case 'pane':
      return { ...state, pane: nextOf(PANES, state.pane, action.by), scroll: 0, shift: 0 };
    case 'table':
      return { ...state, pane: 'tables', table: action.number, scroll: 0, shift: 0 };
    case 'look':
      return look(state, action.by, tape);
    case 'zoom':
      return { ...state, zoomed: !state.zoomed, scroll: 0 };
    case 'scroll':
      return { ...state, scroll: Math.max(0, state.scroll + action.lines) };
    case 'shift':
      return { ...state, shift: Math.max(0, state.shift + action.columns) };
    case 'play':
      return { ...state, playing: !state.playing, overlay: undefined };
    case 'speed':
      return {
        ...state,
        speed: SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(state.speed) + action.by))] ?? state.speed,
      };
    case 'tick':
      return tick(state, tape, selection);
    case 'predict':
      return { ...state, predicting: !state.predicting, playing: false };
    case 'open':
      return { ...state, overlay: action.overlay, playing: false, scroll: 0, choice: 0, input: '', inputFault: '' };
    case 'close':
      return closed(state);
    case 'set':
      return { ...state, ...action.state };
  }
}

function moved(state: WalkState, stop: number | undefined): WalkState {
  if (stop === undefined) return state;
  return {
    ...state,
    stop,
    order: undefined,
    table: undefined,
    looksAt: undefined,
    scroll: 0,
    shift: 0,
    message: undefined,
    asking: undefined,
  };
}

function toEvent(state: WalkState, by: 1 | -1, selection: Selection): WalkState {
  const stop = selection.nextEvent(state.stop, by);
  if (stop !== undefined) return moved(state, stop);
  return { ...state, message: by > 0 ? TEXT.noEvent : TEXT.noEventBefore };
}

/** One decision on or back, over the edge of the stop to the next one. */
function finely(state: WalkState, by: 1 | -1, tape: Tape, selection: Selection): WalkState {
  const { index } = tape;
  const order = (state.order ?? index.last(state.stop)) + by;
  if (order >= index.first(state.stop) && order <= index.last(state.stop)) {
    return { ...moved(state, state.stop), order: order === index.last(state.stop) ? undefined : order };
  }
  const stop = selection.next(state.stop, by);
  if (stop === undefined) return state;
  const first = index.first(stop);
  return { ...moved(state, stop), order: by > 0 && first < index.last(stop) ? first : undefined };
}

function toPacket(state: WalkState, by: 1 | -1, tape: Tape, selection: Selection): WalkState {
  const current = tape.index.originalOf(tape.index.packet(state.stop));
  const packet = selection.nextPacket(current, by);
  if (packet === undefined) return state;
  const next = moved(state, tape.index.firstStop(packet));
  return state.follow === undefined ? next : { ...next, follow: packet };
}

/** The tables of another stack; once around is back to where the packet is. */
function look(state: WalkState, by: 1 | -1, tape: Tape): WalkState {
  const titles = tape.world.stacks().map(({ title }) => title);
  const own = stackOf(tape.index.station(state.stop));
  const looksAt = nextOf(titles, state.looksAt ?? own, by);
  return { ...state, looksAt: looksAt === own ? undefined : looksAt, table: undefined, pane: 'tables', scroll: 0 };
}

function tick(state: WalkState, tape: Tape, selection: Selection): WalkState {
  if (!state.playing) return state;
  const stop = selection.next(state.stop, 1);
  if (stop !== undefined) return moved(state, stop);
  // The tape may still grow.
  return tape.isDone ? { ...state, playing: false } : state;
}

/** Escape goes back one level. */
function closed(state: WalkState): WalkState {
  if (state.overlay !== undefined) return { ...state, overlay: undefined, scroll: 0, message: undefined };
  if (state.zoomed) return { ...state, zoomed: false };
  if (state.follow !== undefined || state.filter !== undefined)
    return { ...state, follow: undefined, filter: undefined };
  return state;
}

function nextOf<T>(all: readonly T[], current: T, by: 1 | -1): T {
  const at = all.indexOf(current);
  return all[(at + by + all.length) % all.length] ?? current;
}
