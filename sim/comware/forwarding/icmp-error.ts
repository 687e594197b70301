import { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { COMWARE_PROFILE } from '../../transport/profile.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { u8 } from '../../wire/bytes.ts';
import { ETHERTYPE_IPV4 } from '../../wire/ethernet.ts';
import {
  ICMP_DEST_UNREACH,
  ICMP_LENGTH,
  ICMP_REDIRECT,
  ICMP_TIME_EXCEEDED,
  isIcmpError,
  putIcmp,
} from '../../wire/icmp.ts';
import { IPV4_LENGTH, PROTOCOL_ICMP, putIpv4 } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import type { ComwareInterface } from './interface.ts';

const SITE: Site = { component: 'Comware forwarding', function: 'ICMP error' };

/** As much of the packet as fits into 576 bytes is quoted (RFC 1812 4.3.2.3); what Comware quotes is not published. */
const ERROR_SIZE_MAX = 576;

/** Whether Comware may send this error: all are off until `ip ttl-expires enable` and the like. */
export function isErrorEnabled(cw: Comware, type: number): boolean {
  if (type === ICMP_TIME_EXCEEDED) return cw.settings.ttlExpires;
  if (type === ICMP_DEST_UNREACH) return cw.settings.unreachables;
  return type === ICMP_REDIRECT && cw.settings.redirects;
}

/** The command that has errors of a type sent. */
export function errorSwitch(type: number): string {
  if (type === ICMP_TIME_EXCEEDED) return 'ip ttl-expires enable';
  return type === ICMP_REDIRECT ? 'ip redirects enable' : 'ip unreachables enable';
}

/**
 * Tells the sender of a packet what became of it, if that is enabled and allowed (RFC 1122 3.2.2). The source is the
 * address of the interface the packet came in by (whitepaper INC-23). `rest` is the second word of the ICMP header: an
 * MTU, or a gateway.
 */
export function comwareIcmpError(
  cw: Comware,
  packet: Packet,
  type: number,
  code: number,
  rest: number,
  from: ComwareInterface | undefined,
): void {
  if (!isErrorEnabled(cw, type) || !mayProvokeError(packet)) return;
  const source = from === undefined ? addressTowardsKernel(cw, packet) : from.address?.address;
  if (source === undefined) return;
  const quotedLength = Math.min(packet.tail - packet.networkOffset, ERROR_SIZE_MAX - IPV4_LENGTH - ICMP_LENGTH);
  const length = IPV4_LENGTH + ICMP_LENGTH + quotedLength;
  const error = Packet.allocate(cw.ledger, length, packet.number);
  error.protocol = ETHERTYPE_IPV4;
  error.networkOffset = error.head;
  error.transportOffset = error.head + IPV4_LENGTH;
  const destination = packet.ip.source;
  error.bytes.set(
    packet.bytes.subarray(packet.networkOffset, packet.networkOffset + quotedLength),
    error.transportOffset + ICMP_LENGTH,
  );
  putIcmp(error.bytes, error.transportOffset, ICMP_LENGTH + quotedLength, {
    type,
    code,
    word1: rest >>> 16,
    word2: rest & 0xffff,
  });
  putIpv4(error.bytes, error.head, {
    tos: 0,
    totalLength: length,
    identification: cw.identification.next(source, destination, PROTOCOL_ICMP),
    fragment: 0,
    ttl: COMWARE_PROFILE.defaultTtl,
    protocol: PROTOCOL_ICMP,
    source,
    destination,
  });
  error.ledger.recorder?.step(error, cw.place, SITE, {
    kind: 'originate',
    by: `ICMP error type ${type} code ${code}`,
    origin: 'stack',
  });
  cw.parts.send(error);
}

/**
 * The address of the leg by which the packet came to the kernel, from a container or the host; one that the kernel's own
 * stack sent comes from an address of the device itself.
 */
function addressTowardsKernel(cw: Comware, packet: Packet): Ipv4 | undefined {
  const input = packet.inputIfindex === 0 ? undefined : cw.net.deviceAt(packet.inputIfindex);
  if (input === undefined) return cw.isLocalAddress(packet.ip.source) ? packet.ip.source : undefined;
  if (input === cw.docker0?.device) return cw.docker0.address;
  return cw.interfaces.find((one) => one.kernelDevice === input)?.address?.address;
}

function mayProvokeError(packet: Packet): boolean {
  const header = packet.ip;
  if (packet.packetType !== 'host' || header.fragmentOffset !== 0 || header.source === 0) return false;
  if (header.protocol !== PROTOCOL_ICMP) return true;
  const at = packet.networkOffset + header.headerLength;
  return at < packet.tail && !isIcmpError(u8(packet.bytes, at));
}
