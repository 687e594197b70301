import type { Command } from 'commander';
import { isScenarioFile, loadScenario, openTopology } from '../sources.ts';
import { json } from './option-values.ts';
import { print, refuse } from './terminal.ts';

/** `cutaway check`: all findings of all files at once. */
function checkFiles(files: readonly string[], options: { readonly json?: boolean }): void {
  const problems = files.flatMap((file) => {
    const loaded = isScenarioFile(file)
      ? loadScenario(file)
      : openTopology(file, { seed: 1, trace: false, capture: false });
    return 'problems' in loaded ? loaded.problems : [];
  });
  if (problems.length > 0) refuse(problems, options.json === true);
  else if (options.json === true) print(JSON.stringify({ schema: 'cutaway/problems/1', problems: [] }));
  else print(files.map((file) => `${file}: sound`).join('\n'));
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('validate topology and scenario files; nothing is run or written')
    .argument('<file...>')
    .addOption(json())
    .action(checkFiles);
}
