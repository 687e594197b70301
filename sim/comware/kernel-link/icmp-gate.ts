import { ACCEPT, HOOK_PRIORITY, type HookFunction, type Verdict } from '../../kernel/forwarding/netfilter.ts';
import { bySetting } from '../../packet/because.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { u8 } from '../../wire/bytes.ts';
import { isIcmpError } from '../../wire/icmp.ts';
import { PROTOCOL_ICMP } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import { errorSwitch, isErrorEnabled } from '../forwarding/icmp-error.ts';

const SITE: Site = { component: 'Kernel forwarding', function: 'ICMP error switch' };

/**
 * Keeps the kernel of Comware's namespace as quiet as Comware itself: its ICMP errors leave only when `ip ttl-expires
 * enable` or `ip unreachables enable` is configured. Errors to the device's own programs never leave lo and pass.
 * Linux has no switch for this, so it is a function in the OUTPUT hook: an assumption.
 */
export function icmpErrorGate(cw: Comware): HookFunction {
  return {
    name: 'Comware ICMP error switch',
    priority: HOOK_PRIORITY.first,
    // It has nothing to say of the packets it lets pass; a drop is a step of its own.
    recordsSteps: true,
    run(packet: Packet, _input, output): Verdict {
      const header = packet.ip;
      if (header.protocol !== PROTOCOL_ICMP || output?.isLoopback === true) return ACCEPT;
      // To an address of the device itself it goes round by Comware's stack, not out.
      if (cw.isLocalAddress(header.destination)) return ACCEPT;
      const type = u8(packet.bytes, packet.transportOffset);
      if (!isIcmpError(type) || isErrorEnabled(cw, type)) return ACCEPT;
      packet.ledger.recorder?.step(packet, cw.place, SITE, bySetting(`undo ${errorSwitch(type)}`));
      return { verdict: 'drop', reason: 'comware:ICMP_ERROR_OFF', detail: `ICMP type ${type}` };
    },
  };
}
