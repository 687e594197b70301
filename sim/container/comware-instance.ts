import { assert } from '../core/assert.ts';
import type { Chance } from '../core/chance.ts';
import type { ContainerState } from './container.ts';
import { COMWARE_NAME } from './container.ts';
import { hexId } from './hex-id.ts';

/**
 * The other Docker instance of the device (whitepaper 3.3): it holds the Comware container and nothing else, and no
 * command of a user reaches it. The boot sequence makes the container and starts it.
 */
export class ComwareInstance {
  readonly name = COMWARE_NAME;
  readonly image = 'comware:latest';
  readonly id: string;
  state: ContainerState | 'absent' = 'absent';

  constructor(chance: Chance) {
    this.id = hexId(chance);
  }

  create(): void {
    assert(this.state === 'absent', 'the Comware container is made once');
    this.state = 'created';
  }

  start(): void {
    assert(this.state === 'created', 'the Comware container is made before it is started');
    this.state = 'running';
  }

  powerOff(): void {
    this.state = 'absent';
  }
}
