import type { Way } from './points.ts';

/** What was found: a sentence, and where it stands to reason the stack of the error. */
export interface Finding {
  /** What kind it is, free of numbers: two runs found the same if this is the same. */
  readonly kind: string;
  readonly text: string;
}

export function findingOf(kind: string, detail: string): Finding {
  return { kind: kind.replace(/\d+/g, 'N'), text: detail === '' ? kind : `${kind}\n${detail}` };
}

/** What is done to a world, in order. */
export type Action =
  | { readonly kind: 'throw'; readonly point: string; readonly way: Way; readonly bytes: Uint8Array }
  /** Every flow says something. */
  | { readonly kind: 'beat' }
  /** Nanoseconds. */
  | { readonly kind: 'wait'; readonly span: number };

/**
 * How a run is judged. `free`: any frame whatever; nothing may break, and the network is well again afterwards. `blind`: what
 * an attacker can throw who neither lies about addresses on a link nor hits a window; what runs goes on. `traced`: as `free`,
 * with every step recorded and its grammar checked.
 */
export type Mode = 'free' | 'blind' | 'traced';

/** A run to be done again: what a file of test/fuzz/found holds. */
export interface Replay {
  readonly about: string;
  readonly world: string;
  readonly mode: Mode;
  readonly seed: number;
  readonly actions: readonly Action[];
}

/** As JSON: each action one string, `in gw:wan 0200...`, `beat` or `wait 1000`. */
export function formatReplay({ about, world, mode, seed, actions }: Replay): string {
  return `${JSON.stringify({ about, world, mode, seed, actions: actions.map(formatAction) }, undefined, 1)}\n`;
}

export function parseReplay(text: string): Replay {
  const { actions, ...rest } = JSON.parse(text) as Omit<Replay, 'actions'> & { readonly actions: readonly string[] };
  if (!Array.isArray(actions)) throw new Error('these are no actions of the fuzzer');
  return { ...rest, actions: actions.map(parseAction) };
}

export function formatAction(action: Action): string {
  if (action.kind === 'throw') return `${action.way} ${action.point} ${Buffer.from(action.bytes).toString('hex')}`;
  return action.kind === 'wait' ? `wait ${action.span}` : 'beat';
}

function parseAction(line: string): Action {
  const [verb = '', point = '', hex = ''] = line.split(' ');
  if (verb === 'beat') return { kind: 'beat' };
  if (verb === 'wait') return { kind: 'wait', span: Number(point) };
  if (verb !== 'in' && verb !== 'out') throw new Error(`no action: ${line}`);
  return { kind: 'throw', way: verb, point, bytes: Uint8Array.from(Buffer.from(hex, 'hex')) };
}
