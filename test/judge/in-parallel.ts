/** Does `work` for each item, at most `jobs` at a time; `slot` is below `jobs` and taken by one item at a time. */
export async function inParallel<Item, Result>(
  jobs: number,
  items: readonly Item[],
  work: (item: Item, slot: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (slot: number): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item, slot);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, (_, slot) => worker(slot)));
  return results;
}
