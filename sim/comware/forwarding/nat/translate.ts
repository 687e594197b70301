import { drop, type Fate } from '../../../packet/fate.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Site } from '../../../packet/place.ts';
import { formatIpv4 } from '../../../wire/address.ts';
import { PROTOCOL_TCP } from '../../../wire/ipv4.ts';
import { TcpHeader } from '../../../wire/tcp.ts';
import type { Comware } from '../../comware.ts';
import type { FibEntry } from '../fib.ts';
import { protocolOf, readFlow } from '../flow.ts';
import type { ComwareInterface } from '../interface.ts';
import { type Decision, decideAnswer, decideDestination, decideSource } from './decide.ts';
import { translateErrorIn, translateErrorOut } from './icmp-error.ts';
import { natRuleName, natSessionName } from './names.ts';
import { rewriteAddress, rewritePort, type Side } from './rewrite.ts';
import { type NatRule, natRuleText } from './rules.ts';
import type { FlowEnd, NatSession } from './session.ts';

const SITE: Site = { component: 'Comware forwarding', function: 'NAT' };

/*
 * NAT meets a packet twice: before the FIB, where it comes in by an interface with NAT, and behind it, where it goes
 * out by one. In front its destination is translated, behind its source; the first packet of a session asks the rules,
 * all others of either direction follow the session.
 */

/**
 * Before the FIB. Undefined: the packet goes on, translated or not. `resume` takes up a fragment that had to wait, and
 * asks again.
 */
export function natInput(
  cw: Comware,
  packet: Packet,
  on: ComwareInterface,
  resume: (cw: Comware, packet: Packet, on: ComwareInterface) => Fate,
): Fate | undefined {
  if (!packet.ip.isFragment) return inputFirst(cw, packet, on);
  const { fragments } = cw.nat;
  const datagram = fragments.datagramOf('in', packet);
  if (datagram === undefined) return fragments.dropForWantOfRoom(packet);
  if (packet.ip.fragmentOffset !== 0) {
    if (datagram.state === 'waiting') return fragments.hold(datagram, packet, () => resume(cw, packet, on));
    if (datagram.state === 'refused') return fragments.dropRefused(packet);
    if (datagram.end !== undefined) followIn(cw, packet, datagram.end, false);
    return undefined;
  }
  const fate = inputFirst(cw, packet, on);
  if (fate === undefined) fragments.decide(datagram, carriedBy(packet));
  else fragments.refuse(datagram);
  return fate;
}

/** Behind the FIB. `from` is where the packet came in, undefined for what the device itself sends. */
export function natOutput(
  cw: Comware,
  packet: Packet,
  entry: FibEntry,
  out: ComwareInterface,
  from: ComwareInterface | undefined,
  resume: (cw: Comware, packet: Packet, entry: FibEntry, from: ComwareInterface | undefined) => Fate,
): Fate | undefined {
  const carried = carriedBy(packet);
  const isLater = packet.ip.fragmentOffset !== 0;
  if (carried !== undefined) {
    if (!isLater) return outputCarried(cw, packet, carried, out);
    // The first fragment settles its session on its way out; where it did not, it got no further.
    if (!carried.session.settled && !carried.isReply) return cw.nat.fragments.dropRefused(packet);
    rewrite(cw, packet, carried, 'source', false);
    return undefined;
  }
  if (!packet.ip.isFragment) return outputFirst(cw, packet, out, from);
  const { fragments } = cw.nat;
  const datagram = fragments.datagramOf('out', packet);
  if (datagram === undefined) return fragments.dropForWantOfRoom(packet);
  if (isLater) {
    if (datagram.state === 'waiting') return fragments.hold(datagram, packet, () => resume(cw, packet, entry, from));
    if (datagram.state === 'refused') return fragments.dropRefused(packet);
    if (datagram.end !== undefined) followOut(cw, packet, datagram.end, false);
    return undefined;
  }
  const fate = outputFirst(cw, packet, out, from);
  if (fate === undefined) fragments.decide(datagram, carriedBy(packet));
  else fragments.refuse(datagram);
  return fate;
}

/** What NAT found out about the packet when it came in: only NAT puts it there. */
function carriedBy(packet: Packet): FlowEnd | undefined {
  return packet.translation as FlowEnd | undefined;
}

