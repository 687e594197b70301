import { describe, expect, it } from 'vitest';
import { WriteQueue } from '../../sim/transport/tcp/write-queue.ts';

describe('how a long write lies in buffers', () => {
  /** Ends of the buffers of `length` bytes written at once with segments of 1000, and whether the receiver is told to hand on. */
  function buffers(length: number, maxWindow: number, isOffloaded = true): string[] {
    const queue = new WriteQueue(0);
    queue.append(0, length, 0, 1000, maxWindow, isOffloaded);
    const found: string[] = [];
    for (let at = 0; at < length; ) {
      const { end, push, isLast } = queue.bufferAt(at, length);
      found.push(`${end}${push ? ' pushed' : ''}${isLast ? ' last' : ''}`);
      at = end;
    }
    return found;
  }

  it('is by half windows; the receiver is told once more than half a window was written since it was told last', () => {
    // Exactly half of it is not more than that.
    expect(buffers(45_000, 20_000)).toEqual(['10000', '20000 pushed', '30000', '40000 pushed', '45000 pushed last']);
    expect(buffers(25_000, 19_998)).toEqual(['9000', '18000 pushed', '25000 pushed last']);
  });

  it('is by segments where the device cuts nothing', () => {
    expect(buffers(3_500, 64_000, false)).toEqual(['1000', '2000', '3000', '3500 pushed last']);
  });

  it('fills the last buffer up before it begins another, and leaves one alone that was sent', () => {
    const queue = new WriteQueue(0);
    queue.append(0, 300, 0, 1000, 64_000, false);
    queue.append(300, 900, 0, 1000, 64_000, false);
    expect(queue.bufferAt(0, 1200)).toEqual({ end: 1000, push: true, isLast: false });
    const sent = new WriteQueue(0);
    sent.append(0, 300, 0, 1000, 64_000, false);
    sent.append(300, 900, 300, 1000, 64_000, false);
    expect(sent.bufferAt(300, 1200)).toEqual({ end: 1200, push: true, isLast: true });
  });
});
