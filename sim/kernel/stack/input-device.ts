import type { Packet } from '../../packet/packet.ts';
import { localDevice } from '../forwarding/fib-lookup.ts';
import { rtableOf } from '../forwarding/rtable.ts';
import type { Net } from '../net.ts';

/**
 * Name of the interface by which a packet came, as sockets see it that are bound to one; '' where that is gone. What this host
 * sends to itself goes over lo, and comes by the device of the address. Models include/net/route.h inet_iif().
 */
export function inputDeviceName(net: Net, packet: Packet): string {
  const { action } = rtableOf(packet);
  const device = action === 'output' ? localDevice(net, packet.ip.destination) : net.deviceAt(packet.inputIfindex);
  return device?.name ?? '';
}