function inputFirst(cw: Comware, packet: Packet, on: ComwareInterface): Fate | undefined {
  const { flow, sessions } = cw.nat;
  const reading = readFlow(packet, flow);
  if (reading === 'truncated') return drop(packet, cw.place, SITE, 'comware:BAD_TRANSPORT', 'too short for NAT');
  if (reading === 'icmp error') return void translateErrorIn(cw, packet);
  const known = sessions.find(flow);
  const end = known ?? openInbound(cw, on);
  if (end === 'clash') return dropClash(cw, packet);
  if (end === 'full') return dropFull(cw, packet);
  if (end === undefined) return undefined;
  recordDecision(cw, packet, 'NAT inbound', end.session.destinationRule, known !== undefined, end.session);
  followIn(cw, packet, end, true);
  return undefined;
}

/** Lets a packet that came in follow its session: counts it, and translates its destination. */
function followIn(cw: Comware, packet: Packet, end: FlowEnd, isFirst: boolean): void {
  touch(cw, packet, end, isFirst);
  packet.translation = end;
  rewrite(cw, packet, end, 'destination', isFirst);
}

function followOut(cw: Comware, packet: Packet, end: FlowEnd, isFirst: boolean): void {
  touch(cw, packet, end, isFirst);
  packet.translation = end;
  rewrite(cw, packet, end, 'source', isFirst);
}

function touch(cw: Comware, packet: Packet, end: FlowEnd, isFirst: boolean): void {
  const isTcp = isFirst && protocolOf(end.kind) === PROTOCOL_TCP;
  cw.nat.sessions.touch(end, packet.length, isTcp ? new TcpHeader(packet.bytes, packet.transportOffset).flags : 0);
}

/**
 * Opens the session of the flow that comes in by `on`: translated by a rule, or as it is, so that what goes back is
 * known as an answer. 'clash': a rule applies, but what it makes of the flow is another session's. 'full': a rule applies, but
 * there is no room for a session; what none applies to passes without one.
 */
function openInbound(cw: Comware, on: ComwareInterface): FlowEnd | 'clash' | 'full' | undefined {
  const { flow, back, sessions } = cw.nat;
  const decision = decideDestination(cw.nat, on, cw.interfaces, flow);
  const inside = decision?.address ?? flow.destination;
  back.set(flow.kind, inside, decision?.port ?? flow.destinationPort, flow.source, flow.sourcePort);
  if (sessions.find(back) !== undefined) return decision === undefined ? undefined : 'clash';
  if (sessions.isFull) {
    giveBack(cw, decision);
    return decision === undefined ? undefined : 'full';
  }
  const session = sessions.open(flow, back);
  session.initiatorInterface = on;
  session.destinationRule = decision?.rule;
  session.request = decision?.request;
  if (decision?.mapping !== undefined) cw.nat.keepMapping(session, decision.mapping);
  if (decision !== undefined && decision.outside !== on) session.hairpin = decision.outside;
  return session.initiator;
}

/** A packet that NAT has seen come in. */
function outputCarried(cw: Comware, packet: Packet, end: FlowEnd, out: ComwareInterface): Fate | undefined {
  const { session } = end;
  const { flow, sessions } = cw.nat;
  const reading = readFlow(packet, flow);
  if (reading === 'icmp error') return void translateErrorOut(cw, packet, end);
  if (!session.settled && !end.isReply) {
    const fate = settle(cw, packet, session, out);
    if (fate !== undefined) {
      // The next packet has to ask the rules again, and must not pass as it is.
      sessions.remove(session);
      return fate;
    }
    session.settled = true;
    session.responderInterface = out;
  }
  rewrite(cw, packet, end, 'source', true);
  return undefined;
}

/** The first packet of a session that began at the other side goes out: is its source translated too? */
function settle(cw: Comware, packet: Packet, session: NatSession, out: ComwareInterface): Fate | undefined {
  const { flow, sessions } = cw.nat;
  const decision = decideAnswer(session.request, flow) ?? decideSource(cw.nat, session.hairpin ?? out, flow);
  if (decision === undefined) return undefined;
  if ('reason' in decision) return drop(packet, cw.place, SITE, decision.reason, decision.detail);
  const { source, sourcePort } = session.responder;
  if (!decision.isFromPool && !sessions.isFree(flow.kind, source, sourcePort, decision.address, decision.port)) {
    giveBack(cw, decision);
    return dropClash(cw, packet);
  }
  sessions.redirectReplies(session, decision.address, decision.port);
  takeOver(cw, session, decision);
  recordDecision(cw, packet, 'NAT outbound', decision.rule, false, session);
  return undefined;
}

