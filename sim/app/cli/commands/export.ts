import { type Command, Option } from 'commander';
import type { ExportOptions } from '../export.ts';
import { namePrefix, wholeNumber } from './option-values.ts';

export function addExport(program: Command): void {
  program
    .command('export')
    .description('write a shell script that builds a topology on Linux, from network namespaces')
    .argument('<topology>', 'its nodes are of kind linux and bridge')
    .addOption(new Option('--format <format>', 'what to build it from').choices(['netns']).makeOptionMandatory())
    .option('--prefix <prefix>', 'what the names of the namespaces begin with', namePrefix, 'ct-')
    .option('-o, --out <file>', 'write the script here; default: print it')
    .option('--seed <n>', 'seed of everything random', wholeNumber, 1)
    .addHelpText(
      'after',
      '\nThe script is run as root on a machine with bash, iproute2, iptables and sysctl:\n' +
        '  cutaway export --format netns lab.yaml -o lab.sh\n' +
        '  ./lab.sh                         build it\n' +
        '  ip netns exec ct-host-a bash     enter a node\n' +
        '  ./lab.sh down                    take it away',
    )
    .action(async (file: string, options: ExportOptions) => {
      const { exportTopology } = await import('../export.ts');
      exportTopology(file, options);
    });
}
