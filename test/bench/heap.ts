import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of everything that can still be reached, typed arrays included. */
export function heapInUse(): number {
  // A user's Node has no gc(); a context that is made after the flag was set has.
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  // The first collection may leave to the second what had a finalizer.
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
