import { PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import type { Flow } from '../flow.ts';
import type { Nat } from './nat.ts';
import type { FlowEnd } from './session.ts';

const TFTP_PORT = 69;

/**
 * `nat alg tftp`: either end of a transfer goes on from a port of its own choice (RFC 1350 4), so what follows a request
 * to port 69 is no answer by its ports. Gives the direction that the request's answers would have, had the server kept
 * its port: its session says what the flow, from the server, is translated to.
 */
export function tftpRequestOf(nat: Nat, flow: Flow): FlowEnd | undefined {
  if (!nat.alg.tftp || flow.kind !== PROTOCOL_UDP) return undefined;
  const { kind, source, destination, destinationPort } = flow;
  const end = nat.sessions.findFlow(kind, source, TFTP_PORT, destination, destinationPort);
  return end?.isReply === true && end.session.isTranslated ? end : undefined;
}
