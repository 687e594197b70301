import type { Packet } from './packet.ts';

/** struct sk_buff, and what the kernel puts before and behind the bytes of a packet (headroom, skb_shared_info). */
const BOOKKEEPING = 256;
const AROUND_DATA = 351;
/** Data of a short packet lies in a cache of its own (SKB_SMALL_HEAD_CACHE_SIZE), of a long one in whole pages. */
const SMALL_HEAD = 576;
const PAGE = 4096;

/**
 * What an IP packet takes of the kernel's memory (skb->truesize): of queues that are bounded in bytes it takes so many. As counted
 * on Linux 6.18: 832 up to 225 bytes, 1280, 2304, and then by pages.
 */
export function trueSize(length: number): number {
  const needed = length + AROUND_DATA;
  if (needed <= SMALL_HEAD) return BOOKKEEPING + SMALL_HEAD;
  if (needed <= PAGE) return BOOKKEEPING + (1 << (32 - Math.clz32(needed - 1)));
  return BOOKKEEPING + Math.ceil(needed / PAGE) * PAGE;
}

/** Of a packet that has come to a socket: its IP header counts, wherever `head` is by now. */
export function receivedSize(packet: Packet): number {
  return trueSize(packet.tail - packet.networkOffset);
}
