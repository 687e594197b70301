import { bug } from '../core/assert.ts';
import type { Errno } from '../core/errno.ts';
import { IPV4_LENGTH, Ipv4Header } from '../wire/ipv4.ts';
import type { DropReason } from './drop-reasons.ts';
import type { Ledger } from './ledger.ts';
import { Copies } from './transmissions.ts';

/** To whom a frame is addressed, seen from the device that received it (include/uapi/linux/if_packet.h). */
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost';

/** What a routing decision leaves on a packet (struct sk_buff's dst). The packet carries it and does not look inside. */
export interface Destination {
  readonly family: 'ipv4';
}

/** What connection tracking leaves on a packet (skb->_nfct). The packet carries it and does not look inside. */
export interface Tracked {
  readonly tracked: true;
}

/**
 * How a packet belongs to its connection (enum ip_conntrack_info); `none` before tracking saw it, and where nothing
 * tracks; `invalid` where tracking made no sense of it.
 */
export type ConnectionInfo =
  | 'none'
  | 'new'
  | 'established'
  | 'established-reply'
  | 'related'
  | 'related-reply'
  | 'invalid'
  | 'untracked';

/** What br_netfilter keeps on a packet that a bridge handles (struct nf_bridge_info). The packet does not look inside. */
export interface BridgeInfo {
  readonly family: 'bridge';
}

/** What a device's NAT found out about a packet that came in. The packet carries it to where it goes out. */
export interface Translation {
  readonly isReply: boolean;
}

/**
 * Of the checksum of TCP or UDP (skb->ip_summed). `none`: nothing is known, whoever receives it has to sum it up.
 * `unnecessary`: the stack that made the packet has, and what rewrites it keeps it right. `partial`: it is not there yet, as the
 * packet is to be cut and its pieces get theirs; completeChecksum() is for whoever wants to see it before.
 */
export type ChecksumState = 'none' | 'unnecessary' | 'partial';

/** Room kept free in front for headers pushed later: Ethernet, or VXLAN over IPv4 over Ethernet. */
export const HEADROOM = 64;

/**
 * A packet: one buffer of real bytes with headroom (struct sk_buff).
 *
 *     bytes  |<- headroom ->|<- link ->|<- network ->|<- transport ... ->|
 *            0              ^head                                        ^tail
 *
 * `head` is where the data of the layer at work begins; pull() and push() move it. The offsets of the headers are
 * absolute in `bytes`, -1 while unknown. push() may move the packet to a larger buffer: keep no view across it.
 */
export class Packet {
  bytes: Uint8Array;
  head: number;
  tail: number;
  linkOffset = -1;
  networkOffset = -1;
  transportOffset = -1;
  /** Never repeats in a world. */
  readonly number: number;
  /** The packet this one is a copy or a piece of, 0 if none. */
  readonly parent: number;
  readonly ledger: Ledger;
  state: 'live' | 'held' | 'ended' = 'live';
  /** Name of the device its socket is bound to (SO_BINDTODEVICE), '' for none. */
  boundDevice = '';
  /** Why it died; undefined while it has not, and where it came to a good end. */
  reason: DropReason | undefined;
  /** What its sender is told of that, where the reason alone does not say it (NF_DROP_ERR). */
  errno: Errno | undefined;

  /** EtherType of what `head` points at after the link header is pulled. */
  protocol = 0;
  packetType: PacketType = 'host';
  /** Interface index it came in by, 0 for a packet of local origin (skb_iif). */
  inputIfindex = 0;
  mark = 0;
  destination: Destination | undefined;
  /** The connection it belongs to: set for `new`, `established` and `related`, in either direction. */
  connection: Tracked | undefined;
  connectionInfo: ConnectionInfo = 'none';
  translation: Translation | undefined;
  bridgeInfo: BridgeInfo | undefined;
  /** IPSKB_FORWARDED and the like: set by ip_forward(). */
  forwarded = false;
  /** The sender lets it be fragmented although DF is set (skb->ignore_df). */
  ignoreDf = false;
  /**
   * Its sender knows that the peer answers, so whoever it is handed to next is there, at every hop (skb->dst_pending_confirm). A
   * veth pair does not take it off, and a cable is one wherever Linux builds the network.
   */
  confirmsNeighbour = false;
  /**
   * Of a packet that is to be cut into TCP segments as it leaves: bytes of the largest of these, IP header included
   * (skb_shinfo(skb)->gso_size); 0 for all others.
   */
  segmentLength = 0;
  /** What is known of its transport checksum. */
  checksum: ChecksumState = 'none';
  /** Largest fragment it was put together from, 0 if it never was in pieces (IPCB frag_max_size). */
  fragMaxSize = 0;
  /** How often devices have sent it; `copies` counts for a packet that has any. */
  transmissions = 0;
  copies: Copies | undefined;
  /** What a transmission of it counts: of a packet cut into ten, one of each piece is one of the whole. */
  share = 1;

  readonly #ip: Ipv4Header;
  #view: Uint8Array | undefined;
  #viewHead = 0;

