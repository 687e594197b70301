import type { Mac } from '../wire/mac.ts';
import { readDevice, readMac } from './values.ts';
import type { WordReader } from './word-reader.ts';

export interface FdbChange {
  readonly object: 'fdb';
  readonly verb: 'add' | 'del';
  readonly mac: Mac;
  /** The port the MAC is behind. */
  readonly device: string;
  /** `permanent`, which iproute2 takes where nothing is said, makes it an address of the bridge itself. */
  readonly kind: 'permanent' | 'static';
}

const KEYWORDS = ['dev', 'master', 'static', 'permanent'] as const;
const NOT_MODELLED = ['self', 'dst', 'vlan', 'vni', 'port', 'via', 'dynamic', 'temp', 'use', 'router', 'extern_learn'];

/** What follows `bridge fdb add|del`. Models iproute2's fdb_modify(). */
export function readFdbChange(words: WordReader, verb: 'add' | 'del'): FdbChange {
  const mac = readMac(words);
  let device = '';
  let master = false;
  let kind: FdbChange['kind'] = 'permanent';
  while (!words.done) {
    if (words.takeIf('dev')) device = readDevice(words);
    else if (words.takeIf('master')) master = true;
    else if (words.takeIf('static')) kind = 'static';
    else if (words.takeIf('permanent', 'local')) kind = 'permanent';
    else readOther(words);
  }
  if (device === '') words.incomplete('Device and address are required arguments.');
  // Left out, it means the address list of the port itself.
  if (!master)
    words.incomplete('without "master" the entry is of the port itself, which is not modelled', 'add `master`');
  return { object: 'fdb', verb, mac, device, kind };
}

function readOther(words: WordReader): void {
  const word = words.take();
  if (NOT_MODELLED.includes(word)) words.wrong(`"${word}" is not modelled`);
  else words.unknown(`"${word}" is no word of "bridge fdb"`, KEYWORDS);
}
