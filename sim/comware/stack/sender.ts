import type { Errno } from '../../core/errno.ts';
import { completeChecksum } from '../../packet/checksum.ts';
import { type Fate, hold, release } from '../../packet/fate.ts';
import { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { originStep } from '../../transport/origin.ts';
import { COMWARE_PROFILE } from '../../transport/profile.ts';
import { recordRefusal } from '../../transport/refusal.ts';
import type { SegmentSender, SendRequest, SendResult } from '../../transport/socket.ts';
import { formatIpv4, formatPrefix, type Ipv4 } from '../../wire/address.ts';
import { ETHERTYPE_IPV4 } from '../../wire/ethernet.ts';
import { IP_DF, IPV4_LENGTH, putIpv4 } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import type { FibEntry } from '../forwarding/fib.ts';
import { fibLookup, outputBy } from '../forwarding/output.ts';

const SITE: Site = { component: 'Comware stack', function: 'send' };

/** The IP layer below the sockets of Comware's stack. */
export class ComwareSender implements SegmentSender {
  readonly #cw: Comware;

  constructor(cw: Comware) {
    this.#cw = cw;
  }

  send(request: SendRequest): SendResult {
    return comwareSend(this.#cw, request);
  }

  sourceFor(destination: Ipv4): Ipv4 | Errno {
    const entry = this.#cw.fib.lookup(destination);
    return (entry === undefined ? undefined : sourceBy(this.#cw, entry, destination)) ?? 'ENETUNREACH';
  }

  mtuFor(destination: Ipv4): number {
    const entry = this.#cw.fib.lookup(destination);
    return entry === undefined || entry.kind === 'local' ? 1500 : (entry.interface?.mtu ?? 1500);
  }

  whyNotTo(): undefined {
    return undefined;
  }

  /** Not modelled: Comware sends again whatever waits for ARP. */
  holds(): boolean {
    return false;
  }

  isLocalAddress(address: Ipv4): boolean {
    return this.#cw.isLocalAddress(address);
  }
}

/** The primary address of the outgoing interface; our own address for ourselves; 127.1.1.2 for the host. */
function sourceBy(cw: Comware, entry: FibEntry, destination: Ipv4): Ipv4 | undefined {
  if (destination === cw.docker0?.host) return cw.docker0.address;
  return entry.kind === 'local' ? destination : entry.interface?.address?.address;
}

/** Builds and sends a packet of Comware's own: TTL 255 unless the sender says otherwise. */
export function comwareSend(cw: Comware, request: SendRequest): SendResult {
  const result = trySend(cw, request);
  return 'errno' in result
    ? recordRefusal(cw.ledger.recorder, cw.place, request, result, whyRefused(cw, request, result.mtu))
    : result;
}

/** What decided that nothing is sent. */
function whyRefused(cw: Comware, { destination }: SendRequest, mtu: number): string {
  const to = formatIpv4(destination);
  if (mtu > 0) return `mtu ${mtu} towards ${to}`;
  const entry = cw.fib.lookup(destination);
  if (entry === undefined) return `no route to ${to}; asked: FIB`;
  if (entry.kind === 'discard') return `${formatPrefix(entry.prefix)} by ${entry.interfaceName} (FIB)`;
  return `${entry.interfaceName} has no address to send from`;
}

function trySend(cw: Comware, request: SendRequest): SendResult {
  const entry = cw.fib.lookup(request.destination);
  const source = request.source || (entry === undefined ? undefined : sourceBy(cw, entry, request.destination));
  if (entry === undefined || entry.kind === 'discard' || source === undefined) return { errno: 'ENETUNREACH', mtu: 0 };
  const length = IPV4_LENGTH + request.length;
  const mtu = entry.kind === 'local' ? 0xffff : (entry.interface?.mtu ?? 1500);
  if (length > 0xffff || (request.pathMtu === 'do' && length > mtu)) return { errno: 'EMSGSIZE', mtu };
  const packet = Packet.allocate(cw.ledger, length, request.cause);
  packet.protocol = ETHERTYPE_IPV4;
  packet.networkOffset = packet.head;
  packet.transportOffset = packet.head + IPV4_LENGTH;
  request.write(packet.bytes, packet.transportOffset, source, request.destination);
  packet.checksum = request.segmentLength === undefined ? 'unnecessary' : 'partial';
  putIpv4(packet.bytes, packet.head, {
    tos: request.tos,
    totalLength: length,
    identification: request.identification ?? cw.identification.next(source, request.destination, request.protocol),
    // Comware does no path MTU discovery of its own: DF only when the sender insists.
    fragment: request.pathMtu === 'do' ? IP_DF : 0,
    ttl: request.ttl || COMWARE_PROFILE.defaultTtl,
    protocol: request.protocol,
    source,
    destination: request.destination,
  });
  // Nothing cuts it here.
  completeChecksum(packet);
  packet.ledger.recorder?.step(packet, cw.place, SITE, originStep(request));
  sendOut(cw, packet);
  return { packet: packet.number, source };
}

/** Sends a finished packet of Comware's own: round to ourselves through InLoop0, or out by the FIB. */
export function sendOut(cw: Comware, packet: Packet): Fate {
  const { destination } = packet.ip;
  const towards = cw.fib.lookup(destination);
  if (towards?.kind !== 'local') {
    // A container is reached through the kernel: Comware forwarding has no part in it.
    if (isThroughKernel(towards)) return outputBy(cw, packet, towards, undefined);
    return outputBy(cw, packet, fibLookup(cw, packet, destination), undefined);
  }
  const fate = hold(packet, cw.place, SITE, 'InLoop0');
  cw.inLoop.push(packet);
  cw.clock.atOnce(comeRound, cw);
  return fate;
}

function isThroughKernel(entry: FibEntry | undefined): boolean {
  return entry?.interface?.name.kind === 'virtual-eth-group' && entry.kind === 'direct';
}

/** InLoop0 gives back what was sent to ourselves, in an event of its own as every interface does. */
function comeRound(cw: Comware): void {
  const packet = cw.inLoop.shift();
  if (packet !== undefined) cw.parts.toStack(release(packet), undefined);
}
