import { descendants } from '../packet/stations.ts';
import type { Recorder } from '../packet/trace.ts';
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

/**
 * Looks for data that was sent on an open connection and lost each time it was sent; undefined where there is none, or
 * the server's data came.
 */
export function lostData(recorder: Recorder, sightings: Sightings, probe: TcpProbe): LostData | undefined {
  const syn = probe.sent[0]?.packet ?? 0;
  if (!probe.connected || syn === 0 || (probe.firstData.back !== 0 && probe.error === undefined)) return undefined;
  const answer = probe.replies[0]?.packet ?? 0;
  const there = firstLost(recorder, sightings, syn);
  if (there !== 0) return { there, back: 0 };
  const back = answer === 0 ? 0 : firstLost(recorder, sightings, rootOf(recorder, answer));
  return back === 0 ? undefined : { there: 0, back };
}

/** Of the data that went the same way as `opening`, the first that was lost each time; 0 for none. */
function firstLost(recorder: Recorder, sightings: Sightings, opening: number): number {
  const flow = flowOf(recorder, sightings, opening);
  if (flow === undefined) return 0;
  const bySequence = new Map<number, number[]>();
  for (const { number, parent } of recorder.packets()) {
    if (parent !== 0 || number <= opening) continue;
    const other = flowOf(recorder, sightings, number);
    if (other === undefined || other.key !== flow.key || other.data === 0) continue;
    bySequence.set(other.sequence, [...(bySequence.get(other.sequence) ?? []), number]);
  }
  for (const sent of bySequence.values()) if (isLost(recorder, sent)) return sent[0] ?? 0;
  return 0;
}

function isLost(recorder: Recorder, sent: readonly number[]): boolean {
  return (
    sent.every((root) => outcomeOf(recorder, root, 0, false).verdict !== 'DELIVERED') &&
    sent.some((root) => descendants(recorder, root).some((one) => isRealDrop(recorder.stepsOf(one).at(-1))))
  );
}

interface Segment {
  /** Addresses and ports, as the sender's own stack put them. */
  readonly key: string;
  readonly sequence: number;
  readonly data: number;
}

/** The headers of a TCP packet when first seen; of one that was cut into segments, those of the first. */
function flowOf(recorder: Recorder, sightings: Sightings, packet: number): Segment | undefined {
  const birth = recorder.stepsOf(packet)[0];
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
