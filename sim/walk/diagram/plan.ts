import type { Owner, Picture, PictureBox, PictureDevice, PictureNode, PictureSpace } from '../../draw/picture.ts';
import { cableLabel } from '../../draw/wire-text.ts';

/*
 * A picture taken apart for a diagram: each node is a frame of rooms, its namespaces; a room has a part for its kernel, and
 * one more for Comware. What joins interfaces are nets: a wire joins two, a bridge all that hang on its ports, and the
 * kernel's punt devices all lead to Comware's stack.
 */

export interface Part {
  readonly owner: Owner;
  readonly applications: readonly PictureBox[];
  readonly stack: PictureBox | undefined;
  readonly forwarding: PictureBox | undefined;
  /** Those that are no ports of a bridge. */
  readonly devices: readonly PictureDevice[];
}

export interface Room {
  /** Title of the namespace. */
  readonly title: string;
  readonly running: boolean;
  readonly parts: readonly Part[];
  /** Of all boxes and devices in it. */
  readonly ids: readonly string[];
}

export interface Frame {
  readonly name: string;
  readonly rooms: readonly Room[];
}

/** What hangs on a net: a device that is drawn in a room, or another bridge. */
export interface NetEnd {
  /** Id of the device; of the stitch, where two bridges are joined. */
  readonly id: string;
  /** Id of the bridge's port that it is joined to, '' where there is none. */
  readonly port: string;
  /** A cable or an interface that carries nothing. */
  readonly broken: boolean;
  readonly label: string;
}

export interface Net {
  readonly kind: 'wire' | 'bridge' | 'punt';
  /** Of the bridge; what else is unique for other nets. */
  readonly id: string;
  readonly bridge: PictureBox | undefined;
  /** The node that a bridge belongs to. */
  readonly node: string;
  /** Ports of a bridge that lead nowhere. */
  readonly loosePorts: readonly string[];
  readonly ends: readonly NetEnd[];
}

/** Where a wire joins two bridges: it has a place of its own beside the frames. */
export interface Stitch {
  readonly id: string;
  /** Ports of the two bridges. */
  readonly ports: readonly [string, string];
}

export interface Plan {
  readonly frames: readonly Frame[];
  readonly stitches: readonly Stitch[];
  readonly nets: readonly Net[];
}

export function planOf(picture: Picture): Plan {
  const devices = picture.nodes.flatMap(({ spaces }) => spaces.flatMap((space) => space.devices));
  const portOf = new Map(devices.flatMap(({ id, bridge }) => (bridge === '' ? [] : [[id, bridge] as const])));
  const faulty = new Set(devices.flatMap(({ id, state }) => (state === 'up' ? [] : [id])));
  const { bridgeEnds, wires, stitches } = joined(picture, portOf, faulty);
  const bridges = picture.nodes.flatMap((node) =>
    node.spaces.flatMap((space) =>
      space.boxes
        .filter(({ kind }) => kind === 'bridge')
        .map((bridge) => bridgeNet(bridge, node, space, bridgeEnds.get(bridge.id) ?? [])),
    ),
  );
  const punts = picture.nodes.flatMap(({ spaces }) => spaces.flatMap(puntNet));
  return {
    frames: picture.nodes.map(frameOf).filter(({ rooms }) => rooms.length > 0),
    stitches,
    nets: [...punts, ...wires, ...bridges],
  };
}

function frameOf({ name, spaces }: PictureNode): Frame {
  return { name, rooms: spaces.map(roomOf).filter(({ running, parts }) => !running || parts.length > 0) };
}

