import type { Mac } from '../wire/mac.ts';
import { readDevice, readMac, readNumber } from './values.ts';
import type { WordReader } from './word-reader.ts';

export interface LinkSet {
  readonly object: 'link';
  readonly verb: 'set';
  readonly device: string;
  /** Undefined leaves it. */
  readonly up: boolean | undefined;
  readonly mtu: number | undefined;
  readonly mac: Mac | undefined;
  readonly txQueueLength: number | undefined;
  /** The bridge it becomes a port of, '' for none (`nomaster`). */
  readonly master: string | undefined;
}

const KEYWORDS = ['dev', 'up', 'down', 'mtu', 'address', 'txqueuelen', 'master', 'nomaster'] as const;
const NOT_MODELLED = [
  ...['name', 'netns', 'arp', 'multicast', 'promisc', 'alias'],
  ...['group', 'type', 'carrier', 'broadcast', 'state'],
];

/** What follows `ip link set`: the device may stand anywhere, with or without `dev`. Models iproute2's iplink_parse(). */
export function readLinkSet(words: WordReader): LinkSet {
  let device = '';
  let up: boolean | undefined;
  let mtu: number | undefined;
  let mac: Mac | undefined;
  let txQueueLength: number | undefined;
  let master: string | undefined;
  while (!words.done) {
    if (words.takeIf('up')) up = true;
    else if (words.takeIf('down')) up = false;
    else if (words.takeIf('mtu')) mtu = readNumber(words, 0, 0xffffffff, 'Invalid "mtu" value');
    else if (words.takeShort('address')) mac = readMac(words);
    else if (words.takeIf('txqueuelen', 'txqlen', 'qlen')) {
      txQueueLength = readNumber(words, 0, 0x7fffffff, 'Invalid "txqueuelen" value');
    } else if (words.takeIf('master')) master = readDevice(words);
    else if (words.takeShort('nomaster')) master = '';
    else if (NOT_MODELLED.includes(words.peek)) words.wrong(`"${words.take()}" is not modelled`);
    else if (words.takeIf('dev') || device === '') device = readDevice(words);
    else words.unknown(`either "dev" is duplicate, or "${words.take()}" is a garbage.`, KEYWORDS);
  }
  if (device === '') words.incomplete('Not enough information: "dev" argument is required.');
  return { object: 'link', verb: 'set', device, up, mtu, mac, txQueueLength, master };
}
