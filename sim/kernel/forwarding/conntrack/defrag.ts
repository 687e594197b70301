import type { Packet } from '../../../packet/packet.ts';
import type { Net } from '../../net.ts';
import { bridgeInfoOf } from '../bridge-netfilter-info.ts';
import { ACCEPT, type Hook, type Verdict } from '../netfilter.ts';

/**
 * Puts a datagram together before it is tracked: only its first fragment has ports. It leaves in pieces again, none
 * larger than those it came in. Models net/ipv4/netfilter/nf_defrag_ipv4.c ipv4_conntrack_defrag() and net/ipv4/
 * ip_fragment.c ip_defrag().
 */
export function conntrackDefrag(net: Net, packet: Packet, hook: Hook): Verdict {
  // What comes round by lo has its connection already: it is put together all the same, for NAT looks at no pieces.
  if (packet.connectionInfo === 'untracked' || !packet.ip.isFragment) return ACCEPT;
  return defragment(net, packet, userOf(packet, hook));
}

function defragment(net: Net, packet: Packet, user: string): Verdict {
  net.counters.IpReasmReqds++;
  const result = net.parts.reassembler.add(packet, user);
  if ('fate' in result) return { verdict: 'stolen', fate: result.fate };
  net.counters.IpReasmOKs++;
  const { whole } = result;
  whole.transportOffset = whole.networkOffset + whole.ip.headerLength;
  // nf_ct_ipv4_gather_frags(): that the pieces had DF keeps nobody from cutting the whole again.
  whole.ignoreDf = true;
  return { verdict: 'replaced', packet: whole };
}

/** Pieces that came by a bridge are joined there, and with none that are routed. Models nf_ct_defrag_user(). */
function userOf(packet: Packet, hook: Hook): string {
  return bridgeInfoOf(packet)?.inPreRouting === true ? 'bridge' : hook;
}
