import type { SimTime } from '../core/time.ts';
import type { Place, Site } from './place.ts';
import type { RecordedStep, Step } from './trace.ts';

/** A visit that is none: they count from 1. */
export const NO_VISIT = 0;
/** Rows and visits of a page, a power of two: pages are never copied, as arrays are that grow. */
const PAGE = 1024;
const SHIFT = 10;
const IN_PAGE = PAGE - 1;

/** What each step says, and where in the stack. */
class RowPage {
  readonly steps = new Array<Step>(PAGE);
  readonly sites = new Array<Site>(PAGE);
}

class VisitPage {
  readonly times = new Float64Array(PAGE);
  readonly places = new Array<Place>(PAGE);
  /** The order and the row of its first step. */
  readonly orders = new Uint32Array(PAGE);
  readonly rows = new Uint32Array(PAGE);
  /** The next visit of the same packet. */
  readonly next = new Uint32Array(PAGE);
}

/**
 * The steps of a run, a row for each; those that one packet makes in a row at one time in one place are a visit. Columns of
 * numbers and of what is there anyway cost a step some 20 bytes, and the garbage collector hardly anything.
 */
export class StepLog {
  readonly #rowPages: RowPage[] = [];
  readonly #visitPages: VisitPage[] = [new VisitPage()];
  #rows = 0;
  #visits = 1;

  /** Gives the visit that a step belongs to; `last` is that of its packet so far. */
  add(step: Step, place: Place, site: Site, order: number, time: SimTime, last: number): number {
    const visit = this.#isWithin(last, place, order, time) ? last : this.#begin(place, order, time, last);
    const at = this.#rows++ & IN_PAGE;
    if (at === 0) this.#rowPages.push(new RowPage());
    const page = this.#rowPages.at(-1) as RowPage;
    page.steps[at] = step;
    page.sites[at] = site;
    return visit;
  }

  /** Shows each step of a packet from its `first` visit on, but for so many that are known. */
  each(first: number, known: number, show: (visit: number, row: number) => void): void {
    let skipped = known;
    for (let visit = first; visit !== NO_VISIT; visit = this.#page(visit).next[visit & IN_PAGE] as number) {
      const end = this.#endOf(visit);
      const begin = Math.min(this.#beginOf(visit) + skipped, end);
      skipped -= begin - this.#beginOf(visit);
      for (let row = begin; row < end; row++) show(visit, row);
    }
  }

  step(row: number): Step {
    return (this.#rowPages[row >>> SHIFT] as RowPage).steps[row & IN_PAGE] as Step;
  }

  place(visit: number): Place {
    return this.#page(visit).places[visit & IN_PAGE] as Place;
  }

  time(visit: number): SimTime {
    return this.#page(visit).times[visit & IN_PAGE] as SimTime;
  }

  /** A step as a record of its own. */
  record(visit: number, row: number, packet: number): RecordedStep {
    const site = (this.#rowPages[row >>> SHIFT] as RowPage).sites[row & IN_PAGE] as Site;
    const order = (this.#page(visit).orders[visit & IN_PAGE] as number) + row - this.#beginOf(visit);
    return recordOf(this.step(row), this.place(visit), site, { order, time: this.time(visit), packet });
  }

  /** Whether the packet's last visit goes on: nobody has made a step since, and it is still there. */
  #isWithin(visit: number, place: Place, order: number, time: SimTime): boolean {
    if (visit !== this.#visits - 1 || visit === NO_VISIT) return false;
    const page = this.#page(visit);
    const at = visit & IN_PAGE;
    const made = this.#rows - (page.rows[at] as number);
    return page.places[at] === place && page.times[at] === time && (page.orders[at] as number) + made === order;
  }

  #begin(place: Place, order: number, time: SimTime, last: number): number {
    const visit = this.#visits++;
    const at = visit & IN_PAGE;
    if (at === 0) this.#visitPages.push(new VisitPage());
    const page = this.#page(visit);
    page.times[at] = time;
    page.places[at] = place;
    page.orders[at] = order;
    page.rows[at] = this.#rows;
    if (last !== NO_VISIT) this.#page(last).next[last & IN_PAGE] = visit;
    return visit;
  }

  #beginOf(visit: number): number {
    return this.#page(visit).rows[visit & IN_PAGE] as number;
  }

  /** Behind its last row. */
  #endOf(visit: number): number {
    return visit === this.#visits - 1 ? this.#rows : this.#beginOf(visit + 1);
  }

  #page(visit: number): VisitPage {
    return this.#visitPages[visit >>> SHIFT] as VisitPage;
  }
}

/** A step with its circumstances: what it says comes first, in the order in which it says it. */
export function recordOf(
  step: Step,
  place: Place,
  { component, function: name }: Site,
  { order, time, packet }: Pick<RecordedStep, 'order' | 'time' | 'packet'>,
): RecordedStep {
  // With steps of so many shapes a spread takes three times as long.
  return Object.assign({}, step, { order, time, packet, place, component, function: name });
}
