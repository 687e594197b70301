/** A flag of a docker command. */
export interface Flag {
  readonly long: string;
  readonly short?: string;
  /** How its value is read; false for a switch. */
  readonly takes: boolean;
  /** Known to Docker, but without a counterpart here. */
  readonly unmodelled?: true;
}

/** What was given: values by long name, in their order; `true` is the value of a switch. */
export interface ParsedFlags {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
}

/**
 * Reads flags as Docker's command line does: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-f=value`, short
 * switches run together as in `-itd`. Flags end at `--`, and with `stopAtWord` at the first word that is none. The
 * sentence of the refusal.
 */
export function parseFlags(
  words: readonly string[],
  flags: readonly Flag[],
  stopAtWord: boolean,
): ParsedFlags | string {
  const values = new Map<string, string[]>();
  const rest: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (word === '--' || (stopAtWord && !isFlag(word))) {
      rest.push(...words.slice(word === '--' ? index + 1 : index));
      break;
    }
    if (!isFlag(word)) {
      rest.push(word);
      continue;
    }
    const given = word.startsWith('--') ? longFlag(word, flags) : shortFlags(word, flags);
    if (typeof given === 'string') return given;
    for (const { flag, text } of given) {
      if (flag.unmodelled) return `--${flag.long} is not modelled`;
      let value = text;
      if (flag.takes && value === undefined) value = words[++index];
      if (value === undefined && flag.takes) return missing(word, flag);
      if (!flag.takes && value !== undefined && value !== 'true' && value !== 'false') {
        return `invalid argument "${value}" for "${nameOf(flag)}" flag: strconv.ParseBool: parsing "${value}": invalid syntax`;
      }
      values.set(flag.long, [...(values.get(flag.long) ?? []), value ?? 'true']);
    }
  }
  return { values, rest };
}

/** `-m, --memory` as errors call a flag. */
export function nameOf(flag: Flag): string {
  return flag.short === undefined ? `--${flag.long}` : `-${flag.short}, --${flag.long}`;
}

interface Given {
  readonly flag: Flag;
  /** What stands in the same word. */
  readonly text: string | undefined;
}

function isFlag(word: string): boolean {
  return word.startsWith('-') && word !== '-';
}

function missing(word: string, flag: Flag): string {
  return word.startsWith('--')
    ? `flag needs an argument: --${flag.long}`
    : `flag needs an argument: '${flag.short}' in ${word}`;
}

function longFlag(word: string, flags: readonly Flag[]): Given[] | string {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const flag = flags.find((one) => one.long === name);
  if (flag === undefined) return `unknown flag: --${name}`;
  return [{ flag, text: equals < 0 ? undefined : word.slice(equals + 1) }];
}

function shortFlags(word: string, flags: readonly Flag[]): Given[] | string {
  const given: Given[] = [];
  for (let index = 1; index < word.length; index++) {
    const flag = flags.find((one) => one.short === word[index]);
    if (flag === undefined) return `unknown shorthand flag: '${word[index]}' in ${word}`;
    const after = word.slice(index + 1);
    const value = after.startsWith('=') ? after.slice(1) : after;
    if (flag.takes || after.startsWith('=')) {
      given.push({ flag, text: after === '' ? undefined : value });
      return given;
    }
    given.push({ flag, text: undefined });
  }
  return given;
}
