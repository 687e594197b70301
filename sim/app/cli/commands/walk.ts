import { type Command, Option } from 'commander';
import type { WalkOptions } from '../walk.ts';
import { addFlowOptions } from './flow-options.ts';
import { addLimitOptions } from './limit-options.ts';

export function addWalk(program: Command): void {
  const command = addFlowOptions(
    program
      .command('walk')
      .description('walk through a run in the terminal: the packet in the device, the tables beside it')
      .argument('[file]', "a scenario or its name (fig11), or a topology; default: choose from the white paper's"),
  )
    .option('--filter <expression>', "only the packets that a tcpdump expression lets pass; names are the lab's")
    .addOption(new Option('--lang <language>', 'default: by the locale').choices(['en', 'zh']))
    .option('--text', 'as plain text, as where there is no terminal');
  addLimitOptions(command).action(async (file: string | undefined, options: WalkOptions) => {
    const { walk } = await import('../walk.ts');
    await walk(file, options);
  });
}
