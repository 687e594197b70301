import type { NetDevice } from '../../../link/device.ts';
import type { Ipv4 } from '../../../wire/address.ts';
import type { Net } from '../../net.ts';

/**
 * Ends what was masqueraded behind a device: all of it when the device goes down, else what used an address that goes.
 * Models net/netfilter/nf_nat_masquerade.c masq_device_event() and masq_inet_event().
 */
export function forgetMasqueraded(net: Net, device: NetDevice, address?: Ipv4): void {
  if (!net.nat.enabled) return;
  net.conntrack.killWhere(
    (connection) =>
      connection.masqueradeIfindex === device.ifindex &&
      (address === undefined || connection.reply.tuple.destination === address),
  );
}
