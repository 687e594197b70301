import { type Prefix, parseIpv4, prefixOf } from '../../wire/address.ts';
import type { Comware, ComwareSettings } from '../comware.ts';
import { addStatic, openInterface, removeInterface, setTpaSource, undoStatic } from '../configuration.ts';
import { parseInterfaceName } from '../forwarding/interface-name.ts';
import { ACL_COMMANDS } from './acl-view.ts';
import type { Command, Cursor } from './command-table.ts';
import { HARMLESS_SYSTEM_COMMANDS, OTHER_VIEWS } from './harmless.ts';
import { NAT_SYSTEM_COMMANDS } from './nat-system.ts';
import { sendToCpu } from './send-to-cpu.ts';
import { parseAddressAndMask, type Words } from './words.ts';

/** Commands of the system view. */
export const SYSTEM_VIEW: readonly Command<Cursor>[] = [
  { words: 'interface', run: enterInterface },
  { words: 'sysname', run: sysname },
  { words: 'ip route-static', run: (cw, _cursor, words, undo) => staticRoute(cw, words, undo) },
  { words: 'ip ttl-expires enable', run: toggle('ttlExpires') },
  { words: 'ip unreachables enable', run: toggle('unreachables') },
  { words: 'ip redirects enable', run: toggle('redirects') },
  { words: 'ftp server enable', run: toggle('ftpServer') },
  { words: 'tpa ip source', run: (cw, _cursor, words, undo) => tpaSource(cw, words, undo) },
  { words: 'tpa ip send-to-cpu', run: (cw, _cursor, words, undo) => sendToCpu(cw, undefined, words, undo) },
  ...ACL_COMMANDS,
  ...NAT_SYSTEM_COMMANDS,
  ...HARMLESS_SYSTEM_COMMANDS,
  ...OTHER_VIEWS,
];

type Switch = {
  [Key in keyof ComwareSettings]: ComwareSettings[Key] extends boolean ? Key : never;
}[keyof ComwareSettings];

function toggle(setting: Switch): Command<Cursor>['run'] {
  return (cw, _cursor, words, undo) => {
    const fault = words.end();
    if (fault !== undefined) return fault;
    cw.settings[setting] = !undo;
    cw.parts.settingsChanged();
    return undefined;
  };
}

function enterInterface(cw: Comware, cursor: Cursor, words: Words, undo: boolean): string | undefined {
  const text = words.takeRest();
  if (/^null\s?0$/i.test(text) && !undo) {
    cursor.view = { kind: 'other', lines: [] };
    return undefined;
  }
  const name = parseInterfaceName(text);
  if (name === undefined) return `Wrong interface name: ${text}`;
  if (undo) return removeInterface(cw, name);
  const one = openInterface(cw, name);
  if (typeof one === 'string') return one;
  cursor.view = { kind: 'interface', one };
  return undefined;
}

function sysname(cw: Comware, _cursor: Cursor, words: Words, undo: boolean): string | undefined {
  if (undo) {
    const fault = words.end();
    if (fault === undefined) cw.sysname = 'H3C';
    return fault;
  }
  const name = words.takeRest();
  if (!/^\S{1,64}$/.test(name)) return 'Wrong name: 1 to 64 characters without blanks.';
  cw.sysname = name;
  return undefined;
}

/** `tpa ip source interface NAME`. */
function tpaSource(cw: Comware, words: Words, undo: boolean): string | undefined {
  if (undo && (words.isEmpty || words.rest.toLowerCase() === 'interface')) return setTpaSource(cw, undefined);
  words.expect('interface');
  const text = words.takeRest();
  const name = parseInterfaceName(text);
  if (name === undefined) words.fail(`Wrong interface name: ${text}`);
  return words.end() ?? setTpaSource(cw, undo ? undefined : name?.long);
}

/** `ip route-static DESTINATION { MASK | LENGTH } { NEXT-HOP | NULL0 } [ preference N ] [ description TEXT ]`. */
function staticRoute(cw: Comware, line: Words, undo: boolean): string | undefined {
  const words = line.takeRest().split(' ');
  const prefix = parsePrefix(words);
  if (prefix === undefined) return 'Wrong destination: write `ip route-static DESTINATION LENGTH NEXT-HOP`.';
  const isApart = words[2]?.toLowerCase() === 'null' && words[3] === '0';
  const via = isApart ? 'NULL0' : (words[2] ?? '');
  const options = words.slice(isApart ? 4 : 3);
  const toNull = /^null0$/i.test(via);
  const nextHop = toNull ? 0 : parseIpv4(via);
  if (nextHop === undefined && !(undo && via === '')) return `Wrong next hop: ${via}`;
  if (undo && options.length > 0) return `Wrong option: ${options.join(' ')}`;
  if (undo || nextHop === undefined) return undoStatic(cw, prefix, nextHop ?? 0, toNull ? 'NULL0' : undefined);
  const preference = readPreference(options);
  if (preference === undefined) return `Wrong option: ${options.join(' ')}`;
  return addStatic(cw, { prefix, nextHop, interface: toNull ? 'NULL0' : undefined, preference });
}

/** 60 unless given; undefined where the options are wrong. A description runs to the end of the line. */
function readPreference(options: readonly string[]): number | undefined {
  const [option = '', value = '', ...rest] = options;
  if (option === '') return 60;
  if (option.toLowerCase() === 'description') return value === '' ? undefined : 60;
  const preference = option.toLowerCase() === 'preference' ? Number(value) : Number.NaN;
  if (!Number.isInteger(preference) || preference < 1 || preference > 255) return undefined;
  return rest.length === 0 || (rest[0]?.toLowerCase() === 'description' && rest.length > 1) ? preference : undefined;
}

function parsePrefix(words: readonly string[]): Prefix | undefined {
  const parsed = parseAddressAndMask(words.slice(0, 2));
  return parsed === undefined ? undefined : prefixOf(parsed.address, parsed.length);
}
