import type { Ipv4 } from '../../../wire/address.ts';
import type { Match } from './match.ts';
import type { Target } from './target.ts';

/** An address and the bits of it that count; the mask need not be a prefix. */
export interface AddressMatch {
  /** Bits outside the mask are clear. */
  readonly address: Ipv4;
  readonly mask: Ipv4;
  readonly not: boolean;
}

/** A device by its name; one that ends in `+` stands for every name that begins so; '' for any. */
export interface InterfaceMatch {
  readonly name: string;
  readonly not: boolean;
}

/** A rule as it was written (struct ipt_ip and what follows it), plain data: what it counted stands in its RuleEntry. */
export interface Rule {
  readonly source: AddressMatch;
  readonly destination: AddressMatch;
  readonly input: InterfaceMatch;
  readonly output: InterfaceMatch;
  /** 0 for all. */
  readonly protocol: number;
  readonly notProtocol: boolean;
  /** `later` is -f: second and further fragments; `first` its negation: those, and what is no fragment. */
  readonly fragment: 'any' | 'later' | 'first';
  /** In the order they are asked; all must agree. */
  readonly matches: readonly Match[];
  readonly target: Target;
}

const ANY_ADDRESS: AddressMatch = { address: 0, mask: 0, not: false };
const ANY_INTERFACE: InterfaceMatch = { name: '', not: false };

/** A rule that matches every packet, narrowed by `parts`; without a target it only counts. */
export function ruleOf(parts: Partial<Rule>): Rule {
  return {
    source: ANY_ADDRESS,
    destination: ANY_ADDRESS,
    input: ANY_INTERFACE,
    output: ANY_INTERFACE,
    protocol: 0,
    notProtocol: false,
    fragment: 'any',
    matches: [],
    target: { kind: 'none' },
    ...parts,
  };
}

/** Two rules that say the same, word by word: what `-D` and `-C` look for. */
export function sameRule(a: Rule, b: Rule): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
