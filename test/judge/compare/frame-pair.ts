import type { Field } from './fields.ts';
import type { FrameFacts } from './frame-facts.ts';
import { baseName, masksOf } from './masks.ts';
import type { Relations } from './relations.ts';
import type { Seen } from './world-frames.ts';

export interface FrameFault {
  /** The first field that differs. */
  readonly field: string;
  readonly sentence: string;
}

/** A frame without what masks cover: two frames that may be one another's counterpart have it in common. */
export function outlineOf(seen: Seen): string {
  return seen.frame.fields
    .map((field) => (masksOf(field.name, seen).length > 0 ? field.name : `${field.name}=${bytesKey(seen, field)}`))
    .join(' ');
}

function bytesKey({ frame }: Seen, { start, end }: Field): string {
  return Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset + start, end - start).toString('latin1');
}

/** Holds a frame against its counterpart, field by field; `used` is told of each mask that let a difference pass. */
export function comparePair(
  simulated: Seen,
  kernel: Seen,
  facts: readonly [FrameFacts, FrameFacts],
  relations: Relations,
  used: (mask: string) => void,
): FrameFault | undefined {
  const [mine, its] = [simulated.frame.fields, kernel.frame.fields];
  let masked: RankedFault | undefined;
  for (let at = 0; at < Math.max(mine.length, its.length); at++) {
    const [one, other] = [mine[at], its[at]];
    if (one === undefined || other === undefined || one.name !== other.name) {
      const name = one?.name ?? other?.name ?? '';
      return { field: name, sentence: `${one?.name ?? 'nothing'} where the kernel has ${other?.name ?? 'nothing'}` };
    }
    const bytes = [bytesOf(simulated, one), bytesOf(kernel, other)] as const;
    const isEqual = Buffer.compare(bytes[0], bytes[1]) === 0;
    const masks = masksOf(one.name, simulated);
    if (masks.length === 0) {
      if (isEqual) continue;
      return { field: one.name, sentence: `${one.name} is ${one.text}, in the kernel ${other.text}` };
    }
    const pair = { base: baseName(one.name), name: one.name, simulated, kernel, bytes, facts, relations };
    const faults: string[] = [];
    const holds = masks.find((mask) => {
      const fault = mask.fault(pair);
      if (fault !== undefined) faults.push(`${mask.name}: ${fault}`);
      return fault === undefined;
    });
    if (holds === undefined) {
      const values = isEqual ? `${one.text} in both` : `${one.text}, in the kernel ${other.text}`;
      const rank = rankOf(pair.base);
      const fault = { rank, field: one.name, sentence: `${one.name} is ${values}; ${faults.join('; ')}` };
      if (masked === undefined || rank < masked.rank) masked = fault;
    } else if (!isEqual) used(holds.name);
  }
  return masked;
}

interface RankedFault extends FrameFault {
  readonly rank: number;
}

/** What may only follow from another field is told last: a checksum, and whether a packet is a copy of one seen. */
function rankOf(base: string): number {
  return base.endsWith('.checksum') ? 2 : base === 'ip.id' ? 1 : 0;
}

function bytesOf({ frame }: Seen, { start, end }: Field): Uint8Array {
  return frame.bytes.subarray(start, end);
}
