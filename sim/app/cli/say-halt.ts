import { haltLines } from '../../explain/halt-text.ts';
import type { World } from '../../world/world.ts';
import { EXIT } from './exit.ts';
import { say } from './terminal.ts';

/** Tells why a run was stopped before its time, where it was; it did not do what it was asked for. */
export function sayHalt(world: World): void {
  if (world.halt === undefined) return;
  say(haltLines(world, world.halt).join('\n'));
  process.exitCode = EXIT.failed;
}
