/** What only a bug in the simulator can cause. Users never see one from their own input; exit code 5. */
export class SimulatorBug extends Error {
  override readonly name = 'SimulatorBug';
}

/** For where the sentence is dear to make: `if (...) bug(...)` makes it only for the bug. */
export function bug(sentence: string): never {
  throw new SimulatorBug(sentence);
}

/** Throws SimulatorBug with `sentence` unless `condition` holds. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new SimulatorBug(sentence);
}

/** The value, or SimulatorBug with `sentence` where there is none. */
export function must<T>(value: T | undefined | null, sentence: string): T {
  if (value === undefined || value === null) throw new SimulatorBug(sentence);
  return value;
}
