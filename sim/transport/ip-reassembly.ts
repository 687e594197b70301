import type { Clock, Timer } from '../core/events.ts';
import { cancel } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import type { DropReason } from '../packet/drop-reasons.ts';
import { consume, drop, type Fate, hold, release } from '../packet/fate.ts';
import { Packet } from '../packet/packet.ts';
import type { Place, Site } from '../packet/place.ts';
import { trueSize } from '../packet/true-size.ts';
import type { Ipv4 } from '../wire/address.ts';
import { IP_DF, Ipv4Header } from '../wire/ipv4.ts';

interface Piece {
  readonly packet: Packet;
  /** Where its data begins and ends in the datagram's data, in bytes. */
  readonly from: number;
  readonly to: number;
}

interface Queue {
  readonly key: string;
  /** Bytes that it takes, its pieces included. */
  cost: number;
  /** Fragments that its sender had sent when the last of this datagram came. */
  counted: number;
  pieces: Piece[];
  /** End of the data, once the last fragment is there. */
  end: number | undefined;
  timer: Timer | undefined;
}

/** What a stack calls its reassembly's outcomes. */
export interface ReassemblyNames {
  readonly site: Site;
  readonly timeout: DropReason;
  readonly duplicate: DropReason;
  readonly contradiction: DropReason;
  /** For one more there is no memory. */
  readonly full: DropReason;
}

/** How much may wait, and how long. */
export interface ReassemblyLimits {
  readonly timeout: SimTime;
  /** Bytes as the kernel counts them: once there are more, no fragment is taken. 0 takes none at all. */
  readonly memory: number;
  /** Fragments of the same sender that may come between two of one datagram, 0 for any number. */
  readonly distance: number;
  /** Counts one more fragment of a sender, and gives how many there were. */
  fragmentsFrom(source: Ipv4): number;
}

export interface ReassemblyEvents {
  /** Time ran out; `first` is the fragment with offset 0 if it came (for ICMP), and is dropped right after. */
  readonly expired?: (first: Packet | undefined) => void;
  readonly failed?: () => void;
  /** There is no memory for this one, which is dropped right after. */
  readonly full?: (packet: Packet) => void;
}

/** sizeof(struct ipq): what a datagram takes beside its pieces. */
const QUEUE_COST = 200;

/**
 * Puts IPv4 datagrams together from fragments (RFC 791 3.2, net/ipv4/ip_fragment.c ip_defrag()): overlapping fragments
 * throw the whole datagram away, exact duplicates only themselves.
 */
export class Reassembler {
  readonly #clock: Clock;
  readonly #place: Place;
  readonly #limits: ReassemblyLimits;
  readonly #names: ReassemblyNames;
  readonly #events: ReassemblyEvents;
  readonly #queues = new Map<string, Queue>();
  /** Bytes of all that waits (fqdir->mem). */
  #memory = 0;

  constructor(
    clock: Clock,
    place: Place,
    limits: ReassemblyLimits,
    names: ReassemblyNames,
    events: ReassemblyEvents = {},
  ) {
    this.#clock = clock;
    this.#place = place;
    this.#limits = limits;
    this.#names = names;
    this.#events = events;
  }

