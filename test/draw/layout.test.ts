import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { later, seconds } from '../../sim/core/time.ts';
import type { Drawing, Point, Rect, Shape, Stroke } from '../../sim/draw/drawing.ts';
import { layoutOf } from '../../sim/draw/layout.ts';
import { mergePictures } from '../../sim/draw/merge.ts';
import { pictureOf } from '../../sim/draw/picture-of.ts';
import { textWidth } from '../../sim/draw/text-width.ts';
import { chain, someNetwork, star, worldOf } from './networks.ts';

function drawingOf(topology: unknown): Drawing {
  return layoutOf(pictureOf(worldOf(topology)));
}

const FRAMES: readonly Shape['tone'][] = ['node', 'space', 'idle'];

function overlap(a: Rect, b: Rect): boolean {
  const slack = 0.01;
  const apart =
    a.x + a.width <= b.x + slack ||
    b.x + b.width <= a.x + slack ||
    a.y + a.height <= b.y + slack ||
    b.y + b.height <= a.y + slack;
  return !apart;
}

function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x - 0.01 &&
    inner.y >= outer.y - 0.01 &&
    inner.x + inner.width <= outer.x + outer.width + 0.01 &&
    inner.y + inner.height <= outer.y + outer.height + 0.01
  );
}

/** Of two shapes one lies in the other, which is a frame, or they have nothing in common. */
function collisions({ shapes }: Drawing): string[] {
  return shapes.flatMap((one, index) =>
    shapes.slice(index + 1).flatMap((other) => {
      if (!overlap(one.rect, other.rect)) return [];
      const nested =
        (FRAMES.includes(one.tone) && contains(one.rect, other.rect)) ||
        (FRAMES.includes(other.tone) && contains(other.rect, one.rect));
      return nested ? [] : [`${one.id} and ${other.id}`];
    }),
  );
}

/** Labels that stick out of their shape, or lie under what stands in it. */
function misplacedLabels({ shapes }: Drawing): string[] {
  return shapes.flatMap((shape) =>
    shape.labels.flatMap(({ text, x, y, size, bold, anchor }) => {
      const width = textWidth(text, size, bold);
      const rect = { x: anchor === 'middle' ? x - width / 2 : x, y: y - size * 0.8, width, height: size };
      const covered = FRAMES.includes(shape.tone)
        ? shapes.filter((other) => other !== shape && contains(shape.rect, other.rect) && overlap(other.rect, rect))
        : [];
      return contains(shape.rect, rect) && covered.length === 0 ? [] : [`${text} of ${shape.id}`];
    }),
  );
}

/** Points along a line. */
function sample(from: Point, strokes: readonly Stroke[]): Point[] {
  const points = [from];
  let start = from;
  for (const { to, by } of strokes) {
    for (let t = 0.05; t <= 1.001; t += 0.05) {
      const u = 1 - t;
      const [c, d] = by ?? [start, to];
      const mix = (key: 'x' | 'y'): number =>
        by === undefined
          ? start[key] * u + to[key] * t
          : start[key] * u ** 3 + 3 * c[key] * u * u * t + 3 * d[key] * u * t * t + to[key] * t ** 3;
      points.push({ x: mix('x'), y: mix('y') });
    }
    start = to;
  }
  return points;
}

function onEdge({ x, y, width, height }: Rect, point: Point): boolean {
  const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.1;
  const within = (a: number, from: number, to: number): boolean => a >= from - 0.1 && a <= to + 0.1;
  return (
    ((near(point.x, x) || near(point.x, x + width)) && within(point.y, y, y + height)) ||
    ((near(point.y, y) || near(point.y, y + height)) && within(point.x, x, x + width))
  );
}

/** Wires that do not end at their devices, or run over a box or through a node that is not theirs. */
function strayWires({ shapes, wires }: Drawing): string[] {
  const rects = new Map(shapes.map(({ id, rect }) => [id, rect]));
  return wires.flatMap(({ ends, from, strokes, kind }) => {
    const [a, b] = ends.map((end) => rects.get(end)) as [Rect | undefined, Rect | undefined];
    const last = strokes.at(-1)?.to ?? from;
    if (a === undefined || b === undefined || !onEdge(a, from) || !onEdge(b, last)) return [`${ends}: ends elsewhere`];
    const foreign = shapes.filter(
      ({ tone, rect }) =>
        rect !== a &&
        rect !== b &&
        (FRAMES.includes(tone) ? !contains(rect, a) && !contains(rect, b) : kind === 'cable' || tone !== 'bridge'),
    );
    const inside = ({ x, y, width, height }: Rect, point: Point): boolean =>
      point.x > x + 0.5 && point.x < x + width - 0.5 && point.y > y + 0.5 && point.y < y + height - 0.5;
    const points = sample(from, strokes);
    const hit = foreign.find(({ rect }) => points.some((point) => inside(rect, point)));
    return hit === undefined ? [] : [`${ends}: over ${hit.id}`];
  });
}

