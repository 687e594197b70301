import { missingStack } from '../world/stack-names.ts';
import type { Stack, World } from '../world/world.ts';
import { LabError } from './lab-error.ts';

/** The stack of a name; LabError with what could be meant where there is none. */
export function stackOf(world: World, name: string): Stack {
  const stack = world.find(name);
  if (stack !== undefined) return stack;
  const { message, hint } = missingStack(world, name);
  throw new LabError(`${message}; ${hint}`);
}
