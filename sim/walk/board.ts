import { bridgeDevices, wayOf } from '../draw/way.ts';
import { lineageSteps } from '../packet/stations.ts';
import { mainLine } from '../scenario/probe-report.ts';
import { drawDiagram, idsOf } from './diagram/draw.ts';
import { type Diagram, layout } from './diagram/layout.ts';
import type { Language, Line, Size } from './styled.ts';
import type { Details, Tape } from './tape.ts';
import type { View } from './view.ts';

/** Stops of a step of the scenario that are looked at to tell what its packets pass. */
const MOST_STOPS = 20_000;
/** Packets of it, and copies and answers of each. */
const MOST_PACKETS = 60;
const MOST_COPIES = 500;

/** Draws the diagram of a tape; lays it out anew only when the network, what its packets pass or the room for it is another. */
export class Board {
  readonly #tape: Tape;
  #laid: { readonly key: string; readonly picture: Tape['picture']; readonly diagram: Diagram } | undefined;
  #passed: { readonly key: string; readonly ids: ReadonlySet<string> } | undefined;

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  /** `glide`: how far the packet has come from the place before, 0 to 1. */
  draw(view: View, glide: number, language: Language, size: Size): Line[] {
    const diagram = this.#diagram(view, language, size);
    const ids = idsOf(wayOf(this.#tape.picture, view.way));
    // What a program sends has been nowhere but in the program.
    const isSent = view.way.length === 1 && view.way[0]?.kind === 'originate' && view.way[0].origin === 'program';
    const way = isSent ? ids.slice(0, 1) : ids;
    const dropped = view.here.at(-1)?.kind === 'drop';
    return drawDiagram(diagram, { way, at: way.at(-1) ?? '', dropped, glide });
  }

  #diagram(view: View, language: Language, size: Size): Diagram {
    const { picture } = this.#tape;
    const passed = this.#passedIn(view);
    const key = `${size.width} ${size.height} ${language} ${[...passed].join(' ')}`;
    if (this.#laid?.key === key && this.#laid.picture === picture) return this.#laid.diagram;
    const diagram = layout(picture, passed, size, language);
    this.#laid = { key, picture, diagram };
    return diagram;
  }

  /** What the packets of this step of the scenario pass, in the order in which they come there. */
  #passedIn({ tape, order, details }: View): ReadonlySet<string> {
    const { index, scenes, picture } = tape;
    const scene = scenes.findLastIndex((one) => one.order <= order);
    const from = index.stopOf(scenes[scene]?.order ?? 0);
    const next = scenes[scene + 1];
    const to = Math.min(next === undefined ? index.length : index.stopOf(next.order), from + MOST_STOPS);
    const key = `${from} ${to} ${details === undefined}`;
    if (this.#passed?.key === key) return this.#passed.ids;
    const ids = details === undefined ? stationsBetween(tape, from, to) : waysBetween(tape, details, from, to);
    const drawn = bridgeDevices(picture);
    this.#passed = { key, ids: new Set([...ids].map((id) => drawn.get(id) ?? id)) };
    return this.#passed.ids;
  }
}

/** The main ways of packets: what was flooded to others on the way would be in the way. */
function waysBetween(tape: Tape, { recorder }: Details, from: number, to: number): ReadonlySet<string> {
  const { index } = tape;
  const stops = new Map<string, number>();
  let roots = 0;
  for (let stop = from; stop < to && roots < MOST_PACKETS; stop++) {
    const packet = index.packet(stop);
    if (index.parent(packet) !== 0 || index.firstStop(packet) !== stop) continue;
    roots++;
    const main = mainLine(recorder, packet, answerTo(tape, packet));
    for (const { order } of lineageSteps(recorder, main)) {
      const at = index.stopOf(order);
      const station = index.station(at);
      stops.set(station, Math.min(at, stops.get(station) ?? at));
    }
  }
  return new Set([...stops].sort((a, b) => a[1] - b[1]).map(([station]) => station));
}

/** The first packet that a packet, or a copy of it, has caused; 0 for none. */
function answerTo({ index }: Tape, packet: number): number {
  const family = new Set([packet]);
  for (let number = packet + 1; number <= Math.min(index.packets, packet + MOST_COPIES); number++) {
    if (family.has(index.parent(number))) family.add(number);
    else if (family.has(index.cause(number)) && !index.isArp(number)) return number;
    else if (family.has(index.cause(number)) && index.isArp(packet)) return number;
  }
  return 0;
}

function stationsBetween({ index }: Tape, from: number, to: number): ReadonlySet<string> {
  const stations = new Set<string>();
  for (let stop = from; stop < to; stop++) {
    if (!index.isNoise(index.packet(stop))) stations.add(index.station(stop));
  }
  return stations;
}
