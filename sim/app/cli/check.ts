import type { Problem } from '../../core/problem.ts';
import { isScenarioFile, loadScenario, openTopology } from '../sources.ts';
import { withProgress } from './progress.ts';
import { print, refuse } from './terminal.ts';

export interface CheckOptions {
  readonly json?: boolean;
}

/** `cutaway check`: all findings of all files at once. */
export async function checkFiles(files: readonly string[], options: CheckOptions): Promise<void> {
  const found = await withProgress((progress) => progress.each(files, 'file', 'checked', problemsIn));
  const problems = found.flat();
  if (problems.length > 0) refuse(problems, options.json === true);
  else if (options.json === true) print(JSON.stringify({ schema: 'cutaway/problems/1', problems: [] }));
  else print(files.map((file) => `${file}: sound`).join('\n'));
}

function problemsIn(file: string): readonly Problem[] {
  const loaded = isScenarioFile(file)
    ? loadScenario(file)
    : openTopology(file, { seed: 1, trace: false, capture: false });
  return 'problems' in loaded ? loaded.problems : [];
}
