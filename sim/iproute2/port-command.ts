import type { PortFlags } from '../link/bridge-port.ts';
import { readDevice } from './values.ts';
import type { WordReader } from './word-reader.ts';

/** `bridge link set`: settings of a port. */
export interface PortSet {
  readonly object: 'port';
  readonly device: string;
  readonly flags: Partial<PortFlags>;
}

const FLAGS = ['hairpin', 'learning', 'flood', 'mcast_flood', 'bcast_flood', 'isolated'] as const;
const NOT_MODELLED = [
  ...['cost', 'priority', 'state', 'guard', 'fastleave', 'root_block', 'learning_sync', 'mcast_router'],
  ...['mcast_to_unicast', 'mcast_max_groups', 'neigh_suppress', 'vlan_tunnel', 'locked', 'hwmode', 'backup_port'],
  ...['nobackup_port', 'self', 'vlan'],
];

/** What follows `bridge link set`. Models iproute2's brlink_modify(). */
export function readPortSet(words: WordReader): PortSet {
  let device = '';
  const flags: Partial<PortFlags> = {};
  while (!words.done) {
    const word = words.take();
    const flag = FLAGS.find((name) => name === word);
    if (word === 'dev') device = readDevice(words);
    else if (flag !== undefined) flags[flag] = readSwitch(words, flag);
    else if (NOT_MODELLED.includes(word)) words.wrong(`"${word}" is not modelled`);
    else if (word !== 'master') words.unknown(`"${word}" is no word of "bridge link set"`, ['dev', 'master', ...FLAGS]);
  }
  if (device === '') words.incomplete('Device is a required argument.');
  return { object: 'port', device, flags };
}

function readSwitch(words: WordReader, name: string): boolean {
  return words.value(
    (text) => (text === 'on' ? true : text === 'off' ? false : undefined),
    false,
    (text) => `Error: argument of "${name}" must be one of "off", "on", not "${text}"`,
  );
}
