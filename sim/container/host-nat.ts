import { ALL_PORTS, type Match } from '../kernel/forwarding/xtables/match.ts';
import { type AddressMatch, type Rule, ruleOf } from '../kernel/forwarding/xtables/rule.ts';
import { natTarget } from '../kernel/forwarding/xtables/target.ts';
import type { Net } from '../kernel/net.ts';
import { appendRule, replaceChain } from '../kernel/xtables-control.ts';
import { type InterfaceAddress, type Ipv4, mask } from '../wire/address.ts';
import { type PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';

/** A port of LoopBack0's address that leads to a program on the host. */
export interface PublishedPort {
  readonly protocol: typeof PROTOCOL_TCP | typeof PROTOCOL_UDP;
  readonly published: number;
  readonly target: number;
}

/** Between which addresses the host's traffic is translated, and where. */
export interface HostNat {
  /** The namespace that translates: the host's (whitepaper figure 14), or Comware's (INC-08). */
  readonly net: Net;
  /** The device by which the host's packets leave that namespace. */
  readonly leaves: string;
  /** docker0's address. */
  readonly host: InterfaceAddress;
  /** LoopBack0's address, 0 while it has none: then nothing is translated. */
  readonly loopback0: Ipv4;
  /** Comware's own addresses, which are reached without translation (INC-06). */
  readonly own: readonly Ipv4[];
  readonly ports: readonly PublishedPort[];
}

/** Chains of our own, so that rules beside them are let be. */
const OUT_CHAIN = 'COMWARE-OUT';
const IN_CHAIN = 'COMWARE-IN';

/**
 * Writes the rules of the host's traffic: what leaves for the outside takes LoopBack0's address (whitepaper 3.5.3, figure
 * 14 step 3), and the ports that were given to the host lead to it. Called whenever one of the addresses changes.
 */
export function translateHost(nat: HostNat): void {
  const { net } = nat;
  const isSetUp = net.xtables.some((table) => table.name === 'nat' && table.chain(OUT_CHAIN) !== undefined);
  // A namespace that never translated does not track connections either.
  if (!isSetUp && nat.loopback0 === 0) return;
  replaceChain(net, 'nat', OUT_CHAIN, outRules(nat));
  replaceChain(net, 'nat', IN_CHAIN, inRules(nat));
  if (isSetUp) return;
  const jump = (chain: string): Partial<Rule> => ({ target: { kind: 'jump', chain, goto: false } });
  appendRule(net, 'nat', 'POSTROUTING', ruleOf(jump(OUT_CHAIN)));
  appendRule(net, 'nat', 'PREROUTING', ruleOf(jump(IN_CHAIN)));
}

function outRules({ leaves, host, loopback0, own }: HostNat): Rule[] {
  if (loopback0 === 0) return [];
  const network = subnetOf(host);
  const leaving = { source: network, output: { name: leaves, not: false } };
  return [
    ...own.map((address) =>
      ruleOf({ ...leaving, destination: only(address), target: { kind: 'verdict', verdict: 'RETURN' } }),
    ),
    ruleOf({
      ...leaving,
      destination: { ...network, not: true },
      target: natTarget('SNAT', { addresses: [loopback0, loopback0] }),
    }),
  ];
}

function inRules({ leaves, host, loopback0, ports }: HostNat): Rule[] {
  if (loopback0 === 0) return [];
  return ports.map(({ protocol, published, target }) =>
    ruleOf({
      destination: only(loopback0),
      input: { name: leaves, not: false },
      protocol,
      matches: [portMatch(protocol, published)],
      target: natTarget('DNAT', { addresses: [host.address, host.address], ports: [target, target] }),
    }),
  );
}

function portMatch(protocol: PublishedPort['protocol'], port: number): Match {
  const source = { range: ALL_PORTS, not: false };
  const destination = { range: [port, port], not: false } as const;
  if (protocol === PROTOCOL_UDP) return { kind: 'udp', source, destination };
  return { kind: 'tcp', source, destination, flags: { mask: 0, set: 0, not: false } };
}

function only(address: Ipv4): AddressMatch {
  return { address, mask: 0xffffffff, not: false };
}

function subnetOf({ address, length }: InterfaceAddress): AddressMatch {
  const bits = mask(length);
  return { address: (address & bits) >>> 0, mask: bits, not: false };
}
