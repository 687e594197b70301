/**
 * The other screen of the terminal, where what was there before stays untouched: no cursor, and what is longer than a row is cut.
 */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J\u001b[H';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

/** A frame is shown when all of it is there, by terminals that know of this. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';

/** Signals that end a program; SIGKILL cannot be caught. */
const ENDS: readonly [NodeJS.Signals, number][] = [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
];

export interface TakenScreen {
  /** Shows rows from the first on; only those that differ from what is there are written. */
  show(rows: readonly string[]): void;
  /** The same terminal for whoever asks for its size, and must not write to it. */
  readonly silent: NodeJS.WriteStream;
  leave(): void;
}

/**
 * Takes over the terminal, and gives it back whatever happens: when leave() is called, when the process exits, when it is told
 * to end, and after a crash, whose message is then readable.
 */
export function takeScreen(stream: NodeJS.WriteStream, input: NodeJS.ReadStream): TakenScreen {
  let isTaken = true;
  let shown: readonly string[] = [];
  const forget = (): void => {
    shown = [];
    if (isTaken) stream.write('\u001b[2J');
  };
  const leave = (): void => {
    if (!isTaken) return;
    isTaken = false;
    process.off('exit', leave);
    stream.off('resize', forget);
    for (const [signal, handler] of handlers) process.off(signal, handler);
    if (input.isTTY) input.setRawMode(false);
    stream.write(LEAVE);
  };
  const handlers = new Map(
    ENDS.map(([signal, code]) => [
      signal,
      () => {
        leave();
        process.exit(code);
      },
    ]),
  );
  for (const [signal, handler] of handlers) process.on(signal, handler);
  process.on('exit', leave);
  // Ahead of whoever draws for the new size.
  stream.prependListener('resize', forget);
  stream.write(ENTER);
  const show = (all: readonly string[]): void => {
    if (!isTaken) return;
    const rows = all.slice(0, stream.rows);
    const text = differing(shown, rows);
    shown = rows;
    if (text !== '') stream.write(`${BEGIN}${text}${END}`);
  };
  const silent: NodeJS.WriteStream = Object.assign(Object.create(stream), { write: () => true });
  return { show, silent, leave };
}

/** What makes one frame of another: each row that differs is cleared and written where it belongs. */
function differing(before: readonly string[], now: readonly string[]): string {
  let text = '';
  for (let row = 0; row < Math.max(before.length, now.length); row++) {
    if (before[row] !== now[row]) text += `\u001b[${row + 1};1H\u001b[2K${now[row] ?? ''}`;
  }
  return text;
}
