import type { Ipv4 } from '../../../wire/address.ts';
import type { ComwareInterface } from '../interface.ts';
import type { Nat } from './nat.ts';
import { isWithinRange } from './rules.ts';

/**
 * Whether the device answers ARP on a port for an address that NAT gave it there: that of a server, of a static mapping
 * or of an address group, in the port's own subnet.
 */
export function answersArpFor(nat: Nat, on: ComwareInterface, address: Ipv4): boolean {
  const rules = on.nat;
  if (rules === undefined || !on.hasOnLink(address)) return false;
  if (rules.servers.some((server) => nat.globalOf(server) === address)) return true;
  if (rules.staticEnabled && nat.statics.some((rule) => isWithinRange(rule.global, address))) return true;
  return rules.outbound.some((rule) => nat.addressesOf(rule).some((range) => isWithinRange(range, address)));
}
