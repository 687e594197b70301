import type { Chance } from '../../sim/core/chance.ts';
import type { Connection } from '../../sim/transport/tcp/connection.ts';
import type { World } from '../../sim/world/world.ts';
import type { Atlas } from './atlas.ts';
import {
  ACK,
  ARP,
  ETHERNET,
  endOf,
  FIN,
  get16,
  get32,
  getMac,
  ICMP,
  layersAt,
  layersOf,
  RST,
  SYN,
  set32,
  setMac,
  TCP,
} from './layers.ts';
import type { Point } from './points.ts';

/*
 * Which frames may do harm to a conversation they are no part of, in a real network too. Only these are kept from a
 * `blind` run, or excuse the flow that they hit. By RFC 9293, RFC 5961, RFC 7323 and RFC 5927, not by the simulator.
 */

/** Is `a` behind `b` on the circle of 2^32 sequence numbers? */
const isAfter = (a: number, b: number): boolean => ((a - b) | 0) > 0;

/** Farther from the numbers of a connection than any window reaches, on either side. */
const FAR = 2 ** 23;
const isFar = (a: number, b: number): boolean => Math.abs((a - b) | 0) > FAR;

/**
 * On a link nobody proves who he is. A frame from another's MAC moves that station to another port of every bridge; an ARP
 * packet with another's address leads what is for that one astray. So a blind frame has a MAC and an address of nobody.
 */
export function withoutLies(frame: Uint8Array, { link, way, device }: Point, atlas: Atlas, chance: Chance): void {
  if (link !== ETHERNET || frame.length < ETHERNET) return;
  const isOwn = way === 'out' && getMac(frame, 6) === device.mac;
  if (!isOwn) setMac(frame, 6, 0x060000000000 + chance.below(0x100));
  if (get16(frame, 12) !== ARP || frame.length < ETHERNET + 28) return;
  const sender = get32(frame, ETHERNET + 14);
  if (atlas.addresses.includes(sender)) set32(frame, ETHERNET + 14, 0xc6336400 + chance.below(0x100));
}

/**
 * Whether a segment may pass for one of a connection's. At the end that it is for, its window decides. On the way there it need
 * only be near: the windows of connection tracking are wider than those of the ends (nf_conntrack_proto_tcp.c), and the
 * numbers go on while it travels. Comware's sessions look at no numbers at all, as the device's do in loose mode: there a SYN,
 * FIN or RST of the right ports ends a session.
 */
export function passesForAnothers(frame: Uint8Array, point: Point, world: World, atlas: Atlas): boolean {
  const { ip, protocol, transport } = layersOf(frame, point.link);
  if (ip < 0 || protocol !== TCP) return false;
  // A later fragment has neither ports nor numbers.
  if (transport < 0) return true;
  const ports = [get16(frame, transport), get16(frame, transport + 2)];
  if (isAtItsEnd(point, world, get32(frame, ip + 16))) {
    const end = endOf(frame, ip);
    const isIts = (one: Connection) => ports[0] === one.remotePort && ports[1] === one.localPort;
    return atlas.watched.some(
      (one) => (isIts(one) && isAcceptable(one, frame, transport, end)) || provokesReset(one, frame, transport),
    );
  }
  const numbers = [get32(frame, transport + 4), get32(frame, transport + 8)];
  const isLoose = world.stacks().some(({ comware }) => comware !== undefined);
  const isFlagged = ((frame[transport + 13] ?? 0) & (SYN | FIN | RST)) !== 0;
  return atlas.watched.some(({ localPort, remotePort, sndUna, rcvNxt }) => {
    // Behind NAT one of the ports is another.
    const isIts = ports.includes(localPort) || ports.includes(remotePort);
    const isNear = numbers.some((number) => !isFar(number, sndUna) || !isFar(number, rcvNxt));
    return isIts && (isNear || (isLoose && isFlagged));
  });
}

/**
 * A segment to no connection is answered with a RST that has the number which it acknowledges (RFC 9293 3.10.7.1): towards
 * whoever has its source, and who takes that for its peer's where it is the next that it waits for.
 */
