import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { renderTable } from '../../show/table.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { isScenarioFile, loadScenario, loadTopology } from '../sources.ts';
import { withProgress } from './progress.ts';
import { print } from './terminal.ts';

interface Listed {
  readonly kind: 'topology' | 'scenario';
  readonly name: string;
  readonly file: string;
  readonly title: string;
}

export interface ListOptions {
  readonly json?: boolean;
}

/** `cutaway list`: what comes with it. */
export async function listFiles(options: ListOptions): Promise<void> {
  const files = ['scenarios', 'topologies'].flatMap((folder) => filesUnder(join(PACKAGE_ROOT, folder)));
  const rows = await withProgress((progress) => progress.each(files, 'file', 'read', describe));
  if (options.json === true) print(rows.map((row) => JSON.stringify(row)).join('\n'));
  else
    print(
      renderTable(
        ['KIND', 'NAME', 'FILE', 'TITLE'].map((header) => ({ header, gap: '  ' })),
        rows.map((row) => [row.kind, row.name, row.file, row.title]),
      ),
    );
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1));
}

function describe(file: string): Listed {
  // From elsewhere a chain of ../ helps nobody.
  const near = relative('', file);
  const shown = near.startsWith('..') ? file : near;
  if (isScenarioFile(file)) {
    const loaded = loadScenario(file);
    const scenario = 'source' in loaded ? loaded.source.scenario : undefined;
    return { kind: 'scenario', name: scenario?.name ?? '?', file: shown, title: scenario?.title ?? '' };
  }
  const loaded = loadTopology(file);
  const topology = 'source' in loaded ? loaded.source.topology : undefined;
  return { kind: 'topology', name: topology?.name ?? '?', file: shown, title: topology?.description ?? '' };
}
