import type { Ipv4 } from '../wire/address.ts';
import type { Mac } from '../wire/mac.ts';
import { readAddress, readDevice, readMac } from './values.ts';
import type { WordReader } from './word-reader.ts';

export interface NeighChange {
  readonly object: 'neigh';
  readonly verb: 'add' | 'replace' | 'del';
  readonly address: Ipv4;
  readonly device: string;
  /** Undefined where none was said, which only `del` allows. */
  readonly mac: Mac | undefined;
}

export interface NeighFlush {
  readonly object: 'neigh';
  readonly verb: 'flush';
  readonly device: string;
}

const KEYWORDS = ['to', 'dev', 'lladdr', 'nud'] as const;
const STATES = ['none', 'incomplete', 'reachable', 'stale', 'delay', 'probe', 'failed', 'noarp'];

/** What follows `ip neigh add|replace|del`. Models iproute2's ipneigh_modify(); the state is permanent. */
export function readNeighChange(words: WordReader, verb: 'add' | 'replace' | 'del'): NeighChange {
  let address: Ipv4 | undefined;
  let device = '';
  let mac: Mac | undefined;
  while (!words.done) {
    if (words.takeIf('lladdr')) mac = readMac(words);
    else if (words.takeIf('dev')) device = readDevice(words);
    else if (words.takeIf('nud')) readState(words);
    else if (words.takeIf('to') || address === undefined) address = readAddress(words);
    else words.unknown(`either "to" is duplicate, or "${words.take()}" is a garbage.`, KEYWORDS);
  }
  if (address === undefined || device === '') words.incomplete('Device and destination are required arguments.');
  if (verb !== 'del' && mac === undefined) words.incomplete('No link layer address given.', 'say `lladdr MAC`');
  return { object: 'neigh', verb, address: address ?? 0, device, mac };
}

function readState(words: WordReader): void {
  const state = words.take();
  if (STATES.includes(state)) words.wrong(`"nud ${state}" is not modelled`, 'only permanent entries are added by hand');
  else if (state !== 'permanent') words.unknown(`argument "${state}" is wrong: nud state is bad`, ['permanent']);
}

/** What follows `ip neigh flush`. */
export function readNeighFlush(words: WordReader): NeighFlush {
  if (words.done) words.incomplete('Flush requires arguments.', 'say `dev D`');
  words.takeIf('dev');
  const device = readDevice(words);
  if (!words.done) words.unknown(`"${words.take()}" is not modelled here`, ['dev']);
  return { object: 'neigh', verb: 'flush', device };
}
