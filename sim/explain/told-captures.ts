import type { Capture, CapturedFrame, CaptureLinkType } from '../capture/captured-frame.ts';
import type { Filter } from '../filter/filter.ts';
import type { Recorder } from '../packet/recorder.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { type DropStep, type FrameStory, frameStory, wholeStory } from '../show/frame-story.ts';
import type { StoredCapture } from '../world/capture-store.ts';
import type { StoredFrame } from '../world/frame-log.ts';
import type { World } from '../world/world.ts';

/**
 * The captures of a run, each frame with what was decided there. Every packet that died is told of exactly once: on the
 * last frame in which a device saw it (the one it came in by, where a stack dropped it), else, where it died before any
 * device had it, in a frame of its own, with the bytes that it had then, at a point `NODE:dropped` of that stack. A frame
 * that `filter` does not let pass is left out.
 */
export function toldCaptures(world: World, filter?: Filter): Capture[] {
  const told = new Set<number>();
  const captures = (world.captures?.captures() ?? []).map((stored) => captureOf(stored, world.recorder, told));
  const all = world.recorder === undefined ? captures : [...captures, ...droppedBeforeDevices(world.recorder, told)];
  return all.map((capture) => passed(capture, filter)).filter(({ frames }) => frames.length > 0);
}

function captureOf(stored: StoredCapture, recorder: Recorder | undefined, told: Set<number>): Capture {
  const { device, name, frames } = stored;
  const linkType = device.headerLength === 0 ? 'raw' : 'ether';
  const seen = new Map<string, number>();
  const mac = linkType === 'raw' ? undefined : device.mac;
  const point = { name, description: `${device.kind} interface`, mac, linkType } as const;
  if (recorder === undefined) return { point, frames };
  return {
    point,
    frames: Array.from(frames, (frame): CapturedFrame => {
      const steps = recorder.stepsOf(frame.packet);
      const index = stepOf(steps, frame, stored, seen);
      const story: FrameStory = index < 0 ? { text: '', drop: undefined } : frameStory(steps, index);
      if (story.drop !== undefined) told.add(frame.packet);
      // Frames and deaths of one moment are ordered by the steps of the run.
      return { ...frame, serial: steps[index]?.order ?? 0, comment: story.text };
    }),
  };
}

function passed({ point, frames }: Capture, filter: Filter | undefined): Capture {
  if (filter === undefined) return { point, frames };
  const kept: CapturedFrame[] = [];
  for (const frame of frames) if (filter.test(frame.bytes, point.linkType)) kept.push(frame);
  return { point, frames: kept };
}

/** The step that a frame was taken at; a packet that passes twice is told apart by its order. -1 for none. */
function stepOf(
  steps: readonly RecordedStep[],
  frame: StoredFrame,
  { device }: StoredCapture,
  seen: Map<string, number>,
): number {
  const kind = frame.direction === 'in' ? 'receive' : 'transmit';
  const key = `${frame.packet} ${kind}`;
  const from = seen.get(key) ?? 0;
  const index = steps.findIndex(
    (step, at) => at >= from && step.kind === kind && step.device === device.name && step.place === device.place,
  );
  if (index >= 0) seen.set(key, index + 1);
  return index;
}

/** A point for each stack, and each kind of header, that packets died in before a device had them. */
function droppedBeforeDevices(recorder: Recorder, told: ReadonlySet<number>): Capture[] {
  const points = new Map<string, { readonly linkType: CaptureLinkType; readonly frames: CapturedFrame[] }>();
  for (const { number } of recorder.packets()) {
    const steps = recorder.stepsOf(number);
    const end = steps.at(-1);
    const dropped = recorder.frameOfDrop(number);
    if (told.has(number) || end?.kind !== 'drop' || dropped === undefined) continue;
    const { bytes, linkLength } = dropped;
    const linkType = linkLength === 0 ? 'raw' : 'ether';
    const name = `${end.place.title}:${linkType === 'raw' ? 'dropped' : 'dropped-frames'}`;
    const frames = points.get(name)?.frames ?? [];
    frames.push(deathOf(end, bytes, wholeStory(steps).text));
    points.set(name, { linkType, frames });
  }
  return [...points].map(([name, { linkType, frames }]) => ({
    point: { name, description: 'packets that died before any device had them', mac: undefined, linkType },
    frames,
  }));
}

function deathOf({ order, time, packet }: DropStep, bytes: Uint8Array, comment: string): CapturedFrame {
  return { serial: order, time, direction: 'out', packet, bytes, comment };
}
