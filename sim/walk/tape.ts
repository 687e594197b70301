import { mergePictures } from '../draw/merge.ts';
import type { Picture } from '../draw/picture.ts';
import { pictureOf } from '../draw/picture-of.ts';
import { Sightings } from '../explain/sightings.ts';
import type { Filter } from '../filter/filter.ts';
import type { Recorder } from '../packet/recorder.ts';
import { reportScenario, type ScenarioReport } from '../scenario/report.ts';
import type { StepOutcome } from '../scenario/runner.ts';
import type { Halt } from '../world/halt.ts';
import type { World } from '../world/world.ts';
import { Moments } from './moments.ts';
import { Pass } from './pass.ts';
import type { Reel } from './reel.ts';
import { StopIndex } from './stop-index.ts';

/** Steps whose packets are kept whole from the first pass on; of a longer run a window is kept, wherever one looks. */
const KEPT_STEPS = 60_000;

/** Stops of such a window, before and after the one that is looked at. */
const WINDOW = 400;

/** Stops from an edge of it at which the next one is read. */
const EDGE = 60;

/** Packets of a window, or of an account, with those that they came from and led to. */
const MOST_PACKETS = 4000;

/** A step of the scenario begins. */
export interface SceneStart {
  /** Of its first recorded step, or of the next that was. */
  readonly order: number;
  readonly index: number;
}

/** What a part of the tape knows of its packets: their steps, and their headers wherever a device saw them. */
export interface Details {
  readonly world: World;
  readonly recorder: Recorder;
  readonly sightings: Sightings;
}

/**
 * A run that one can look at from any moment, forwards and backwards. The first pass makes the index of all stops, in slices;
 * details and tables of what lies far from the beginning are read by passes of their own.
 */
export class Tape {
  readonly reel: Reel;
  readonly index = new StopIndex();
  readonly scenes: SceneStart[] = [];
  readonly moments: Moments;
  readonly #first: Pass;
  #kept = 0;
  #picture: Picture = { nodes: [], wires: [] };
  /** The part of a long run that has been read, and the one that is being read. */
  #window: Window | undefined;
  #next: Window | undefined;
  /** What an account was asked for last; no part where it is too large. */
  #family: { readonly root: number; readonly part: Part | undefined } | undefined;
  #details: { of: Pass; at: number; details: Details } | undefined;
  #report: ScenarioReport | undefined;
  #testing: FilterPass | undefined;

