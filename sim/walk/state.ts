import type { Filter } from '../filter/filter.ts';
import type { Change } from '../whatif/change.ts';
import type { Question } from './predict/question.ts';
import { NO_SCORE, type Score } from './predict.ts';
import type { Words } from './styled.ts';

/* Where somebody is on a tape and what they look at. What they see is made from this and the tape alone. */

/** The panes beside the diagram, in the order in which Tab goes through them. */
export const PANES = ['here', 'tables', 'layers', 'packets'] as const;
export type PaneName = (typeof PANES)[number];

/** What lies over the panes. */
export type Overlay = 'help' | 'explain' | 'compare' | 'change' | 'filter' | 'message';

/** A decision that is asked before it is shown. */
export interface Asking {
  /** The stop that one goes to when it has been answered, and the step that decides. */
  readonly stop: number;
  readonly order: number;
  readonly question: Question;
  readonly choice: number;
  readonly isRevealed: boolean;
}

export interface WalkState {
  /** Of the index. */
  readonly stop: number;
  /** A step within the stop; undefined for its last, with all that it decided. */
  readonly order: number | undefined;
  /** Only what belongs to the request that this packet belongs to. */
  readonly follow: number | undefined;
  readonly filter: { readonly text: string; readonly filter: Filter } | undefined;
  /** Frames flooded to those they are not for are shown too. */
  readonly all: boolean;
  readonly pane: PaneName;
  /** The pane fills the screen. */
  readonly zoomed: boolean;
  /** Number of the table; undefined: the one that decided last. */
  readonly table: number | undefined;
  /** Whose tables are shown; undefined: of where the packet is. */
  readonly looksAt: string | undefined;
  /** Lines that the pane, or the overlay, was scrolled by; columns to the right. */
  readonly scroll: number;
  readonly shift: number;
  readonly overlay: Overlay | undefined;
  readonly playing: boolean;
  /** Stops a second. */
  readonly speed: number;
  readonly predicting: boolean;
  readonly asking: Asking | undefined;
  readonly score: Score;
  /** What is typed, in the overlays that ask. */
  readonly input: string;
  readonly inputFault: string;
  /** The chosen line of an overlay that lets choose. */
  readonly choice: number;
  /** Said until one moves on. */
  readonly message: Words | undefined;
  readonly changes: readonly Change[];
}

export const SPEEDS: readonly number[] = [1, 2, 4, 8, 16, 32];

export const INITIAL: WalkState = {
  stop: 0,
  order: undefined,
  follow: undefined,
  filter: undefined,
  all: false,
  pane: 'tables',
  zoomed: false,
  table: undefined,
  looksAt: undefined,
  scroll: 0,
  shift: 0,
  overlay: undefined,
  playing: false,
  speed: 2,
  predicting: false,
  asking: undefined,
  score: NO_SCORE,
  input: '',
  inputFault: '',
  choice: 0,
  message: undefined,
  changes: [],
};