  /** Fragments that wait. */
  get held(): number {
    let count = 0;
    for (const queue of this.#queues.values()) count += queue.pieces.length;
    return count;
  }

  /** Bytes of memory that they take. */
  get memory(): number {
    return this.#memory;
  }

  /**
   * Takes a fragment, `head` at its IP header. Gives the whole datagram once complete, else the fragment's fate. Pieces that
   * different users hand in never meet (enum ip_defrag_users).
   */
  add(packet: Packet, user = ''): { readonly whole: Packet } | { readonly fate: Fate } {
    const { memory } = this.#limits;
    if (memory === 0 || this.#memory > memory) {
      this.#events.full?.(packet);
      return { fate: drop(packet, this.#place, this.#names.site, this.#names.full) };
    }
    const header = packet.ip;
    const from = header.fragmentOffset;
    const length = header.totalLength - header.headerLength;
    // What lies behind the last multiple of 8 of a piece that is not the last cannot be placed: it is cut off.
    const to = from + (header.moreFragments ? length & ~7 : length);
    const key = `${header.source} ${header.destination} ${header.protocol} ${header.identification} ${user}`;
    const queue = this.#queues.get(key) ?? this.#open(key);
    if (this.#isTooFar(queue, header.source)) this.#begin(queue);
    const fault = faultOf(queue, from, to, header.moreFragments);
    if (fault === 'duplicate') return { fate: drop(packet, this.#place, this.#names.site, this.#names.duplicate) };
    if (fault === 'contradiction') {
      this.#events.failed?.();
      this.#discard(queue, this.#names.contradiction);
      return { fate: drop(packet, this.#place, this.#names.site, this.#names.contradiction) };
    }
    if (!header.moreFragments) queue.end = to;
    const fate = hold(packet, this.#place, this.#names.site, 'reassembly');
    queue.pieces.push({ packet, from, to });
    this.#charge(queue, trueSize(packet.length));
    queue.pieces.sort((a, b) => a.from - b.from);
    if (!isComplete(queue)) return { fate };
    return this.#join(queue, packet);
  }

  /** Drops everything that waits: the namespace goes away. */
  purge(reason: DropReason): void {
    for (const queue of [...this.#queues.values()]) this.#discard(queue, reason);
  }

  #open(key: string): Queue {
    const queue: Queue = { key, cost: 0, counted: 0, pieces: [], end: undefined, timer: undefined };
    queue.timer = this.#clock.after(this.#limits.timeout, this.#expire, queue);
    this.#charge(queue, QUEUE_COST);
    this.#queues.set(key, queue);
    return queue;
  }

  #charge(queue: Queue, bytes: number): void {
    queue.cost += bytes;
    this.#memory += bytes;
  }

  /** Whether identifications may have come round since the last fragment of this datagram. Models ip_frag_too_far(). */
  #isTooFar(queue: Queue, source: Ipv4): boolean {
    const { distance } = this.#limits;
    if (distance === 0) return false;
    const before = queue.counted;
    queue.counted = this.#limits.fragmentsFrom(source);
    return queue.pieces.length > 0 && queue.counted - before > distance;
  }

  /** What is there is of another datagram: it goes, and its time begins anew. Models ip_frag_reinit(). */
  #begin(queue: Queue): void {
    this.#events.failed?.();
    cancel(queue.timer);
    queue.timer = this.#clock.after(this.#limits.timeout, this.#expire, queue);
    queue.end = undefined;
    this.#charge(queue, QUEUE_COST - queue.cost);
    for (const { packet } of queue.pieces.splice(0)) {
      const { distance } = this.#limits;
      const detail = `more than ${distance} others came since`;
      drop(release(packet), this.#place, this.#names.site, this.#names.contradiction, detail);
    }
  }

  #close(queue: Queue): void {
    cancel(queue.timer);
    this.#charge(queue, -queue.cost);
    this.#queues.delete(queue.key);
  }

  #discard(queue: Queue, reason: DropReason): void {
    this.#close(queue);
    for (const { packet } of queue.pieces) drop(release(packet), this.#place, this.#names.site, reason);
  }

  /** Models ip_expire(). */
  readonly #expire = (queue: Queue): void => {
    const first = queue.pieces.find((piece) => piece.from === 0);
    this.#events.expired?.(first?.packet);
    this.#discard(queue, this.#names.timeout);
  };

  /** Models ip_frag_reasm(): the header of the first fragment, the data of all. `last` made the queue complete. */
  #join(queue: Queue, last: Packet): { readonly whole: Packet } | { readonly fate: Fate } {
    this.#close(queue);
    const first = (queue.pieces[0] as Piece).packet;
    const headerLength = first.ip.headerLength;
    const dataLength = queue.end as number;
    if (headerLength + dataLength > 0xffff) {
      this.#events.failed?.();
      queue.pieces = queue.pieces.filter((piece) => piece.packet !== last);
      this.#discard(queue, this.#names.contradiction);
      return { fate: drop(release(last), this.#place, this.#names.site, this.#names.contradiction) };
    }
    const whole = Packet.allocate(first.ledger, headerLength + dataLength, 0, first.number);
    whole.countWith(first, Math.min(1, first.share * queue.pieces.length));
    whole.bytes.set(first.bytes.subarray(first.head, first.head + headerLength), whole.head);
    whole.networkOffset = whole.head;
    copyLinkHeader(first, whole);
    whole.bridgeInfo = first.bridgeInfo;
    whole.protocol = first.protocol;
    whole.packetType = first.packetType;
    whole.inputIfindex = first.inputIfindex;
    whole.mark = first.mark;
    whole.destination = first.destination;
    whole.connection = first.connection;
    whole.connectionInfo = first.connectionInfo;
    let largestWithDf = 0;
    for (const { packet, from, to } of queue.pieces) {
      const piece = packet.ip;
      const data = packet.head + piece.headerLength;
      whole.bytes.set(packet.bytes.subarray(data, data + to - from), whole.head + headerLength + from);
      whole.fragMaxSize = Math.max(whole.fragMaxSize, piece.totalLength);
      if (piece.dontFragment) largestWithDf = Math.max(largestWithDf, piece.totalLength);
    }
    const header = new Ipv4Header(whole.bytes, whole.head);
    header.totalLength = headerLength + dataLength;
    // DF is kept if the largest piece has it: then no router may cut what is larger.
    header.fragment = largestWithDf === whole.fragMaxSize ? IP_DF : 0;
    header.writeChecksum();
    const pieces = queue.pieces.map((piece) => piece.packet.number);
    whole.ledger.recorder?.step(whole, this.#place, this.#names.site, { kind: 'reassemble', pieces });
    for (const { packet } of queue.pieces) {
      consume(release(packet), this.#place, this.#names.site, `put together as packet ${whole.number}`);
    }
    return { whole };
  }
}

/** On a bridge the whole goes on in the frame of its first piece. */
function copyLinkHeader(first: Packet, whole: Packet): void {
  if (first.linkOffset < 0) return;
  const length = first.networkOffset - first.linkOffset;
  whole.linkOffset = whole.networkOffset - length;
  whole.bytes.set(first.bytes.subarray(first.linkOffset, first.networkOffset), whole.linkOffset);
}

/** Models the checks of ip_frag_queue() and inet_frag_queue_insert(). */
function faultOf(queue: Queue, from: number, to: number, more: boolean): 'duplicate' | 'contradiction' | undefined {
  if (to <= from) return 'contradiction';
  const furthest = queue.pieces.reduce((far, piece) => Math.max(far, piece.to), 0);
  if (!more && (to < furthest || (queue.end !== undefined && queue.end !== to))) return 'contradiction';
  if (more && queue.end !== undefined && to > queue.end) return 'contradiction';
  for (const piece of queue.pieces) {
    if (piece.from <= from && to <= piece.to) return 'duplicate';
    if (from < piece.to && piece.from < to) return 'contradiction';
  }
  return undefined;
}

function isComplete(queue: Queue): boolean {
  let reached = 0;
  for (const piece of queue.pieces) {
    if (piece.from !== reached) return false;
    reached = piece.to;
  }
  return queue.end !== undefined && reached === queue.end;
}
