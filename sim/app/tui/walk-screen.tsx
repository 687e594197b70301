import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { type Action, reduce } from '../../walk/actions.ts';
import { Board } from '../../walk/board.ts';
import { questionPane } from '../../walk/panes/question-pane.ts';
import { viewedTables } from '../../walk/panes/tables-of-view.ts';
import { captionLine, keysLine, paneLines, type Rooms, roomsOf, timeline, titleLine } from '../../walk/screen.ts';
import { INITIAL, type WalkState } from '../../walk/state.ts';
import type { Language, Line } from '../../walk/styled.ts';
import type { Tape } from '../../walk/tape.ts';
import { type View, Viewer } from '../../walk/view.ts';
import { useOverlay } from './overlay.ts';
import { type Pressed, pressed } from './pressed.ts';
import { Frame, useSize } from './screen.tsx';
import type { Outside } from './typing.ts';
import { useKeys } from './use-keys.ts';
import { useWork } from './use-work.ts';

/** Milliseconds that a key may wait for tables that have not been read yet; later ones come when they come. */
const PATIENCE = 25;
/** Steps of the packet's movement to its next place, and milliseconds between them. */
const GLIDES: readonly number[] = [0.25, 0.5, 0.75, 1];
const GLIDE_TIME = 30;
/** Stops a second beyond which it is there at once. */
const FASTEST_GLIDE = 4;

const NOTHING: readonly string[] = [];

export interface WalkProps extends Outside {
  readonly tape: Tape;
  /** As the title says it. */
  readonly name: string;
  readonly language: Language;
  /** Of what was changed before. */
  readonly initial?: Partial<WalkState>;
  /** What the last change made of the flows. */
  readonly told?: readonly string[];
  readonly onLeave: () => void;
}

/** The walk: the device with the packet in it, and what was decided, beside the tables that decided it. */
export function WalkScreen(props: WalkProps): ReactElement {
  const { tape, name, language, initial, told = NOTHING } = props;
  const size = useSize();
  const [state, setState] = useState<WalkState>({ ...INITIAL, ...initial });
  // Several keys may come before the next rendering: each goes on from what the one before it made.
  const latest = useRef(state);
  // An object, so that every key sets the packet in motion anew, wherever it was.
  const [glide, setGlide] = useState({ part: 1 });
  const viewer = useMemo(() => new Viewer(tape), [tape]);
  const board = useMemo(() => new Board(tape), [tape]);
  const shown = useRef<View | undefined>(undefined);
  const version = useWork({ work: () => tape.work(), isWaiting: () => isWaiting(shown.current) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has been read since is seen by its version
  const view = useMemo(() => patiently(viewer, state, tape), [viewer, state, tape, version]);
  shown.current = view;

  const act = (action: Action): void => {
    const before = latest.current;
    const after = reduce(before, action, tape, viewer.selection(before));
    const isSeenToMove = after.stop > before.stop && !(after.playing && after.speed > FASTEST_GLIDE);
    if (after.stop !== before.stop) setGlide({ part: isSeenToMove ? (GLIDES[0] ?? 1) : 1 });
    latest.current = after;
    setState(after);
  };
  const acting = useRef(act);
  acting.current = act;
  useEffect(() => {
    if (glide.part >= 1) return;
    const timer = setTimeout(() => setGlide({ part: GLIDES.find((one) => one > glide.part) ?? 1 }), GLIDE_TIME);
    return () => clearTimeout(timer);
  }, [glide]);
  useEffect(() => {
    if (!state.playing) return;
    const timer = setInterval(() => acting.current({ kind: 'tick' }), 1000 / state.speed);
    return () => clearInterval(timer);
  }, [state.playing, state.speed]);
  // A filter may find only now what it lets pass.
  useEffect(() => {
    const { index } = tape;
    if (index.length === 0 || view.selection.has(index.packet(state.stop))) return;
    const nearest = view.selection.nearest(state.stop);
    if (nearest !== undefined) act({ kind: 'go', stop: nearest });
  });
  const rooms = useMemo(() => roomsOf(size, state.pane, state.zoomed), [size, state.pane, state.zoomed]);
  useKeys((input, key) => {
    const now = viewer.view(latest.current);
    const asked: Pressed | undefined = pressed({ view: now, rooms, language, outside: props }, input, key);
    if (asked === 'leave') props.onLeave();
    else if (asked !== undefined) act(asked);
  });

  const middle = useMemo(() => ({ width: size.width, height: size.height - 2 }), [size]);
  const overlay = useOverlay(view, language, middle, told);
  const below = useMemo(
    () => [
      captionLine(view, language, size.width),
      timeline(view, size.width),
      ...(state.overlay === undefined ? lowerPart(view, rooms, language) : []),
    ],
    [view, rooms, language, size, state.overlay],
  );
  const lines = useMemo(() => {
    const body =
      state.overlay === undefined ? [...board.draw(view, glide.part, language, rooms.diagram), ...below] : overlay;
    return [titleLine(view, name, language, size.width), ...body, keysLine(language, size.width)];
  }, [view, glide, board, below, overlay, rooms, language, name, size, state.overlay]);
  return <Frame lines={lines} />;
}

/** The panes, or in their place the question that waits for an answer. */
function lowerPart(view: View, rooms: Rooms, language: Language): Line[] {
  const { asking, score } = view.state;
  if (asking === undefined) return paneLines(view, rooms, language, (room) => viewedTables(view, language, room));
  const size = { width: rooms.diagram.width, height: rooms.rows + 1 };
  return questionPane(asking.question, asking.choice, asking.isRevealed, language, size, score);
}

/** What is shown, once it has been read; or as much as there is when patience ends. */
function patiently(viewer: Viewer, state: WalkState, tape: Tape): View {
  const until = performance.now() + PATIENCE;
  for (;;) {
    const view = viewer.view(state);
    if (!isWaiting(view) || performance.now() > until || !tape.work()) return view;
  }
}

/** The tables or the details of what is shown, or what is to be explained, have not been read. */
function isWaiting(view: View | undefined): boolean {
  if (view === undefined) return true;
  const { tape, tables, details, order, title, stop, state, packet } = view;
  if (tape.index.length === 0) return !tape.isDone;
  if (state.overlay === 'explain' && tape.family(packet) === undefined) return true;
  const isTableMissing = tables === undefined && !tape.moments.has(order, title);
  return isTableMissing || (details === undefined && tape.details(stop) === undefined);
}
