import type { Problem } from '../core/problem.ts';

/**
 * One change to a network, as it is typed behind `--set` and `--remove`, and as remedies are printed:
 *
 *     gw: ip route add 10.2.0.0/24 via 10.0.0.2          a command of a Linux stack; several behind one another with `;`
 *     gw: net.ipv4.ip_forward=1                          a setting of its kernel
 *     device-a: interface GE1/0/1; nat static enable     lines of Comware's configuration
 *     device-a: docker start container1                  on the command line of a device
 *     host-b: listen tcp 80 [at ADDRESS] [as PROGRAM]    a program that listens
 *     link gw:eth1 up|down                               a cable by either end; also rate, delay, jitter, loss, mtu,
 *                                                        the far end of a new cable, or `swap NODE:INTERFACE`
 *
 *     flow ttl 64                                        the flow is sent otherwise: ttl, df, size, source
 *
 * To remove are the commands that add something, listeners, `link NODE:INTERFACE`, and a node or a container by its name.
 */
export interface Change {
  readonly verb: Verb;
  readonly line: string;
  readonly target: Target;
}

export type Verb = 'set' | 'remove';

type Target =
  /** The flow that is sent. */
  | { readonly kind: 'flow'; readonly text: string; readonly at: number }
  /** The whole node or container. */
  | { readonly kind: 'node'; readonly name: string; readonly column: number }
  /** A cable, by one of its ends; `text` is what follows. */
  | { readonly kind: 'link'; readonly end: string; readonly column: number; readonly text: string; readonly at: number }
  /** Something on a stack. `text` begins at column `at` of the line. */
  | {
      readonly kind: 'stack';
      readonly name: string;
      readonly column: number;
      readonly text: string;
      readonly at: number;
    };

/** What is wrong with a change, and where in its line; columns count from 0. */
export interface ChangeFault {
  readonly message: string;
  readonly hint?: string;
  readonly column: number;
  readonly length: number;
}

/** A fault with the change it belongs to. */
export interface FaultyChange {
  readonly change: Pick<Change, 'verb' | 'line'>;
  readonly fault: ChangeFault;
}

const FORMS = 'write "STACK: COMMAND", such as "gw: net.ipv4.ip_forward=1", or "link NODE:INTERFACE up"';

/** Reads a change. Whether what it names is there, and would be done, is only known in a world. */
export function parseChange(verb: Verb, line: string): Change | ChangeFault {
  const start = line.search(/\S/);
  if (start < 0) return { message: 'the change is empty', hint: FORMS, column: 0, length: 1 };
  const link = /^(\s*link\s+)(\S+)(\s*)(.*)$/s.exec(line);
  if (link !== null) {
    const [, before = '', end = '', blank = '', text = ''] = link;
    const column = before.length;
    return {
      verb,
      line,
      target: { kind: 'link', end, column, text: text.trimEnd(), at: column + end.length + blank.length },
    };
  }
  const flow = /^(\s*flow\s+)(\S.*)$/s.exec(line);
  if (flow !== null && verb === 'set' && !/^\s*flow\s*:/.test(line)) {
    return { verb, line, target: { kind: 'flow', text: (flow[2] ?? '').trimEnd(), at: (flow[1] ?? '').length } };
  }
  const colon = line.indexOf(':');
  const name = (colon < 0 ? line : line.slice(0, colon)).trim();
  if (/\s/.test(name) || name === '') {
    const length = Math.max(1, name.length);
    return { message: `"${name}" is no name of a node`, hint: FORMS, column: start, length };
  }
  if (colon < 0) {
    if (verb === 'remove') return { verb, line, target: { kind: 'node', name, column: start } };
    return { message: `what is to be done on ${name}?`, hint: FORMS, column: line.trimEnd().length, length: 1 };
  }
  const text = line.slice(colon + 1);
  const at = colon + 1 + Math.max(0, text.search(/\S/));
  if (text.trim() === '') {
    return { message: `what is to be done on ${name}?`, hint: FORMS, column: line.length, length: 1 };
  }
  return { verb, line, target: { kind: 'stack', name, column: start, text: text.trim(), at } };
}

export function isChangeFault(value: object): value is ChangeFault {
  return 'message' in value && 'column' in value;
}

/** As a shell takes it: `--set "gw: net.ipv4.ip_forward=1"`. */
export function changeText({ verb, line }: Pick<Change, 'verb' | 'line'>): string {
  const quoted = /["$`\\!]/.test(line) && !line.includes("'") ? `'${line}'` : `"${line.replace(/["$`\\]/g, '\\$&')}"`;
  return `--${verb} ${quoted}`;
}

/** The fault as it is told to the user, with the line and the place in it. */
export function changeProblem({ change, fault }: FaultyChange): Problem {
  const { message, hint, column, length } = fault;
  const place = {
    file: `--${change.verb}`,
    line: 1,
    column: column + 1,
    length: Math.max(1, length),
    text: change.line,
  };
  return { code: 'COMMAND', message, place, ...(hint === undefined ? {} : { hint }) };
}
