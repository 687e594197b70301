/**
 * Why a packet is dropped. Kernel reasons are spelt as in Linux 6.18, include/net/dropreason-core.h, and are used where
 * that kernel uses them; what the kernel frees with NOT_SPECIFIED is named here by the nearest reason of the same list.
 */
const kernelDropReasons = {
  BRIDGE_INGRESS_STP_STATE: 'the bridge port does not forward: it is down or blocked',
  CPU_BACKLOG: 'too many packets wait for the stack (netdev_max_backlog)',
  DEV_READY: 'the device is not up',
  DUP_FRAG: 'this fragment was received already',
  FRAG_REASM_TIMEOUT: 'the other fragments did not come within ipfrag_time',
  FRAG_TOO_FAR:
    'the fragment reaches beyond the largest datagram, contradicts another fragment, or too many others came after it',
  HDR_TRUNC: 'the packet ends inside the header',
  ICMP_CSUM: 'the ICMP checksum is wrong',
  INVALID_PROTO: 'the message is not allowed to this destination, such as a broadcast timestamp request',
  IP_CSUM: 'the IP header checksum is wrong',
  IP_INADDRERRORS: 'the destination is not ours and this interface does not forward',
  IP_INHDR: 'the IP header is malformed, or its TTL ran out',
  IP_INNOROUTES: 'no route to the destination (input)',
  IP_INVALID_DEST: 'the destination address is not valid here',
  IP_INVALID_SOURCE: 'the source address is not valid here',
  IP_LOCALNET: 'a 127.0.0.0/8 address came in by an interface without route_localnet',
  IP_LOCAL_SOURCE: 'the source is one of our own addresses, and accept_local is off',
  IP_NOPROTO: 'no handler for this IP protocol',
  IP_RPFILTER: 'the reverse path filter would not send to this source by this interface',
  MAC_IEEE_MAC_CONTROL: 'the destination is the IEEE MAC control address (pause frames)',
  MAC_INVALID_SOURCE: 'the source MAC is a group address or all zeros',
  NEIGH_CREATEFAIL: 'the table of neighbours is full: no entry can be made for the next hop',
  NEIGH_FAILED: 'the next hop did not answer address resolution',
  NEIGH_QUEUEFULL: 'too many packets wait for the same neighbour',
  NETFILTER_DROP: 'a function of a netfilter hook dropped it: a rule, translation, or connection tracking',
  NOMEM: 'what waits to be put together has used its memory up (ipfrag_high_thresh)',
  NO_SOCKET: 'no socket wants it',
  NO_TX_TARGET: 'no port to send it to',
  OTHERHOST: 'the frame is addressed to another MAC',
  PKT_TOO_BIG: 'larger than the MTU, and it must not be fragmented',
  PKT_TOO_SMALL: 'shorter than its header says, or than a header',
  PROTO_MEM: 'the connection keeps as much as its buffer may hold',
  QDISC_DROP: 'the transmit queue is full, or the link is down',
  QUEUE_PURGE: 'the device or namespace that held it went away',
  SOCKET_RCVBUFF: 'the receive buffer of the socket is full',
  TCP_ABORT_ON_DATA: 'data for a socket that its program has closed',
  TCP_ACK_UNSENT_DATA: 'it acknowledges what was never sent',
  TCP_CLOSE: 'the connection is closed',
  TCP_CSUM: 'the TCP checksum is wrong',
  TCP_FLAGS: 'the flags make no sense in this state of the connection',
  TCP_INVALID_ACK_SEQUENCE: 'it does not acknowledge the SYN or SYN-ACK',
  TCP_INVALID_END_SEQUENCE: 'it reaches beyond the window, and unread data fills the buffer',
  TCP_INVALID_SEQUENCE: 'it lies beyond the window',
  TCP_INVALID_SYN: 'a SYN inside an open connection',
  TCP_LISTEN_OVERFLOW: 'too many connections wait to be accepted',
  TCP_OFOMERGE: 'out of order, and here already',
  TCP_OLD_DATA: 'its data was received before',
  TCP_OLD_SEQUENCE: 'it lies before the window',
  TCP_OVERWINDOW: 'its data lies beyond the window',
  TCP_RESET: 'RST: it ends a connection, or tries to',
  TCP_RFC7323_PAWS: 'its timestamp is older than the last one',
  TCP_RFC7323_TSECR: 'it echoes a timestamp that was never sent',
  TCP_TOO_OLD_ACK: 'it acknowledges less than the largest window ago',
  TCP_ZEROWINDOW: 'the window is closed',
  UDP_CSUM: 'the UDP checksum is wrong',
  UNHANDLED_PROTO: 'nobody handles this EtherType or message type',
  UNICAST_IN_L2_MULTICAST: 'a unicast IP packet in a broadcast or multicast frame',
} as const;

