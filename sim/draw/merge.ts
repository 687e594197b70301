import type { Picture, PictureBox, PictureDevice, PictureNode, PictureSpace } from './picture.ts';

/**
 * Two moments of one world in one picture: everything that was there at either, as it was at the later where it was there
 * then. What has gone since is down.
 */
export function mergePictures(earlier: Picture, later: Picture): Picture {
  return {
    nodes: union(earlier.nodes, later.nodes, ({ name }) => name, mergeNodes),
    wires: union(
      earlier.wires,
      later.wires,
      ({ ends }) => [...ends].sort().join(' '),
      (_, now) => now,
    ),
  };
}

function mergeNodes(before: PictureNode, now: PictureNode): PictureNode {
  return { ...now, spaces: union(before.spaces, now.spaces, ({ title }) => title, mergeSpaces) };
}

function mergeSpaces(before: PictureSpace, now: PictureSpace): PictureSpace {
  const gone = before.devices
    .filter(({ id }) => !now.devices.some((device) => device.id === id))
    .map((device): PictureDevice => ({ ...device, state: 'down' }));
  return {
    ...now,
    running: before.running || now.running,
    boxes: union(
      before.boxes,
      now.boxes,
      ({ id }) => id,
      (_, box) => box,
    ).sort((a, b) => rank(a) - rank(b)),
    devices: [...now.devices, ...gone],
  };
}

/** Comware's own boxes first, and of each owner from the programs down. */
function rank({ owner, kind }: PictureBox): number {
  return (owner === 'Comware' ? 0 : KINDS.length) + KINDS.indexOf(kind);
}

const KINDS: readonly PictureBox['kind'][] = ['application', 'stack', 'forwarding', 'bridge'];

/** In the order of `before`, then what `now` has beyond it. */
function union<T>(before: readonly T[], now: readonly T[], keyOf: (one: T) => string, merge: (a: T, b: T) => T): T[] {
  const later = new Map(now.map((one) => [keyOf(one), one]));
  const merged = before.map((one) => {
    const other = later.get(keyOf(one));
    later.delete(keyOf(one));
    return other === undefined ? one : merge(one, other);
  });
  return [...merged, ...later.values()];
}
