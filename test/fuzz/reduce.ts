import type { Action, Finding, Replay } from './finding.ts';
import { Session } from './session.ts';

/** Does again what a replay says. */
export function replay({ world, mode, seed, actions }: Replay): Finding | undefined {
  return new Session({ world, mode, seed, device: '' }).run(actions);
}

/** Runs that reducing may take. */
const MOST_RUNS = 600;

/**
 * Leaves out what a finding does not need: halves of the frames, quarters, and so on to single ones, as long as the same is
 * found without them (Zeller's delta debugging); then waits and beats, where they can go.
 */
export function reduce(whole: Replay, { kind }: Finding, told: (text: string) => void): Replay {
  let runs = 0;
  const isFound = (actions: readonly Action[]): boolean =>
    runs++ < MOST_RUNS && replay({ ...whole, actions })?.kind === kind;
  let actions = whole.actions;
  for (const isPart of [isThrow, isOther]) {
    let size = Math.ceil(actions.filter(isPart).length / 2);
    while (size >= 1) {
      const before = actions.length;
      actions = withoutChunks(actions, isPart, size, isFound);
      told(`${actions.filter(isThrow).length} frames are left, after ${runs} runs`);
      if (size === 1 && actions.length === before) break;
      if (actions.length === before || size > 1) size = size === 1 ? 1 : Math.ceil(size / 2);
      if (runs >= MOST_RUNS) break;
    }
  }
  return { ...whole, actions };
}

const isThrow = ({ kind }: Action): boolean => kind === 'throw';
const isOther = (action: Action): boolean => !isThrow(action);

/** Tries to do without each run of `size` of those that may go. */
function withoutChunks(
  whole: readonly Action[],
  isPart: (action: Action) => boolean,
  size: number,
  isFound: (actions: readonly Action[]) => boolean,
): readonly Action[] {
  let actions = whole;
  const parts = whole.filter(isPart);
  for (let from = 0; from < parts.length; from += size) {
    const chunk = new Set(parts.slice(from, from + size));
    const rest = joined(actions.filter((action) => !chunk.has(action)));
    if (isFound(rest)) actions = actions.filter((action) => !chunk.has(action));
  }
  return actions;
}

/** One wait for each row of them. */
export function joined(actions: readonly Action[]): Action[] {
  const result: Action[] = [];
  for (const action of actions) {
    const last = result.at(-1);
    if (action.kind === 'wait' && last?.kind === 'wait')
      result[result.length - 1] = { kind: 'wait', span: last.span + action.span };
    else result.push(action);
  }
  return result;
}