/** Comware's reasons. The vendor publishes none, so these words are ours. */
const comwareDropReasons = {
  ARP_FAILED: 'the next hop did not answer ARP',
  ARP_INVALID: 'malformed ARP, or an address that must not be learnt',
  ARP_QUEUE_FULL: 'too many packets wait for the same ARP entry',
  ARP_TABLE_FULL: 'the ARP table is full',
  BAD_IP_CHECKSUM: 'the IP header checksum is wrong',
  BAD_IP_HEADER: 'the IP header is malformed',
  BAD_TRANSPORT: 'the ICMP, TCP or UDP header is cut short, or its checksum is wrong',
  BLACKHOLE: 'the route leads to NULL0, or to a loopback interface that has no neighbours',
  DF_SET: 'larger than the MTU of the outgoing interface, and DF is set',
  FRAGMENT_TIMEOUT: 'the other fragments did not come in time',
  FRAGMENT_INVALID: 'the fragment is a duplicate, or contradicts another one',
  FRAGMENT_QUEUE_FULL: 'too many fragments wait for others of their datagrams',
  FRAME_OTHER_HOST: 'the frame is addressed to another MAC',
  FRAME_TOO_SHORT: 'the frame ends inside a header',
  ICMP_ERROR_OFF: 'sending of ICMP errors is not enabled (ip ttl-expires enable, ip unreachables enable)',
  INTERFACE_DOWN: 'the interface is down',
  INVALID_ADDRESS: 'the source or destination address must not appear on a wire',
  KERNEL_LINK_DOWN: 'the interface towards the kernel is down or missing',
  LAND: 'source and destination are one and the same address of the device, and the packet comes from the host',
  NAT_CLASH: 'what the translation would make of it is the flow of another session',
  NAT_FIRST_DROPPED: 'NAT dropped the first fragment of its datagram',
  NAT_NO_ADDRESS: 'every address of the NAT address group is taken (no-pat)',
  NAT_NO_PORT: 'every port of the NAT addresses is taken towards this destination',
  NAT_SESSION_LIMIT: 'there are as many NAT sessions as there may be',
  NO_ROUTE: 'no route to the destination in the FIB',
  QUEUE_PURGE: 'the interface that held it went away',
  SOCKET_BUFFER_FULL: 'the receive buffer of the socket is full',
  TCP_REFUSED: 'the TCP segment does not fit its connection',
  TTL_EXPIRED: 'the TTL ran out',
  UNKNOWN_ETHERTYPE: 'nobody handles this EtherType',
} as const;

/** What happens to frames between two devices. */
const linkDropReasons = {
  LOSS: 'the cable lost it, as its `loss` says',
  LINK_DOWN: 'the cable is unplugged, or the far end is down',
} as const;

export type DropReason =
  | `kernel:${keyof typeof kernelDropReasons}`
  | `comware:${keyof typeof comwareDropReasons}`
  | `link:${keyof typeof linkDropReasons}`;

const SENTENCES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(kernelDropReasons).map(([name, text]) => [`kernel:${name}`, text] as const),
  ...Object.entries(comwareDropReasons).map(([name, text]) => [`comware:${name}`, text] as const),
  ...Object.entries(linkDropReasons).map(([name, text]) => [`link:${name}`, text] as const),
]);

/** Every reason there is, in the order of the tables. */
export const dropReasons = [...SENTENCES.keys()] as readonly DropReason[];

/** The sentence that explains a reason. */
export function sentenceOf(reason: DropReason): string {
  return SENTENCES.get(reason) ?? reason;
}
