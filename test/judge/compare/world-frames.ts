import type { FrameRecord, WorldRecord } from '../record.ts';
import { type Dissection, dissect } from './dissect.ts';
import { type Belonging, belongingOf, type EpochOf } from './flow.ts';

/** A frame of a record, taken apart and sorted into its flow. */
export interface Seen extends Belonging {
  readonly point: string;
  /** Counts the frames of its point, from 1, as a capture does. */
  readonly number: number;
  readonly record: FrameRecord;
  readonly frame: Dissection;
  /** Of a transfer whose segments are grouped as the machine schedules. */
  isGrouped: boolean;
}

/** Every frame of a world: by point, and all in the order of time. */
export interface WorldFrames {
  readonly points: ReadonlyMap<string, readonly Seen[]>;
  readonly ordered: readonly Seen[];
}

export function worldFrames(record: WorldRecord): WorldFrames {
  const dissections = new Map<FrameRecord, Dissection>();
  for (const { frames } of record.points) for (const frame of frames) dissections.set(frame, dissect(frame.bytes));
  const openings = openingsOf(record, dissections);
  const points = new Map<string, Seen[]>();
  for (const { node, device, frames } of record.points) {
    const point = `${node}:${device}`;
    const epochOf = epochsAt(openings);
    const firsts = new Map<string, Belonging>();
    const seen = frames.map((frame, index): Seen => {
      const dissection = dissections.get(frame) ?? dissect(frame.bytes);
      const { ip } = dissection;
      const group = ip === undefined ? '' : `${frame.direction} ${ip.source} ${ip.destination} ${ip.protocol} ${ip.id}`;
      const belonging = belongingOf(dissection, epochOf, firsts.get(group));
      if (ip?.moreFragments === true && ip.fragmentOffset === 0) firsts.set(group, belonging);
      return { ...belonging, point, number: index + 1, record: frame, frame: dissection, isGrouped: false };
    });
    points.set(point, seen);
  }
  // Stable: frames of one moment stay in the order of the points.
  const ordered = [...points.values()].flat().sort((a, b) => a.record.time - b.record.time);
  return { points, ordered };
}

/** The initial sequence numbers of the connections of each TCP flow, in the order they were opened. */
function openingsOf(record: WorldRecord, dissections: ReadonlyMap<FrameRecord, Dissection>): Map<string, number[]> {
  const openings = new Map<string, number[]>();
  const note: EpochOf = (text, isn) => {
    const known = openings.get(text) ?? [];
    if (isn !== undefined && !known.includes(isn)) openings.set(text, [...known, isn]);
    return 0;
  };
  const frames = record.points.flatMap((point) => point.frames).sort((a, b) => a.time - b.time);
  for (const frame of frames) {
    const dissection = dissections.get(frame);
    if (dissection?.ip?.protocol === 6) belongingOf(dissection, note);
  }
  return openings;
}

/** At one point a segment belongs to the connection whose SYN passed there last. */
function epochsAt(openings: ReadonlyMap<string, readonly number[]>): EpochOf {
  const current = new Map<string, number>();
  return (text, isn) => {
    if (isn !== undefined) current.set(text, Math.max(0, openings.get(text)?.indexOf(isn) ?? 0));
    return current.get(text) ?? 0;
  };
}
