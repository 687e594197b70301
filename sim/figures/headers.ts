import type { RecordedStep } from '../packet/trace.ts';
import { formatIpv4 } from '../wire/address.ts';
import { u16 } from '../wire/bytes.ts';
import { Ipv4Header, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import type { StoredCapture } from '../world/capture-store.ts';

/** The IP header of a packet as it was captured at one point. */
export interface SeenHeader {
  /** `device-a/comware:eth1`, `device-a:GE1/0/1`. */
  readonly point: string;
  readonly direction: 'in' | 'out';
  readonly packet: number;
  readonly ttl: number;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** Of UDP and TCP, 0 otherwise. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** The headers of a packet's lineage at every point it passed, in order. */
export function headersOf(captures: readonly StoredCapture[], steps: readonly RecordedStep[]): SeenHeader[] {
  const packets = new Set(steps.map((step) => step.packet));
  const found = captures.flatMap((capture) =>
    [...capture.frames].flatMap((frame) => {
      if (!packets.has(frame.packet)) return [];
      const header = ipv4At(frame.bytes, capture.device.headerLength);
      if (header === undefined) return [];
      const { ttl, protocol } = header;
      const ports = portsOf(frame.bytes, header);
      const seen: SeenHeader = {
        point: capture.name,
        direction: frame.direction,
        packet: frame.packet,
        ttl,
        source: formatIpv4(header.source),
        destination: formatIpv4(header.destination),
        protocol,
        ...ports,
      };
      return [{ serial: frame.serial, seen }];
    }),
  );
  return found.sort((a, b) => a.serial - b.serial).map((one) => one.seen);
}

function portsOf(
  bytes: Uint8Array,
  header: Ipv4Header,
): { readonly sourcePort: number; readonly destinationPort: number } {
  const at = header.offset + header.headerLength;
  const hasPorts = [PROTOCOL_TCP, PROTOCOL_UDP].includes(header.protocol) && header.fragmentOffset === 0;
  if (!hasPorts || bytes.length < at + 4) return { sourcePort: 0, destinationPort: 0 };
  return { sourcePort: u16(bytes, at), destinationPort: u16(bytes, at + 2) };
}

/** The IPv4 header of a captured frame; undefined for ARP and the like. */
function ipv4At(bytes: Uint8Array, headerLength: number): Ipv4Header | undefined {
  const isIpv4 = headerLength === 0 || (bytes[headerLength - 2] === 0x08 && bytes[headerLength - 1] === 0x00);
  return isIpv4 && bytes.length >= headerLength + 20 ? new Ipv4Header(bytes, headerLength) : undefined;
}

/** Every frame of a capture point that carries an address anywhere: in an IP header, in ARP, or quoted by ICMP. */
export function framesWith(capture: StoredCapture, address: number): number[] {
  const wanted = [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff];
  return [...capture.frames]
    .filter((frame) => hasBytes(frame.bytes, wanted, capture.device.headerLength))
    .map((one) => one.packet);
}

function hasBytes(bytes: Uint8Array, wanted: readonly number[], start: number): boolean {
  for (let at = start; at + wanted.length <= bytes.length; at++) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}
