import { describe, expect, it } from 'vitest';
import { compareWorlds } from './compare/compare.ts';
import { ACK, type Segment, SYN, segmentOf } from './compare/tcp-stream.ts';
import { worldFrames } from './compare/world-frames.ts';
import { LAB, record, rewritten } from './compare-lab.ts';
import { withChecksums } from './compare-lab-frames.ts';
import type { FrameRecord, WorldRecord } from './record.ts';

/*
 * Where both ends send more than a first flight at once, as an echo of much does, scheduling decides how much of what
 * came the answering program finds to read, and so what is acknowledged alone: the mask lets that pass, and nothing else.
 */

type End = 'asks' | 'answers';

const long = { ...LAB, steps: [{ tcp: { from: 'a', to: '10.0.2.2:7', size: 60_000, send: 'abcdefg' } }] };
const simulated = record(long, 'simulator').record;
const kernel = record(long, 'kernel', 5).record;

/** Segments of one end by point, in order. */
function segmentsOf(whole: WorldRecord, end: End): Map<string, Segment[]> {
  return new Map(
    [...worldFrames(whole).points].map(([point, frames]) => {
      const isOwn = (one: Segment) => (one.seen.frame.bytes[35] === 7) === (end === 'answers');
      return [point, frames.map(segmentOf).filter((one) => one !== undefined && isOwn(one)) as Segment[]];
    }),
  );
}

const carries = ({ data }: Segment): boolean => data.length > 0;

/** What acknowledges as a segment does, and brings nothing. */
function aloneOf(segment: Segment): FrameRecord {
  const { bytes, time, direction } = segment.seen.record;
  const headers = bytes.slice(0, bytes.length - segment.data.length);
  headers[16] = (headers.length - 14) >> 8;
  headers[17] = (headers.length - 14) & 255;
  headers[47] = ACK;
  return { bytes: withChecksums(headers, () => {}), time, direction };
}

/** Each end's IP ids without gaps, as it would have counted what it sent. */
function renumbered(whole: WorldRecord): WorldRecord {
  const counts = new Map<string, number>();
  return rewritten(whole, (frame, point) => {
    const port = frame.value('tcp.srcport');
    if (port === undefined || frame.value('ip.id') === 0) return;
    const count = counts.get(`${point} ${port}`) ?? 0;
    counts.set(`${point} ${port}`, count + 1);
    frame.set('ip.id', () => 1000 + count);
  });
}

/** The record with each point's frames as `edit` leaves them. */
function perPoint(whole: WorldRecord, edit: (frames: FrameRecord[], point: string) => FrameRecord[]): WorldRecord {
  const points = whole.points.map((one) => ({ ...one, frames: edit([...one.frames], `${one.node}:${one.device}`) }));
  return renumbered({ ...whole, points });
}

/** As if the answering program had read late: what came first is acknowledged before anything is answered. */
function readLate(whole: WorldRecord): WorldRecord {
  const answers = segmentsOf(whole, 'answers');
  return perPoint(whole, (frames, point) => {
    const first = answers.get(point)?.find(carries);
    return frames.flatMap((frame) => (frame === first?.seen.record ? [aloneOf(first), frame] : [frame]));
  });
}

/** As if it had read early: the first answer comes between the segments of the first flight, and is acknowledged alone. */
function readEarly(whole: WorldRecord): WorldRecord {
  const [asks, answers] = [segmentsOf(whole, 'asks'), segmentsOf(whole, 'answers')];
  return perPoint(whole, (frames, point) => {
    const sixth = asks.get(point)?.filter(carries)[5];
    const first = answers.get(point)?.find(carries);
    if (sixth === undefined || first === undefined) return frames;
    const { time } = sixth.seen.record;
    const early = [
      { ...first.seen.record, time },
      { ...aloneOf(sixth), time },
    ];
    return frames
      .filter((frame) => frame !== first.seen.record)
      .flatMap((frame) => (frame === sixth.seen.record ? [...early, frame] : [frame]));
  });
}

/** One field altered in a segment that b saw. */
function altered(end: End, choose: (segments: Segment[]) => Segment | undefined, name: string): WorldRecord {
  const chosen = choose(segmentsOf(simulated, end).get('b:eth0') ?? [])?.seen.record;
  const point = simulated.points.find(({ node }) => node === 'b');
  const at = chosen === undefined ? -1 : (point?.frames.indexOf(chosen) ?? -1);
  expect(at).toBeGreaterThanOrEqual(0);
  return rewritten(simulated, (frame, where, index) => {
    if (where === 'b:eth0' && index === at) frame.set(name, (value) => value ^ 1);
  });
}

function found(one: WorldRecord, other: WorldRecord): string[] {
  return compareWorlds(one, other).differences.map(({ kind, where, field }) => `${kind} ${where} ${field}`.trim());
}

const nth = (place: number) => (segments: Segment[]) => segments.filter(carries)[place];
const opening = (segments: Segment[]) => segments.find(({ flags }) => (flags & SYN) !== 0);

describe('a transfer in which both ends send beyond the first flight', () => {
  it.each([
    ['other random numbers', kernel],
    ['an answering program that reads late', readLate(kernel)],
    ['an answering program that reads early', readEarly(kernel)],
  ])('agrees with one of %s', (_, other) => {
    const { differences, masks } = compareWorlds(simulated, other);
    expect(differences.map(({ where, sentence, field }) => `${where} ${field}: ${sentence}`)).toEqual([]);
    expect(masks.map(({ name }) => name)).toContain('tcp-grouping');
  });

  it.each([
    ['the window of the SYN', altered('asks', opening, 'tcp.window'), 'frame b:eth0 in tcp.window'],
    ['the window of its answer', altered('answers', opening, 'tcp.window'), 'frame b:eth0 out tcp.window'],
    ['the TTL of the last of the first flight', altered('asks', nth(9), 'ip.ttl'), 'frame b:eth0 in ip.ttl'],
    ['the urgent pointer within the flight', altered('asks', nth(4), 'tcp.urgent'), 'frame b:eth0 in tcp.urgent'],
    ['the TTL of the first answer', altered('answers', nth(0), 'ip.ttl'), 'frame b:eth0 out'],
    ['a byte of the first answer', altered('answers', nth(0), 'tcp.data'), 'frame b:eth0 out tcp.data'],
    ['a byte behind both flights', altered('answers', nth(30), 'tcp.data'), 'frame b:eth0 out tcp.data'],
  ])('is found out by %s', (_, broken, where) => {
    expect(found(broken, kernel)[0]).toBe(where);
  });
});
