import type { Clock, Timer } from '../core/events.ts';
import { cancel } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import type { DropReason } from '../packet/drop-reasons.ts';
import { consume, drop, type Fate, hold, release } from '../packet/fate.ts';
import { Packet } from '../packet/packet.ts';
import type { Place, Site } from '../packet/place.ts';
import { IP_DF, Ipv4Header } from '../wire/ipv4.ts';

interface Piece {
  readonly packet: Packet;
  /** Where its data begins and ends in the datagram's data, in bytes. */
  readonly from: number;
  readonly to: number;
}

interface Queue {
  readonly key: string;
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
}

export interface ReassemblyEvents {
  /** Time ran out; `first` is the fragment with offset 0 if it came (for ICMP), and is dropped right after. */
  readonly expired?: (first: Packet | undefined) => void;
  readonly failed?: () => void;
}

/**
 * Puts IPv4 datagrams together from fragments (RFC 791 3.2, net/ipv4/ip_fragment.c ip_defrag()): overlapping fragments
 * throw the whole datagram away, exact duplicates only themselves. Not modelled: the memory limit ipfrag_high_thresh,
 * ipfrag_max_dist.
 */
export class Reassembler {
  readonly #clock: Clock;
  readonly #place: Place;
  readonly #timeout: SimTime;
  readonly #names: ReassemblyNames;
  readonly #events: ReassemblyEvents;
  readonly #queues = new Map<string, Queue>();

  constructor(clock: Clock, place: Place, timeout: SimTime, names: ReassemblyNames, events: ReassemblyEvents = {}) {
    this.#clock = clock;
    this.#place = place;
    this.#timeout = timeout;
    this.#names = names;
    this.#events = events;
  }

  /** Fragments that wait. */
  get held(): number {
    let count = 0;
    for (const queue of this.#queues.values()) count += queue.pieces.length;
    return count;
  }

  /** Takes a fragment, `head` at its IP header. Gives the whole datagram once complete, else the fragment's fate. */
  add(packet: Packet): { readonly whole: Packet } | { readonly fate: Fate } {
    const header = packet.ip;
    const from = header.fragmentOffset;
    const length = header.totalLength - header.headerLength;
    // What lies behind the last multiple of 8 of a piece that is not the last cannot be placed: it is cut off.
    const to = from + (header.moreFragments ? length & ~7 : length);
    const key = `${header.source} ${header.destination} ${header.protocol} ${header.identification}`;
    const queue = this.#queues.get(key) ?? this.#open(key);
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
    queue.pieces.sort((a, b) => a.from - b.from);
    if (!isComplete(queue)) return { fate };
    return this.#join(queue, packet);
  }

  /** Drops everything that waits: the namespace goes away. */
  purge(reason: DropReason): void {
    for (const queue of [...this.#queues.values()]) this.#discard(queue, reason);
  }

  #open(key: string): Queue {
    const queue: Queue = { key, pieces: [], end: undefined, timer: undefined };
    queue.timer = this.#clock.after(this.#timeout, this.#expire, queue);
    this.#queues.set(key, queue);
    return queue;
  }

  #close(queue: Queue): void {
    cancel(queue.timer);
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
