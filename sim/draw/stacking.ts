/** Something in a column: how high it is, and where its middle would best be. */
export interface Wish {
  readonly height: number;
  readonly middle: number;
}

/**
 * Upper edges of things below each other, in their order and `gap` apart, as near to their wishes as can be in the sum of
 * squares: neighbours that want the same room are pooled, and share it (pool adjacent violators).
 */
export function stack(wishes: readonly Wish[], gap: number): number[] {
  const pools: { start: number; sum: number; count: number }[] = [];
  let offset = 0;
  const offsets: number[] = [];
  for (const { height, middle } of wishes) {
    offsets.push(offset);
    // Where the upper edge of the first of the column would be, as far as this one is concerned.
    pools.push({ start: offsets.length - 1, sum: middle - height / 2 - offset, count: 1 });
    offset += height + gap;
    for (let last = pools.at(-1), before = pools.at(-2); last !== undefined && before !== undefined; ) {
      if (before.sum / before.count <= last.sum / last.count) break;
      before.sum += last.sum;
      before.count += last.count;
      pools.pop();
      last = before;
      before = pools.at(-2);
    }
  }
  return offsets.map((own, index) => {
    const pool = pools.findLast(({ start }) => start <= index);
    return own + (pool === undefined ? 0 : pool.sum / pool.count);
  });
}
