import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { nearest } from '../../core/nearest.ts';
import { parseDuration, type SimTime } from '../../core/time.ts';
import { parseIpv4 } from '../../wire/address.ts';
import { PACKAGE_ROOT } from '../sources.ts';
import { checkFiles } from './check.ts';
import { exportTopology } from './export.ts';
import { compareFigures } from './figures.ts';
import { initExample } from './init.ts';
import { listFiles } from './list.ts';
import { type RunOptions, runFiles } from './run.ts';
import { printSchema } from './schema.ts';
import { SHOW_TABLES, showTables } from './show.ts';
import { tracePacket } from './trace.ts';

/** The command line: what it accepts, and which function does it. */
export function cutaway(): Command {
  const program = new Command('cutaway')
    .description('Packet-level simulator of the Linux kernel stack, bridges and Comware V9 container networking.')
    .version(version(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(cutaway --help lists the commands)')
    .showSuggestionAfterError()
    .enablePositionalOptions();
  addRun(program);
  addTrace(program);
  addShow(program);
  addExport(program);
  program
    .command('figures')
    .description('the white paper beside the run, figure by figure, claim by claim')
    .argument('[number...]', 'figures; default: all')
    .addOption(json())
    .action(compareFigures);
  program
    .command('check')
    .description('validate topology and scenario files; nothing is run or written')
    .argument('<file...>')
    .addOption(json())
    .action(checkFiles);
  program
    .command('list')
    .description('the topologies and scenarios that come with it')
    .addOption(json())
    .action(listFiles);
  program
    .command('init')
    .description('write a commented example to start from')
    .argument('[folder]', 'where to', '.')
    .option('-f, --force', 'overwrite files that are there')
    .action(initExample);
  program
    .command('schema')
    .description('print the JSON Schema of a file format')
    .argument('<topology|scenario>')
    .action(printSchema);
  for (const command of program.commands) command.exitOverride();
  return program;
}

function addRun(program: Command): void {
  program
    .command('run', { isDefault: true })
    .description("run scenarios (default: the white paper's), write captures and tables, print verdicts")
    .argument('[file...]', 'scenario files')
    .option('-o, --out <folder>', 'where results go', 'out')
    .option('--seed <n>', 'seed of everything random, instead of the one in the file', wholeNumber)
    .option('--merge', 'one capture file with all points')
    .addOption(new Option('--pcap', 'classic pcap files instead of pcapng').conflicts('merge'))
    .option('--no-write', 'print verdicts only, write nothing')
    .option('-q, --quiet', 'verdicts only')
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
      await runFiles(files, options);
    });
}

function addTrace(program: Command): void {
  program
    .command('trace')
    .description('send one packet and explain every decision it meets')
    .argument('<topology>')
    .requiredOption('--from <stack>', 'who sends: a node, a container, NODE/comware, NODE/host')
    .requiredOption('--to <address[:port]>', 'IPv4 address, with a port for udp', target)
    .addOption(
      new Option('--proto <protocol>', 'icmp, udp or tcp; default: udp if a port is given').choices([
        'icmp',
        'udp',
        'tcp',
      ]),
    )
    .option('--ttl <n>', 'initial TTL', ttl)
    .option('--source <address>', 'source address', address)
    .option('--size <n>', 'payload bytes', wholeNumber)
    .addOption(new Option('--df <mode>', 'path MTU discovery, as ping -M').choices(['want', 'do', 'dont']))
    .option('--arp', 'show the address resolution too')
    .option('--seed <n>', 'seed of everything random', wholeNumber, 1)
    .option('--exit-code', 'exit with 1 if no answer came back')
    .addOption(json())
    .action(tracePacket);
}

function addShow(program: Command): void {
  program
    .command('show')
    .description(`print a table: ${SHOW_TABLES.join(', ')}`)
    .argument('<topology>')
    .argument('<what>', `one of ${SHOW_TABLES.join(', ')}`)
    .argument('[stack]', 'one stack; default: all')
    .addOption(new Option('--style <style>', 'whose format').choices(['linux', 'comware']))
    .option('--at <time>', 'state at this simulated time', time)
    .option('--seed <n>', 'seed of everything random', wholeNumber, 1)
    .addOption(json())
    .action(showTables);
}

function addExport(program: Command): void {
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

function json(): Option {
  return new Option('--json', 'machine-readable output');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('write a whole number of 0 or more.');
  return Number(text);
}

function namePrefix(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(text)) return text;
  throw new InvalidArgumentError('write 1 to 40 letters, digits, "-", "_" and ".", a letter or digit first.');
}

function ttl(text: string): number {
  const value = wholeNumber(text);
  if (value < 1 || value > 255) throw new InvalidArgumentError('write 1 to 255.');
  return value;
}

function address(text: string): number {
  const parsed = parseIpv4(text);
  if (parsed === undefined) throw new InvalidArgumentError('write an IPv4 address.');
  return parsed;
}

function time(text: string): SimTime {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidArgumentError('write a time such as 500ms or 5s.');
  return parsed;
}

function target(text: string): { readonly address: number; readonly port: number } {
  const [, quad = '', port = '0'] = /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const parsed = parseIpv4(quad);
  if (parsed === undefined || Number(port) > 65535) throw new InvalidArgumentError('write ADDRESS or ADDRESS:PORT.');
  return { address: parsed, port: Number(port) };
}

function version(): string {
  const text = readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
