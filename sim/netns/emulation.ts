import type { LinkSpec } from '../world/topology-schema.ts';

/** Preamble, FCS and gap, which take their time on the wire beside the bytes of a frame (IEEE 802.3). */
const WIRE_OVERHEAD = '24';
/** Frames that may wait; those that only take their time to arrive are no queue. */
const QUEUED = '1000';
const UNDER_WAY = '1000000';

/**
 * The queueing discipline of both ends of a link with a rate, delay, jitter or loss of its own; undefined for one
 * without. What is not given is not exported: a veth pair carries a frame at once.
 */
export function netemArgv(device: string, { rate, delay, jitter, loss }: LinkSpec): readonly string[] | undefined {
  if (rate === undefined && delay === undefined && jitter === undefined && loss === undefined) return undefined;
  const spread = (jitter ?? 0) / 2;
  const words = ['tc', 'qdisc', 'add', 'dev', device, 'root', 'netem'];
  words.push('limit', delay === undefined && jitter === undefined ? QUEUED : UNDER_WAY);
  // netem adds or takes away as much as the jitter, where the file's jitter only adds.
  if (delay !== undefined || jitter !== undefined) words.push('delay', timeText((delay ?? 0) + spread));
  if (jitter !== undefined) words.push(timeText(spread));
  if (loss !== undefined) words.push('loss', `${loss}%`);
  if (rate !== undefined) words.push('rate', rate, WIRE_OVERHEAD);
  return words;
}

function timeText(time: number): string {
  if (time % 1e6 === 0) return `${time / 1e6}ms`;
  return time % 1e3 === 0 ? `${time / 1e3}us` : `${Math.round(time)}ns`;
}
