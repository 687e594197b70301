import type { Command } from 'commander';

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of a file format')
    .argument('<name>', 'topology, scenario; trace, explain and diff: what --json prints')
    .action(async (which: string) => {
      const { printSchema } = await import('../schema.ts');
      printSchema(which);
    });
}
