import type { Command } from 'commander';
import type { FiguresOptions } from '../figures.ts';
import { json } from './option-values.ts';

export function addFigures(program: Command): void {
  program
    .command('figures')
    .description('the white paper beside the run, figure by figure, claim by claim')
    .argument('[number...]', 'figures; default: all')
    .addOption(json())
    .action(async (words: string[], options: FiguresOptions) => {
      const { compareFigures } = await import('../figures.ts');
      await compareFigures(words, options);
    });
}