  private constructor(ledger: Ledger, bytes: Uint8Array, head: number, tail: number, parent: number, cause: number) {
    this.ledger = ledger;
    this.bytes = bytes;
    this.head = head;
    this.tail = tail;
    this.parent = parent;
    this.number = ledger.birth(parent, cause);
    this.#ip = new Ipv4Header(bytes, 0);
  }

  /** An empty packet of `length` zero bytes. `cause` is the packet it answers, `parent` the one it is a piece of. */
  static allocate(ledger: Ledger, length: number, cause = 0, parent = 0): Packet {
    return new Packet(ledger, ledger.memory.take(HEADROOM + length), HEADROOM, HEADROOM + length, parent, cause);
  }

  /** A packet with a copy of `data`, such as a frame that comes from outside the simulation. */
  static of(ledger: Ledger, data: Uint8Array, cause = 0): Packet {
    const packet = Packet.allocate(ledger, data.length, cause);
    packet.bytes.set(data, packet.head);
    return packet;
  }

  /** Bytes from `head` to the end. */
  get length(): number {
    return this.tail - this.head;
  }

  /** A copy with bytes of its own; this packet is its parent (skb_copy). */
  clone(): Packet {
    const bytes = this.ledger.memory.copy(this.bytes, 0, this.bytes.length);
    const copy = new Packet(this.ledger, bytes, this.head, this.tail, this.number, 0);
    copy.linkOffset = this.linkOffset;
    copy.networkOffset = this.networkOffset;
    copy.transportOffset = this.transportOffset;
    copy.protocol = this.protocol;
    copy.packetType = this.packetType;
    copy.inputIfindex = this.inputIfindex;
    copy.mark = this.mark;
    copy.destination = this.destination;
    copy.connection = this.connection;
    copy.connectionInfo = this.connectionInfo;
    copy.translation = this.translation;
    copy.bridgeInfo = this.bridgeInfo;
    copy.forwarded = this.forwarded;
    copy.ignoreDf = this.ignoreDf;
    copy.confirmsNeighbour = this.confirmsNeighbour;
    copy.fragMaxSize = this.fragMaxSize;
    copy.segmentLength = this.segmentLength;
    copy.checksum = this.checksum;
    copy.countWith(this);
    return copy;
  }

  /** From now on the transmissions of this packet and of the one it was made from are counted together. */
  countWith(origin: Packet, share = origin.share): void {
    origin.copies ??= new Copies(origin.number, origin.transmissions);
    this.copies = origin.copies;
    this.share = share;
  }

  /** A device sends it; how often that has happened to it and its copies. */
  countTransmission(): number {
    if (this.copies === undefined) return ++this.transmissions;
    this.copies.transmissions += this.share;
    return this.copies.transmissions;
  }

  /** Takes `count` bytes off the front (skb_pull); they stay in the buffer. */
  pull(count: number): void {
    if (count > this.length) bug(`pull of ${count} bytes from a packet of ${this.length}`);
    this.head += count;
  }

  /** Makes room for `count` bytes in front (skb_push); moves the packet when the headroom is used up. */
  push(count: number): void {
    if (this.head < count) this.#grow(count);
    this.head -= count;
  }

  /** Cuts the packet to `length` bytes from `head` (skb_trim): Ethernet padding goes this way. */
  trim(length: number): void {
    if (length > this.length) bug(`trim of a packet of ${this.length} bytes to ${length}`);
    this.tail = this.head + length;
  }

  /** A copy of the bytes from `head` to the end. */
  data(): Uint8Array {
    return this.ledger.memory.copy(this.bytes, this.head, this.tail);
  }

  /**
   * The bytes from `head` to the end where they lie. A view is dear to make, and device after device sees the same of a
   * packet: it is kept for the next.
   */
  get view(): Uint8Array {
    const { head, length } = this;
    if (this.#view === undefined || this.#viewHead !== head || this.#view.length !== length) {
      this.#view = this.bytes.subarray(head, this.tail);
      this.#viewHead = head;
    }
    return this.#view;
  }

  /** View of the IPv4 header at networkOffset: one and the same for the life of the packet, where it lies now. */
  get ip(): Ipv4Header {
    if (this.networkOffset < 0 || this.networkOffset + IPV4_LENGTH > this.tail) {
      bug(`packet ${this.number} has no IPv4 header`);
    }
    this.#ip.bytes = this.bytes;
    this.#ip.offset = this.networkOffset;
    return this.#ip;
  }

  #grow(count: number): void {
    const shift = count + HEADROOM;
    const larger = this.ledger.memory.take(this.bytes.length + shift);
    larger.set(this.bytes, shift);
    this.bytes = larger;
    this.#view = undefined;
    this.head += shift;
    this.tail += shift;
    if (this.linkOffset >= 0) this.linkOffset += shift;
    if (this.networkOffset >= 0) this.networkOffset += shift;
    if (this.transportOffset >= 0) this.transportOffset += shift;
  }
}
