import type { Comware } from '../comware.ts';
import type { Acl } from '../forwarding/acl.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import type { AddressGroup } from '../forwarding/nat/rules.ts';
import type { Words } from './words.ts';

/** The view that the lines are in. `other`: one whose lines change nothing that is modelled. */
export type View =
  | { readonly kind: 'system' }
  | { readonly kind: 'interface'; readonly one: ComwareInterface }
  | { readonly kind: 'acl'; readonly acl: Acl }
  | { readonly kind: 'address-group'; readonly group: AddressGroup }
  | { readonly kind: 'other'; readonly lines: readonly string[] };

/** Where the lines are; a command may lead into another view. */
export interface Cursor {
  view: View;
}

/** A command of a view; `subject` is what the view is about. */
export interface Command<Subject> {
  /** The keywords it begins with. */
  readonly words: string;
  /** Gives undefined, or the sentence with which the device refuses: then nothing has changed. */
  readonly run: (cw: Comware, subject: Subject, words: Words, undo: boolean) => string | undefined;
}

/** The command of the table with the most keywords that begin the line, with their number. */
export function findCommand<Subject>(
  table: readonly Command<Subject>[],
  words: readonly string[],
): { readonly command: Command<Subject>; readonly length: number } | undefined {
  let best: { readonly command: Command<Subject>; readonly length: number } | undefined;
  for (const command of table) {
    const keywords = command.words.split(' ');
    const fits = keywords.every((keyword, index) => words[index]?.toLowerCase() === keyword);
    if (fits && keywords.length > (best?.length ?? 0)) best = { command, length: keywords.length };
  }
  return best;
}
