import { haltLines } from '../../explain/halt-text.ts';
import type { Halt, HaltReason } from '../../world/halt.ts';
import type { World } from '../../world/world.ts';
import { EXIT } from './exit.ts';
import { say } from './terminal.ts';

/** What is raised, by whoever means the run to go on. */
const LIMIT_OPTIONS: Readonly<Record<HaltReason, string>> = {
  storm: '--max-transmissions',
  events: '--max-events',
  time: '--max-time',
  captures: '--max-capture-bytes',
  memory: '--max-memory',
};

/** Why a run was stopped before its time, what was going on, and which option lets it go on. */
export function toldHalt(world: World, halt: Halt): string[] {
  return [...haltLines(world, halt), `  more    ${LIMIT_OPTIONS[halt.reason]} lets it go on for longer`];
}

/** Tells why a run was stopped before its time, where it was; it did not do what it was asked for. */
export function sayHalt(world: World): void {
  if (world.halt === undefined) return;
  say(toldHalt(world, world.halt).join('\n'));
  process.exitCode = EXIT.failed;
}
