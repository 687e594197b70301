import type { Command } from 'commander';
import type { ProfileOptions } from '../profile.ts';
import { json } from './option-values.ts';

export function addProfile(program: Command): void {
  program
    .command('profile')
    .description("write a Wireshark profile: columns, colours, and the lab's names for addresses")
    .argument('[file]', 'the topology or scenario whose names it has')
    .requiredOption('--wireshark <folder>', "the profile's folder, such as ~/.config/wireshark/profiles/cutaway")
    .addOption(json())
    .action(async (file: string | undefined, options: ProfileOptions) => {
      const { writeLabProfile } = await import('../profile.ts');
      writeLabProfile(file, options);
    });
}
