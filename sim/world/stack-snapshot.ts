import type { ComwareSnapshot } from '../comware/snapshot-rows.ts';
import type { DeviceSnapshot } from '../container/snapshot.ts';
import type { SimTime } from '../core/time.ts';
import type { NamespaceSnapshot } from '../kernel/snapshot.ts';

/** State of one stack: the tables of its kernel, and Comware's where the stack is Comware's. */
export interface StackSnapshot {
  readonly title: string;
  readonly time: SimTime;
  readonly namespace: NamespaceSnapshot;
  readonly comware: ComwareSnapshot | undefined;
  /** Of the device, where the stack is Comware's. */
  readonly device?: DeviceSnapshot | undefined;
}
