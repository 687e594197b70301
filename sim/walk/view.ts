import { type Hop, hopsOf } from '../explain/hops.ts';
import { lineageSteps } from '../packet/stations.ts';
import type { RecordedStep } from '../packet/trace.ts';
import type { StepOutcome } from '../scenario/runner.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import { type PaperStep, type PaperSteps, paperStepsOf } from './paper.ts';
import { Selection } from './selection.ts';
import type { WalkState } from './state.ts';
import { stackOf } from './stop-index.ts';
import type { Details, Tape } from './tape.ts';

/** One moment of a tape: where the packet is, and what was decided there. */
export interface Moment {
  readonly tape: Tape;
  readonly state: WalkState;
  readonly selection: Selection;
  readonly stop: number;
  readonly station: string;
  readonly packet: number;
  /** The step up to which everything is shown. */
  readonly order: number;
  /** Undefined while the tape is being read. */
  readonly details: Details | undefined;
  /** The way so far, from the packet's first birth on, and the part of it that was made in this stop. */
  readonly way: readonly RecordedStep[];
  readonly here: readonly RecordedStep[];
  /** The namespace or bridge that the packet is in, as a whole: in where, out where, and what changed. */
  readonly hop: Hop | undefined;
  readonly outcome: StepOutcome | undefined;
  readonly paper: PaperStep | undefined;
  /** The step of the scenario replays a figure. */
  readonly isFigure: boolean;
}

/** What there is to see at it, for whoever shows it. */
export interface View extends Moment {
  /** Title of the stack whose tables are shown, those tables, and as they were when the packet came to this stop. */
  readonly title: string;
  readonly tables: StackSnapshot | 'absent' | undefined;
  readonly before: StackSnapshot | undefined;
}

/** Makes views of a tape; keeps what is dear to make and the same for many of them. */
export class Viewer {
  readonly #tape: Tape;
  #paper: { details: Details; outcome: StepOutcome; finished: boolean; steps: PaperSteps | undefined } | undefined;
  #selection: { state: WalkState; selection: Selection } | undefined;

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  selection(state: WalkState): Selection {
    const { filter, follow, all } = state;
    const known = this.#selection;
    const isSame = known?.state.filter === filter && known?.state.follow === follow && known?.state.all === all;
    if (known !== undefined && isSame) return known.selection;
    const selection = new Selection(this.#tape, state);
    this.#selection = { state, selection };
    return selection;
  }

  view(state: WalkState): View {
    const moment = this.moment(state);
    const { index, moments } = this.#tape;
    const title = state.looksAt ?? stackOf(moment.station);
    const tables = index.length === 0 ? undefined : moments.at(moment.order, title);
    return { ...moment, title, tables, before: moments.known(index.first(moment.stop) - 1, title) };
  }

  moment(state: WalkState): Moment {
    const tape = this.#tape;
    const { index } = tape;
    const { stop } = state;
    const packet = index.packet(stop);
    const order = state.order ?? index.last(stop);
    const station = index.station(stop);
    const details = index.length === 0 ? undefined : tape.details(stop);
    const all = details === undefined ? [] : lineageSteps(details.recorder, packet);
    const way = all.filter((step) => step.order <= order);
    const outcome = this.#outcomeAt(order);
    const paper = this.#paperAt(details, outcome);
    return {
      ...{ tape, state, selection: this.selection(state), stop, station, packet, order, details, way },
      here: way.filter((step) => step.order >= index.first(stop) && step.packet === packet),
      hop:
        details === undefined
          ? undefined
          : hopsOf(all, details.sightings).findLast((hop) => (hop.steps[0]?.order ?? 0) <= order),
      outcome,
      paper: paper?.at(order),
      isFigure: paper !== undefined,
    };
  }

  /** The step of the scenario that was the last to begin. */
  #outcomeAt(order: number): StepOutcome | undefined {
    const scene = this.#tape.scenes.findLast((one) => one.order <= order);
    return this.#tape.outcomes.find(({ index }) => index === scene?.index);
  }

  #paperAt(details: Details | undefined, outcome: StepOutcome | undefined): PaperSteps | undefined {
    if (details === undefined || outcome === undefined) return undefined;
    const known = this.#paper;
    const finished = this.#tape.isDone || outcome.probe?.finished === true;
    if (known?.details === details && known.outcome === outcome && known.finished === finished) return known.steps;
    const steps = paperStepsOf(details, outcome);
    this.#paper = { details, outcome, finished, steps };
    return steps;
  }
}
