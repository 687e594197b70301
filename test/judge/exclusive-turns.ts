/** Lets many work side by side, or one alone: whoever wants to be alone waits for the others, and they for it. */
export class ExclusiveTurns {
  #working = 0;
  #isAlone = false;
  readonly #waiting: { readonly alone: boolean; readonly go: () => void }[] = [];

  async shared<T>(work: () => Promise<T>): Promise<T> {
    return this.#take(false, work);
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#take(true, work);
  }

  async #take<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((go) => {
      this.#waiting.push({ alone, go });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#working--;
      this.#isAlone = false;
      this.#next();
    }
  }

  /** In the order they came, so that nobody waits for ever. */
  #next(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || this.#isAlone || (first.alone && this.#working > 0)) return;
      this.#waiting.shift();
      this.#working++;
      this.#isAlone = first.alone;
      first.go();
    }
  }
}
