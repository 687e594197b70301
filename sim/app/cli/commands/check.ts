import type { Command } from 'commander';
import type { CheckOptions } from '../check.ts';
import { json } from './option-values.ts';

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('validate topology and scenario files; nothing is run or written')
    .argument('<file...>')
    .addOption(json())
    .action(async (files: string[], options: CheckOptions) => {
      const { checkFiles } = await import('../check.ts');
      await checkFiles(files, options);
    });
}
