import type { Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import type { FlowName } from '../../packet/trace.ts';
import { formatIpv4, isLoopback } from '../../wire/address.ts';
import type { Comware } from '../comware.ts';
import { protocolOf } from '../forwarding/flow.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import { injectIntoKernel } from '../kernel-link/inject.ts';
import { arrivingFlow, tcpFlags } from './flow.ts';
import type { Session } from './sessions.ts';

const SITE: Site = { component: 'Comware stack', function: 'local delivery' };

/** The session of the kernel or of the host that a packet from outside belongs to. */
export function sessionOf(cw: Comware, packet: Packet): Session | undefined {
  const { sessions } = cw;
  return arrivingFlow(packet, sessions.flow) ? sessions.find(sessions.flow, tcpFlags(packet)) : undefined;
}

/** Whoever began the conversation: the kernel of the namespace, or the host. */
export function toOwner(
  cw: Comware,
  packet: Packet,
  from: ComwareInterface | undefined,
  key: string,
  session: Session,
): Fate {
  if (session.owner === 'host') return toHost(cw, packet, key, 'session of the host', session);
  return toKernel(cw, packet, from, key, 'session of the kernel', session);
}

/** No connection, no session, no listener: the host, where a port of LoopBack0 was given to it; else the kernel. */
export function toNobodyOfOurs(
  cw: Comware,
  packet: Packet,
  from: ComwareInterface | undefined,
  key: string,
  port: number,
): Fate {
  const { protocol, destination } = packet.ip;
  const isHosts = cw.hostPorts.some((one) => one.protocol === protocol && one.port === port);
  if (isHosts && cw.interfaceWith(destination)?.name.short === 'Loop0') {
    return toHost(cw, packet, key, 'port of the host');
  }
  return toKernel(cw, packet, from, key, 'no Comware listener');
}

export function toHost(cw: Comware, packet: Packet, key: string, why: string, session?: Session): Fate {
  recordTaker(cw, packet, key, 'host', why, session);
  return injectIntoKernel(cw, packet, undefined, why, 'host');
}

/**
 * The kernel of the namespace gets it: by the ethX of the port whose subnet the sender is in, or of the address that
 * one of our own programs called; else by vrfif0. The host's come by vrfif0 too: no ethX takes what is from 127.0.0.0/8.
 */
export function toKernel(
  cw: Comware,
  packet: Packet,
  from: ComwareInterface | undefined,
  key: string,
  why: string,
  session?: Session,
): Fate {
  recordTaker(cw, packet, key, 'Inet stack', why, session);
  const { source, destination } = packet.ip;
  if (cw.isLocalAddress(source) && !isLoopback(source)) {
    return injectIntoKernel(cw, packet, cw.interfaceWith(destination), `${why}; from one of our own addresses`);
  }
  const onLink = from?.port !== undefined && from.hasOnLink(source) ? from : undefined;
  const detail = onLink === undefined ? why : `${why}; ${formatIpv4(source)} is on ${onLink.name.short}`;
  return injectIntoKernel(cw, packet, onLink, detail);
}

/** Tells the trace who gets a packet, and by which session if by one. */
function recordTaker(
  cw: Comware,
  packet: Packet,
  key: string,
  to: string,
  why: string,
  session: Session | undefined,
): void {
  const { recorder } = packet.ledger;
  if (recorder === undefined) return;
  const connection = session === undefined ? {} : { connection: sessionName(session) };
  recorder.step(packet, cw.place, SITE, { kind: 'demultiplex', key, to, why, ...connection });
}

function sessionName({ kind, source, sourcePort, destination, destinationPort }: Session): FlowName {
  return {
    protocol: protocolOf(kind),
    source: formatIpv4(source),
    sourcePort,
    destination: formatIpv4(destination),
    destinationPort,
  };
}
