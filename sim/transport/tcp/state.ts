import type { Errno } from '../../core/errno.ts';
import type { Ipv4 } from '../../wire/address.ts';

/** States by the kernel's names (include/net/tcp_states.h). */
export type TcpState =
  | 'CLOSE'
  | 'LISTEN'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT1'
  | 'FIN_WAIT2'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'CLOSING'
  | 'TIME_WAIT';

/** Why a connection ended before its time. */
export interface TcpError {
  readonly errno: Errno;
  /** Of the ICMP error behind it; 0 and 0 when there is none. */
  readonly type: number;
  readonly code: number;
  /** Who sent the RST or the ICMP error; 0 when a timer decided. */
  readonly offender: Ipv4;
  /** Number of that packet, 0 when a timer decided. */
  readonly packet: number;
}

/** Why a segment is not taken; the kernel has a drop reason of the same name with `TCP_` in front, but for PROTO_MEM. */
export type TcpFault =
  | 'ABORT_ON_DATA'
  | 'ACK_UNSENT_DATA'
  | 'CLOSE'
  | 'FLAGS'
  | 'INVALID_ACK_SEQUENCE'
  | 'INVALID_END_SEQUENCE'
  | 'INVALID_SEQUENCE'
  | 'INVALID_SYN'
  | 'LISTEN_OVERFLOW'
  | 'OFOMERGE'
  | 'OLD_DATA'
  | 'OLD_SEQUENCE'
  | 'OVERWINDOW'
  | 'PROTO_MEM'
  | 'RESET'
  | 'RFC7323_PAWS'
  | 'RFC7323_TSECR'
  | 'TOO_OLD_ACK'
  | 'ZEROWINDOW';
