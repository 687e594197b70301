import type { Ipv4 } from '../../wire/address.ts';
import type { TcpListener } from './listener.ts';

/** The listeners of a stack by their port (the listening hash). */
export class ListenerTable {
  readonly #byPort = new Map<number, TcpListener[]>();

  add(listener: TcpListener): void {
    const others = this.#byPort.get(listener.localPort);
    if (others === undefined) this.#byPort.set(listener.localPort, [listener]);
    else others.push(listener);
  }

  /** False where it is not in the table any more. */
  remove(listener: TcpListener): boolean {
    const all = this.#byPort.get(listener.localPort) ?? [];
    if (!all.includes(listener)) return false;
    const rest = all.filter((other) => other !== listener);
    if (rest.length > 0) this.#byPort.set(listener.localPort, rest);
    else this.#byPort.delete(listener.localPort);
    return true;
  }

  /** The best one: one for the very address before the wildcard. Models inet_lookup_listener(). */
  find(address: Ipv4, port: number, device: string): TcpListener | undefined {
    const candidates = this.#byPort.get(port);
    if (candidates === undefined) return undefined;
    let best: TcpListener | undefined;
    let bestScore = 0;
    for (const listener of candidates) {
      const asked = listener.options.device ?? '';
      if (asked !== '' && asked !== device) continue;
      if (listener.localAddress !== 0 && listener.localAddress !== address) continue;
      const score = 1 + (listener.localAddress === 0 ? 0 : 1) + (asked === '' ? 0 : 1);
      if (score <= bestScore) continue;
      best = listener;
      bestScore = score;
    }
    return best;
  }

  /** In the order of their ports. */
  list(): TcpListener[] {
    return [...this.#byPort.values()].flat().sort((a, b) => a.localPort - b.localPort);
  }
}
