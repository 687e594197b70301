import { type Match, MULTIPORT_PROTOCOLS } from '../kernel/forwarding/xtables/match.ts';
import { protocolNumber } from '../kernel/forwarding/xtables/protocol-names.ts';
import { type AddressMatch, type Rule, ruleOf } from '../kernel/forwarding/xtables/rule.ts';
import type { Target } from '../kernel/forwarding/xtables/target.ts';
import { type Extension, Given, type GivenOption } from './extension.ts';
import { findTarget } from './targets.ts';
import { readInterface, readNetwork } from './values.ts';

/** An extension that a rule loaded, with the options it was given so far. */
export interface Loaded<T> {
  readonly extension: Extension<T>;
  readonly given: Given;
}

/** A rule as its words are read. */
export class RuleParts {
  source: GivenOption | undefined;
  destination: GivenOption | undefined;
  input: GivenOption | undefined;
  output: GivenOption | undefined;
  protocol: GivenOption | undefined;
  fragment: GivenOption | undefined;
  jump: { readonly name: string; readonly goto: boolean } | undefined;
  readonly matches: Loaded<Match>[] = [];
  target: Loaded<Target> | undefined;
  /** Letters of the options that were given. */
  readonly used: string[] = [];

  load(extension: Extension<Match>): Loaded<Match> {
    const loaded = { extension, given: new Given() };
    this.matches.push(loaded);
    return loaded;
  }
}

/** The words of a command, sorted. */
export interface ReadCommand {
  readonly table: string | undefined;
  /** The letter of the command, '' for none. */
  readonly letter: string;
  /** What follows it: a chain, a rule's number, another name. */
  readonly operands: readonly string[];
  readonly parts: RuleParts;
  readonly counters: readonly [number, number] | undefined;
}

/** The rules that a line stands for: one a pair of source and destination. */
export function rulesOf(parts: RuleParts): readonly Rule[] | string {
  const protocol = readProtocol(parts.protocol);
  if (typeof protocol === 'string') return protocol;
  const input = readInterface(parts.input);
  if (typeof input === 'string') return input;
  const output = readInterface(parts.output);
  if (typeof output === 'string') return output;
  const matches = buildMatches(parts, protocol);
  if (typeof matches === 'string') return matches;
  const target = buildTarget(parts, protocol.protocol);
  if (typeof target === 'string') return target;
  const sources = readAddresses(parts.source);
  if (typeof sources === 'string') return sources;
  const destinations = readAddresses(parts.destination);
  if (typeof destinations === 'string') return destinations;
  const isInverted = parts.source?.not === true || parts.destination?.not === true;
  if (isInverted && sources.length + destinations.length > 2) {
    return '! not allowed with multiple source or destination IP addresses';
  }
  const fragment = parts.fragment === undefined ? 'any' : parts.fragment.not ? 'first' : 'later';
  return sources.flatMap((source) =>
    destinations.map((destination) =>
      ruleOf({ source, destination, input, output, ...protocol, fragment, matches, target }),
    ),
  );
}

function readProtocol(option: GivenOption | undefined): Pick<Rule, 'protocol' | 'notProtocol'> | string {
  if (option === undefined) return { protocol: 0, notProtocol: false };
  const text = option.values[0] ?? '';
  const protocol = protocolNumber(text);
  if (protocol === undefined) return `unknown protocol "${text}" specified`;
  if (protocol === 0 && option.not) return 'rule would never match protocol';
  return { protocol, notProtocol: option.not };
}

const ANYWHERE: AddressMatch = { address: 0, mask: 0, not: false };

function readAddresses(option: GivenOption | undefined): readonly AddressMatch[] | string {
  if (option === undefined) return [ANYWHERE];
  const texts = (option.values[0] ?? '').split(',');
  const addresses: AddressMatch[] = [];
  for (const text of texts) {
    const read = readNetwork(text);
    if (typeof read === 'string') return read;
    addresses.push({ ...read, not: option.not });
  }
  return addresses;
}

/** What a translation to ports takes: the above but udplite, and icmp, whose identifiers count as ports. */
const WITH_KEYS: readonly number[] = [6, 17, 132, 33, 1];

function buildMatches(
  parts: RuleParts,
  { protocol, notProtocol }: Pick<Rule, 'protocol' | 'notProtocol'>,
): readonly Match[] | string {
  const matches: Match[] = [];
  for (const { extension, given } of parts.matches) {
    if (extension.name === 'multiport' && (notProtocol || !MULTIPORT_PROTOCOLS.includes(protocol))) {
      return protocol === 0
        ? "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'"
        : 'multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP';
    }
    const built = extension.build(given);
    if (typeof built === 'string') return built;
    matches.push(built);
  }
  return matches;
}

function buildTarget({ jump, target }: RuleParts, protocol: number): Target | string {
  if (target !== undefined) {
    const built = target.extension.build(target.given);
    const needsPorts = typeof built !== 'string' && 'ports' in built && built.ports !== undefined;
    return needsPorts && !WITH_KEYS.includes(protocol) ? 'Need TCP, UDP, SCTP or DCCP with port specification' : built;
  }
  if (jump === undefined) return { kind: 'none' };
  const { name, goto } = jump;
  if (name === 'ACCEPT' || name === 'DROP' || name === 'RETURN') {
    return goto ? `goto '${name}' is not a chain` : { kind: 'verdict', verdict: name };
  }
  const known = findTarget(name);
  if (typeof known === 'string') return known;
  if (known !== undefined) return `goto '${name}' is not a chain`;
  return name === '' ? 'Invalid target name (too short)' : { kind: 'jump', chain: name, goto };
}
