import type { Packet } from '../packet/packet.ts';

/**
 * Takes off a packet what only the stack it leaves knows of it. The mark outlives the crossing within one namespace.
 * Models net/core/skbuff.c skb_scrub_packet(), and that the next stack clears the control block (IPCB).
 */
export function scrubPacket(packet: Packet, otherNamespace: boolean): void {
  packet.packetType = 'host';
  packet.inputIfindex = 0;
  packet.ignoreDf = false;
  packet.destination = undefined;
  packet.connection = undefined;
  packet.connectionInfo = 'none';
  packet.translation = undefined;
  packet.bridgeInfo = undefined;
  packet.forwarded = false;
  packet.fragMaxSize = 0;
  if (otherNamespace) packet.mark = 0;
}
