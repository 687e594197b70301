import type { Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { NetDevice } from './device.ts';

/**
 * What hangs into the hooks that a bridge itself has (NFPROTO_BRIDGE): br_netfilter. Each owes the packet the step of
 * the bridge that the hook stands before; `head` is behind the Ethernet header.
 */
export interface BridgeHooks {
  /** A frame came in by `port`; goes on with handleFrameFinish(). */
  preRouting(packet: Packet, port: NetDevice): Fate;
  /** It is for the bridge device; goes on with netifReceive(). */
  localIn(packet: Packet): Fate;
  /** It came in by a port and leaves by `port`; goes on with forwardFinish(). */
  forward(packet: Packet, port: NetDevice): Fate;
  /** It leaves by `port`, wherever it came from; goes on with queuePushXmit(). */
  postRouting(packet: Packet, port: NetDevice): Fate;
  /** The bridge device was given it to send; undefined for a packet that this is news to (br_dev_xmit_hook). */
  devXmit(packet: Packet): Fate | undefined;
}
