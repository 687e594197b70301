import { byCaptureOrder, type CapturedFrame, type CapturedFrames, inCaptureOrder } from './captured-frame.ts';

/** A frame, and which of the lists it is from. */
interface Head {
  frame: CapturedFrame;
  readonly source: number;
  readonly rest: Iterator<CapturedFrame>;
}

/**
 * The frames of several lists in the order they were captured; of those that are equal the ones of an earlier list first. What
 * it gives is valid until the next is asked for.
 */
export function* merged(lists: readonly CapturedFrames[]): Generator<Pick<Head, 'frame' | 'source'>> {
  const heap = lists.map(inCaptureOrder).flatMap(headOf).sort(compare);
  for (let first = heap[0]; first !== undefined; first = heap[0]) {
    yield first;
    const { done, value } = first.rest.next();
    if (done !== true) first.frame = value;
    else {
      const last = heap.pop() as Head;
      if (last !== first) heap[0] = last;
    }
    siftDown(heap);
  }
}

function headOf(frames: CapturedFrames, source: number): Head[] {
  const rest = frames[Symbol.iterator]();
  const { done, value } = rest.next();
  return done === true ? [] : [{ frame: value, source, rest }];
}

function compare(a: Head, b: Head): number {
  return byCaptureOrder(a.frame, b.frame) || a.source - b.source;
}

/** What is in front goes to where it belongs. */
function siftDown(heap: Head[]): void {
  const [moved] = heap;
  if (moved === undefined) return;
  let index = 0;
  for (let child = 1; child < heap.length; child = 2 * index + 1) {
    const right = heap[child + 1];
    let least = heap[child] as Head;
    if (right !== undefined && compare(right, least) < 0) {
      least = right;
      child++;
    }
    if (compare(moved, least) <= 0) break;
    heap[index] = least;
    index = child;
  }
  heap[index] = moved;
}
