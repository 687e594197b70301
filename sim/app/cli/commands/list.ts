import type { Command } from 'commander';
import type { ListOptions } from '../list.ts';
import { json } from './option-values.ts';

export function addList(program: Command): void {
  program
    .command('list')
    .description('the topologies and scenarios that come with it')
    .addOption(json())
    .action(async (options: ListOptions) => {
      const { listFiles } = await import('../list.ts');
      await listFiles(options);
    });
}
