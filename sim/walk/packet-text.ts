import { frameText } from '../explain/frame-text.ts';
import { stepText } from '../show/step-text.ts';
import type { Details } from './tape.ts';

/** A packet in a few words, by its headers as it was sent: `ICMP echo request 10.0.0.2 > 10.1.0.2`. */
export function packetText({ recorder, sightings }: Details, packet: number): string {
  const layers = sightings.first(packet);
  const birth = recorder.stepsOf(packet)[0];
  if (layers === undefined || layers.length === 0) return birth === undefined ? '' : stepText(birth);
  return frameText(layers);
}
