import type { Command } from 'commander';

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of a file format')
    .argument(
      '<name>',
      'topology, scenario; trace, explain, diff: what --json prints; shard: how the report of a shard begins',
    )
    .action(async (which: string) => {
      const { printSchema } = await import('../schema.ts');
      printSchema(which);
    });
}
