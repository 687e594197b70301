import { join } from 'node:path';
import { buildSource } from '../../world/topology-source.ts';
import { writeProfile } from '../results.ts';
import { loadLab } from '../sources.ts';
import { print, refuse } from './terminal.ts';

export interface ProfileOptions {
  readonly wireshark: string;
  readonly json?: boolean;
}

/** `cutaway profile`: how Wireshark shows the captures of a lab. */
export function writeLabProfile(file: string | undefined, options: ProfileOptions): undefined {
  const loaded = file === undefined ? undefined : loadLab(file);
  if (loaded !== undefined && 'problems' in loaded) return refuse(loaded.problems, options.json === true);
  const world = loaded && buildSource(loaded.source, { seed: 1, trace: false, capture: false }).world;
  const files = writeProfile(options.wireshark, world).map((name) => join(options.wireshark, name));
  if (options.json === true) print(JSON.stringify({ schema: 'cutaway/profile/1', files }));
  else print(files.join('\n'));
}
