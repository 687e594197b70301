import { consume, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { ICMP_ECHO_REPLY, ICMP_LENGTH, type IcmpHeader, putIcmp } from '../../wire/icmp.ts';
import { PROTOCOL_ICMP } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import { comwareSend } from './sender.ts';

const SITE: Site = { component: 'Comware stack', function: 'ICMP echo' };

/** Comware answers an echo request to any of its addresses, with TTL 255: the reply's TTL shows which stack spoke. */
export function answerEcho(cw: Comware, packet: Packet, icmp: IcmpHeader): Fate {
  const { source, destination, tos } = packet.ip;
  const { identifier, sequence } = icmp;
  if (!cw.isLocalAddress(destination))
    return consume(packet, cw.place, SITE, 'echo request to a broadcast, not answered');
  const data = packet.bytes.slice(packet.transportOffset + ICMP_LENGTH, packet.tail);
  const length = ICMP_LENGTH + data.length;
  const sent = comwareSend(cw, {
    protocol: PROTOCOL_ICMP,
    source: destination,
    destination: source,
    sourcePort: 0,
    destinationPort: 0,
    ttl: 0,
    tos,
    pathMtu: 'dont',
    device: '',
    length,
    write: (bytes, offset) => {
      bytes.set(data, offset + ICMP_LENGTH);
      putIcmp(bytes, offset, length, { type: ICMP_ECHO_REPLY, code: 0, word1: identifier, word2: sequence });
    },
    by: 'ICMP echo reply',
    isProgram: false,
    cause: packet.number,
    confirm: false,
  });
  if ('errno' in sent) return consume(packet, cw.place, SITE, `echo request; no reply possible: ${sent.errno}`);
  return consume(packet, cw.place, SITE, `echo request, answered by packet ${sent.packet}`);
}
