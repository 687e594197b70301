import type { IptablesChainRow } from '../kernel/iptables-snapshot.ts';
import { contains, formatIpv4, parsePrefix } from '../wire/address.ts';
import type { Stack } from '../world/world.ts';
import type { Candidate } from './candidate.ts';
import { matchText, type PacketFacts } from './packet-facts.ts';
import type { Scene } from './scene.ts';

/* Rules and policies of iptables: those that dropped a packet, those that matched one, and the rest. */

/** `filter DOCKER rule 2:` or `filter FORWARD policy` at the beginning of what a step says of a rule. */
const WHO = /^(\w+) (\S+) (?:rule (\d+):|policy)/;

interface Named {
  readonly table: string;
  readonly chain: string;
  /** From 1; 0 for the policy. */
  readonly number: number;
}

function named(text: string): Named | undefined {
  const [, table, chain, number] = WHO.exec(text) ?? [];
  return table === undefined || chain === undefined ? undefined : { table, chain, number: Number(number ?? 0) };
}

const inTable = (table: string): string => (table === 'filter' ? '' : `-t ${table} `);

/** What dropped a packet goes, or lets just this flow by; a policy gets a rule in front of it. */
export function droppingRules(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  return scene.deathsAt(stack).flatMap(({ death, packet }) => {
    const who = death.reason === 'kernel:NETFILTER_DROP' ? named(death.detail) : undefined;
    if (who === undefined) return [];
    const { table, chain, number } = who;
    const text = ruleTextOf(scene, stack, who);
    const passing = packet === undefined ? [] : accepting(stack, who, packet, scene.attempt.probe.port);
    const policy: Candidate = set(stack, 'rule', `iptables ${inTable(table)}-P ${chain} ACCEPT`, 50);
    if (number === 0) return [...passing, policy];
    if (text === undefined) return passing;
    return [
      remove(stack, 'rule', `iptables ${inTable(table)}-A ${chain} ${text}`, isNarrow(text) ? 12 : 24),
      ...passing,
    ];
  });
}

/** A rule that names a port, a flag, or one address is about this flow; one that names less protects more. */
function isNarrow(rule: string): boolean {
  return / --(?!reject-with|ctstate|state)|^--|\/32\b|state [A-Z,]*ESTABLISHED/.test(rule);
}

function accepting(stack: Stack, { table, chain, number }: Named, packet: PacketFacts, asked: number): Candidate[] {
  if (table !== 'filter' && table !== 'raw' && table !== 'mangle') return [];
  const where = number === 0 ? `-A ${chain}` : `-I ${chain} ${number}`;
  const rule = (match: string): string => `iptables ${inTable(table)}${where} ${match} -j ACCEPT`;
  const exact = rule(matchText(packet, asked));
  const answers = rule('-m conntrack --ctstate RELATED,ESTABLISHED');
  if (table !== 'filter') return [set(stack, 'rule', exact, 20)];
  return [
    set(stack, 'rule', answers, 17),
    set(stack, 'rule', exact, 20),
    // Both ways at once, where no rule lets answers by.
    set(stack, 'rule', `${exact}; ${answers}`, 32),
  ];
}

/** Every rule that matched a packet of the flow: without it, and with the flow let by in front of it. */
export function matchingRules(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  const found: Candidate[] = [];
  for (const step of scene.stepsAt(stack, 'hook')) {
    const who = named(step.by);
    const text = who === undefined ? undefined : ruleTextOf(scene, stack, who);
    if (who === undefined || text === undefined) continue;
    const { table, chain, number } = who;
    if (table === 'filter' && /-j ACCEPT/.test(text)) continue;
    const isNat = table === 'nat';
    const hides = isNat && hidesFromFilter(scene);
    const cost = hides ? 4 : isNat ? 34 : 28;
    found.push(remove(stack, isNat ? 'nat' : 'rule', `iptables ${inTable(table)}-A ${chain} ${text}`, cost));
    if (!isNat) continue;
    const ends = flowEnds(scene, chain);
    if (ends !== '') {
      found.push(set(stack, 'nat', `iptables -t nat -I ${chain} ${number} ${ends} -j ACCEPT`, hides ? 3 : 27));
    }
  }
  return found;
}

/** A filter dropped what it would have let by from the sender's own address. */
function hidesFromFilter(scene: Scene): boolean {
  const { source, destination } = scene;
  return scene.deaths.some(({ death, packet }) => {
    if (death.reason !== 'kernel:NETFILTER_DROP' || packet === undefined) return false;
    if (packet.source === source || packet.source === destination) return false;
    const stack = scene.stacks.find((one) => one.place.title === death.place.title && one.comware === undefined);
    return (
      stack !== undefined && chainsOf(scene, stack).some(({ rules }) => rules.some((row) => letsBy(row.rule, source)))
    );
  });
}

function letsBy(rule: string, source: number): boolean {
  const [, from = ''] = /(?:^|[^!] |^)-s (\S+)/.exec(rule) ?? [];
  const prefix = parsePrefix(from);
  return prefix !== undefined && contains(prefix, source) && /-j ACCEPT/.test(rule);
}

/** The flow as a chain of the nat table sees it: not translated on its way in, not its source on its way out. */
function flowEnds(scene: Scene, chain: string): string {
  const { source, destination } = scene;
  if (source === 0) return '';
  const from = `-s ${formatIpv4(source)}`;
  return chain === 'POSTROUTING' ? from : `${from} -d ${formatIpv4(destination)}`;
}

/** Every other rule that could be in the way, and every policy: for faults that left no trace of a rule. */
export function allRules(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  return chainsOf(scene, stack).flatMap(({ table, chain, policy, rules }) => [
    ...rules.map(({ rule }) =>
      remove(stack, table === 'nat' ? 'nat' : 'rule', `iptables ${inTable(table)}-A ${chain} ${rule}`, 45),
    ),
    ...(policy === 'DROP' ? [set(stack, 'rule', `iptables ${inTable(table)}-P ${chain} ACCEPT`, 55)] : []),
  ]);
}

function chainsOf(scene: Scene, stack: Stack): readonly IptablesChainRow[] {
  return scene.snapshot(stack).namespace.iptables;
}

/** What a rule says behind `-A CHAIN`. */
function ruleTextOf(scene: Scene, stack: Stack, { table, chain, number }: Named): string | undefined {
  const row = chainsOf(scene, stack).find((one) => one.table === table && one.chain === chain);
  return row?.rules[number - 1]?.rule;
}

function set(stack: Stack, kind: Candidate['kind'], command: string, cost: number): Candidate {
  return { kind, verb: 'set', line: `${stack.title}: ${command}`, cost };
}

function remove(stack: Stack, kind: Candidate['kind'], command: string, cost: number): Candidate {
  return { kind, verb: 'remove', line: `${stack.title}: ${command}`, cost };
}
