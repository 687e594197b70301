import type { Packet } from '../../../packet/packet.ts';
import type { Net } from '../../net.ts';
import { natMasquerade, natRedirect, natSetup } from '../nat/nat-setup.ts';
import type { NatRange } from '../nat/range.ts';
import type { Verdict } from '../netfilter.ts';
import { rtableOf } from '../rtable.ts';
import type { PacketFacts } from './packet-facts.ts';
import type { NatTarget } from './target.ts';

/** Binds the connection of a new packet as a rule of the nat table says. Models net/netfilter/xt_nat.c and its like. */
export function translate(net: Net, packet: Packet, target: NatTarget, facts: PacketFacts): Verdict {
  const range: NatRange = {
    addresses: target.addresses,
    ports: target.ports,
    random: target.random || target.randomFully,
    persistent: target.persistent,
    ...(target.basePort === 0 ? {} : { basePort: target.basePort }),
  };
  switch (target.kind) {
    case 'SNAT':
      return natSetup(net, packet, 'source', range);
    case 'DNAT':
      return natSetup(net, packet, 'destination', range);
    case 'MASQUERADE':
      return natMasquerade(net, packet, facts.output ?? rtableOf(packet).device, range);
    case 'REDIRECT':
      return natRedirect(net, packet, facts.input, range);
  }
}
