import type { Ipv4 } from '../../wire/address.ts';
import type { TcpEnds } from './connection.ts';

/** Connections by their four numbers (the established hash): whole numbers are the keys, no text is made. */
export class ConnectionTable<T extends TcpEnds> {
  readonly #chains = new Map<number, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of what came in by `device`: who is bound to another one does not hear it. Models inet_match(). */
  find(localAddress: Ipv4, localPort: number, remoteAddress: Ipv4, remotePort: number, device: string): T | undefined {
    const chain = this.#chains.get(hash(localAddress, localPort, remoteAddress, remotePort));
    if (chain === undefined) return undefined;
    for (const one of chain) {
      if (
        one.remotePort === remotePort &&
        one.localPort === localPort &&
        one.remoteAddress === remoteAddress &&
        one.localAddress === localAddress &&
        (one.device === '' || one.device === device)
      ) {
        return one;
      }
    }
    return undefined;
  }

  add(one: T): void {
    const key = hash(one.localAddress, one.localPort, one.remoteAddress, one.remotePort);
    const chain = this.#chains.get(key);
    if (chain === undefined) this.#chains.set(key, [one]);
    else chain.push(one);
    this.#size++;
  }

  remove(one: T): void {
    const key = hash(one.localAddress, one.localPort, one.remoteAddress, one.remotePort);
    const chain = this.#chains.get(key) ?? [];
    const rest = chain.filter((other) => other !== one);
    this.#size -= chain.length - rest.length;
    if (rest.length > 0) this.#chains.set(key, rest);
    else this.#chains.delete(key);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const chain of this.#chains.values()) yield* chain;
  }
}

function hash(localAddress: Ipv4, localPort: number, remoteAddress: Ipv4, remotePort: number): number {
  const ports = (localPort << 16) | remotePort;
  return Math.imul(localAddress ^ Math.imul(remoteAddress, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35);
}

export function byPorts(a: TcpEnds, b: TcpEnds): number {
  return a.localPort - b.localPort || a.remotePort - b.remotePort || a.remoteAddress - b.remoteAddress;
}
