import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AskedFlow, parseAskedFlow } from '../../../whatif/asked-flow.ts';
import type { DiffCommandOptions, TypedChange } from '../diff.ts';
import { addLimitOptions } from './limit-options.ts';
import { json, wholeNumber } from './option-values.ts';

function askedFlow(text: string, before: readonly AskedFlow[] = []): AskedFlow[] {
  const read = parseAskedFlow(text);
  if (typeof read === 'string') throw new InvalidArgumentError(read);
  return [...before, read];
}

/** Options --set and --remove that keep the order in which they are given among each other. */
function changeOptions(): { readonly options: readonly Option[]; readonly given: readonly TypedChange[] } {
  const given: TypedChange[] = [];
  const option = (verb: TypedChange['verb'], what: string): Option =>
    new Option(`--${verb} <change>`, what).argParser((line: string) => {
      given.push({ verb, line });
      return given;
    });
  return {
    options: [
      option('set', 'change it first: "gw: net.ipv4.ip_forward=1", "link gw:eth1 down"; may be repeated'),
      option(
        'remove',
        'take something away first: "gw: ip route default", "srv: listen tcp 80", "gw"; may be repeated',
      ),
    ],
    given,
  };
}

export function addDiff(program: Command): void {
  const { options, given } = changeOptions();
  const command = program
    .command('diff')
    .description(
      'compare two networks, or one with what changes make of it: which flows change fate, and where they part',
    )
    .argument('<a>', 'a topology or a scenario')
    .argument('[b]', 'another one of its kind; default: the same, with the changes');
  for (const option of options) command.addOption(option);
  command
    .option('--flow <flow>', '"pc1 -> 203.0.113.1:80/tcp" instead of all flows; may be repeated', askedFlow)
    .option('--limit <n>', 'most flows to compare', wholeNumber, 300)
    .option('--seed <n>', 'seed of everything random', wholeNumber)
    .option('--exit-code', 'exit with 1 if anything changed');
  addLimitOptions(command)
    .addOption(json())
    .action(async (a: string, b: string | undefined, chosen: DiffCommandOptions) => {
      const { compare } = await import('../diff.ts');
      await compare(a, b, given, chosen);
    });
}
