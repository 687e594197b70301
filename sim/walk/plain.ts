import { formatSeconds } from '../core/time.ts';
import { changesText } from '../explain/header-text.ts';
import { stepText } from '../show/step-text.ts';
import { packetText } from './packet-text.ts';
import { paperLines } from './panes/here-pane.ts';
import { INITIAL, type WalkState } from './state.ts';
import { type Language, type Line, lineText } from './styled.ts';
import type { Tape } from './tape.ts';
import { type Moment, Viewer } from './view.ts';
import { TEXT } from './words.ts';

/** Columns of the paper's sentences where the output has no width of its own. */
const WIDTH = 100;

/** The walk as text, for where there is no terminal: every stop of a tape that is kept whole, with what was decided there. */
export function* plainWalk(
  tape: Tape,
  state: Pick<WalkState, 'filter' | 'follow' | 'all'>,
  language: Language,
): Generator<string> {
  const viewer = new Viewer(tape);
  const selection = viewer.selection({ ...INITIAL, ...state });
  let scene: number | undefined;
  let packet: number | undefined;
  let said = '';
  for (let stop = selection.next(-1, 1); stop !== undefined; stop = selection.next(stop, 1)) {
    const view = viewer.moment({ ...INITIAL, ...state, stop });
    if (view.outcome !== undefined && view.outcome.index !== scene) {
      scene = view.outcome.index;
      yield `\n== ${TEXT.step[language]} ${scene + 1}/${tape.reel.play.steps.length}: ${view.outcome.title}`;
    }
    if (view.packet !== packet) yield `\n${heading(view)}`;
    packet = view.packet;
    yield* stopLines(view);
    const { paper } = view;
    const number = paper === undefined ? said : `${paper.flow.id} ${paper.leg} ${paper.step.number}`;
    if (number !== said) yield* sentences(paperLines(view, language, WIDTH));
    said = number;
  }
}

function* sentences(lines: readonly Line[]): Generator<string> {
  for (const line of lines) {
    const text = lineText(line).trimEnd();
    if (text !== '') yield `      ${text}`;
  }
}

function heading({ details, packet, tape, stop }: Moment): string {
  const what = details === undefined ? '' : packetText(details, packet);
  return `${formatSeconds(tape.index.time(stop))}  #${packet} ${what}`;
}

function* stopLines(view: Moment): Generator<string> {
  const [box = '', where = ''] = view.station.split(/@(?=[^@]*$)/);
  const [first, ...rest] = view.here.map(stepText);
  yield `  ${box} (${where}): ${first ?? ''}`;
  for (const text of rest) yield `      ${text}`;
  const { hop, here } = view;
  if (hop === undefined || hop.changes.length === 0 || hop.steps.at(-1)?.order !== here.at(-1)?.order) return;
  yield `      ~ ${changesText(hop.changes)}`;
}
