import { formatSeconds } from '../core/time.ts';
import type { HeaderChange } from '../explain/changes.ts';
import { hopsOf } from '../explain/hops.ts';
import { Sightings } from '../explain/sightings.ts';
import type { Recorder } from '../packet/recorder.ts';
import type { RecordedStep } from '../packet/trace.ts';
import type { ScenarioReport } from '../scenario/report.ts';
import { stepText } from '../show/step-text.ts';
import { allTables } from '../show/table-of.ts';
import type { World } from '../world/world.ts';
import type { Drawing } from './drawing.ts';
import { pathText } from './drawing.ts';
import { layoutOf } from './layout.ts';
import { mergePictures } from './merge.ts';
import { type Picture, withoutIdleLoopbacks } from './picture.ts';
import { pictureOf } from './picture-of.ts';
import { wayOf } from './way.ts';
import { WayLayer } from './way-lines.ts';

/** Of one scenario what its part of the page shows. */
export interface RunRecord {
  readonly report: ScenarioReport;
  readonly drawing: Drawing;
  readonly packets: readonly PacketRecord[];
  /** Packets beyond those: a page shows no more than MOST_PACKETS of a scenario. */
  readonly left: number;
  readonly tables: readonly TableRecord[];
}

export interface PacketRecord {
  readonly number: number;
  /** `#12 sent by ping`. */
  readonly title: string;
  /** Index of the step of the scenario that was the last to begin when it was born; -1 before the first. */
  readonly step: number;
  readonly look: 'there' | 'back' | 'arp';
  readonly dropped: boolean;
  readonly points: readonly PointRecord[];
  readonly rows: readonly RowRecord[];
}

/** A packet comes to a place of the picture. */
export interface PointRecord {
  /** Of all events of the run. */
  readonly order: number;
  /** Id of the box or device. */
  readonly id: string;
  /** Line from the point before, as `d` of an SVG path; its first point for the first. */
  readonly line: string;
  /** The row of the trace with which it came there. */
  readonly row: number;
}

/** A step of its trace. */
export interface RowRecord {
  readonly time: string;
  readonly place: string;
  readonly component: string;
  readonly function: string;
  readonly text: string;
  /** Header fields that the hop changed which ends with this step. */
  readonly changes: readonly string[];
  readonly isDrop: boolean;
}

export interface TableRecord {
  readonly stack: string;
  readonly before: string;
  readonly after: string;
}

/** A packet takes some 3 kB of the page. */
export const MOST_PACKETS = 300;

/** Looks on while a scenario runs, and then tells what a page shows of it. */
export class RunWatcher {
  readonly #world: World;
  readonly #before: ReadonlyMap<string, string>;
  #picture: Picture;
  /** By step: how many packets had been born when it began. */
  readonly #born: number[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#picture = pictureOf(world);
    this.#before = tablesOf(world);
  }

  /** To be called before each step. */
  stepBegins(): void {
    this.#look();
    this.#born.push([...(this.#world.recorder?.packets() ?? [])].length);
  }

  #look(): void {
    this.#picture = mergePictures(this.#picture, pictureOf(this.#world));
  }

  record(report: ScenarioReport): RunRecord {
    const world = this.#world;
    const { recorder } = world;
    this.#look();
    const all = [...(recorder?.packets() ?? [])];
    const shown = all.slice(0, MOST_PACKETS);
    const steps = shown.map(({ number }) => recorder?.stepsOf(number) ?? []);
    const used = new Set(steps.flatMap((own) => wayOf(this.#picture, own).map(({ id }) => id)));
    const picture = withoutIdleLoopbacks(this.#picture, used);
    const drawing = layoutOf(picture);
    const layer = new WayLayer(drawing);
    const sightings = new Sightings(world);
    const packets = shown.map(({ number }, index) => {
      const step = this.#born.findLastIndex((born) => born <= index);
      return packetOf(recorder as Recorder, number, step, picture, layer, sightings);
    });
    const after = tablesOf(world);
    const stacks = [...new Set([...this.#before.keys(), ...after.keys()])];
    const tables = stacks.map((stack) => ({
      stack,
      before: this.#before.get(stack) ?? '',
      after: after.get(stack) ?? '',
    }));
    return { report, drawing, packets, left: all.length - shown.length, tables };
  }
}

function tablesOf(world: World): Map<string, string> {
  return new Map(world.stacks().map((stack) => [stack.title, allTables(world.snapshot(stack))]));
}

function packetOf(
  recorder: Recorder,
  number: number,
  step: number,
  picture: Picture,
  layer: WayLayer,
  sightings: Sightings,
): PacketRecord {
  const steps = recorder.stepsOf(number);
  const [birth] = steps;
  const changes = changesAt(steps, sightings);
  const look =
    birth?.kind === 'originate' && birth.origin === 'arp'
      ? 'arp'
      : (recorder.lineageOf(number)?.cause ?? 0) === 0
        ? 'there'
        : 'back';
  const points = wayOf(picture, steps).filter(({ id }) => layer.has(id));
  const { hops } = layer.lay(points, look === 'back' ? 'back' : 'there');
  return {
    number,
    title: birth === undefined ? '' : stepText(birth),
    step,
    look,
    dropped: steps.at(-1)?.kind === 'drop',
    points: points.map(({ id, first }, index) => {
      const hop = hops[index];
      const row = steps.findIndex(({ order }) => order === first);
      return { order: first, id, line: hop === undefined ? '' : pathText(hop.from, hop.strokes), row };
    }),
    rows: steps.map((one) => ({
      time: formatSeconds(one.time),
      place: one.place.title,
      component: one.kind === 'receive' || one.kind === 'transmit' ? one.device : one.component,
      function: one.function,
      text: stepText(one),
      changes: changes.get(one.order) ?? [],
      isDrop: one.kind === 'drop',
    })),
  };
}

/** What each hop changed, by the order of its last step. */
function changesAt(steps: readonly RecordedStep[], sightings: Sightings): Map<number, string[]> {
  return new Map(
    hopsOf(steps, sightings).flatMap((hop) => {
      const end = hop.steps.at(-1);
      return end === undefined || hop.changes.length === 0 ? [] : [[end.order, hop.changes.map(changeText)] as const];
    }),
  );
}

function changeText({ layer, quoted, field, before, after }: HeaderChange): string {
  const what = [...(quoted ? ['quoted'] : []), layer, ...(field === '' ? [] : [field.replaceAll('_', ' ')])].join(' ');
  return `${what}: ${before === '' ? 'none' : before} -> ${after === '' ? 'none' : after}`;
}
