import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { nearest } from '../../../core/nearest.ts';
import type { RunOptions } from '../run.ts';
import { addLimitOptions } from './limit-options.ts';
import { json, mapping, shard, threads, wholeNumber } from './option-values.ts';

export function addRun(program: Command): void {
  const command = program
    .command('run', { isDefault: true })
    .description("run scenarios (default: the white paper's), write captures and tables, print verdicts")
    .argument('[file...]', 'scenario files')
    .option('-o, --out <folder>', 'where results go', 'out')
    .option('--seed <n>', 'seed of everything random, instead of the one in the file', wholeNumber)
    .option('--merge', 'one capture file with all points')
    .addOption(new Option('--pcap', 'classic pcap files instead of pcapng').conflicts('merge'))
    .option('--report <file>', 'a page for a browser: pictures with moving packets, steps, tables')
    .option('--filter <expression>', "write only the frames that a tcpdump expression lets pass; names are the lab's")
    .option('--read <capture>', 'replay the flows of a pcap or pcapng file in a topology or scenario')
    .option('--from <stack>', 'with --read: who sends what the initiators of the flows sent')
    .option('--map <from=to>', 'with --read: an address to send to instead of another; may repeat', mapping)
    .option('--save <file>', 'with --read: write the scenario that was derived')
    .option('-j, --jobs <n>', 'scenarios that run at once, each in a thread of its own', threads, 1)
    .option('--shard <i/n>', 'run part I of N of the scenarios; merge joins the reports', shard)
    .option('--no-write', 'print verdicts only, write no captures and tables')
    .option('--junit <file>', 'the verdicts as CI systems read them')
    .option('-q, --quiet', 'verdicts only');
  addLimitOptions(command)
    .addOption(json())
    .action(async (files: string[], options: RunOptions, command: Command) => {
      // A word that is neither a command nor a file is a command spelt wrong.
      const [word] = program.args;
      if (word !== undefined && word === files[0] && /^[a-z]+$/.test(word) && !existsSync(word)) {
        const close = nearest(
          word,
          program.commands.map((one) => one.name()),
        );
        const hint = close === undefined ? '' : `\n(Did you mean ${close}?)`;
        command.error(`error: unknown command '${word}', and no file of that name${hint}`);
      }
      const stray = (['from', 'map', 'save'] as const).find((name) => options[name] !== undefined);
      if (options.read === undefined && stray !== undefined) command.error(`error: --${stray} goes with --read`);
      if (options.read !== undefined && options.shard !== undefined) {
        command.error('error: --shard does not go with --read, which runs one scenario');
      }
      const { runFiles, runReplay } = await import('../run.ts');
      if (options.read === undefined) await runFiles(files, options);
      else await runReplay(files, options, command);
    });
}
