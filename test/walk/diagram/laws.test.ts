import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../../sim/core/chance.ts';
import type { Picture } from '../../../sim/draw/picture.ts';
import { pictureOf } from '../../../sim/draw/picture-of.ts';
import { type DiagramMoment, drawDiagram } from '../../../sim/walk/diagram/draw.ts';
import { type Diagram, layout } from '../../../sim/walk/diagram/layout.ts';
import { type Line, lineText, lineWidth, type Size } from '../../../sim/walk/styled.ts';
import { chain, someNetwork, star, worldOf } from '../../draw/networks.ts';

const SIZES: readonly Size[] = [
  { width: 80, height: 11 },
  { width: 120, height: 20 },
  { width: 200, height: 35 },
];

/** Sizes of terminals, and sizes that nobody has. */
const sizes = fc.oneof(
  fc.constantFrom(...SIZES),
  fc.record({ width: fc.integer({ min: 1, max: 240 }), height: fc.integer({ min: 1, max: 60 }) }),
);

function idsIn({ nodes }: Picture): string[] {
  return nodes.flatMap(({ spaces }) =>
    spaces.flatMap(({ boxes, devices }) => [...boxes, ...devices].map(({ id }) => id)),
  );
}

/** A way over anything, in any order: whatever a packet may do. */
function someWay(ids: readonly string[], chance: Chance): string[] {
  return Array.from({ length: Math.min(ids.length, chance.below(12)) }, () => ids[chance.below(ids.length)] ?? '');
}

function signsIn(lines: readonly Line[]): number {
  return [...lines.map(lineText).join('')].filter((character) => character === '◆' || character === '✗').length;
}

function faults(lines: readonly Line[], { width, height }: Size): string[] {
  const widths = lines.flatMap((line, row) => (lineWidth(line) === width ? [] : [`row ${row}: ${lineWidth(line)}`]));
  const signs = signsIn(lines);
  return [
    ...(lines.length === height ? [] : [`${lines.length} rows`]),
    ...widths,
    ...(signs === 1 ? [] : [`${signs} packets`]),
  ];
}

function momentsOf(way: readonly string[], at: string): DiagramMoment[] {
  return [
    { way, at, dropped: false },
    { way, at, dropped: true },
    ...[0, 0.3, 0.7, 1].map((glide) => ({ way, at, dropped: false, glide })),
  ];
}

describe('law: of any network, in a terminal of any size', () => {
  it('every line is exactly as wide as asked, and the packet is seen once, wherever it is', () => {
    fc.assert(
      fc.property(fc.nat(), sizes, fc.constantFrom('en', 'zh'), (seed, size, language) => {
        const picture = pictureOf(worldOf(someNetwork(seed)));
        const chance = new Chance(seed, 'way');
        const ids = idsIn(picture);
        const way = someWay(ids, chance);
        const diagram = layout(picture, new Set(way), size, language);
        for (const at of [...way, ...someWay(ids, chance), 'nowhere@at-all']) {
          for (const moment of momentsOf(way, at)) {
            expect({ at, faults: faults(drawDiagram(diagram, moment), size) }).toEqual({ at, faults: [] });
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('nothing of the arrangement depends on where the packet is', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const picture = pictureOf(worldOf(someNetwork(seed)));
        const way = someWay(idsIn(picture), new Chance(seed, 'way'));
        const draw = (diagram: Diagram): string =>
          way.map((at) => drawDiagram(diagram, { way, at, dropped: false }).map(lineText).join('\n')).join('\n');
        const size = SIZES[seed % SIZES.length] as Size;
        const diagram = layout(picture, new Set(way), size);
        expect(draw(diagram)).toBe(draw(diagram));
        expect(draw(layout(picture, new Set(way), size))).toBe(draw(diagram));
      }),
      { numRuns: 20 },
    );
  });
});

describe('large networks', () => {
  it.each([
    ['a star of 40 hosts', star(40)],
    ['a chain of 12 routers', chain(12)],
  ])('%s: at every size there is room for the packet', (_, topology) => {
    const picture = pictureOf(worldOf(topology));
    const ids = idsIn(picture);
    for (const size of SIZES) {
      for (const relevant of [new Set<string>(), new Set(ids), new Set(ids.slice(0, 9))]) {
        const diagram = layout(picture, relevant, size);
        for (const at of ids) {
          expect(faults(drawDiagram(diagram, { way: [at], at, dropped: false }), size)).toEqual([]);
        }
      }
    }
  });
});
