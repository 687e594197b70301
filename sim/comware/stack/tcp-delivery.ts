import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import type { TcpEnvironment } from '../../transport/tcp/table.ts';
import { TCP_LENGTH, TcpHeader, tcpChecksumHolds } from '../../wire/tcp.ts';
import type { Comware } from '../comware.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import { sessionOf, toNobodyOfOurs, toOwner } from './hand-over.ts';

export const TCP_SITE: Site = { component: 'Comware stack', function: 'TCP' };

const REFUSED = 'comware:TCP_REFUSED';

/** The vendor publishes no reasons: one word for all that a connection does not take. */
export const TCP_REASONS: TcpEnvironment['reasons'] = {
  ABORT_ON_DATA: REFUSED,
  ACK_UNSENT_DATA: REFUSED,
  CLOSE: REFUSED,
  FLAGS: REFUSED,
  INVALID_ACK_SEQUENCE: REFUSED,
  INVALID_END_SEQUENCE: REFUSED,
  INVALID_SEQUENCE: REFUSED,
  INVALID_SYN: REFUSED,
  LISTEN_OVERFLOW: REFUSED,
  NO_SOCKET: REFUSED,
  OFOMERGE: REFUSED,
  OLD_DATA: REFUSED,
  OLD_SEQUENCE: REFUSED,
  OVERWINDOW: REFUSED,
  RESET: REFUSED,
  RFC7323_PAWS: REFUSED,
  RFC7323_TSECR: REFUSED,
  TOO_OLD_ACK: REFUSED,
  ZEROWINDOW: REFUSED,
};

/**
 * A segment for one of Comware's addresses: an open Comware connection has it; else the kernel or the host, if
 * it began the conversation; else a Comware listener; else the kernel, which answers a closed port with RST.
 */
export function deliverTcp(cw: Comware, packet: Packet, from: ComwareInterface | undefined): Fate {
  const at = packet.transportOffset;
  const length = packet.tail - at;
  const tcp = length < TCP_LENGTH ? undefined : new TcpHeader(packet.bytes, at);
  if (tcp === undefined || tcp.headerLength < TCP_LENGTH || tcp.headerLength > length) {
    return drop(packet, cw.place, TCP_SITE, 'comware:BAD_TRANSPORT', 'TCP header length');
  }
  const { source, destination } = packet.ip;
  const { sourcePort, destinationPort } = tcp;
  const key = `TCP port ${destinationPort}`;
  const table = cw.parts.tcp;
  if (table.findConnection(source, sourcePort, destination, destinationPort) === undefined) {
    const session = sessionOf(cw, packet);
    if (session !== undefined) return toOwner(cw, packet, from, key, session);
    if (table.findListener(destination, destinationPort, '') === undefined) {
      return toNobodyOfOurs(cw, packet, from, key, destinationPort);
    }
  }
  cw.tcpCounters.TcpInSegs++;
  if (!tcpChecksumHolds(packet.bytes, at, length, source, destination)) {
    return drop(packet, cw.place, TCP_SITE, 'comware:BAD_TRANSPORT', 'TCP checksum');
  }
  return table.receive(packet, '');
}