function outputFirst(
  cw: Comware,
  packet: Packet,
  out: ComwareInterface,
  from: ComwareInterface | undefined,
): Fate | undefined {
  const { flow, sessions } = cw.nat;
  const reading = readFlow(packet, flow);
  if (reading === 'truncated') return drop(packet, cw.place, SITE, 'comware:BAD_TRANSPORT', 'too short for NAT');
  if (reading === 'icmp error') return void translateErrorOut(cw, packet, undefined);
  const known = sessions.find(flow);
  if (known !== undefined) {
    recordDecision(cw, packet, 'NAT outbound', known.session.sourceRule, true, known.session);
    followOut(cw, packet, known, true);
    return undefined;
  }
  const decision = decideSource(cw.nat, out, flow);
  if (decision !== undefined && 'reason' in decision) {
    return drop(packet, cw.place, SITE, decision.reason, decision.detail);
  }
  const session = openOutbound(cw, decision);
  if (session === 'clash') return dropClash(cw, packet);
  if (session === 'full') return dropFull(cw, packet);
  if (session === undefined) return undefined;
  session.initiatorInterface = from ?? cw.interfaces.find((one) => one.hasOnLink(flow.source));
  session.responderInterface = out;
  session.settled = true;
  recordDecision(cw, packet, 'NAT outbound', session.sourceRule, false, session);
  followOut(cw, packet, session.initiator, true);
  return undefined;
}

function openOutbound(cw: Comware, decision: Decision | undefined): NatSession | 'clash' | 'full' | undefined {
  const { flow, back, sessions } = cw.nat;
  const address = decision?.address ?? flow.source;
  back.set(flow.kind, flow.destination, flow.destinationPort, address, decision?.port ?? flow.sourcePort);
  if (sessions.find(back) !== undefined) {
    giveBack(cw, decision);
    return decision === undefined ? undefined : 'clash';
  }
  if (sessions.isFull) {
    giveBack(cw, decision);
    if (decision?.isFromPool === true) cw.nat.pool.release(back, true);
    return decision === undefined ? undefined : 'full';
  }
  const session = sessions.open(flow, back);
  if (decision !== undefined) takeOver(cw, session, decision);
  return session;
}

/** A session is translated as decided, and has what the pool gave for it. */
function takeOver(cw: Comware, session: NatSession, decision: Decision): void {
  session.sourceRule = decision.rule;
  if (decision.mapping !== undefined) cw.nat.keepMapping(session, decision.mapping);
  if (decision.isFromPool) cw.nat.keepPort(session);
}

/** An address that was taken for a session which did not come about. */
function giveBack(cw: Comware, decision: Pick<Decision, 'mapping'> | undefined): void {
  if (decision?.mapping?.sessions === 0) cw.nat.pool.releaseAddress(decision.mapping);
}

function dropClash(cw: Comware, packet: Packet): Fate {
  return drop(packet, cw.place, SITE, 'comware:NAT_CLASH', formatIpv4(packet.ip.destination));
}

function dropFull(cw: Comware, packet: Packet): Fate {
  const { most } = cw.nat.sessions;
  return drop(packet, cw.place, SITE, 'comware:NAT_SESSION_LIMIT', `${most} sessions`);
}

/** Puts in what the other direction's flow says, where it differs. */
function rewrite(cw: Comware, packet: Packet, end: FlowEnd, side: Side, hasTransport: boolean): void {
  const { other } = end;
  const [address, port] = side === 'source' ? [end.source, end.sourcePort] : [end.destination, end.destinationPort];
  const [newAddress, newPort] =
    side === 'source' ? [other.destination, other.destinationPort] : [other.source, other.sourcePort];
  if (address === newAddress && port === newPort) return;
  const target = cw.nat.target.aim(packet, hasTransport);
  rewriteAddress(target, side, newAddress);
  if (port !== newPort) rewritePort(target, side, newPort);
  packet.ledger.recorder?.step(packet, cw.place, SITE, {
    kind: 'rewrite',
    field: side,
    before: `${formatIpv4(address)}:${port}`,
    after: `${formatIpv4(newAddress)}:${newPort}`,
    connection: natSessionName(end.session),
  });
}

function recordDecision(
  cw: Comware,
  packet: Packet,
  hook: string,
  rule: NatRule | undefined,
  isKnown: boolean,
  session: NatSession,
): void {
  const { recorder } = packet.ledger;
  if (recorder === undefined) return;
  const text = rule === undefined ? 'no rule' : natRuleText(rule);
  const verdict = session.isTranslated ? 'translate' : 'pass';
  const name = isKnown || rule === undefined ? undefined : natRuleName(rule, cw.interfaces, cw.nat.statics);
  recorder.step(packet, cw.place, SITE, {
    kind: 'hook',
    hook,
    by: isKnown ? 'session' : text,
    verdict,
    ...(name === undefined ? {} : { nat: name }),
    connection: natSessionName(session),
  });
}
