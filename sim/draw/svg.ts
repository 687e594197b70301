import {
  type Drawing,
  type DrawnWire,
  type Label,
  pathText,
  type Rect,
  round,
  type Shape,
  type Tone,
} from './drawing.ts';
import { escapeXml } from './escape.ts';
import { labelText } from './svg-label.ts';
import { SVG_STYLE } from './svg-style.ts';
import { type FlowLayer, layFlow } from './svg-way.ts';
import { textWidth } from './text-width.ts';
import type { DrawnFlow } from './way.ts';

/** A picture as an SVG document of its own, with a flow laid over it where there is one. */
export function svgDocument(drawing: Drawing, title: string, flow?: DrawnFlow): string {
  const { width, height } = drawing;
  const legend = legendOf(drawing);
  const layer = flow === undefined ? undefined : layFlow(drawing, flow);
  const listed = layer?.list ?? { text: '', width: 0, height: 0 };
  const [w, h] = [Math.max(width, legend.width, listed.width), height + legend.height + listed.height].map(round);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="cw" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${SVG_STYLE}</style>`,
    '<rect class="paper" width="100%" height="100%"/>',
    svgBody(drawing, layer),
    `<g transform="translate(0 ${round(height)})">${legend.text}</g>`,
    ...(layer === undefined ? [] : [`<g transform="translate(0 ${round(height + legend.height)})">${listed.text}</g>`]),
    '</svg>',
    '',
  ].join('\n');
}

/** Everything of a drawing but the legend: fills, then lines, then what lies on lines, then texts. */
export function svgBody({ shapes, wires }: Drawing, flow?: Pick<FlowLayer, 'lines' | 'marks'>): string {
  return [
    ...shapes.map(rectText),
    ...wires.map(wireText),
    flow?.lines ?? '',
    ...shapes.map(labelsText),
    ...wires.map(wireLabel),
    flow?.marks ?? '',
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function rectText({ id, tone, rect, tip, down }: Shape): string {
  const radius = tone === 'node' ? 8 : tone === 'space' || tone === 'idle' ? 6 : 4;
  const title = tip === '' ? '' : `<title>${escapeXml(tip)}</title>`;
  const kind = down && tone !== 'idle' ? `${tone} down` : tone;
  return `<rect class="${kind}" data-id="${escapeXml(id)}" ${rectAttributes(rect)} rx="${radius}">${title}</rect>`;
}

function rectAttributes({ x, y, width, height }: Rect): string {
  return `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
}

/** Ways run below texts: each has a rim in the colour of what it stands on. */
function labelsText({ tone, labels }: Shape): string {
  return `<g class="on-${tone}">${labels.map((label) => labelText(label)).join('')}</g>`;
}

function wireText({ kind, from, strokes, plugged, tip }: DrawnWire): string {
  const look = `wire ${kind}${plugged ? '' : ' cut'}`;
  return `<path class="${look}" d="${pathText(from, strokes)}"><title>${escapeXml(tip)}</title></path>`;
}

function wireLabel({ label }: DrawnWire): string {
  return label === undefined ? '' : labelText(label, 'halo');
}

const LEGEND: readonly { readonly tone: Tone; readonly text: string }[] = [
  { tone: 'application', text: 'program' },
  { tone: 'kernel', text: 'Linux kernel' },
  { tone: 'comware', text: 'Comware' },
  { tone: 'bridge', text: 'bridge' },
  { tone: 'device', text: 'interface' },
  { tone: 'port', text: 'port of a bridge' },
];

/** What the colours of a drawing mean, of those that are in it: for below it. */
export function legendOf({ shapes, wires }: Drawing): { text: string; width: number; height: number } {
  const parts: string[] = [];
  let x = 20;
  const entry = (mark: string, text: string): void => {
    const label: Label = { text, x: x + 24, y: 11, anchor: 'start', size: 10, bold: false, quiet: true };
    parts.push(mark, labelText(label));
    x += 24 + textWidth(text, 10) + 18;
  };
  for (const { tone, text } of LEGEND) {
    if (!shapes.some((shape) => shape.tone === tone)) continue;
    entry(`<rect class="${tone}" x="${round(x)}" y="1" width="18" height="12" rx="3"/>`, text);
  }
  for (const kind of ['cable', 'veth'] as const) {
    if (!wires.some((wire) => wire.kind === kind)) continue;
    entry(`<path class="wire ${kind}" d="M${round(x)} 7h18"/>`, kind === 'cable' ? 'cable' : 'veth pair');
  }
  if (shapes.some(({ down }) => down)) {
    entry(`<rect class="device down" x="${round(x)}" y="1" width="18" height="12" rx="3"/>`, 'down');
  }
  return { text: parts.join(''), width: x, height: 28 };
}
