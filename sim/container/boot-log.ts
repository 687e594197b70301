import type { SimTime } from '../core/time.ts';

/** What can happen while a device boots (whitepaper 3.3), and what a saved archive brings back (3.4). */
export type BootEventKind =
  | 'power'
  | 'service-manager'
  | 'docker'
  | 'comware-created'
  | 'comware-started'
  | 'configuration'
  | 'cli'
  | 'archive'
  | 'container';

export interface BootEvent {
  readonly at: SimTime;
  readonly kind: BootEventKind;
  readonly text: string;
}

/** What happened since the device was switched on last. */
export class BootLog {
  readonly events: BootEvent[] = [];

  add(at: SimTime, kind: BootEventKind, text: string): void {
    if (kind === 'power') this.events.length = 0;
    this.events.push({ at, kind, text });
  }
}
