import { readCapture } from '../capture/read-capture.ts';
import type { CaptureFault } from '../capture/read-frame.ts';
import type { Filter } from '../filter/filter.ts';
import { FlowTable, type SeenFlow } from './flows.ts';
import { filterView, packetIn } from './packets.ts';

/** What a capture holds for a replay. */
export interface CapturedFlows {
  readonly flows: readonly SeenFlow[];
  /** Frames in the file, and those that the filter let pass. */
  readonly frames: number;
  readonly picked: number;
  /** What cannot be replayed: how many packets of what. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** Reads the flows of a capture file; frames that `filter` does not let pass are as if they were not there. */
export function flowsOf(file: Uint8Array, filter: Filter | undefined): CapturedFlows | CaptureFault {
  const table = new FlowTable();
  let frames = 0;
  let picked = 0;
  const reader = readCapture(file);
  for (let next = reader.next(); ; next = reader.next()) {
    if (next.done === true) {
      return next.value ?? { flows: table.flows, frames, picked, leftOut: table.leftOut };
    }
    frames++;
    const frame = next.value;
    if (filter !== undefined) {
      const { bytes, linkType } = filterView(frame);
      if (!filter.test(bytes, linkType, frame.wireLength - (frame.bytes.length - bytes.length))) continue;
    }
    picked++;
    const packet = packetIn(frame);
    if (typeof packet === 'string') table.leaveOut(packet);
    else table.add(packet);
  }
}
