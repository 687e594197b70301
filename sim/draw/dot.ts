import { withoutHidden } from '../core/hidden.ts';
import { innerEdges } from './inner-edges.ts';
import { arrowText, boxLines, deviceLines } from './mermaid.ts';
import type { Picture, PictureBox, PictureDevice, PictureNode, PictureSpace } from './picture.ts';
import type { DrawnFlow } from './way.ts';
import { cableLabel } from './wire-text.ts';

/** A picture as a graph in Graphviz's language: nodes and namespaces as clusters. */
export function dotText(picture: Picture, title: string, flow?: DrawnFlow): string {
  const aliases = new Map<string, string>();
  for (const { spaces } of picture.nodes) {
    for (const { boxes } of spaces)
      for (const { id, device } of boxes) if (device !== undefined) aliases.set(device.id, id);
  }
  const name = (id: string): string => quoted(aliases.get(id) ?? id);
  const present = new Set(
    picture.nodes.flatMap(({ spaces }) =>
      spaces.flatMap(({ boxes, devices }) => [...boxes, ...devices].map(({ id }) => id)),
    ),
  );
  const lines = [
    `graph ${quoted(title)} {`,
    '  graph [rankdir=LR, compound=true, fontname="Helvetica", style=rounded, color="#aab4c0"];',
    '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=10, fillcolor="#ffffff", color="#84a9d6"];',
    '  edge [fontname="Helvetica", fontsize=9, color="#5f6b7a"];',
    ...picture.nodes.flatMap((node, index) => nodeLines(node, index)),
    ...innerEdges(picture).map(([a, b]) => `  ${name(a)} -- ${name(b)} [style=dotted];`),
    ...picture.wires.map((wire) => {
      const label = cableLabel(wire);
      const look = [
        ...(label === '' ? [] : [`label=${quoted(label)}`]),
        `penwidth=2`,
        ...(wire.kind === 'veth' ? ['color="#82b48b"'] : []),
        ...(wire.plugged ? [] : ['style=dashed']),
      ];
      return `  ${name(wire.ends[0])} -- ${name(wire.ends[1])} [${look.join(', ')}];`;
    }),
    ...(flow === undefined ? [] : flowLines(flow, present, name)),
    '}',
    '',
  ];
  return lines.join('\n');
}

function nodeLines({ name, spaces }: PictureNode, index: number): string[] {
  const inner = spaces.flatMap((space, at) => {
    if (space.title === name) return spaceLines(space, '    ');
    const label = space.running ? space.title : `${space.title}, not running`;
    // A cluster with nothing in it is not drawn.
    const empty = space.running ? [] : [`      ${quoted(`idle ${space.title}`)} [style=invis, label=""];`];
    return [
      `    subgraph cluster_${index}_${at} {`,
      `      label=${quoted(label)};`,
      ...empty,
      ...spaceLines(space, '      '),
      '    }',
    ];
  });
  return [`  subgraph cluster_${index} {`, `    label=${quoted(name)};`, ...inner, '  }'];
}

function spaceLines({ boxes, devices }: PictureSpace, indent: string): string[] {
  return [
    ...boxes.map((box) => `${indent}${quoted(box.id)} [label=${quotedLines(boxLines(box))}, ${fill(box)}];`),
    ...devices.map((device) => {
      const look = device.state === 'up' ? '' : ', style="rounded,dashed"';
      return `${indent}${quoted(device.id)} [label=${quotedLines(deviceLines(device))}${owned(device)}${look}];`;
    }),
  ];
}

function owned({ owner }: PictureDevice): string {
  return owner === 'Comware' ? ', fillcolor="#fdeedd", color="#d9a266"' : '';
}

function fill({ kind, owner }: PictureBox): string {
  const [inner, edge] = owner === 'Comware' ? ['#fdeedd', '#d9a266'] : FILLS[kind];
  return `fillcolor="${inner}", color="${edge}"`;
}

const FILLS: { readonly [kind in PictureBox['kind']]: readonly [string, string] } = {
  application: ['#f1ecfa', '#a792d0'],
  stack: ['#e6f0fb', '#84a9d6'],
  forwarding: ['#e6f0fb', '#84a9d6'],
  bridge: ['#e5f3e8', '#82b48b'],
};

function flowLines(flow: DrawnFlow, present: ReadonlySet<string>, name: (id: string) => string): string[] {
  const lines = [`  label=${quoted(`${flow.title}: ${flow.verdict}`)};`];
  for (const [all, colour] of [
    [flow.there, '#0064b0'],
    [flow.back, '#c2500a'],
  ] as const) {
    const points = all.filter(({ id }) => present.has(id));
    for (const [index, point] of points.entries()) {
      const before = points[index - 1];
      const look = `dir=forward, penwidth=3, color="${colour}", fontcolor="${colour}", constraint=false`;
      const label = quoted(arrowText(point));
      if (before !== undefined) lines.push(`  ${name(before.id)} -- ${name(point.id)} [label=${label}, ${look}];`);
    }
    const end = points.at(-1);
    if (end?.dropped === true) lines.push(`  ${name(end.id)} [fillcolor="#fbe3e5", color="#c0182b", penwidth=2];`);
  }
  return lines;
}

/** A double-quoted string of the language: backslashes begin escapes of labels. */
function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

function quotedLines(lines: readonly string[]): string {
  return `"${lines.map(escaped).join('\\n')}"`;
}

function escaped(text: string): string {
  return withoutHidden(text.replace(/[\n\t]/g, ' '), ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"');
}
