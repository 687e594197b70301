import { showIptablesSave } from '../show/linux-iptables.ts';
import { ipRouteRows, routeLine } from '../show/linux-route.ts';
import { type Change, changeText, isChangeFault, parseChange, type Verb } from '../whatif/change.ts';
import { protocolOf } from '../world/service-schema.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { World } from '../world/world.ts';
import type { View } from './view.ts';

/** A change that can be made here, as `cutaway diff` takes it: `--remove "gw: ip route add default via 10.0.0.1"`. */
export interface Choice {
  readonly text: string;
  /** Undefined: all changes are taken back. */
  readonly change: Pick<Change, 'verb' | 'line'> | undefined;
}

/** What one may change at the stack that is looked at: what it has, taken away; nothing here is known to matter. */
export function choicesAt({ tables, title, tape }: View): Choice[] {
  if (tables === undefined || tables === 'absent') return [];
  const lines = tables.comware === undefined ? linuxChoices(tables) : comwareChoices(tables);
  return [
    ...lines.map(([verb, text]) => choice(verb, `${title}: ${text}`)),
    ...listeners(tape.world, title),
    ...cables(tape.world, title),
  ];
}

function choice(verb: Verb, line: string): Choice {
  return { text: changeText({ verb, line }), change: { verb, line } };
}

function linuxChoices({ namespace }: StackSnapshot): [Verb, string][] {
  const routes = ipRouteRows(namespace).map((row): [Verb, string] => [
    'remove',
    `ip route add ${routeLine(row).trim()}`,
  ]);
  let table = '';
  const rules = showIptablesSave(namespace.iptables)
    .split('\n')
    .flatMap((line): [Verb, string][] => {
      if (line.startsWith('*')) table = line.slice(1);
      return line.startsWith('-A ') ? [['remove', `iptables -t ${table} ${line}`]] : [];
    });
  const forwards = namespace.sysctl.find(({ key }) => key === 'net.ipv4.ip_forward')?.value;
  const forwarding: [Verb, string][] =
    forwards === undefined ? [] : [['set', `net.ipv4.ip_forward=${Number(forwards) === 0 ? 1 : 0}`]];
  return [...routes, ...rules, ...forwarding];
}

/** Every line of the configuration, in the view it belongs to. */
function comwareChoices({ comware }: StackSnapshot): [Verb, string][] {
  let context = '';
  return (comware?.configuration ?? []).flatMap((line): [Verb, string][] => {
    if (line.startsWith(' ')) return [['remove', `${context}; ${line.trim()}`]];
    context = line;
    return /^(#|interface |acl |return|version|sysname)/.test(line) ? [] : [['remove', line]];
  });
}

function listeners(world: World, title: string): Choice[] {
  return world.services
    .of(title)
    .filter(({ running }) => running !== undefined)
    .map(({ spec }) => choice('remove', `${title}: listen ${protocolOf(spec)} ${spec.port}`));
}

function cables(world: World, title: string): Choice[] {
  const node = title.split('/')[0];
  return world.links.flatMap(({ ends }) => {
    const end = ends.find((one) => one.startsWith(`${node}:`));
    return end === undefined ? [] : [choice('set', `link ${end} down`)];
  });
}

/** A change as it is typed: with `remove ` before it, one that takes away; else one that sets. */
export function typedChange(text: string): Change | string {
  const [, word, rest = ''] = /^(?:--)?(set|remove)\s+"?(.*?)"?$/.exec(text.trim()) ?? [undefined, 'set', text.trim()];
  const parsed = parseChange(word as Verb, rest);
  return isChangeFault(parsed) ? `${parsed.message}${parsed.hint === undefined ? '' : `; ${parsed.hint}`}` : parsed;
}
