import { isPureAck, segmentOf } from './tcp-stream.ts';
import type { Seen, WorldFrames } from './world-frames.ts';

/*
 * Frames that one world may show and the other not, because a random number of the kernel decides whether or when.
 */

const SECOND = 1_000_000_000;

/**
 * A confirmed neighbour is trusted for a random 15 to 45 s (net/core/neighbour.c neigh_rand_reach_time), and 5 s after
 * the next use it is asked again (DELAY_PROBE_TIME): never sooner than this after the last answer.
 */
const SOONEST_REVALIDATION = 20 * SECOND - SECOND / 10;

/** How soon an answer follows its question. */
const ANSWER = SECOND;

/** ARP requests by unicast, and their answers, that are due to the random reachable time. */
export function revalidations(world: WorldFrames): Set<Seen> {
  const found = new Set<Seen>();
  for (const frames of world.points.values()) {
    const answered = new Map<string, number>();
    const asked = new Map<string, number>();
    const heard = new Map<string, number>();
    for (const seen of frames) {
      const { arp } = seen.frame;
      if (arp === undefined) continue;
      const { time } = seen.record;
      const way = `${arp.sender} ${arp.target} ${seen.record.direction}`;
      const back = `${arp.target} ${arp.sender} ${seen.record.direction === 'in' ? 'out' : 'in'}`;
      if (arp.operation === 2) {
        if (time - (asked.get(back) ?? Number.NEGATIVE_INFINITY) < ANSWER) found.add(seen);
        answered.set(back, time);
        continue;
      }
      // Who was never answered knows it from the other's own request, or from before the record.
      const since = answered.get(way) ?? heard.get(back) ?? 0;
      heard.set(way, time);
      if (!isBroadcast(seen) && time - since >= SOONEST_REVALIDATION) {
        found.add(seen);
        asked.set(way, time);
      }
    }
  }
  return found;
}

function isBroadcast({ frame }: Seen): boolean {
  return ((frame.bytes[0] ?? 0) & 1) === 1;
}

/** A delayed ACK waits for data to ride on this long, in ns (TCP_DELACK_MIN), less a jiffy. */
const DELAYED_ACK = 36_000_000;

/**
 * A pure ACK that only came because the application answered just after 40 ms, where in the other world the answer
 * that takes its place was in time.
 */
export function isRacingAck(seen: Seen, pause: number, next: Seen | undefined, nextPause: number): boolean {
  const [segment, answer] = [segmentOf(seen), next === undefined ? undefined : segmentOf(next)];
  if (segment === undefined || answer === undefined || !isPureAck(segment) || isPureAck(answer)) return false;
  return pause >= DELAYED_ACK && nextPause <= DELAYED_ACK;
}
