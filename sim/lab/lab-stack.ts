import type { StackSnapshot } from '../world/stack-snapshot.ts';
import { askTable } from './ask-table.ts';

/** One stack of a lab, by its name: each question is answered by what it holds at that moment. */
export class LabStack {
  /** Its title: `gw`, `device-a/container3`. */
  readonly name: string;
  readonly #snapshot: () => StackSnapshot;
  readonly #exec: (commands: readonly string[]) => string;

  /** Made by Lab.stack(). */
  constructor(name: string, snapshot: () => StackSnapshot, exec: (commands: readonly string[]) => string) {
    this.name = name;
    this.#snapshot = snapshot;
    this.#exec = exec;
  }

  /** All state as plain data. */
  snapshot(): StackSnapshot {
    return this.#snapshot();
  }

  /** A table as the command prints it that is named, such as `ip route`. */
  table(command: string): string {
    return askTable(this.#snapshot(), command).text;
  }

  /** The rows of a table as plain data, with the keys of `ip -j` where such a command exists. */
  rows(command: string): unknown {
    return askTable(this.#snapshot(), command).rows;
  }

  /** Runs commands; see Lab.exec(). */
  exec(...commands: readonly string[]): string {
    return this.#exec(commands);
  }
}
