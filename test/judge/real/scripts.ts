import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The machine's own Python, whatever else is in the path: its standard library is enough. -B leaves no folder of bytecode behind. */
const PYTHON = '/usr/bin/python3';

/** The command that runs one of the scripts in this folder, which stay where they are when this is compiled. */
export function pythonScript(name: string): string[] {
  const below = join('test', 'judge', 'real', name);
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, below))) return [PYTHON, '-B', join(folder, below)];
    if (folder === dirname(folder)) throw new Error(`there is no ${below}`);
  }
}
