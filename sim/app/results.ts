import { join } from 'node:path';
import type { Capture } from '../capture/captured-frame.ts';
import { writePcap } from '../capture/classic-pcap.ts';
import { captureFileNames, folderName } from '../capture/file-name.ts';
import { writePcapng } from '../capture/pcapng.ts';
import { wiresharkProfile } from '../capture/wireshark-profile.ts';
import { escapeHidden } from '../core/hidden.ts';
import type { SimTime } from '../core/time.ts';
import { labNames } from '../explain/lab-names.ts';
import { toldCaptures } from '../explain/told-captures.ts';
import type { Filter } from '../filter/filter.ts';
import type { ScenarioReport } from '../scenario/report.ts';
import { allTables } from '../show/table-of.ts';
import type { World } from '../world/world.ts';
import { removeOld, writeWhole } from './files.ts';

export interface ResultOptions {
  /** One file with all capture points instead of one a point. */
  readonly merge: boolean;
  /** Classic pcap instead of pcapng. */
  readonly classic: boolean;
  /** Only frames that it lets pass are written. */
  readonly filter: Filter | undefined;
}

/** Beside the folders of scenarios. */
export const PROFILE_FOLDER = 'wireshark-profile';

/** What a run leaves for the disk, by names of files: plain data, so that another thread than the run's can write it. */
export interface Results {
  readonly captures: ReadonlyMap<string, Uint8Array>;
  readonly tables: ReadonlyMap<string, string>;
  /** The Wireshark profile with the names of the lab. */
  readonly profile: ReadonlyMap<string, string>;
}

/** Names of what was written, relative to the folder of the scenario. */
export interface WrittenResults {
  readonly folder: string;
  readonly captures: readonly string[];
  readonly tables: readonly string[];
}

/** Captures, tables and the Wireshark profile of a run, with a pause after each file. */
export function* resultsOf(world: World, options: ResultOptions): Generator<SimTime, Results> {
  const captures = new Map<string, Uint8Array>();
  for (const [name, bytes] of captureFiles(toldCaptures(world, options.filter), options)) {
    captures.set(name, bytes);
    yield world.clock.now;
  }
  const tables = new Map<string, string>();
  const stacks = world.stacks();
  const names = captureFileNames(
    stacks.map((stack) => stack.title),
    'txt',
  );
  for (const [index, stack] of stacks.entries()) {
    tables.set(names[index] ?? `${index}.txt`, escapeHidden(allTables(world.snapshot(stack))));
    yield world.clock.now;
  }
  return { captures, tables, profile: profileFiles(world) };
}

/** Writes the results and the report of a run below `out`, in the folder of its scenario; what an earlier run left there goes. */
export function writeResults(
  { captures, tables, profile }: Results,
  report: ScenarioReport,
  { out, withProfile }: { readonly out: string; readonly withProfile: boolean },
): WrittenResults {
  const folder = join(out, folderName(report.name));
  removeOld(join(folder, 'captures'), ['.pcapng', '.pcap']);
  removeOld(join(folder, 'tables'), ['.txt']);
  for (const [name, bytes] of captures) writeWhole(join(folder, 'captures', name), bytes);
  for (const [name, text] of tables) writeWhole(join(folder, 'tables', name), text);
  const whole = JSON.stringify({ schema: 'cutaway/report/1', ...report }, null, 2);
  writeWhole(join(folder, 'report.json'), `${escapeHidden(whole)}\n`);
  if (withProfile) for (const [name, text] of profile) writeWhole(join(out, PROFILE_FOLDER, name), text);
  return {
    folder,
    captures: [...captures.keys()].map((name) => `captures/${name}`),
    tables: [...tables.keys()].map((name) => `tables/${name}`),
  };
}

/** Writes a Wireshark profile with the names of the lab into `folder`; gives the names of the files. */
export function writeProfile(folder: string, world: World | undefined): string[] {
  const files = profileFiles(world);
  for (const [name, text] of files) writeWhole(join(folder, name), text);
  return [...files.keys()];
}

/** The files of a Wireshark profile with the names of the lab. */
function profileFiles(world: World | undefined): ReadonlyMap<string, string> {
  const all = world === undefined ? [] : labNames(world);
  const names = all.map((one) => ({ ...one, name: `${one.stack.replaceAll('/', '.')}.${one.device}` }));
  const hosts = names.flatMap(({ addresses, name }) => addresses.map((address) => ({ address, name })));
  const ethers = names.flatMap(({ mac, name }) => (mac === undefined ? [] : [{ mac, name }]));
  return wiresharkProfile(hosts, ethers);
}

function* captureFiles(
  captures: readonly Capture[],
  { merge, classic }: ResultOptions,
): Generator<[string, Uint8Array]> {
  if (captures.length === 0) return;
  if (merge) return yield ['all.pcapng', writePcapng(captures)];
  const extension = classic ? 'pcap' : 'pcapng';
  const names = captureFileNames(
    captures.map((capture) => capture.point.name),
    extension,
  );
  for (const [index, capture] of captures.entries()) {
    const bytes = classic ? writePcap(capture.point, capture.frames) : writePcapng([capture]);
    yield [names[index] ?? `${index}.${extension}`, bytes];
  }
}
