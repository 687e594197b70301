import { ACL_VIEW } from './commands/acl-view.ts';
import { type Command, type Cursor, findCommand } from './commands/command-table.ts';
import { harmless } from './commands/harmless.ts';
import { INTERFACE_VIEW } from './commands/interface-view.ts';
import { ADDRESS_GROUP_VIEW } from './commands/nat-system.ts';
import { SYSTEM_VIEW } from './commands/system-view.ts';
import { Words } from './commands/words.ts';
import type { Comware } from './comware.ts';

/** A line of configuration the device does not take; `line` counts from 0 in the text. */
export interface CommandFault {
  readonly line: number;
  readonly text: string;
  readonly message: string;
}

/**
 * Configures Comware with lines as `display current-configuration` prints them. Every line is tried, and each that is
 * unknown or refused is reported; none is ignored. `#` lines, `return` and `quit` lead back to the system view, and so
 * does a command of the system view, as on the device.
 */
export function configure(cw: Comware, text: string): CommandFault[] {
  const faults: CommandFault[] = [];
  const cursor: Cursor = { view: { kind: 'system' } };
  for (const [line, raw] of text.split(/\r?\n/).entries()) {
    const words = raw
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    const message = words.length === 0 ? undefined : runLine(cw, cursor, words);
    if (message !== undefined) faults.push({ line, text: raw.trim(), message });
  }
  return faults;
}

/** Commands of the user view, which configure nothing. */
const NOT_CONFIGURATION: readonly string[] = ['ping', 'tracert', 'display', 'reset', 'save', 'reboot', 'telnet'];

function runLine(cw: Comware, cursor: Cursor, words: readonly string[]): string | undefined {
  const [first = ''] = words;
  const leaves = words.length === 1 && ['return', 'quit', 'system-view'].includes(first.toLowerCase());
  if (first.startsWith('#') || leaves) {
    cursor.view = { kind: 'system' };
    return undefined;
  }
  const undo = first.toLowerCase() === 'undo';
  const line = { cw, cursor, text: words.join(' '), words: undo ? words.slice(1) : words, undo };
  const isKnown = runInView(line);
  if (isKnown !== undefined) return isKnown.refusal;
  const { view } = cursor;
  const inSystem = run(line, SYSTEM_VIEW, cursor);
  if (inSystem === undefined) {
    return NOT_CONFIGURATION.includes(first.toLowerCase())
      ? `\`${first}\` is a command to run, not a line of configuration.`
      : `Unrecognized command: ${line.text}`;
  }
  if (cursor.view === view) cursor.view = { kind: 'system' };
  return inSystem.refusal;
}

interface Line {
  readonly cw: Comware;
  readonly cursor: Cursor;
  readonly text: string;
  /** Without `undo`. */
  readonly words: readonly string[];
  readonly undo: boolean;
}

/** What became of a command that the view knows. */
interface Outcome {
  readonly refusal: string | undefined;
}

/** Tries the commands of the view; undefined where it knows none that begins so. */
function runInView(line: Line): Outcome | undefined {
  const { view } = line.cursor;
  switch (view.kind) {
    case 'interface':
      return run(line, INTERFACE_VIEW, view.one);
    case 'acl':
      return run(line, ACL_VIEW, view.acl);
    case 'address-group':
      return run(line, ADDRESS_GROUP_VIEW, view.group);
    case 'other':
      return run(line, harmless(...view.lines), undefined);
    case 'system':
      return undefined;
  }
}

function run<Subject>(line: Line, table: readonly Command<Subject>[], subject: Subject): Outcome | undefined {
  const { cw, text, words, undo } = line;
  const found = findCommand(table, words);
  if (found === undefined) return undefined;
  return { refusal: found.command.run(cw, subject, new Words(text, words.slice(found.length)), undo) };
}
