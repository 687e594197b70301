import { bug } from '../core/assert.ts';
import { completeChecksum } from './checksum.ts';
import type { DropReason } from './drop-reasons.ts';
import type { DroppedFrame } from './dropped-frame.ts';
import type { Packet } from './packet.ts';
import type { Place, Site } from './place.ts';

declare const fate: unique symbol;

/**
 * Proof that a packet's end, or its next owner, was recorded. Every function that takes a packet returns one, and only
 * the functions of this file can make one: a silent return or a forgotten branch does not compile.
 */
export interface Fate {
  readonly [fate]: true;
}

const RECORDED = Object.freeze({}) as Fate;

/** The packet dies here, for a reason with a name (kfree_skb_reason). */
export function drop(packet: Packet, place: Place, site: Site, reason: DropReason, detail = ''): Fate {
  end(packet);
  packet.reason = reason;
  packet.ledger.countDrop(reason);
  const { recorder } = packet.ledger;
  if (recorder !== undefined) {
    recorder.keepFrame(packet.number, frameOf(packet));
    recorder.step(packet, place, site, { kind: 'drop', reason, detail });
  }
  return RECORDED;
}

/** A protocol has used the packet up: an ARP reply learnt, an echo request answered (consume_skb). */
export function consume(packet: Packet, place: Place, site: Site, by: string): Fate {
  end(packet);
  packet.ledger.consumed++;
  packet.ledger.recorder?.step(packet, place, site, { kind: 'consume', by });
  return RECORDED;
}

/** A program has the packet: the good end. `program` is where it runs. */
export function deliver(packet: Packet, place: Place, site: Site, to: string, program: Place): Fate {
  end(packet);
  packet.ledger.consumed++;
  packet.ledger.recorder?.step(packet, place, site, { kind: 'deliver', to, program });
  return RECORDED;
}

/** The packet waits in a queue of `where`; whoever takes it out calls release(). Waiting on a wire leaves no step. */
export function hold(packet: Packet, place?: Place, site?: Site, where = ''): Fate {
  if (packet.state !== 'live') bug(`packet ${packet.number} is ${packet.state} and cannot be held`);
  packet.state = 'held';
  packet.ledger.held++;
  if (place !== undefined && site !== undefined) {
    packet.ledger.recorder?.step(packet, place, site, { kind: 'hold', where });
  }
  return RECORDED;
}

/** Takes a packet out of the queue that held it; the caller owes it a new Fate. */
export function release(packet: Packet): Packet {
  if (packet.state !== 'held') bug(`packet ${packet.number} is ${packet.state} and cannot be released`);
  packet.state = 'live';
  packet.ledger.held--;
  return packet;
}

function end(packet: Packet): void {
  if (packet.state !== 'live') bug(`packet ${packet.number} is ${packet.state} and cannot end here`);
  packet.state = 'ended';
}

/**
 * What there is of a packet at this moment. The link header is the one it was received with, or the one already written
 * for the next hop (skb->mac_header): a packet that dies between two devices still has the header it came in with.
 */
function frameOf(packet: Packet): DroppedFrame {
  completeChecksum(packet);
  const { bytes, head, tail, linkOffset } = packet;
  // Before a device has looked at it, and while a datagram is being built, `head` is all there is.
  const network = packet.networkOffset < 0 || packet.networkOffset > tail ? head : packet.networkOffset;
  const link = linkOffset < 0 ? network : linkOffset;
  const start = Math.min(head, network, link);
  return { bytes: packet.ledger.memory.copy(bytes, start, tail), linkLength: network - start };
}