function faultsOf(drawing: Drawing): string[] {
  const { width, height, shapes } = drawing;
  const paper = { x: 0, y: 0, width, height };
  const outside = shapes.filter(({ rect }) => !contains(paper, rect)).map(({ id }) => `${id}: off the paper`);
  return [...outside, ...collisions(drawing), ...misplacedLabels(drawing), ...strayWires(drawing)];
}

describe('law: in the drawing of any network', () => {
  it('nothing overlaps, every text fits, every wire ends at its devices and crosses no box', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(faultsOf(drawingOf(someNetwork(seed)))).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('everything of the picture is there, once', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const picture = pictureOf(worldOf(someNetwork(seed)));
        const { shapes, wires } = layoutOf(picture);
        const ids = picture.nodes.flatMap(({ spaces }) =>
          spaces.flatMap(({ boxes, devices }) => [...boxes, ...devices].map(({ id }) => id)),
        );
        const drawn = shapes.filter(({ tone }) => !FRAMES.includes(tone)).map(({ id }) => id);
        expect([...drawn].sort()).toEqual([...ids].sort());
        expect(wires.length).toBe(picture.wires.length);
      }),
      { numRuns: 30 },
    );
  });

  it('the same network gives the same drawing', () => {
    expect(drawingOf(someNetwork(7))).toEqual(drawingOf(someNetwork(7)));
  });
});

describe('a picture of several moments', () => {
  it('has what came and what went, and still nothing overlaps', () => {
    const container = (name: string): object => ({ [name]: { image: 'x', networks: ['Virtual-Eth-Group0'] } });
    const interfaces = { 'GE1/0/1': { address: '20.0.0.1/24' }, 'Virtual-Eth-Group0': { address: '1.1.1.254/24' } };
    const containers = { ...container('a'), ...container('b') };
    const nodes = { d: { kind: 'comware', interfaces, containers } };
    const world = worldOf({ topology: { nodes, links: [] } });
    const node = world.nodes.get('d');
    if (node?.kind !== 'comware') throw new Error('a device');
    let picture = pictureOf(world);
    const then = (what: () => void): void => {
      what();
      world.advance(later(world.clock.now, seconds(30)));
      picture = mergePictures(picture, pictureOf(world));
    };
    then(() => node.docker.stop('a'));
    then(() => node.docker.start('a'));
    then(() => node.docker.restart('b'));
    then(() => node.configure('undo interface Virtual-Eth-Group0'));
    then(() => node.configure('interface Virtual-Eth-Group0\n ip address 1.1.1.200 24'));
    then(() => node.reboot(seconds(5)));
    expect(faultsOf(layoutOf(picture))).toEqual([]);
    const veths = picture.wires.filter(({ kind }) => kind === 'veth').length;
    expect(veths).toBeGreaterThan(pictureOf(world).wires.length);
    const devices = picture.nodes[0]?.spaces.flatMap((space) => space.devices) ?? [];
    expect(devices.some(({ kind, state }) => kind === 'veth' && state === 'down')).toBe(true);
    const drawn = layoutOf(picture).shapes.map(({ id }) => id);
    expect(devices.filter(({ id }) => drawn.filter((one) => one === id).length !== 1)).toEqual([]);
  });
});

describe('a drawing is shaped for a page', () => {
  it('a long row of routers is folded', () => {
    const { width, height, shapes } = drawingOf(chain(30));
    expect(width / height).toBeLessThan(4);
    const rows = new Set(shapes.filter(({ tone }) => tone === 'node').map(({ rect }) => Math.round(rect.y)));
    expect(rows.size).toBeGreaterThan(3);
  });

  it('forty hosts at a switch stand in several columns', () => {
    const drawing = drawingOf(star(40));
    expect(faultsOf(drawing)).toEqual([]);
    expect(drawing.height).toBeLessThan(2500);
    expect(drawing.width).toBeLessThan(2500);
  });

  it('hundreds of nodes find their place too', () => {
    expect(faultsOf(drawingOf(star(250)))).toEqual([]);
  }, 60_000);
});
