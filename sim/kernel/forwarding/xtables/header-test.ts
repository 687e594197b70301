import type { NetDevice } from '../../../link/device.ts';
import type { PacketFacts } from './packet-facts.ts';
import type { InterfaceMatch, Rule } from './rule.ts';

/**
 * What every rule asks (struct ipt_ip), laid out once for the many packets that ask it: addresses as signed numbers, which
 * need no room of their own, and all in one object, as a thousand rules may stand before the one that matches.
 */
export class HeaderTest {
  readonly #source: number;
  readonly #sourceMask: number;
  readonly #notSource: boolean;
  readonly #destination: number;
  readonly #destinationMask: number;
  readonly #notDestination: boolean;
  readonly #protocol: number;
  readonly #notProtocol: boolean;
  /** It asks for no device and nothing about fragments. */
  readonly #isPlain: boolean;
  readonly #rule: Rule;

  constructor(rule: Rule) {
    const { source, destination, input, output, fragment } = rule;
    this.#source = source.address | 0;
    this.#sourceMask = source.mask | 0;
    this.#notSource = source.not;
    this.#destination = destination.address | 0;
    this.#destinationMask = destination.mask | 0;
    this.#notDestination = destination.not;
    this.#protocol = rule.protocol;
    this.#notProtocol = rule.notProtocol;
    this.#isPlain = input.name === '' && output.name === '' && fragment === 'any';
    this.#rule = rule;
  }

  /** Models net/ipv4/netfilter/ip_tables.c ip_packet_match(). */
  matches(facts: PacketFacts): boolean {
    if (((facts.source & this.#sourceMask) === this.#source) === this.#notSource) return false;
    if (((facts.destination & this.#destinationMask) === this.#destination) === this.#notDestination) return false;
    if (this.#protocol !== 0 && (facts.protocol === this.#protocol) === this.#notProtocol) return false;
    return this.#isPlain || restMatches(this.#rule, facts);
  }
}

function restMatches({ input, output, fragment }: Rule, facts: PacketFacts): boolean {
  if (!interfaceMatches(input, facts.input) || !interfaceMatches(output, facts.output)) return false;
  return fragment === 'any' || (facts.fragmentOffset !== 0) === (fragment === 'later');
}

/** Where a hook has no such device its name is empty, so that only `!` and wildcards match. */
function interfaceMatches({ name, not }: InterfaceMatch, device: NetDevice | undefined): boolean {
  if (name === '') return true;
  const found = device === undefined ? '' : device.name;
  const fits = name.endsWith('+') ? found.startsWith(name.slice(0, -1)) : found === name;
  return fits !== not;
}
