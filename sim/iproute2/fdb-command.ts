import type { FdbKind, FdbVerb } from '../link/fdb.ts';
import type { Mac } from '../wire/mac.ts';
import { readDevice, readMac } from './values.ts';
import type { WordReader } from './word-reader.ts';

export interface FdbChange {
  readonly object: 'fdb';
  readonly verb: FdbVerb | 'del';
  readonly mac: Mac;
  /** The port the MAC is behind, or the bridge that has it. */
  readonly device: string;
  /** The entry is asked of the bridge that the device is a port of; else of the device itself. */
  readonly master: boolean;
  /** `permanent`, which iproute2 takes where nothing is said, makes it an address of the bridge itself. */
  readonly kind: FdbKind;
}

const KEYWORDS = ['dev', 'master', 'self', 'static', 'permanent', 'local', 'dynamic', 'temp'] as const;
const NOT_MODELLED = [
  'dst',
  'vlan',
  'vni',
  'port',
  'via',
  'use',
  'router',
  'extern_learn',
  'sticky',
  'nhid',
  'src_vni',
];

/** What follows `bridge fdb add|append|replace|del`. Models iproute2's fdb_modify(). */
export function readFdbChange(words: WordReader, verb: FdbChange['verb']): FdbChange {
  const mac = readMac(words);
  let device = '';
  let master = false;
  let self = false;
  let kind: FdbKind = 'permanent';
  while (!words.done) {
    if (words.takeIf('dev')) device = readDevice(words);
    else if (words.takeIf('master')) master = true;
    else if (words.takeIf('self')) self = true;
    else if (words.takeIf('static')) kind = 'static';
    else if (words.takeIf('permanent', 'local')) kind = 'permanent';
    else if (words.takeIf('dynamic', 'temp')) kind = 'learnt';
    else readOther(words);
  }
  if (device === '') words.incomplete('Device and address are required arguments.');
  if (master && self) words.incomplete('"self" beside "master" is not modelled');
  return { object: 'fdb', verb, mac, device, master, kind };
}

function readOther(words: WordReader): void {
  const word = words.take();
  if (NOT_MODELLED.includes(word)) words.wrong(`"${word}" is not modelled`);
  else words.unknown(`"${word}" is no word of "bridge fdb"`, KEYWORDS);
}