  /** `keptSteps`: of so many steps the packets are kept whole from the first pass on. */
  constructor(reel: Reel, keptSteps = KEPT_STEPS) {
    this.reel = reel;
    this.moments = new Moments(reel, this.index);
    this.#first = new Pass(reel, {
      trace: {
        keeps: (lineage) => {
          this.index.born(lineage);
          const isKept = this.index.steps < keptSteps;
          if (isKept) this.#kept = lineage.number;
          return isKept;
        },
        watch: (step) => this.index.add(step),
      },
      capture: { keeps: (packet) => packet <= this.#kept },
      before: (index) => {
        this.scenes.push({ order: this.index.steps, index });
        this.#look();
      },
    });
    this.#look();
  }

  /** Everything that was there at the beginning of any step of the scenario so far, and at the end. */
  get picture(): Picture {
    return this.#picture;
  }

  #look(): void {
    const now = pictureOf(this.#first.world);
    this.#picture = this.#picture.nodes.length === 0 ? now : mergePictures(this.#picture, now);
  }

  /** Whether the whole run has been made. */
  get isDone(): boolean {
    return this.#first.run !== undefined;
  }

  /** Whether all of it is kept in detail. */
  get isWhole(): boolean {
    return this.index.packets <= this.#kept;
  }

  /** Why the run was stopped before its time; undefined while it was not. */
  get halt(): Halt | undefined {
    return this.#first.run === undefined ? undefined : this.#first.world.halt;
  }

  get world(): World {
    return this.#first.world;
  }

  get outcomes(): readonly StepOutcome[] {
    return this.#first.outcomes;
  }

  /** Works on by a slice: first at what is looked at, then at the rest of the run. False when there is nothing to do. */
  work(): boolean {
    if (this.moments.work()) return true;
    if (this.#next?.part.work() === true) return true;
    if (this.#family?.part?.work() === true) return true;
    if (!this.isDone) {
      if (this.#first.work()) this.#look();
      return true;
    }
    return this.#testing?.work() === true;
  }

  /** What the scenario expected, held against the run; undefined until it is done, and where not all of it was kept. */
  report(): ScenarioReport | undefined {
    const { run, world } = this.#first;
    if (run === undefined || !this.isWhole) return undefined;
    this.#report ??= reportScenario(world, this.reel.play, run);
    return this.#report;
  }

  /** What is known of the packets around a stop; undefined while they have to be read, which work() does. */
  details(stop: number): Details | undefined {
    const packet = this.index.packet(stop);
    if (packet <= this.#kept) return this.#detailsOf(this.#first, stop);
    if (this.#next?.part.isRead === true && this.#next.has(stop)) {
      this.#window = this.#next;
      this.#next = undefined;
    }
    const isThere = this.#window?.has(stop) === true;
    // Where an edge of the window comes near, the next one is read while one still walks in this one.
    if (this.#next?.has(stop) !== true && !(isThere && this.#window?.isNearEdge(stop) === false)) {
      this.#next = new Window(this.reel, this.index, this.moments, stop);
    }
    return isThere && this.#window !== undefined ? this.#detailsOf(this.#window.part.pass, stop) : undefined;
  }

  #detailsOf(pass: Pass, stop: number): Details {
    const known = this.#details;
    const at = pass.recorder.length;
    // While the run goes on, what is looked at now is what counts.
    const isEnough =
      known?.of === pass && (known.at === at || (pass.run === undefined && this.index.last(stop) < known.at));
    if (known !== undefined && isEnough) return known.details;
    const { world, recorder } = pass;
    const details = { world, recorder, sightings: new Sightings(world) };
    this.#details = { of: pass, at, details };
    return details;
  }

  /**
   * A packet with all that it began with and that this led to, to the end: what an account is made of. Undefined while it has
   * to be read or is still under way, which work() does; 'too many' where there are more of them than are kept.
   */
  family(packet: number): Details | 'too many' | undefined {
    const { index } = this;
    if (!this.isDone) return undefined;
    const root = index.rootOf(packet);
    if (index.youngestOf(root) <= this.#kept) return this.#detailsOf(this.#first, this.index.length - 1);
    if (this.#family?.root !== root) {
      const members = index.familyOf(root, MOST_PACKETS + 1);
      const isTooLarge = members.length > MOST_PACKETS;
      this.#family = { root, part: isTooLarge ? undefined : new Part(this.reel, new Set(members), index.endOf(root)) };
    }
    const { part } = this.#family;
    if (part === undefined) return 'too many';
    return part.isRead ? this.#detailsOf(part.pass, this.index.length - 1) : undefined;
  }

  /** The packets that a filter lets pass, as far as they have been asked; work() asks on. */
  filtered(filter: Filter): (packet: number) => boolean {
    if (this.#testing?.filter !== filter) this.#testing = new FilterPass(this.reel, filter);
    return this.#testing.passes;
  }
}

/** Some packets of a run in detail, read in a pass of their own up to a step. */
class Part {
  readonly pass: Pass;
  readonly #until: number;

  constructor(reel: Reel, kept: ReadonlySet<number>, until: number, moments?: Moments) {
    this.#until = until;
    this.pass = new Pass(reel, {
      trace: {
        keeps: ({ number }) => kept.has(number),
        watch: ({ order }) => moments?.read(this.pass?.world, order),
      },
      capture: { keeps: (packet) => kept.has(packet) },
    });
    moments?.ride(this.pass);
  }

  get isRead(): boolean {
    return this.pass.run !== undefined || this.pass.recorder.length > this.#until;
  }

  /** False when all of it has been read. */
  work(): boolean {
    if (this.isRead) return false;
    this.pass.work();
    return true;
  }
}

/** The stops of a long run around one of them: every packet that has one of them, with what it came from. */
class Window {
  readonly part: Part;
  readonly #index: StopIndex;
  readonly #from: number;
  readonly #to: number;

  constructor(reel: Reel, index: StopIndex, moments: Moments, stop: number) {
    this.#index = index;
    this.#from = Math.max(0, stop - WINDOW);
    this.#to = Math.min(index.length - 1, stop + WINDOW);
    const kept = new Set<number>();
    for (let near = this.#from; near <= this.#to; near++) {
      for (let packet = index.packet(near); packet !== 0 && !kept.has(packet); packet = index.parent(packet)) {
        kept.add(packet);
      }
    }
    for (const packet of index.familyOf(index.rootOf(index.packet(stop)), MOST_PACKETS)) kept.add(packet);
    this.part = new Part(reel, kept, index.last(this.#to), moments);
  }

  has(stop: number): boolean {
    return stop >= this.#from && stop <= this.#to;
  }

  isNearEdge(stop: number): boolean {
    const isAtEnd = this.#to === this.#index.length - 1;
    return (this.#from > 0 && stop < this.#from + EDGE) || (!isAtEnd && stop > this.#to - EDGE);
  }
}

/** Asks an expression of every frame of a run. */
class FilterPass {
  readonly filter: Filter;
  readonly #pass: Pass;
  #matching = new Uint8Array(1024);

  constructor(reel: Reel, filter: Filter) {
    this.filter = filter;
    const ask = (packet: number, bytes: Uint8Array, linkType: 'ether' | 'raw'): void => {
      if (this.#matching[packet] !== 1 && filter.test(bytes, linkType)) this.#set(packet);
    };
    this.#pass = new Pass(reel, {
      trace: {
        keeps: () => false,
        watchDeath: (packet, { bytes, linkLength }) => ask(packet, bytes, linkLength === 0 ? 'raw' : 'ether'),
      },
      capture: {
        tap: (device) => {
          const linkType = device.headerLength === 0 ? 'raw' : 'ether';
          return { capture: (packet) => ask(packet.number, packet.data(), linkType) };
        },
      },
    });
  }

  #set(packet: number): void {
    while (packet >= this.#matching.length) {
      const larger = new Uint8Array(this.#matching.length * 2);
      larger.set(this.#matching);
      this.#matching = larger;
    }
    this.#matching[packet] = 1;
  }

  readonly passes = (packet: number): boolean => this.#matching[packet] === 1;

  /** False only when there was nothing left to ask: what came of the last slice is to be seen. */
  work(): boolean {
    if (this.#pass.run !== undefined) return false;
    this.#pass.work();
    return true;
  }
}
