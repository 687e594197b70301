import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_LIMITS } from '../../../core/limits.ts';
import { time } from './option-values.ts';

/** Declares how far a run may go before it is ended; whatever runs something takes these. */
export function addLimitOptions(command: Command): Command {
  const { events, captureBytes, transmissions } = DEFAULT_LIMITS;
  return command
    .addOption(limit('--max-events <n>', `events (default: ${short(events)})`, count))
    .addOption(limit('--max-time <time>', 'simulated time (default: 104 days, where it ends)', someTime))
    .addOption(limit('--max-capture-bytes <size>', `captured frames (default: ${short(captureBytes)})`, size))
    .addOption(limit('--max-memory <size>', 'memory (default: most of what there is)', size))
    .addOption(
      limit(
        '--max-transmissions <n>',
        `how often a frame goes round in a loop (default: ${short(transmissions)})`,
        count,
      ),
    );
}

function limit(flags: string, what: string, parse: (text: string) => number): Option {
  return new Option(flags, `end the run there, exit code 1: ${what}`).argParser(parse);
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/** `300000`, `300k`, `10M`. */
function count(text: string): number {
  const [, number, unit = ''] = /^(\d{1,15})([kMGT]?)$/.exec(text) ?? [];
  return wholeOf(number, unit, 'write a whole number of 1 or more, such as 300000 or 10M.');
}

/** `500M`, `2GB`, `512MiB`. */
function size(text: string): number {
  const [, number, unit = ''] = /^(\d{1,15})([kMGT]|[KMGT]i)?B?$/.exec(text) ?? [];
  return wholeOf(number, unit, 'write a size of 1 byte or more, such as 500M, 2GB or 512MiB.');
}

function wholeOf(number: string | undefined, unit: string, hint: string): number {
  const value = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError(hint);
  return value;
}

function someTime(text: string): number {
  const read = time(text);
  if (read === 0) throw new InvalidArgumentError('write a time of more than 0.');
  return read;
}

function short(value: number): string {
  const unit = ['G', 'M', 'k'].find((name) => value % (UNITS[name] ?? 1) === 0) ?? '';
  return `${value / (UNITS[unit] ?? 1)}${unit}`;
}
