import { join } from 'node:path';
import type { Capture, CapturedFrame } from '../capture/captured-frame.ts';
import { writePcap } from '../capture/classic-pcap.ts';
import { captureFileNames } from '../capture/file-name.ts';
import { writePcapng } from '../capture/pcapng.ts';
import { wiresharkProfile } from '../capture/wireshark-profile.ts';
import type { RecordedStep, Recorder } from '../packet/trace.ts';
import type { ScenarioReport } from '../scenario/report.ts';
import { hopText } from '../show/step-text.ts';
import { allTables } from '../show/table-of.ts';
import type { StoredCapture } from '../world/capture-store.ts';
import type { World } from '../world/world.ts';
import { removeOld, writeWhole } from './files.ts';

export interface ResultOptions {
  /** Folder of all results; each scenario has its own in it. */
  readonly out: string;
  /** One file with all capture points instead of one a point. */
  readonly merge: boolean;
  /** Classic pcap instead of pcapng. */
  readonly classic: boolean;
}

/** Names of what was written, relative to the folder of the scenario. */
export interface WrittenResults {
  readonly folder: string;
  readonly captures: readonly string[];
  readonly tables: readonly string[];
}

/** Writes captures, tables, the Wireshark profile and the report of a run. */
export function writeResults(world: World, report: ScenarioReport, options: ResultOptions): WrittenResults {
  const folder = join(options.out, report.name);
  const captureFolder = join(folder, 'captures');
  const tableFolder = join(folder, 'tables');
  removeOld(captureFolder, ['.pcapng', '.pcap']);
  removeOld(tableFolder, ['.txt']);
  const captures = world.captures?.captures().filter((capture) => capture.frames.length > 0) ?? [];
  const files = captureFiles(
    captures.map((capture) => captureOf(capture, world.recorder)),
    options,
  );
  for (const [name, bytes] of files) writeWhole(join(captureFolder, name), bytes);
  const tables: string[] = [];
  for (const stack of world.stacks()) {
    const name = `${stack.title.replaceAll('/', '_')}.txt`;
    tables.push(`tables/${name}`);
    writeWhole(join(tableFolder, name), allTables(world.snapshot(stack)));
  }
  writeWhole(join(folder, 'report.json'), `${JSON.stringify({ schema: 'cutaway/report/1', ...report }, null, 2)}\n`);
  for (const [name, text] of wiresharkProfile(hostNames(world))) {
    writeWhole(join(options.out, 'wireshark-profile', name), text);
  }
  return { folder, captures: [...files.keys()].map((name) => `captures/${name}`), tables };
}

function captureFiles(captures: readonly Capture[], options: ResultOptions): Map<string, Uint8Array> {
  if (captures.length === 0) return new Map();
  if (options.merge) return new Map([['all.pcapng', writePcapng(captures)]]);
  const extension = options.classic ? 'pcap' : 'pcapng';
  const names = captureFileNames(
    captures.map((capture) => capture.point.name),
    extension,
  );
  return new Map(
    captures.map((capture, index) => {
      const bytes = options.classic ? writePcap(capture.point, capture.frames) : writePcapng([capture]);
      return [names[index] ?? `${index}.${extension}`, bytes];
    }),
  );
}

function captureOf(stored: StoredCapture, recorder: Recorder | undefined): Capture {
  const { device, name, frames } = stored;
  const linkType = device.headerLength === 0 ? 'raw' : 'ether';
  const seen = new Map<string, number>();
  return {
    point: {
      name,
      description: `${device.kind} interface`,
      mac: linkType === 'raw' ? undefined : device.mac,
      linkType,
    },
    frames: frames.map((frame): CapturedFrame => {
      const comment = recorder === undefined ? '' : commentOf(recorder.stepsOf(frame.packet), frame, stored, seen);
      return { ...frame, comment };
    }),
  };
}

/** The decision of the hop that a frame is seen at; a packet that passes twice is told apart by its order. */
function commentOf(
  steps: readonly RecordedStep[],
  frame: StoredCapture['frames'][number],
  stored: StoredCapture,
  seen: Map<string, number>,
): string {
  const kind = frame.direction === 'in' ? 'receive' : 'transmit';
  const key = `${frame.packet} ${kind}`;
  const from = seen.get(key) ?? 0;
  const { device } = stored;
  for (let index = from; index < steps.length; index++) {
    const step = steps[index];
    if (step?.kind !== kind || step.device !== device.name || step.place !== device.place) continue;
    seen.set(key, index + 1);
    return hopText(steps, index);
  }
  return '';
}

function hostNames(world: World): { address: number; name: string }[] {
  return world.stacks().flatMap((stack) =>
    stack.comware !== undefined
      ? []
      : stack.net.addresses
          .filter((entry) => !entry.device.isLoopback)
          .map((entry) => ({
            address: entry.address,
            name: `${stack.title.replaceAll('/', '.')}.${entry.device.name}`,
          })),
  );
}
