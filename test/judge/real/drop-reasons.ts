/** Packets that the kernel freed for a reason, in one function. */
export interface FreedPackets {
  /** Index of the namespace. */
  readonly namespace: number;
  /** As in include/net/dropreason-core.h, without SKB_DROP_REASON_. */
  readonly reason: string;
  readonly function: string;
  /** EtherType. */
  readonly protocol: number;
  readonly packets: number;
}

const IPV4 = 0x0800;
const ARP = 0x0806;

/** Ends that are no drops, though the kernel gives a reason: which one, in which function, and why it is none. */
const GOOD_ENDS: readonly { readonly reason: string; readonly place: RegExp; readonly why: string }[] = [
  { reason: 'NO_SOCKET', place: /^ping_rcv$/, why: 'ping has the answer already, by its raw socket' },
  { reason: 'SOCKET_FILTER', place: /./, why: 'a copy for a raw or packet socket that did not want it' },
  { reason: 'PACKET_SOCK_ERROR', place: /./, why: 'a copy for a packet socket' },
  { reason: 'QUEUE_PURGE', place: /^inet_sock_destruct$/, why: 'came for a program that ended without reading it' },
  { reason: 'QUEUE_PURGE', place: /^sk_stream_kill_queues$/, why: 'a FIN, or data for a program that closed' },
  { reason: 'QUEUE_PURGE', place: /^skb_queue_purge_reason$/, why: 'an ICMP error in the queue of errors, never read' },
  { reason: 'SOCKET_CLOSE', place: /./, why: 'came for a program that ended without reading it' },
  { reason: 'NOT_SPECIFIED', place: /^tcp_rcv_state_process$/, why: 'an ACK after the FIN of its sender; it was read' },
  // Whatever else this function frees it frees for a reason that it names; only do_time_wait leaves it as it was at first.
  { reason: 'NOT_SPECIFIED', place: /^tcp_v4_rcv$/, why: 'the record of a connection in TIME_WAIT has read it' },
];

/** What the kernel frees without saying why, by the function: the nearest of its reasons, as the simulator gives it. */
const UNSAID: Readonly<Record<string, string>> = {
  // A route of type blackhole, unreachable or prohibit.
  ip_error: 'IP_INNOROUTES',
  // What came in a broadcast frame.
  ip_forward: 'UNICAST_IN_L2_MULTICAST',
  // A broadcast that nobody listens to.
  __udp4_lib_rcv: 'NO_SOCKET',
  // No port to send it to, or one whose MTU is too small.
  br_handle_frame_finish: 'NO_TX_TARGET',
  br_dev_queue_push_xmit: 'PKT_TOO_BIG',
  br_nf_dev_queue_xmit: 'PKT_TOO_BIG',
};

/** Packets by reason, of IPv4 and ARP, without those that came to a good end. */
export function dropsOf(freed: readonly FreedPackets[]): Record<string, number> {
  const drops: Record<string, number> = {};
  for (const { reason, function: place, protocol, packets } of freed) {
    if (protocol !== IPV4 && protocol !== ARP) continue;
    if (GOOD_ENDS.some((end) => end.reason === reason && end.place.test(place))) continue;
    const name = reason === 'NOT_SPECIFIED' ? (UNSAID[place] ?? `${reason} in ${place}`) : reason;
    drops[name] = (drops[name] ?? 0) + packets;
  }
  return drops;
}
