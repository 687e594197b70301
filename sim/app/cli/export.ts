import { chmodSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { planNetns } from '../../netns/plan.ts';
import { netnsScript, pictureOf } from '../../netns/script.ts';
import { problemsOf } from '../../world/document-problem.ts';
import { buildSource } from '../../world/topology-source.ts';
import { readText, writeWhole } from '../files.ts';
import { loadTopology } from '../sources.ts';
import { namePrefix, wholeNumber } from './option-values.ts';
import { print, refuse, say } from './terminal.ts';

export interface ExportOptions {
  readonly format: 'netns';
  readonly prefix: string;
  readonly out?: string;
  readonly seed: number;
}

/** `cutaway export`: a script that builds the topology for real. */
function exportTopology(file: string, { prefix, out, seed }: ExportOptions): undefined {
  const loaded = loadTopology(file);
  if ('problems' in loaded) return refuse(loaded.problems, false);
  const { source } = loaded;
  const { world, problems } = buildSource(source, { seed, trace: false, capture: false });
  if (problems.length > 0) return refuse(problems, false);
  const planned = planNetns(source.topology, world, { prefix });
  if ('findings' in planned) return refuse(problemsOf(source.document, planned.findings, source.prefix), false);
  const read = readText(file);
  const { name = 'A topology', description } = source.topology;
  const script = netnsScript(planned.plan, prefix, {
    name,
    ...(description === undefined ? {} : { description }),
    picture: 'text' in read ? pictureOf(read.text) : [],
  });
  if (out === undefined) {
    print(script);
    return undefined;
  }
  writeWhole(out, script);
  chmodSync(out, 0o755);
  say(`${out}: run it as root; "${out} down" takes away what it made`);
  return undefined;
}

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
    .action(exportTopology);
}
