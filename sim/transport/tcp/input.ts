import type { Fate } from '../../packet/fate.ts';
import { acknowledge } from './acknowledge.ts';
import { done, enterTimeWait, fail, forgetRequest } from './closing.ts';
import type { Connection } from './connection.ts';
import { queueData } from './data.ts';
import { checkAck } from './delayed-ack.ts';
import { establish, synSent } from './handshake.ts';
import type { IncomingSegment } from './incoming.ts';
import { sendSynAgain } from './output.ts';
import { pushPending } from './push.ts';
import { after, before, plus } from './sequence.ts';
import type { TcpFault } from './state.ts';
import { sendChallenge, validate } from './validate.ts';

/** A segment for a connection. Models net/ipv4/tcp_ipv4.c tcp_v4_do_rcv(). */
export function receiveSegment(connection: Connection, segment: IncomingSegment): Fate {
  const { packet } = segment;
  connection.cause = packet.number;
  if (connection.answer.packet === 0) connection.answer = { packet: packet.number, ttl: packet.ip.ttl };
  const fate = connection.state === 'SYN_SENT' ? synSent(connection, segment) : process(connection, segment);
  connection.cause = 0;
  return fate;
}

/** Models tcp_rcv_established() and tcp_rcv_state_process(). Not modelled: urgent data, which is taken for plain. */
function process(connection: Connection, segment: IncomingSegment): Fate {
  const { stack } = connection;
  const { packet, header } = segment;
  if (isRepeatedSyn(connection, segment)) {
    sendSynAgain(connection);
    return stack.consume(packet, 'SYN once more, answered once more');
  }
  if (!header.ack && !header.rst && !header.syn) return stack.drop(packet, 'FLAGS', 'no ACK');
  const fault = validate(connection, segment);
  // What a RST does is what it is for: the kernel does not count it as dropped (tcp_reset()).
  if (fault === 'RESET' && isOver(connection)) return stack.consume(packet, 'RST: the connection is gone');
  if (fault !== undefined) return stack.drop(packet, fault);
  if (connection.state === 'CLOSE') return stack.drop(packet, 'CLOSE');
  const refused = takeAcknowledgment(connection, segment);
  if (refused !== undefined) return stack.drop(packet, refused);
  if (isOver(connection)) return stack.consume(packet, 'the last ACK');
  if (isForNobody(connection, segment)) return abortOnData(connection, segment);
  return takeData(connection, segment);
}

/** A SYN like the one that opened this connection: our SYN-ACK was lost. Models tcp_check_req(). */
function isRepeatedSyn(connection: Connection, segment: IncomingSegment): boolean {
  const { header } = segment;
  return (
    connection.state === 'SYN_RECV' &&
    connection.isPassive &&
    header.syn &&
    !header.ack &&
    !header.rst &&
    segment.sequence === connection.initialReceived
  );
}

/** The acknowledgement, and what it changes in the state. */
function takeAcknowledgment(connection: Connection, segment: IncomingSegment): TcpFault | undefined {
  const { header, options, dataLength } = segment;
  if (connection.state === 'SYN_RECV') return takeFirstAck(connection, segment);
  const kind = acknowledge(connection, header, options, dataLength);
  if (kind === 'too old') {
    sendChallenge(connection);
    return 'TOO_OLD_ACK';
  }
  if (kind === 'not sent') return 'ACK_UNSENT_DATA';
  if (kind === 'new') tellRoom(connection);
  if (connection.finSent && connection.sndUna === connection.sndNxt) finAcknowledged(connection, segment);
  return undefined;
}

/** The third segment of the handshake. */
function takeFirstAck(connection: Connection, segment: IncomingSegment): TcpFault | undefined {
  const { header, options, dataLength, packet } = segment;
  const isRight = after(header.acknowledgment, connection.sndUna) && !after(header.acknowledgment, connection.sndNxt);
  if (!isRight) {
    connection.stack.refuse(packet);
    return 'INVALID_ACK_SEQUENCE';
  }
  if (connection.isPassive && !connection.stack.mayAccept(connection)) {
    if (connection.profile.resetsOnOverflow) {
      connection.stack.refuse(packet);
      forgetRequest(connection);
    }
    return 'LISTEN_OVERFLOW';
  }
  acknowledge(connection, header, options, dataLength);
  connection.sndWnd = header.window * 2 ** (header.syn ? 0 : connection.sndScale);
  connection.sndWl1 = header.sequence;
  connection.maxWindow = Math.max(connection.maxWindow, connection.sndWnd);
  establish(connection);
  return undefined;
}

/** Our FIN arrived. */
function finAcknowledged(connection: Connection, segment: IncomingSegment): void {
  switch (connection.state) {
    case 'FIN_WAIT1':
      connection.state = 'FIN_WAIT2';
      // A closed socket leaves a record, unless the peer's FIN is here already (tcp_rcv_state_process()).
      if (connection.orphan && !segment.header.fin && segment.dataLength === 0) {
        connection.stack.leaveTimeWait(connection, 'FIN_WAIT2', connection.profile.finTimeout);
      }
      return;
    case 'CLOSING':
      enterTimeWait(connection);
      return;
    case 'LAST_ACK':
      done(connection);
      return;
  }
}

/** The state is asked anew after calls that may have ended the connection. */
function isOver(connection: Connection): boolean {
  return connection.state === 'CLOSE';
}

/** Data for a socket that its program has closed. */
function isForNobody(connection: Connection, segment: IncomingSegment): boolean {
  if (!connection.orphan || segment.dataLength === 0) return false;
  return after(plus(segment.sequence, segment.dataLength), connection.rcvNxt);
}

function abortOnData(connection: Connection, segment: IncomingSegment): Fate {
  const { stack } = connection;
  stack.counters.TcpExtTCPAbortOnData++;
  const { packet } = segment;
  fail(connection, { errno: 'ECONNRESET', type: 0, code: 0, offender: 0, packet: packet.number });
  stack.refuse(packet);
  return stack.drop(packet, 'ABORT_ON_DATA', 'the program has closed its socket');
}

function takeData(connection: Connection, segment: IncomingSegment): Fate {
  const { stack, owner } = connection;
  const { packet, header, dataLength } = segment;
  const isLate = connection.finReceived && after(segment.end, connection.rcvNxt);
  const result = isLate ? 'none' : queueData(connection, segment);
  if (!isOver(connection)) {
    pushPending(connection);
    checkAck(connection);
  }
  switch (result) {
    case 'in order':
      return dataLength > 0 ? stack.deliver(packet, owner) : stack.consume(packet, 'FIN');
    case 'early':
      return stack.consume(packet, 'out of order, kept until the gap is filled');
    case 'none':
      return stack.consume(
        packet,
        header.syn ? 'SYN-ACK' : before(header.acknowledgment, connection.sndUna) ? 'old ACK' : 'ACK',
      );
    default:
      return stack.drop(packet, result);
  }
}

/** Models tcp_check_space(): a third of the buffer is free again. */
function tellRoom(connection: Connection): void {
  if (!connection.wantsRoom || connection.sendRoom < connection.sendLimit / 3) return;
  connection.wantsRoom = false;
  connection.user.writable();
}
