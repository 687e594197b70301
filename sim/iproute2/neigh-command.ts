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
  readonly state: NeighState;
}

/** The states that an entry may be given by hand. */
type NeighState = 'PERMANENT' | 'REACHABLE' | 'STALE' | 'FAILED';

/** An address that is answered for in the name of another (`ip neigh ... proxy`). */
export interface ProxyChange {
  readonly object: 'neigh';
  readonly verb: 'add' | 'replace' | 'del';
  readonly proxy: Ipv4;
  /** '' for every link. */
  readonly device: string;
}

export interface NeighFlush {
  readonly object: 'neigh';
  readonly verb: 'flush';
  /** Undefined for all devices. */
  readonly device: string | undefined;
}

const KEYWORDS = ['to', 'dev', 'lladdr', 'nud', 'proxy'] as const;
const STATES: ReadonlyMap<string, NeighState> = new Map([
  ['permanent', 'PERMANENT'],
  ['reachable', 'REACHABLE'],
  ['stale', 'STALE'],
  ['failed', 'FAILED'],
]);
const OTHER_STATES = ['none', 'incomplete', 'delay', 'probe', 'noarp'];

/** What follows `ip neigh add|replace|del`. Models iproute2's ipneigh_modify(); the state is permanent unless said. */
export function readNeighChange(words: WordReader, verb: 'add' | 'replace' | 'del'): NeighChange | ProxyChange {
  let address: Ipv4 | undefined;
  let device = '';
  let mac: Mac | undefined;
  let state: NeighState = 'PERMANENT';
  let isProxy = false;
  while (!words.done) {
    if (words.takeShort('lladdr')) mac = readMac(words);
    else if (words.takeIf('dev')) device = readDevice(words);
    else if (words.takeIf('nud')) state = readState(words);
    else if (words.takeShort('proxy')) {
      isProxy = true;
      address = readAddress(words);
    } else if (words.takeIf('to') || address === undefined) address = readAddress(words);
    else words.unknown(`either "to" is duplicate, or "${words.take()}" is a garbage.`, KEYWORDS);
  }
  if (isProxy && address !== undefined) return { object: 'neigh', verb, proxy: address, device };
  if (address === undefined || device === '') words.incomplete('Device and destination are required arguments.');
  if (verb !== 'del' && mac === undefined && state !== 'FAILED')
    words.incomplete('No link layer address given.', 'say `lladdr MAC`');
  return { object: 'neigh', verb, address: address ?? 0, device, mac, state };
}

function readState(words: WordReader): NeighState {
  const word = words.take();
  const state = STATES.get(word);
  if (OTHER_STATES.includes(word)) {
    words.wrong(`"nud ${word}" is not modelled`, `an entry is made by hand as ${[...STATES.keys()].join(', ')}`);
  } else if (state === undefined) words.unknown(`argument "${word}" is wrong: nud state is bad`, [...STATES.keys()]);
  return state ?? 'PERMANENT';
}

/** What follows `ip neigh flush`. */
export function readNeighFlush(words: WordReader): NeighFlush {
  if (words.done) words.incomplete('Flush requires arguments.', 'say `dev D` or `all`');
  const all = words.takeIf('all');
  words.takeIf('dev');
  const device = all ? undefined : readDevice(words);
  if (!words.done) words.unknown(`"${words.take()}" is not modelled here`, ['dev']);
  return { object: 'neigh', verb: 'flush', device };
}
