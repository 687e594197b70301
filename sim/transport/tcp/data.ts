import { enterTimeWait } from './closing.ts';
import type { Connection } from './connection.ts';
import { enterQuickAck, noteDataReceived } from './delayed-ack.ts';
import { dataOf, type IncomingSegment } from './incoming.ts';
import { sendAck } from './output.ts';
import { after, before, distance, plus } from './sequence.ts';
import type { TcpFault } from './state.ts';
import { noteDuplicate } from './validate.ts';

/** What became of a segment's data. */
type DataResult = 'none' | 'in order' | 'early' | TcpFault;

/**
 * Puts a segment's data and FIN where they belong: to the program, or aside until what is missing comes. Models
 * tcp_data_queue() and tcp_data_queue_ofo(). Not modelled: memory of all connections together (tcp_mem).
 */
export function queueData(connection: Connection, segment: IncomingSegment): DataResult {
  const { sequence, end, header } = segment;
  if (sequence === end || header.syn) return 'none';
  const { rcvNxt } = connection;
  if (sequence === rcvNxt || (before(sequence, rcvNxt) && after(end, rcvNxt))) {
    if (sequence !== rcvNxt) noteDuplicate(connection, sequence, rcvNxt);
    // A bare FIN takes no room.
    if (connection.receiveWindow === 0 && segment.dataLength > 0) return outOfWindow(connection, 'ZEROWINDOW');
    return takeInOrder(connection, segment);
  }
  if (!after(end, rcvNxt)) {
    noteDuplicate(connection, sequence, end);
    return outOfWindow(connection, 'OLD_DATA');
  }
  if (!before(sequence, plus(rcvNxt, connection.receiveWindow))) return outOfWindow(connection, 'OVERWINDOW');
  connection.ackScheduled = true;
  const { counters } = connection.stack;
  const early = connection.received.putEarly(sequence, dataOf(segment), header.fin, bufferSize(connection), () => {
    counters.TcpExtOfoPruned++;
  });
  if (early === 'no room') {
    counters.TcpExtTCPOFODrop++;
    return 'PROTO_MEM';
  }
  counters.TcpExtTCPOFOQueue++;
  if (early === 'kept') return 'early';
  noteDuplicate(connection, sequence, end);
  return 'OFOMERGE';
}

/** The most that its buffer may become (tcp_rmem[2]), or twice what the program gave it (SO_RCVBUF). */
function bufferSize({ options, profile }: Connection): number {
  return options.receiveBuffer === undefined ? profile.largestBuffer : 2 * options.receiveBuffer;
}

function outOfWindow(connection: Connection, fault: TcpFault): TcpFault {
  enterQuickAck(connection);
  connection.ackScheduled = true;
  return fault;
}

function takeInOrder(connection: Connection, segment: IncomingSegment): DataResult {
  const { packet, header, dataLength } = segment;
  const { received } = connection;
  const hadGaps = received.hasGaps;
  const skip = distance(connection.rcvNxt, segment.sequence);
  const data = dataOf(segment);
  received.put(skip > 0 ? data.subarray(skip) : data, packet.number);
  const filled = received.advance(segment.end, packet.number);
  const fin = header.fin || filled.fin;
  connection.rcvNxt = plus(filled.next, filled.fin ? 1 : 0);
  // RFC 5681 4.2: a gap that was filled is acknowledged at once.
  if (hadGaps) connection.quickAcks = Math.max(connection.quickAcks, 1);
  if (dataLength > 0) noteDataReceived(connection, dataLength, header.psh);
  if (hadGaps) connection.pingPong = false;
  if (received.unread > 0) connection.user.readable();
  if (fin) takeFin(connection);
  return 'in order';
}

/** The peer writes no more. Models tcp_fin(). */
function takeFin(connection: Connection): void {
  connection.ackScheduled = true;
  connection.finReceived = true;
  switch (connection.state) {
    case 'SYN_RECV':
    case 'ESTABLISHED':
      connection.state = 'CLOSE_WAIT';
      // Its own FIN will most likely carry the acknowledgement.
      connection.pingPong = true;
      break;
    case 'FIN_WAIT1':
      sendAck(connection);
      connection.state = 'CLOSING';
      break;
    case 'FIN_WAIT2':
      sendAck(connection);
      connection.user.readable();
      enterTimeWait(connection);
      return;
  }
  connection.user.readable();
}
