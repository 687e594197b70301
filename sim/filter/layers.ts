import type { Offset } from './view.ts';

/** What a frame begins with: an Ethernet header, or the IP header itself. */
export type LinkType = 'ether' | 'raw';

/** Where the headers begin that a part of an expression asks about. */
export interface Layers {
  readonly link: Offset;
  /** Undefined where no header has one: on raw IP. */
  readonly etherType: Offset | undefined;
  readonly payload: Offset;
}

/** The layers at the place that compiling has come to: what stands before it in the text moves them (compiler_state_t). */
export class Scope {
  layers: Layers;
  #tunnels = 0;

  constructor(linkType: LinkType) {
    const etherType = linkType === 'raw' ? undefined : fixed(12);
    this.layers = { link: fixed(0), etherType, payload: fixed(linkType === 'raw' ? 0 : 14) };
  }

  /** Behind a VLAN tag: type and payload come four bytes later. */
  skipTag(): void {
    const { link, etherType, payload } = this.layers;
    this.layers = { link, etherType: etherType && moved(etherType, 4), payload: moved(payload, 4) };
  }

  /** Inside a tunnel that carries Ethernet; gives the register that its test writes the place of the frame to. */
  enterTunnel(): number {
    const register = this.#tunnels++;
    const at = (constant: number): Offset => ({ register, constant });
    this.layers = { link: at(0), etherType: at(12), payload: at(14) };
    return register;
  }
}

function fixed(constant: number): Offset {
  return { register: -1, constant };
}

function moved({ register, constant }: Offset, bytes: number): Offset {
  return { register, constant: constant + bytes };
}
