import { totalmem } from 'node:os';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a run may take of V8's heap, of the machine, and after a collection of either: the rest is for its results. */
const SHARE = 0.7;
const SHARE_ALIVE = 0.6;

/**
 * Tells when the memory of this process is used up: that which `--max-memory` allows, else most of what V8's heap and the
 * machine have. What counts is what is alive: garbage is collected first.
 */
export function memoryGauge(most: number | undefined): () => string | undefined {
  return () => {
    const excess = excessOf(most, SHARE);
    if (excess === undefined) return undefined;
    collect();
    return excessOf(most, SHARE_ALIVE);
  };
}

function excessOf(most: number | undefined, share: number): string | undefined {
  const { used_heap_size: heap, external_memory: buffers, heap_size_limit: heapLimit } = getHeapStatistics();
  if (most !== undefined && heap + buffers > most) return `it takes ${megabytes(heap + buffers)} of memory`;
  if (heap > share * heapLimit) {
    return `it takes ${megabytes(heap)} of the ${megabytes(heapLimit)} that Node may have (node --max-old-space-size)`;
  }
  const machine = machineMemory();
  if (heap + buffers <= share * machine) return undefined;
  return `it takes ${megabytes(heap + buffers)} of the ${megabytes(machine)} that the machine has`;
}

/** Of the container that this runs in, where that has less. */
function machineMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** A full garbage collection. Node lends it only to those who ask by its flag. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
