import { withoutHidden } from '../core/hidden.ts';
import { innerEdges } from './inner-edges.ts';
import type { Picture, PictureBox, PictureDevice, PictureNode, PictureSpace } from './picture.ts';
import type { DrawnFlow, WayPoint } from './way.ts';
import { cableLabel } from './wire-text.ts';

/** A picture as a flowchart of Mermaid: nodes and namespaces as subgraphs, boxes and devices as nodes in them. */
export function mermaidText(picture: Picture, flow?: DrawnFlow): string {
  return new Flowchart(picture).text(flow);
}

const CLASSES: readonly string[] = [
  'classDef application fill:#f1ecfa,stroke:#a792d0,color:#1c2430',
  'classDef kernel fill:#e6f0fb,stroke:#84a9d6,color:#1c2430',
  'classDef comware fill:#fdeedd,stroke:#d9a266,color:#1c2430',
  'classDef bridge fill:#e5f3e8,stroke:#82b48b,color:#1c2430',
  'classDef device fill:#ffffff,stroke:#84a9d6,color:#1c2430',
  'classDef down fill:#ffffff,stroke:#84a9d6,color:#5b6675,stroke-dasharray:3 2',
  'classDef dropped fill:#fbe3e5,stroke:#c0182b,color:#1c2430',
];

class Flowchart {
  readonly #picture: Picture;
  readonly #ids = new Map<string, string>();
  readonly #lines: string[] = ['flowchart LR'];
  #edges = 0;
  #subgraphs = 0;

  constructor(picture: Picture) {
    this.#picture = picture;
  }

  text(flow: DrawnFlow | undefined): string {
    for (const line of CLASSES) this.#lines.push(`  ${line}`);
    for (const node of this.#picture.nodes) this.#node(node);
    for (const [a, b] of innerEdges(this.#picture)) this.#edge(a, '-.-', b);
    for (const wire of this.#picture.wires) {
      const label = cableLabel(wire);
      this.#edge(wire.ends[0], label === '' ? '---' : `---|"${escaped(label)}"|`, wire.ends[1]);
    }
    if (flow !== undefined) this.#flow(flow);
    return `${this.#lines.join('\n')}\n`;
  }

  #node({ name, spaces }: PictureNode): void {
    this.#open(name, '  ');
    for (const space of spaces) {
      if (space.title === name) this.#space(space, '    ');
      else {
        this.#open(space.running ? space.title : `${space.title}, not running`, '    ');
        this.#space(space, '      ');
        this.#lines.push('    end');
      }
    }
    this.#lines.push('  end');
  }

  #open(title: string, indent: string): void {
    this.#lines.push(`${indent}subgraph s${this.#subgraphs++}["${escaped(title)}"]`);
  }

  #space({ boxes, devices, running }: PictureSpace, indent: string): void {
    for (const box of boxes) {
      const look = box.owner === 'Comware' ? 'comware' : LOOKS[box.kind];
      this.#item(box.id, boxLines(box), look, indent);
      if (box.device !== undefined) this.#ids.set(box.device.id, this.#ids.get(box.id) ?? '');
    }
    for (const device of devices) {
      const look = device.state !== 'up' ? 'down' : device.owner === 'Comware' ? 'comware' : 'device';
      this.#item(device.id, deviceLines(device), look, indent);
    }
    // A subgraph with nothing in it is none.
    if (!running) this.#item(`idle ${this.#ids.size}`, ['not running'], 'down', indent);
  }

  #item(id: string, lines: readonly string[], look: string, indent: string): void {
    const own = `n${this.#ids.size}`;
    this.#ids.set(id, own);
    this.#lines.push(`${indent}${own}["${lines.map(escaped).join('<br/>')}"]:::${look}`);
  }

  #edge(a: string, link: string, b: string): void {
    const [from, to] = [this.#ids.get(a), this.#ids.get(b)];
    if (from === undefined || to === undefined) return;
    this.#lines.push(`  ${from} ${link} ${to}`);
    this.#edges++;
  }

  /** The ways, as arrows with the number of the station they lead to. */
  #flow(flow: DrawnFlow): void {
    this.#lines.push(`  %% ${flow.title.replace(/[\r\n]/g, ' ')}: ${flow.verdict}`);
    for (const [points, colour] of [
      [flow.there, '#0064b0'],
      [flow.back, '#c2500a'],
    ] as const) {
      const first = this.#edges;
      for (const [index, point] of points.entries()) {
        const before = points[index - 1];
        if (before !== undefined) this.#edge(before.id, `==>|"${escaped(arrowText(point))}"|`, point.id);
      }
      const own = Array.from({ length: this.#edges - first }, (_, index) => first + index);
      if (own.length > 0) this.#lines.push(`  linkStyle ${own.join(',')} stroke:${colour},stroke-width:3px`);
      const end = points.at(-1);
      const id = end === undefined ? undefined : this.#ids.get(end.id);
      if (end?.dropped === true && id !== undefined) this.#lines.push(`  class ${id} dropped`);
    }
  }
}

const LOOKS: { readonly [kind in PictureBox['kind']]: string } = {
  application: 'application',
  stack: 'kernel',
  forwarding: 'kernel',
  bridge: 'bridge',
};

/** What stands at an arrow: the station's number, and what happened there. */
export function arrowText({ number, translated, dropped, notes }: WayPoint): string {
  const text = [
    ...(number === 0 ? [] : [String(number)]),
    ...(translated === '' ? [] : [translated]),
    ...(dropped ? [notes.at(-1)?.split(':').slice(0, 2).join(':') ?? 'DROPPED'] : []),
  ].join(' ');
  return text === '' ? 'port' : text;
}

export function boxLines({ what, of, device }: PictureBox): string[] {
  return [of === '' ? what : `${what} ${of}`, ...(device === undefined ? [] : device.addresses)];
}

export function deviceLines({ name, addresses, standsFor, state }: PictureDevice): string[] {
  const first = state === 'up' ? name : `${name} (${state})`;
  return [first, ...(standsFor === '' || standsFor === name ? [] : [`for ${standsFor}`]), ...addresses];
}

/** Entity codes of Mermaid for what it, or the browser that shows it, would read as markup. */
function escaped(text: string): string {
  return withoutHidden(text.replace(/[\n\t]/g, ' '), ' ').replace(
    /[#"<>&`;\\[\]{}()|*_~]/g,
    (character) => `#${character.charCodeAt(0)};`,
  );
}
