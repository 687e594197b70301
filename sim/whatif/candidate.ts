import type { Stack } from '../world/world.ts';
import type { Verb } from './change.ts';
import type { Distance, Scene } from './scene.ts';

/** What kind of thing a change touches. */
export type RemedyKind =
  | 'rule'
  | 'nat'
  | 'route'
  | 'sysctl'
  | 'listener'
  | 'interface'
  | 'cable'
  | 'address'
  | 'neighbour'
  | 'bridge'
  | 'container'
  | 'comware'
  /** The flow itself is sent otherwise. */
  | 'flow';

/** A change that might let the flow pass. Nothing is known until it was tried. */
export interface Candidate {
  readonly kind: RemedyKind;
  readonly verb: Verb;
  readonly line: string;
  /**
   * How much it asks for: 5 for what is merely off, 10 for what stands in the way and nothing else, 20 for an exact
   * addition, 40 for something broad, 60 for giving up a protection.
   */
  readonly cost: number;
}

/** Makes candidates from the state of one stack. */
export type Generator = (scene: Scene, stack: Stack) => Candidate[];

/** What being further away adds to the cost. */
const FAR: Readonly<Record<Distance, number>> = { 0: 0, 1: 7, 2: 25 };

/** Nobody configures the kernels inside a device where the device has commands of its own. */
const INSIDE = 18;

/** Candidates of every generator at every stack, the likeliest first; each line once, at its best. */
export function gather(scene: Scene, generators: readonly Generator[]): Candidate[] {
  const best = new Map<string, Candidate>();
  for (const stack of scene.stacks) {
    const far = FAR[scene.distance(stack)];
    const isInside = stack.comware === undefined && (stack.place.role === 'comware' || stack.place.role === 'host');
    for (const generator of generators) {
      for (const candidate of generator(scene, stack)) {
        const key = `${candidate.verb} ${candidate.line}`;
        const cost = candidate.cost + far + (isInside && candidate.cost >= 12 ? INSIDE : 0);
        if (cost < (best.get(key)?.cost ?? Number.POSITIVE_INFINITY)) best.set(key, { ...candidate, cost });
      }
    }
  }
  return [...best.values()].sort((a, b) => a.cost - b.cost);
}
