import type { Container } from './container.ts';

/** The containers of a Docker instance, in the order they were made, and each by its name. */
export class ContainerTable {
  readonly #list: Container[] = [];
  readonly #byName = new Map<string, Container>();

  get list(): readonly Container[] {
    return this.#list;
  }

  named(name: string): Container | undefined {
    return this.#byName.get(name);
  }

  /** Its name must not be taken. */
  add(container: Container): void {
    this.#list.push(container);
    this.#byName.set(container.options.name, container);
  }

  /** False where it is there no more. */
  remove(container: Container): boolean {
    if (this.#byName.get(container.options.name) !== container) return false;
    this.#byName.delete(container.options.name);
    this.#list.splice(this.#list.indexOf(container), 1);
    return true;
  }
}
