import { bug } from '../../core/assert.ts';
import type { Errno } from '../../core/errno.ts';
import type { NetDevice } from '../../link/device.ts';
import type { Destination, Packet } from '../../packet/packet.ts';
import type { Ipv4 } from '../../wire/address.ts';
import type { KeptRoute } from './fib-table.ts';

/** A routing decision (struct rtable), kept on the packet. */
export interface Rtable extends Destination {
  /** Where the packet goes on: up, through, out, or nowhere. */
  readonly action: 'deliver' | 'forward' | 'output' | 'error';
  /** Type of the destination address. */
  readonly type: 'unicast' | 'local' | 'broadcast' | 'multicast';
  /** Outgoing device; lo for what is delivered here. */
  readonly device: NetDevice;
  /** 0 when the destination is on the link. */
  readonly gateway: Ipv4;
  /** Source address chosen on output, 0 on input. */
  readonly source: Ipv4;
  /** Of an `error` route. */
  readonly errno: Errno | undefined;
  /** A redirect is due: it leaves by the interface it came in on (IPSKB_DOREDIRECT). */
  readonly redirect: boolean;
  /** The same decision as its next hop keeps it; undefined where none is kept. */
  readonly kept: KeptRoute | undefined;
}

/** The routing decision on a packet; the one place that knows what a Destination is (skb_rtable). */
export function rtableOf(packet: Packet): Rtable {
  if (packet.destination === undefined) bug(`packet ${packet.number} is not routed`);
  return packet.destination as Rtable;
}

/**
 * The address that was asked, from which an answer comes; 0 of what was sent to a group, or goes through. Every route by lo of our
 * own packets is local (__mkroute_output sets RTCF_LOCAL), whoever has the address; not that of what circles over lo. Models
 * the first half of net/ipv4/fib_frontend.c fib_compute_spec_dst().
 */
export function specificDestination(packet: Packet): Ipv4 {
  const { action, type, device } = rtableOf(packet);
  const isLocal = (action === 'deliver' || action === 'output') && device.isLoopback;
  const isGroup = type === 'broadcast' || type === 'multicast';
  return isLocal && !isGroup ? packet.ip.destination : 0;
}
