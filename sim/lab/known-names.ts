import { nearest } from '../core/nearest.ts';
import type { FlowAccount } from '../explain/account.ts';
import type { Component } from '../packet/place.ts';
import type { World } from '../world/world.ts';
import { LabError } from './lab-error.ts';
import { isAtPlace, partsOf } from './way.ts';

const BOXES: readonly Component[] = [
  ...(['Application', 'Inet stack', 'Kernel forwarding', 'Comware application'] as const),
  ...(['Comware stack', 'Comware forwarding'] as const),
];

/** Every name that a station or a place of a lab has had when a flow was sent: a test that writes another has misspelt it. */
export class KnownNames {
  /** Titles of places. */
  readonly #places: readonly string[];
  /** Boxes, bridges and devices, by the titles of their places. */
  readonly #whats: ReadonlySet<string>;

  constructor(world: World) {
    const stacks = world.stacks();
    this.#places = [...new Set(stacks.flatMap(({ title, place, node }) => [title, place.title, node.name]))];
    this.#whats = new Set([
      ...BOXES,
      ...(world.captures?.captures() ?? []).map(({ device }) => device.name),
      ...stacks.flatMap(({ bridges }) => bridges.map((bridge) => bridge.title)),
    ]);
  }

  mustBePlace(matcher: string, name: string): void {
    if (this.#isPlace(name)) return;
    throw new LabError(`${matcher}: there is no "${name}"; ${hintFor(name, this.#places)}`);
  }

  mustBeStation(matcher: string, pattern: string): void {
    const { what, place } = partsOf(pattern);
    if (place !== undefined) this.mustBePlace(matcher, place);
    if (this.#whats.has(what) || (place === undefined && this.#isPlace(what))) return;
    const names = place === undefined ? [...this.#whats, ...this.#places] : [...this.#whats];
    throw new LabError(`${matcher}: there is no station "${what}"; ${hintFor(what, names)}`);
  }

  #isPlace(name: string): boolean {
    return this.#places.some((title) => isAtPlace(title, name));
  }
}

function hintFor(word: string, names: readonly string[]): string {
  const close = nearest(word, names);
  return close === undefined ? `there are ${names.join(', ')}` : `did you mean "${close}"?`;
}

/** Where an account carries the names of its lab: no JSON and no comparison sees it. */
const NAMES: unique symbol = Symbol('names of the lab');

/** The same account, which knows the names of its lab. */
export function knowing(account: FlowAccount, names: KnownNames): FlowAccount {
  return Object.defineProperty(account, NAMES, { value: names });
}

/** Undefined for an account that was written to JSON and read again. */
export function namesKnownTo(account: FlowAccount): KnownNames | undefined {
  return NAMES in account ? (account[NAMES] as KnownNames) : undefined;
}
