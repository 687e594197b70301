import fc from 'fast-check';
import { expect, it } from 'vitest';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { ETHERNET_LENGTH, ETHERTYPE_IPV4, putEthernet } from '../../sim/wire/ethernet.ts';
import { IP_DF, IP_MF, IPV4_LENGTH, PROTOCOL_UDP, putIpv4 } from '../../sim/wire/ipv4.ts';
import { parseMac } from '../../sim/wire/mac.ts';
import type { Lab } from '../bench.ts';
import { dockerHost } from './bridge-netfilter-lab.ts';
import { deviceOf } from './nat-lab.ts';

interface Sent {
  readonly port: string;
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly fragment: number;
  readonly length: number;
}

const MACS = ['a1', 'a2', '10', '11', '12', '99', 'ff'];
const ADDRESSES = ['172.17.0.1', '172.17.0.2', '172.17.0.3', '172.17.0.99', '172.17.255.255', '192.0.2.20'];

const sent: fc.Arbitrary<Sent> = fc.record({
  port: fc.constantFrom('veth1', 'veth2'),
  from: fc.constantFrom('a1', 'a2', '77'),
  to: fc.constantFrom(...MACS),
  source: fc.constantFrom(...ADDRESSES),
  destination: fc.constantFrom(...ADDRESSES),
  ttl: fc.integer({ min: 1, max: 64 }),
  fragment: fc.constantFrom(0, IP_DF, IP_MF, 100),
  length: fc.constantFrom(28, 100, 1500),
});

function inject(lab: Lab, { port, from, to, source, destination, ttl, fragment, length }: Sent): void {
  const bytes = new Uint8Array(ETHERNET_LENGTH + length);
  const mac = (last: string): number => parseMac(last === 'ff' ? 'ff:ff:ff:ff:ff:ff' : `02:00:00:00:00:${last}`) ?? 0;
  putEthernet(bytes, 0, mac(to), mac(from), ETHERTYPE_IPV4);
  putIpv4(bytes, ETHERNET_LENGTH, {
    ...{ tos: 0, totalLength: length, identification: 1, fragment, ttl, protocol: PROTOCOL_UDP },
    ...{ source: parseIpv4(source) ?? 0, destination: parseIpv4(destination) ?? 0 },
  });
  bytes.set([156, 64, 0, 9, (length - IPV4_LENGTH) >> 8, (length - IPV4_LENGTH) & 0xff], ETHERNET_LENGTH + IPV4_LENGTH);
  netifReceive(Packet.of(lab.world.ledger, bytes), deviceOf(lab, 'host', port));
  lab.run({ wait: '10ms' });
}

/** Every frame of every device, and why packets were dropped. */
function seen(lab: Lab): unknown {
  const captures = lab.world.captures?.captures() ?? [];
  const frames = captures.map(({ name, frames: list }) => [name, Array.from(list, ({ bytes }) => bytes.join(' '))]);
  return [frames, [...lab.world.ledger.drops].sort()];
}

it('where no rule is loaded, br_netfilter changes nothing of what happens to sound packets', () => {
  fc.assert(
    fc.property(fc.array(sent, { minLength: 1, maxLength: 8 }), (frames) => {
      const [on, off] = [dockerHost(), dockerHost('sysctl -w net.bridge.bridge-nf-call-iptables=0')];
      for (const frame of frames) for (const lab of [on, off]) inject(lab, frame);
      expect(seen(on)).toEqual(seen(off));
    }),
    { numRuns: 60 },
  );
});
