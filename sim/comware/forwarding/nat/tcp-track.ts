import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../../wire/tcp.ts';

/** What NAT makes of a TCP connection that it sees pass. */
export interface TcpTrack {
  state: 'TCP_SYN_SENT' | 'TCP_SYN_RECV' | 'TCP_ESTABLISHED' | 'TCP_FIN_WAIT' | 'TCP_TIME_WAIT' | 'TCP_CLOSE';
  /** Which side has sent its FIN. */
  initiatorEnded: boolean;
  responderEnded: boolean;
}

/** A connection that is met in its middle counts as established. */
export function tcpTrack(): TcpTrack {
  return { state: 'TCP_ESTABLISHED', initiatorEnded: false, responderEnded: false };
}

/**
 * Takes a segment's flags into account. Sequence numbers are not looked at, as in the loose mode of the device's
 * session management.
 */
export function nextTcpState(track: TcpTrack, isReply: boolean, flags: number): void {
  if ((flags & TCP_RST) !== 0) {
    track.state = 'TCP_CLOSE';
    return;
  }
  if ((flags & TCP_SYN) !== 0) {
    // A SYN that no ACK comes with begins the connection, or begins it anew.
    const begins = (flags & TCP_ACK) === 0 && !isReply;
    if (begins) {
      track.state = 'TCP_SYN_SENT';
      track.initiatorEnded = false;
      track.responderEnded = false;
    } else if (track.state === 'TCP_SYN_SENT') track.state = 'TCP_SYN_RECV';
    return;
  }
  if ((flags & TCP_FIN) !== 0) {
    if (isReply) track.responderEnded = true;
    else track.initiatorEnded = true;
    if (track.state !== 'TCP_CLOSE') {
      track.state = track.initiatorEnded && track.responderEnded ? 'TCP_TIME_WAIT' : 'TCP_FIN_WAIT';
    }
    return;
  }
  if (track.state === 'TCP_SYN_RECV' && !isReply) track.state = 'TCP_ESTABLISHED';
}
