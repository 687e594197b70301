import { nearest } from '../../core/nearest.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import { bridgeFdbRows, type FdbFilter, showBridgeFdb } from '../linux-fdb.ts';
import { jsonLine } from '../linux-json.ts';
import { showBridgeLink } from '../linux-link.ts';
import { abbreviated, type Misunderstanding, misunderstood, type Question } from './question.ts';

/** Reads what follows `bridge`: `[-j] fdb [show [br BRIDGE] [dev PORT]]`, `[-j] link [show]`. */
export function askBridge(words: readonly string[]): Question | Misunderstanding {
  const isJson = words[0] === '-j' || words[0] === '-json';
  const [word = '', verb = 'show', ...rest] = isJson ? words.slice(1) : words;
  const object = abbreviated(word, ['link', 'fdb']);
  if (object === undefined) {
    const close = nearest(word, ['fdb', 'link']);
    const hint = close === undefined ? 'there are bridge fdb and bridge link' : `did you mean "bridge ${close}"?`;
    return misunderstood(word === '' ? 'bridge: what of it?' : `bridge: there is no object "${word}"`, hint);
  }
  if (abbreviated(verb, ['show', 'list', 'lst']) === undefined) {
    return misunderstood(`bridge ${object} ${verb} is not a table`, `write bridge ${object} show`);
  }
  const filter = object === 'link' && rest.length > 0 ? undefined : readFilter(rest);
  if (filter === undefined) {
    return misunderstood(
      `bridge ${object} show: "${rest.join(' ')}" is not understood`,
      object === 'fdb' ? 'it takes br BRIDGE and dev PORT' : 'it takes no more words',
    );
  }
  const selected = Object.entries(filter).map(([name, value]) => ` ${name} ${value}`);
  const command = `bridge${isJson ? ' -j' : ''} ${object}${selected.length === 0 ? '' : ` show${selected.join('')}`}`;
  const rows = ({ namespace }: StackSnapshot): readonly object[] =>
    object === 'fdb' ? bridgeFdbRows(namespace, filter) : namespace.bridgePort;
  const text = (snapshot: StackSnapshot): string => {
    if (isJson) return jsonLine(rows(snapshot));
    const { namespace } = snapshot;
    return object === 'fdb' ? showBridgeFdb(namespace, filter) : showBridgeLink(namespace);
  };
  const refusal = ({ namespace }: StackSnapshot): string | undefined => {
    const missing = Object.values(filter).find((name) => !namespace.addr.some((row) => row.ifname === name));
    return missing === undefined ? undefined : `Cannot find device "${missing}"`;
  };
  return { command, of: 'linux', key: object === 'fdb' ? 'fdb' : 'bridge-link', refusal, text, rows };
}

function readFilter(words: readonly string[]): FdbFilter | undefined {
  const filter: { br?: string; dev?: string } = {};
  for (let at = 0; at < words.length; at += 2) {
    const [name, value] = [words[at], words[at + 1]];
    if (value === undefined || (name !== 'br' && name !== 'dev' && name !== 'brport')) return undefined;
    filter[name === 'br' ? 'br' : 'dev'] = value;
  }
  return filter;
}
