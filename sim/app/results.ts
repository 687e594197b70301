import { join } from 'node:path';
import type { Capture } from '../capture/captured-frame.ts';
import { writePcap } from '../capture/classic-pcap.ts';
import { captureFileNames } from '../capture/file-name.ts';
import { writePcapng } from '../capture/pcapng.ts';
import { wiresharkProfile } from '../capture/wireshark-profile.ts';
import { labNames } from '../explain/lab-names.ts';
import { toldCaptures } from '../explain/told-captures.ts';
import type { Filter } from '../filter/filter.ts';
import type { ScenarioReport } from '../scenario/report.ts';
import { allTables } from '../show/table-of.ts';
import type { World } from '../world/world.ts';
import { removeOld, writeWhole } from './files.ts';

export interface ResultOptions {
  /** Folder of all results; each scenario has its own in it. */
  readonly out: string;
  /** One file with all capture points instead of one a point. */
  readonly merge: boolean;
  /** Classic pcap instead of pcapng. */
  readonly classic: boolean;
  /** Only frames that it lets pass are written. */
  readonly filter: Filter | undefined;
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
  const files = captureFiles(toldCaptures(world, options.filter), options);
  for (const [name, bytes] of files) writeWhole(join(captureFolder, name), bytes);
  const tables: string[] = [];
  for (const stack of world.stacks()) {
    const name = `${stack.title.replaceAll('/', '_')}.txt`;
    tables.push(`tables/${name}`);
    writeWhole(join(tableFolder, name), allTables(world.snapshot(stack)));
  }
  writeWhole(join(folder, 'report.json'), `${JSON.stringify({ schema: 'cutaway/report/1', ...report }, null, 2)}\n`);
  writeProfile(join(options.out, 'wireshark-profile'), world);
  return { folder, captures: [...files.keys()].map((name) => `captures/${name}`), tables };
}

/** Writes a Wireshark profile with the names of the lab into `folder`; gives the names of the files. */
export function writeProfile(folder: string, world: World | undefined): string[] {
  const all = world === undefined ? [] : labNames(world);
  const names = all.map((one) => ({ ...one, name: `${one.stack.replaceAll('/', '.')}.${one.device}` }));
  const hosts = names.flatMap(({ addresses, name }) => addresses.map((address) => ({ address, name })));
  const ethers = names.flatMap(({ mac, name }) => (mac === undefined ? [] : [{ mac, name }]));
  const files = wiresharkProfile(hosts, ethers);
  for (const [name, text] of files) writeWhole(join(folder, name), text);
  return [...files.keys()];
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
