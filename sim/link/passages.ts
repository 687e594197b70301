import type { Step } from '../packet/trace.ts';

/** What a trace says of each frame that a device receives or sends: the same of all, and so made once. */
export class Passages {
  readonly #received: readonly [Step, Step];
  readonly #sent: readonly [Step, Step];

  constructor(device: string) {
    this.#received = [
      { kind: 'receive', device, isPort: false },
      { kind: 'receive', device, isPort: true },
    ];
    this.#sent = [
      { kind: 'transmit', device, isPort: false },
      { kind: 'transmit', device, isPort: true },
    ];
  }

  /** `isPort`: the device is a port of a bridge, for now. */
  received(isPort: boolean): Step {
    return this.#received[isPort ? 1 : 0];
  }

  sent(isPort: boolean): Step {
    return this.#sent[isPort ? 1 : 0];
  }
}
