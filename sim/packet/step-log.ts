import type { SimTime } from '../core/time.ts';
import type { Place, Site } from './place.ts';
import type { RecordedStep, Step } from './trace.ts';

/** A row that is none: rows count from 1. */
export const NO_ROW = 0;
/** Rows of a page, a power of two: pages are never copied, as arrays are that grow. */
const PAGE_ROWS = 1024;
const PAGE_SHIFT = 10;
const IN_PAGE = PAGE_ROWS - 1;

/** Some rows, column by column. */
class Page {
  readonly orders = new Uint32Array(PAGE_ROWS);
  readonly times = new Float64Array(PAGE_ROWS);
  /** The next row of the same packet. */
  readonly next = new Uint32Array(PAGE_ROWS);
  readonly places = new Array<Place>(PAGE_ROWS);
  readonly sites = new Array<Site>(PAGE_ROWS);
  readonly steps = new Array<Step>(PAGE_ROWS);
}

/**
 * The steps of a run, a row for each: when and where it was made, and what it says, which many rows may share. Columns
 * of numbers and of what is there anyway cost a step some 40 bytes, and the garbage collector hardly anything.
 */
export class StepLog {
  readonly #pages: Page[] = [new Page()];
  #rows = 1;

  /** Gives the row of a step; `before` is that of its packet's step before, if any. */
  add(step: Step, place: Place, site: Site, order: number, time: SimTime, before: number): number {
    const row = this.#rows++;
    const at = row & IN_PAGE;
    if (at === 0) this.#pages.push(new Page());
    const page = this.#page(row);
    page.orders[at] = order;
    page.times[at] = time;
    page.places[at] = place;
    page.sites[at] = site;
    page.steps[at] = step;
    if (before !== NO_ROW) this.#page(before).next[before & IN_PAGE] = row;
    return row;
  }

  /** The row of the packet's next step, NO_ROW behind the last. */
  next(row: number): number {
    return this.#page(row).next[row & IN_PAGE] as number;
  }

  step(row: number): Step {
    return this.#page(row).steps[row & IN_PAGE] as Step;
  }

  place(row: number): Place {
    return this.#page(row).places[row & IN_PAGE] as Place;
  }

  time(row: number): SimTime {
    return this.#page(row).times[row & IN_PAGE] as SimTime;
  }

  /** A row as a record of its own. */
  record(row: number, packet: number): RecordedStep {
    const page = this.#page(row);
    const site = page.sites[row & IN_PAGE] as Site;
    const order = page.orders[row & IN_PAGE] as number;
    return recordOf(this.step(row), this.place(row), site, { order, time: this.time(row), packet });
  }

  #page(row: number): Page {
    return this.#pages[row >>> PAGE_SHIFT] as Page;
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
