import { formatIpv4, type Ipv4 } from '../wire/address.ts';
import { ARP_LENGTH, ArpPacket } from '../wire/arp.ts';
import { u32 } from '../wire/bytes.ts';
import { ETHERNET_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4, EthernetHeader } from '../wire/ethernet.ts';
import { ICMP_LENGTH, ICMP_REDIRECT, IcmpHeader, isIcmpError } from '../wire/icmp.ts';
import { IPV4_LENGTH, Ipv4Header, PROTOCOL_ICMP } from '../wire/ipv4.ts';
import type { StoredCapture } from '../world/capture-store.ts';
import type { StoredFrame } from '../world/frame-log.ts';
import type { Check } from './check.ts';
import type { Expectation, Sighting } from './expectation-schema.ts';

type Path = readonly (string | number)[];

/** Holds which addresses must, and must not, have been seen where, against every frame that was captured there. */
export function checkSightings(
  captures: readonly StoredCapture[],
  expected: Exclude<Expectation, { readonly show: unknown }>,
  path: Path,
): Check[] {
  const [key, sightings] =
    'seen' in expected ? (['seen', expected.seen] as const) : (['never_seen', expected.never_seen] as const);
  return sightings.map((one, index) => {
    const what = expected.name ?? `${key.replace('_', ' ')}: ${formatIpv4(one.address)} at ${one.at}`;
    const verdict = lookFor(captures, one);
    const passed = typeof verdict === 'object' && (verdict.frame !== undefined) === (key === 'seen');
    const wanted = key === 'seen' ? 'a packet that carries it' : 'no packet that carries it';
    return { what, passed, expected: wanted, found: textOf(verdict), path: [...path, key, index] };
  });
}

export type SightingVerdict =
  | 'no such point'
  | { readonly frame: StoredFrame | undefined; readonly where: string; readonly of: number };

/** The first frame at a point that carries an address, and where in it that stands; `of` is how many were looked at. */
export function lookFor(captures: readonly StoredCapture[], { at, direction, address }: Sighting): SightingVerdict {
  // A container that was started anew has new devices of the same names.
  const points = captures.filter((capture) => capture.name === at);
  if (points.length === 0) return 'no such point';
  let of = 0;
  for (const { device, frames } of points) {
    for (const frame of frames) {
      if (direction !== undefined && frame.direction !== direction) continue;
      of++;
      const where = carrierOf(frame.bytes, device.headerLength, address);
      if (where !== undefined) return { frame, where, of };
    }
  }
  return { frame: undefined, where: '', of };
}

function textOf(verdict: SightingVerdict): string {
  if (verdict === 'no such point') return 'there is no such capture point';
  const { frame, where, of } = verdict;
  if (frame === undefined) return `none of ${of} packets carries it`;
  return `packet ${frame.packet} at ${(frame.time / 1e9).toFixed(6)} s, ${where}`;
}

/** Where in a frame an address stands; undefined when it does not. */
function carrierOf(bytes: Uint8Array, headerLength: number, address: Ipv4): string | undefined {
  const isEthernet = headerLength >= ETHERNET_LENGTH && bytes.length >= ETHERNET_LENGTH;
  const type = isEthernet ? new EthernetHeader(bytes, 0).etherType : ETHERTYPE_IPV4;
  if (type === ETHERTYPE_ARP && bytes.length >= headerLength + ARP_LENGTH) {
    const arp = new ArpPacket(bytes, headerLength);
    if (arp.senderAddress === address) return 'as sender in ARP';
    return arp.targetAddress === address ? 'as target in ARP' : undefined;
  }
  return type === ETHERTYPE_IPV4 ? carrierInIp(bytes, headerLength, address, '') : undefined;
}

function carrierInIp(bytes: Uint8Array, offset: number, address: Ipv4, quoted: string): string | undefined {
  if (bytes.length < offset + IPV4_LENGTH) return undefined;
  const ip = new Ipv4Header(bytes, offset);
  if (ip.version !== 4) return undefined;
  if (ip.source === address) return `as source of the ${quoted}IP header`;
  if (ip.destination === address) return `as destination of the ${quoted}IP header`;
  const transport = offset + ip.headerLength;
  const isFirst = ip.fragmentOffset === 0 && bytes.length >= transport + ICMP_LENGTH;
  if (quoted !== '' || ip.protocol !== PROTOCOL_ICMP || !isFirst) return undefined;
  const icmp = new IcmpHeader(bytes, transport);
  if (!isIcmpError(icmp.type)) return undefined;
  if (icmp.type === ICMP_REDIRECT && u32(bytes, transport + 4) === address) return 'as gateway of an ICMP redirect';
  return carrierInIp(bytes, transport + ICMP_LENGTH, address, 'quoted ');
}
