import type { CheckedDocument, SourcePath, Whereabouts } from './checked-document.ts';
import type { Finding } from './finding.ts';

/** A value given in code instead of a file: what is wrong with it is told by the path that leads to it. */
export class CodeDocument implements CheckedDocument {
  readonly value: unknown;
  readonly #hidden: number;

  /** `hidden` is how many steps of every path the caller did not write. */
  constructor(value: unknown, hidden = 0) {
    this.value = value;
    this.#hidden = hidden;
  }

  has(path: SourcePath): boolean {
    const owner = this.valueAt(path.slice(0, -1));
    const last = path.at(-1);
    return last === undefined || (isObject(owner) && Object.hasOwn(owner, last));
  }

  valueAt(path: SourcePath): unknown {
    return path.reduce<unknown>(
      (at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined),
      this.value,
    );
  }

  locate({ path, blockLine }: Finding, prefix: SourcePath): Whereabouts {
    const line = blockLine === undefined ? '' : `, line ${blockLine + 1}`;
    return { path: pathText([...prefix, ...path].slice(this.#hidden)) + line };
  }
}

type Keyed = Readonly<Record<string | number, unknown>>;

function isObject(value: unknown): value is Keyed {
  return typeof value === 'object' && value !== null;
}

/** As JavaScript would write it: `nodes.gw.interfaces["GE1/0/1"].address`, `links[0]`. */
function pathText(path: SourcePath): string {
  return path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('')
    .replace(/^\./, '');
}
