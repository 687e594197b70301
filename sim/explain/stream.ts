import type { Recorder } from '../packet/recorder.ts';
import { descendants } from '../packet/stations.ts';
import type { TcpProbe } from '../program/tcp-connection.ts';
import { isRealDrop } from '../scenario/probe-report.ts';
import { layerNamed } from './layers.ts';
import type { Sightings } from './sightings.ts';
import { outcomeOf } from './verdict.ts';

/** Data of a connection that never arrived: the first packet that carried it, on the way there or back. */
export interface LostData {
  readonly there: number;
  readonly back: number;
}

/** Looks for data that was sent on an open connection and never arrived; undefined where there is none. */
export function lostData(recorder: Recorder, sightings: Sightings, probe: TcpProbe): LostData | undefined {
  const syn = probe.sent[0]?.packet ?? 0;
  if (!probe.connected || syn === 0 || (probe.firstData.back !== 0 && probe.error === undefined)) return undefined;
  const answer = probe.replies[0]?.packet ?? 0;
  const there = firstLost(recorder, sightings, syn);
  if (there !== 0) return { there, back: 0 };
  const back = answer === 0 ? 0 : firstLost(recorder, sightings, rootOf(recorder, answer));
  return back === 0 ? undefined : { there: 0, back };
}

/** Of the data that went the same way as `opening`, the first segment with bytes that never arrived; 0 for none. */
function firstLost(recorder: Recorder, sightings: Sightings, opening: number): number {
  const flow = flowOf(recorder, sightings, opening, opening);
  if (flow === undefined) return 0;
  const sent: SentData[] = [];
  for (const { number: root, parent } of recorder.packets()) {
    if (parent !== 0 || root <= opening) continue;
    for (const packet of segmentsOf(recorder, root)) {
      const other = flowOf(recorder, sightings, root, packet);
      if (other === undefined || other.key !== flow.key || other.data === 0) continue;
      const from = (other.sequence - flow.sequence) >>> 0;
      sent.push({ packet, from, to: from + other.data });
    }
  }
  const arrived = sent.filter(({ packet }) => outcomeOf(recorder, packet, 0, false).verdict === 'DELIVERED');
  return sent.find((one) => isDropped(recorder, one.packet) && !isCovered(one, arrived))?.packet ?? 0;
}

/** A segment with data: its bytes from `from` up to, without, `to`, counted from the SYN's sequence number. */
interface SentData {
  readonly packet: number;
  readonly from: number;
  readonly to: number;
}

/** Whether every byte of a segment came with one of `arrived`: what is sent again may be cut differently. */
function isCovered({ from, to }: SentData, arrived: readonly SentData[]): boolean {
  let next = from;
  for (const one of [...arrived].sort((a, b) => a.from - b.from)) {
    if (one.from <= next && one.to > next) next = one.to;
  }
  return next >= to;
}

/** What a packet was cut into as it left; itself where it was not: of a burst each segment is lost by itself. */
function segmentsOf(recorder: Recorder, root: number): number[] {
  const segments = descendants(recorder, root).filter((one) => recorder.stepsOf(one)[0]?.kind === 'segment');
  return segments.length === 0 ? [root] : segments;
}

function isDropped(recorder: Recorder, packet: number): boolean {
  return descendants(recorder, packet).some((one) => isRealDrop(recorder.stepsOf(one).at(-1)));
}

interface Segment {
  /** Addresses and ports, as the sender's own stack put them. */
  readonly key: string;
  readonly sequence: number;
  readonly data: number;
}

/** The headers of a packet, or of a segment of it, when first seen. */
function flowOf(recorder: Recorder, sightings: Sightings, root: number, packet: number): Segment | undefined {
  const birth = recorder.stepsOf(root)[0];
  if (birth?.kind !== 'originate') return undefined;
  const first = descendants(recorder, packet).find((one) => sightings.first(one) !== undefined);
  const layers = first === undefined ? [] : (sightings.first(first) ?? []);
  const ip = layerNamed(layers, 'IPv4')?.fields;
  const tcp = layerNamed(layers, 'TCP')?.fields;
  if (ip === undefined || tcp === undefined) return undefined;
  const key = `${birth.place.title} ${ip.source}:${tcp.source_port} ${ip.destination}:${tcp.destination_port}`;
  return { key, sequence: Number(tcp.sequence), data: Number(tcp.data) };
}

function rootOf(recorder: Recorder, packet: number): number {
  const parent = recorder.lineageOf(packet)?.parent ?? 0;
  return parent === 0 ? packet : rootOf(recorder, parent);
}
