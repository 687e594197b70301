/** From the start of a step to its first frame, more than in the simulator, in ns: a process has to start for it. */
export const PROCESS_START = 500_000_000;