function provokesReset({ localPort, remotePort, rcvNxt }: Connection, frame: Uint8Array, at: number): boolean {
  const isFromIt = get16(frame, at) === localPort && get16(frame, at + 2) === remotePort;
  return isFromIt && !isFar(get32(frame, at + 8), rcvNxt);
}

/** It comes in at the stack that has its destination, and nobody tracks connections there. */
function isAtItsEnd({ device, way }: Point, world: World, destination: number): boolean {
  return (
    way === 'in' &&
    world.stacks().some(
      ({ net }) =>
        // A container may share the namespace of Comware.
        net.place.role !== 'comware' &&
        device.receiver === net &&
        device.rxHandler === undefined &&
        !net.conntrack.enabled &&
        net.hasAddress(destination),
    )
  );
}

/** What an ICMP error would teach a stack: a smaller path MTU, or another gateway. */
export interface Lesson {
  readonly kind: 'path MTU' | 'gateway';
  /** The destination of the packet that is quoted. */
  readonly about: number;
  /** It quotes what a connection has in flight, or no TCP, and so no numbers to compare (RFC 5927 4.1): it may be believed. */
  readonly isLawful: boolean;
}

/** What a frame teaches, if it carries such an error. A redirect that is lawful leads a flow astray, as on any network. */
export function lessonOf(frame: Uint8Array, link: number, atlas: Atlas): Lesson | undefined {
  const { protocol, transport } = layersOf(frame, link);
  if (protocol !== ICMP || transport < 0) return undefined;
  const [type, code] = [frame[transport], frame[transport + 1]];
  if (type !== 5 && !(type === 3 && code === 4)) return undefined;
  const quoted = layersAt(frame, transport + 8);
  if (quoted.ip < 0) return undefined;
  const sequence = get32(frame, quoted.transport + 4);
  const isLawful =
    quoted.protocol !== TCP ||
    quoted.transport < 0 ||
    atlas.watched.some(({ sndUna, sndNxt }) => !isFar(sequence, sndUna) || !isFar(sequence, sndNxt));
  return { kind: type === 5 ? 'gateway' : 'path MTU', about: get32(frame, quoted.ip + 16), isLawful };
}

/**
 * Whether a connection may take a segment for one of its peer's: it hits the window, acknowledges what may be
 * acknowledged, and is neither a SYN nor a RST beside the one number that resets.
 */
export function isAcceptable(one: Connection, bytes: Uint8Array, at: number, end: number): boolean {
  if (!one.isSynchronized) return true;
  const flags = bytes[at + 13] ?? 0;
  const sequence = get32(bytes, at + 4);
  const header = ((bytes[at + 12] ?? 0) >>> 4) * 4;
  const length = Math.max(0, end - at - header) + (flags & 1) + ((flags & SYN) >>> 1);
  const isBefore = isAfter(one.rcvWup, (sequence + length) >>> 0);
  if (isBefore || isAfter(sequence, (one.rcvNxt + one.receiveWindow) >>> 0)) return false;
  if ((flags & RST) !== 0) return sequence === one.rcvNxt;
  if ((flags & SYN) !== 0 || (flags & ACK) === 0) return false;
  const acknowledged = get32(bytes, at + 8);
  return !isAfter(acknowledged, one.sndNxt) && !isAfter((one.sndUna - one.maxWindow) >>> 0, acknowledged);
}

/** Both ends of the connection that a program's socket has, as long as they are there. */
export function endsOf(world: World, socket: unknown): Connection[] {
  const all = world.stacks().flatMap(({ net, comware }) => (comware?.parts ?? net.parts).tcp.connections());
  const own = all.find(({ user }) => user === socket);
  if (own === undefined) return [];
  const isPeer = (one: Connection): boolean =>
    one.initialReceived === own.initialSequence && own.initialReceived === one.initialSequence;
  return [own, ...all.filter(isPeer)];
}
