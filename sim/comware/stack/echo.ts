import { consume, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { echoAnswer } from '../../transport/echo.ts';
import type { Comware } from '../comware.ts';
import { comwareSend } from './sender.ts';

const SITE: Site = { component: 'Comware stack', function: 'ICMP echo' };

/** Comware answers an echo request to any of its addresses, with TTL 255: the reply's TTL shows which stack spoke. */
export function answerEcho(cw: Comware, packet: Packet): Fate {
  const { destination } = packet.ip;
  if (!cw.isLocalAddress(destination)) {
    return consume(packet, cw.place, SITE, 'echo request to a broadcast, not answered');
  }
  const sent = comwareSend(cw, echoAnswer(packet, destination));
  if ('errno' in sent) return consume(packet, cw.place, SITE, `echo request; no reply possible: ${sent.errno}`);
  return consume(packet, cw.place, SITE, `echo request, answered by packet ${sent.packet}`);
}
