import type { Command } from 'commander';
import type { InitOptions } from '../init.ts';

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write a commented example to start from')
    .argument('[folder]', 'where to', '.')
    .option('-f, --force', 'overwrite files that are there')
    .action(async (folder: string, options: InitOptions) => {
      const { initExample } = await import('../init.ts');
      initExample(folder, options);
    });
}
