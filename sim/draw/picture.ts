import type { SimTime } from '../core/time.ts';
import type { Role } from '../packet/place.ts';

/*
 * What is drawn: a world as plain data, in the words of its traces. The id of a box or a device is the text of its
 * station, `Kernel forwarding@host-b`, so that what a packet passed is found in the picture.
 */

/** Whose work a box or a device does. */
export type Owner = 'kernel' | 'Comware';

/** A part of a stack, as the whitepaper's figures draw it, or a bridge. */
export interface PictureBox {
  readonly id: string;
  /** `Inet stack`, `Comware forwarding`, `TPA bridge` ... */
  readonly what: string;
  readonly kind: 'application' | 'stack' | 'forwarding' | 'bridge';
  readonly owner: Owner;
  /** Whose application it is, where several share a namespace; '' for none. */
  readonly of: string;
  /** By what a bridge's own namespace takes part in it. */
  readonly device: PictureDevice | undefined;
}

export interface PictureDevice {
  readonly id: string;
  readonly name: string;
  readonly kind: 'loopback' | 'physical' | 'veth' | 'bridge' | 'punt' | 'virtual';
  readonly owner: Owner;
  /** `192.0.2.1/24` ... */
  readonly addresses: readonly string[];
  /** '' where it has none. */
  readonly mac: string;
  readonly mtu: number;
  readonly state: 'up' | 'down' | 'no carrier';
  /** Id of the bridge it is a port of, '' for none. */
  readonly bridge: string;
  /** The interface of Comware that a kernel's device stands for, '' for none. */
  readonly standsFor: string;
}

/** A network namespace; containers that share one are applications in it. */
export interface PictureSpace {
  /** `device-a/container3`. */
  readonly title: string;
  readonly role: Role;
  /** False for a container that does not run: it has no namespace. */
  readonly running: boolean;
  /** From the programs down to forwarding, then bridges. */
  readonly boxes: readonly PictureBox[];
  readonly devices: readonly PictureDevice[];
}

export interface PictureNode {
  readonly name: string;
  readonly kind: 'linux' | 'bridge' | 'comware';
  readonly spaces: readonly PictureSpace[];
}

/** What joins two devices: a cable between nodes, or a veth pair. */
export interface PictureWire {
  readonly kind: 'cable' | 'veth';
  /** Ids of devices. */
  readonly ends: readonly [string, string];
  readonly plugged: boolean;
  /** One way. */
  readonly delay: SimTime;
  readonly jitter: SimTime;
  /** Bits a second; undefined: sending takes no time. */
  readonly rate: number | undefined;
  /** Share of frames lost, 0 to 1. */
  readonly loss: number;
}

export interface Picture {
  readonly nodes: readonly PictureNode[];
  readonly wires: readonly PictureWire[];
}

/** Without loopback interfaces that have nothing but the address they all have, unless `used` names them. */
export function withoutIdleLoopbacks(picture: Picture, used: ReadonlySet<string>): Picture {
  const isShown = ({ id, kind, addresses }: PictureDevice): boolean =>
    kind !== 'loopback' || used.has(id) || addresses.some((address) => address !== '127.0.0.1/8');
  const nodes = picture.nodes.map((node) => ({
    ...node,
    spaces: node.spaces.map((space) => ({ ...space, devices: space.devices.filter(isShown) })),
  }));
  return { ...picture, nodes };
}
