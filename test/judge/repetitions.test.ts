import { describe, expect, it } from 'vitest';
import type { Row } from './compare/rows.ts';
import { excuseRepetitions } from './compare/table-masks.ts';

/* Data that came twice in a bulk transfer is dropped as old: as often as it was seen to come twice, and no more. */

const row = (packets: number, key = 'TCP_OLD_DATA'): Row => ({ key, values: { packets: String(packets) } });

describe('what the kernel dropped as old data', () => {
  it('is excused by as many repetitions', () => {
    expect(excuseRepetitions(4)('', [undefined, row(4)])).toBe('tcp-grouping');
    expect(excuseRepetitions(2)('packets', [row(1), row(3)])).toBe('tcp-grouping');
  });

  it('is not by fewer, nor is what only the simulator dropped, nor another reason', () => {
    expect(excuseRepetitions(3)('', [undefined, row(4)])).toBeUndefined();
    expect(excuseRepetitions(9)('', [row(2), undefined])).toBeUndefined();
    expect(excuseRepetitions(9)('', [undefined, row(2, 'NO_SOCKET')])).toBeUndefined();
  });
});
