import { setFlagsFromString } from 'node:v8';

/**
 * A packet passes fifty small functions on its way through a stack. V8 copies small functions into those that call them,
 * up to a limit meant for web pages; a higher one makes long runs faster by a third (npm run bench -- chain).
 */
export function tuneEngine(): void {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');
}
