/** What an option takes: nothing, a value or two; `!` in front of it is allowed where the kind begins with `not`. */
export type OptionKind = 'flag' | 'value' | 'not flag' | 'not value' | 'not two values';

/** An option as it was given. */
export interface GivenOption {
  readonly values: readonly string[];
  readonly not: boolean;
}

/** The options given to one extension, by their full names. */
export class Given {
  readonly #options = new Map<string, GivenOption>();

  get(name: string): GivenOption | undefined {
    return this.#options.get(name);
  }

  has(name: string): boolean {
    return this.#options.has(name);
  }

  /** The value of an option, undefined where it was not given. */
  value(name: string): string | undefined {
    return this.#options.get(name)?.values[0];
  }

  set(name: string, option: GivenOption): void {
    this.#options.set(name, option);
  }

  /** Those of `names` that were given. */
  among(names: readonly string[]): string[] {
    return names.filter((name) => this.#options.has(name));
  }
}

/** A match or a target of its own: its options, and what they come to, or a sentence why they do not. */
export interface Extension<T> {
  readonly name: string;
  readonly options: Readonly<Record<string, OptionKind>>;
  /** Other names of options. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Options of the real one that the simulator does not know. */
  readonly notModelled?: readonly string[];
  build(given: Given): T | string;
}

/** Models what libxtables says of an option that is needed. */
export function missing(extension: string, option: string): string {
  return `${extension}: option "--${option}" must be specified`;
}

/** Of options that exclude each other the first two that were given. */
export function conflict(extension: string, given: Given, options: readonly string[]): string | undefined {
  const [first, second] = given.among(options);
  if (second === undefined) return undefined;
  return `${extension}: option "--${first}" cannot be used together with "--${second}".`;
}
