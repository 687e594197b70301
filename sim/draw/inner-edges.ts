import type { Picture, PictureBox, PictureSpace } from './picture.ts';

/** What belongs together within a namespace: programs and their stack, forwarding and its devices, a bridge and its ports. */
export function innerEdges({ nodes }: Picture): [string, string][] {
  return nodes.flatMap(({ spaces }) => spaces.flatMap(edgesOf));
}

function edgesOf({ boxes, devices }: PictureSpace): [string, string][] {
  const of = (kind: PictureBox['kind'], owner: PictureBox['owner']): PictureBox[] =>
    boxes.filter((box) => box.kind === kind && box.owner === owner);
  const edges: [string, string][] = [];
  for (const owner of ['kernel', 'Comware'] as const) {
    const [stack] = of('stack', owner);
    const [forwarding] = of('forwarding', owner);
    if (stack !== undefined) for (const program of of('application', owner)) edges.push([program.id, stack.id]);
    if (stack !== undefined && forwarding !== undefined) edges.push([stack.id, forwarding.id]);
    for (const device of devices) {
      if (device.owner !== owner) continue;
      if (device.bridge !== '') edges.push([device.bridge, device.id]);
      else if (forwarding !== undefined) edges.push([forwarding.id, device.id]);
    }
    if (forwarding !== undefined) for (const bridge of of('bridge', owner)) edges.push([forwarding.id, bridge.id]);
  }
  // Punt devices end in Comware's stack.
  const comware = of('stack', 'Comware')[0];
  if (comware === undefined) return edges;
  const punts = devices.filter(({ kind }) => kind === 'punt');
  return [...edges, ...punts.map(({ id }): [string, string] => [id, comware.id])];
}
