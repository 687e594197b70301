import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from '../../core/limits.ts';
import { visible } from '../../show/problem-excerpt.ts';
import type { Entry } from '../../walk/start.ts';
import type { Words } from '../../walk/styled.ts';
import { readDocument } from '../../world/document.ts';
import { readText } from '../files.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { loadScenario } from '../sources.ts';
import type { Shelf } from '../tui/app.tsx';

const SCENARIOS = join(PACKAGE_ROOT, 'scenarios');

/** Where the scenarios are that come with it, each with what its part of the list is called. */
const SHELVES: readonly { readonly folder: string; readonly group: Words }[] = [
  {
    folder: join(SCENARIOS, 'whitepaper'),
    group: { en: 'Variants, and where a stock kernel parts from the paper', zh: '变体，以及标准内核与白皮书的差异' },
  },
  { folder: join(SCENARIOS, 'whitepaper', 'claims'), group: { en: 'What the paper claims', zh: '白皮书的论断' } },
  { folder: join(SCENARIOS, 'linux'), group: { en: 'Linux', zh: 'Linux' } },
];

export const SCENARIO_FOLDERS: readonly string[] = SHELVES.map(({ folder }) => folder);

/** Every scenario that comes with it: those of figures by their chapters, then the others. */
export function bundledShelf(limits: Limits): Shelf {
  const files = new Map(
    SHELVES.flatMap(({ folder, group }) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .sort((a, b) => (a < b ? -1 : 1))
        .map((name) => [entryOf(join(folder, name), group), join(folder, name)] as const),
    ),
  );
  const entries = [...files.keys()];
  const ranked = entries.map((entry, index) => ({ entry, rank: entry.figure ?? 1000 + index, index }));
  ranked.sort((a, b) => a.rank - b.rank || a.index - b.index);
  return {
    entries: ranked.map(({ entry }) => entry),
    open: (entry) => {
      const loaded = loadScenario(files.get(entry) ?? '');
      if ('problems' in loaded) return visible(loaded.problems[0]?.message ?? 'the file is not valid');
      const { scenario, topology } = loaded.source;
      return { topology: topology.topology, play: scenario, changes: [], limits };
    },
  };
}

/** What the head of a file says of itself: the list does not wait for every network to be built. */
function entryOf(file: string, group: Words): Entry {
  const read = readText(file);
  const parsed = 'text' in read ? readDocument(read.text, file) : undefined;
  const value = (key: string): unknown =>
    parsed !== undefined && 'document' in parsed ? parsed.document.valueAt([key]) : undefined;
  const figure = value('figure');
  const isOfPaper = group === SHELVES[0]?.group;
  return {
    key: file,
    name: String(value('name') ?? file),
    title: String(value('title') ?? ''),
    figure: typeof figure === 'number' && isOfPaper ? figure : undefined,
    group,
  };
}
