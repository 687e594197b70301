import type { World } from '../../sim/world/world.ts';

/** FNV-1a, 32 bits: enough to tell two runs apart. */
export class Digest {
  #hash = 0x811c9dc5;

  bytes(bytes: Uint8Array): this {
    for (const byte of bytes) this.#hash = Math.imul(this.#hash ^ byte, 0x01000193);
    return this;
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  get value(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }
}

/** All that a run left: the frames at every point with their times, the tables of every stack, every step of the trace. */
export function digestOf(world: World): string {
  const frames = new Digest();
  let count = 0;
  for (const capture of world.captures?.captures() ?? []) {
    frames.text(capture.name);
    for (const { time, direction, packet, bytes } of capture.frames) {
      frames.text(`${time} ${direction} ${packet}`).bytes(bytes);
      count++;
    }
  }
  const tables = new Digest();
  for (const stack of world.stacks()) tables.text(JSON.stringify(world.snapshot(stack)));
  const steps = new Digest();
  for (const { number } of world.recorder?.packets() ?? []) {
    steps.text(JSON.stringify(world.recorder?.stepsOf(number)));
  }
  return `${count} frames ${frames.value}, tables ${tables.value}, steps ${steps.value}`;
}
