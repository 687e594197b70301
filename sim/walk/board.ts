import { bridgeDevices, wayOf } from '../draw/way.ts';
import { drawDiagram, idsOf } from './diagram/draw.ts';
import { type Diagram, layout } from './diagram/layout.ts';
import type { Language, Line, Size } from './styled.ts';
import type { Tape } from './tape.ts';
import type { View } from './view.ts';

/** Stops of a step of the scenario that are looked at to tell what its packets pass. */
const MOST_STOPS = 20_000;

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
  #passedIn({ tape, order }: View): ReadonlySet<string> {
    const { index, scenes, picture } = tape;
    const scene = scenes.findLastIndex((one) => one.order <= order);
    const from = index.stopOf(scenes[scene]?.order ?? 0);
    const next = scenes[scene + 1];
    const to = Math.min(next === undefined ? index.length : index.stopOf(next.order), from + MOST_STOPS);
    const key = `${from} ${to}`;
    if (this.#passed?.key === key) return this.#passed.ids;
    const drawn = bridgeDevices(picture);
    const ids = new Set<string>();
    for (let stop = from; stop < to; stop++) {
      if (index.isNoise(index.packet(stop))) continue;
      const station = index.station(stop);
      ids.add(drawn.get(station) ?? station);
    }
    this.#passed = { key, ids };
    return ids;
  }
}