function roomOf({ title, running, boxes, devices }: PictureSpace): Room {
  const parts = (['kernel', 'Comware'] as const).flatMap((owner): Part[] => {
    const own = boxes.filter((box) => box.owner === owner && box.kind !== 'bridge');
    if (own.length === 0) return [];
    const bridges = boxes.flatMap(({ device }) =>
      device === undefined || device.owner !== owner ? [] : [ownLeg(device)],
    );
    return [
      {
        owner,
        applications: own.filter(({ kind }) => kind === 'application'),
        stack: own.find(({ kind }) => kind === 'stack'),
        forwarding: own.find(({ kind }) => kind === 'forwarding'),
        devices: [...devices.filter((device) => device.owner === owner && device.bridge === ''), ...bridges],
      },
    ];
  });
  const ids = parts.flatMap(({ applications, stack, forwarding, devices: own }) =>
    [...applications, stack, forwarding, ...own].flatMap((one) => (one === undefined ? [] : [one.id])),
  );
  return { title, running, parts, ids };
}

/** A bridge's own device is an interface of its namespace, and may have the bridge's id. */
function ownLeg(device: PictureDevice): PictureDevice {
  return { ...device, id: `leg of ${device.id}` };
}

interface Joined {
  readonly bridgeEnds: ReadonlyMap<string, readonly NetEnd[]>;
  readonly wires: readonly Net[];
  readonly stitches: readonly Stitch[];
}

/** Each wire by what it joins: two interfaces, an interface and a bridge, or two bridges. */
function joined({ wires }: Picture, portOf: ReadonlyMap<string, string>, faulty: ReadonlySet<string>): Joined {
  const bridgeEnds = new Map<string, NetEnd[]>();
  const own: Net[] = [];
  const stitches: Stitch[] = [];
  const hang = (port: string, id: string, broken: boolean, label: string): void => {
    const bridge = portOf.get(port) ?? '';
    bridgeEnds.set(bridge, [...(bridgeEnds.get(bridge) ?? []), { id, port, broken, label }]);
  };
  for (const wire of wires) {
    const [a, b] = wire.ends;
    const broken = !wire.plugged || faulty.has(a) || faulty.has(b);
    const label = cableLabel(wire);
    if (portOf.has(a) && portOf.has(b)) {
      const id = `${a} - ${b}`;
      stitches.push({ id, ports: [a, b] });
      hang(a, id, broken, label);
      hang(b, id, broken, label);
    } else if (portOf.has(a)) hang(a, b, broken, label);
    else if (portOf.has(b)) hang(b, a, broken, label);
    else {
      const ends = [a, b].map((id) => ({ id, port: '', broken, label }));
      own.push({ kind: 'wire', id: `${a} - ${b}`, bridge: undefined, node: '', loosePorts: [], ends });
    }
  }
  return { bridgeEnds, wires: own, stitches };
}

function bridgeNet(bridge: PictureBox, node: PictureNode, space: PictureSpace, ends: readonly NetEnd[]): Net {
  const isDrawn = space.boxes.some(({ kind }) => kind === 'forwarding');
  const { device } = bridge;
  const own = device !== undefined && isDrawn ? [{ id: ownLeg(device).id, port: '', broken: false, label: '' }] : [];
  const wired = new Set(ends.map(({ port }) => port));
  const ports = space.devices.filter((one) => one.bridge === bridge.id).map(({ id }) => id);
  return {
    kind: 'bridge',
    id: bridge.id,
    bridge,
    node: node.name,
    loosePorts: ports.filter((id) => !wired.has(id)),
    ends: [...own, ...ends],
  };
}

function puntNet({ boxes, devices }: PictureSpace): Net[] {
  const stack = boxes.find(({ kind, owner }) => kind === 'stack' && owner === 'Comware');
  const punts = devices.filter(({ kind, bridge }) => kind === 'punt' && bridge === '');
  if (stack === undefined || punts.length === 0) return [];
  const ends = [stack.id, ...punts.map(({ id }) => id)].map((id) => ({ id, port: '', broken: false, label: '' }));
  return [{ kind: 'punt', id: `punt ${stack.id}`, bridge: undefined, node: '', loosePorts: [], ends }];
}
