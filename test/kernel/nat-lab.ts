import { enableConntrack } from '../../sim/kernel/forwarding/conntrack/hooks.ts';
import { registerNat } from '../../sim/kernel/forwarding/nat/nat-hooks.ts';
import { natMasquerade, natSetup } from '../../sim/kernel/forwarding/nat/nat-setup.ts';
import type { NatHook, NatLookup } from '../../sim/kernel/forwarding/nat/nat-state.ts';
import type { NatRange } from '../../sim/kernel/forwarding/nat/range.ts';
import { ACCEPT } from '../../sim/kernel/forwarding/netfilter.ts';
import type { Net } from '../../sim/kernel/net.ts';
import type { NetDevice } from '../../sim/link/device.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { u16 } from '../../sim/wire/bytes.ts';
import { Lab } from '../bench.ts';

/**
 * Two inside hosts behind a gateway, as in reference lab 07: in1 10.0.1.2, in2 10.0.2.2, gw 10.0.1.1, 10.0.2.1 and
 * outside 198.51.100.1 on eth2, out 198.51.100.2.
 */
export function natLab(sysctls: Record<string, number> = {}, seed = 1): Lab {
  return new Lab(
    {
      in1: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.1.2/24' } },
        routes: ['default via 10.0.1.1'],
        services: [{ port: 7, program: 'echo' }],
      },
      in2: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.2.2/24' } },
        routes: ['default via 10.0.2.1'],
        services: [{ port: 7, program: 'echo' }],
      },
      gw: {
        kind: 'linux',
        interfaces: {
          eth0: { address: '10.0.1.1/24' },
          eth1: { address: '10.0.2.1/24' },
          eth2: { address: '198.51.100.1/24' },
        },
        sysctls: { 'net.ipv4.ip_forward': 1, ...sysctls },
        services: [{ port: 7, program: 'echo' }],
      },
      out: {
        kind: 'linux',
        interfaces: { eth0: { address: '198.51.100.2/24' } },
        services: [{ port: 7, program: 'echo' }],
      },
    },
    [
      { endpoints: ['in1:eth0', 'gw:eth0'] },
      { endpoints: ['in2:eth0', 'gw:eth1'] },
      { endpoints: ['out:eth0', 'gw:eth2'] },
    ],
    seed,
  );
}

export const ipv4 = (text: string): number => {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(text);
  return address;
};

/** A rule of the nat table, as code: connections are tracked for it. */
export function translateAt(net: Net, hook: NatHook, lookup: NatLookup): void {
  enableConntrack(net, 'test');
  registerNat(net, hook, lookup);
}

/** `-t nat -A POSTROUTING -o OUT -j MASQUERADE`. */
export function masquerade(lab: Lab, node: string, out: string, range: Partial<NatRange> = {}): void {
  const { net } = lab.stack(node);
  translateAt(net, 'POSTROUTING', (packet, _input, output) =>
    output?.name === out
      ? natMasquerade(net, packet, output, { addresses: undefined, ports: undefined, ...range })
      : ACCEPT,
  );
}

/** `-A PREROUTING [and OUTPUT] -d FROM -p udp|tcp --dport PORT -j DNAT --to-destination TO:TOPORT`. */
export function forwardPort(
  lab: Lab,
  node: string,
  from: string,
  port: number,
  to: string,
  toPort: number,
  hooks: readonly ('PREROUTING' | 'OUTPUT')[] = ['PREROUTING'],
): void {
  const { net } = lab.stack(node);
  const address = ipv4(to);
  for (const hook of hooks) {
    translateAt(net, hook, (packet) => {
      const { destination, headerLength, protocol } = packet.ip;
      const hasPorts = protocol === 6 || protocol === 17;
      if (destination !== ipv4(from) || !hasPorts) return ACCEPT;
      if (u16(packet.bytes, packet.networkOffset + headerLength + 2) !== port) return ACCEPT;
      return natSetup(net, packet, 'destination', { addresses: [address, address], ports: [toPort, toPort] });
    });
  }
}

/** A device by name; it must be there. */
export function deviceOf(lab: Lab, node: string, name: string): NetDevice {
  const device = lab.stack(node).net.device(name);
  if (device === undefined) throw new Error(`${node} has no ${name}`);
  return device;
}
