import type { Command } from 'commander';
import type { MergeOptions } from '../merge.ts';
import { json } from './option-values.ts';

export function addMerge(program: Command): void {
  program
    .command('merge')
    .description('join the reports of the shards of a suite into those of the whole')
    .argument('<report...>', 'what run --shard I/N printed with --json, or its JUnit files; of every shard')
    .option('--junit <file>', 'write the JUnit file of the whole suite')
    .addOption(json())
    .action(async (files: string[], options: MergeOptions) => {
      const { mergeReports } = await import('../merge.ts');
      await mergeReports(files, options);
    });
}
