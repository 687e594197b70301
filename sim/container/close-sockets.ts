import type { Net } from '../kernel/net.ts';
import type { Place } from '../packet/place.ts';

/**
 * The programs of a container have ended: the kernel closes what they had open. In a namespace of its own this is all
 * there is; in one that it shares, the sockets of the others stay.
 */
export function closeSockets(net: Net, place: Place): void {
  for (const socket of net.parts.udp.list()) if (socket.owner.place === place) socket.close();
  net.parts.tcp.closeAllOf(place);
  for (const socket of net.parts.ping.list()) if (socket.owner.place === place) socket.close();
}
