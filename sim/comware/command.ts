import { type InterfaceAddress, mask, type Prefix, parseIpv4, prefixOf } from '../wire/address.ts';
import type { Comware } from './comware.ts';
import {
  addStatic,
  openInterface,
  removeInterface,
  setAddress,
  setShutdown,
  setTpaSource,
  undoAddress,
  undoStatic,
} from './configuration.ts';
import type { ComwareInterface } from './forwarding/interface.ts';
import { parseInterfaceName } from './forwarding/interface-name.ts';

/** A line of configuration the device does not take; `line` counts from 0 in the text. */
export interface CommandFault {
  readonly line: number;
  readonly text: string;
  readonly message: string;
}

/**
 * Configures Comware with lines as `display current-configuration` prints them. Every line is tried, and each that is
 * unknown or refused is reported; none is ignored. `#` lines, `return` and `quit` lead back to the system view.
 */
export function configure(cw: Comware, text: string): CommandFault[] {
  const faults: CommandFault[] = [];
  const view: View = { current: undefined };
  for (const [line, raw] of text.split(/\r?\n/).entries()) {
    const words = raw
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    const message = words.length === 0 ? undefined : runLine(cw, view, words);
    if (message !== undefined) faults.push({ line, text: raw.trim(), message });
  }
  return faults;
}

/** The interface view the lines are in, undefined in the system view. */
interface View {
  current: ComwareInterface | undefined;
}

function runLine(cw: Comware, view: View, words: readonly string[]): string | undefined {
  const [first = ''] = words;
  const leaves = words.length === 1 && ['return', 'quit', 'system-view'].includes(first);
  if (first.startsWith('#') || leaves) {
    view.current = undefined;
    return undefined;
  }
  const undo = first === 'undo';
  const command = (undo ? words.slice(1) : words).map((word) => word.toLowerCase());
  const original = undo ? words.slice(1) : words;
  if (command[0] === 'interface') return enterInterface(cw, view, original.slice(1).join(' '), undo);
  if (view.current !== undefined) {
    const result = inInterfaceView(cw, view.current, command, original, undo);
    if (result !== UNKNOWN) return result;
  }
  const result = inSystemView(cw, command, original, undo);
  if (result === UNKNOWN) return `Unrecognized command: ${words.join(' ')}`;
  // A command of the system view leaves the interface view, as it does on the device.
  view.current = undefined;
  return result;
}

const UNKNOWN = Symbol('unknown command');

function enterInterface(cw: Comware, view: View, text: string, undo: boolean): string | undefined {
  const name = parseInterfaceName(text);
  if (name === undefined) return `Wrong interface name: ${text}`;
  if (undo) {
    view.current = undefined;
    return removeInterface(cw, name);
  }
  const one = openInterface(cw, name);
  if (typeof one === 'string') return one;
  view.current = one;
  return undefined;
}

function inInterfaceView(
  cw: Comware,
  one: ComwareInterface,
  command: readonly string[],
  original: readonly string[],
  undo: boolean,
): string | undefined | typeof UNKNOWN {
  if (command[0] === 'shutdown' && command.length === 1) {
    setShutdown(cw, one, !undo);
    return undefined;
  }
  if (command[0] === 'description' && (undo || command.length > 1)) return undefined;
  if (command[0] !== 'ip' || command[1] !== 'address') return UNKNOWN;
  if (undo && command.length === 2) return void undoAddress(cw, one);
  const address = parseAddress(original.slice(2));
  if (undo) {
    const isIts = address?.address === one.address?.address && address?.length === one.address?.length;
    return address !== undefined && isIts ? void undoAddress(cw, one) : `${one.name.short} has no such address.`;
  }
  return address === undefined
    ? 'Wrong address: write `ip address A MASK` or `ip address A LENGTH`.'
    : setAddress(cw, one, address);
}

function inSystemView(
  cw: Comware,
  command: readonly string[],
  original: readonly string[],
  undo: boolean,
): string | undefined | typeof UNKNOWN {
  const text = command.join(' ');
  switch (text) {
    case 'ip ttl-expires enable':
      cw.settings.ttlExpires = !undo;
      return undefined;
    case 'ip unreachables enable':
      cw.settings.unreachables = !undo;
      return undefined;
  }
  if (command[0] === 'ip' && command[1] === 'route-static') return staticRoute(cw, original.slice(2), undo);
  if (text === 'tpa ip source' || text.startsWith('tpa ip source ')) return tpaSource(cw, command, original, undo);
  return UNKNOWN;
}

function tpaSource(
  cw: Comware,
  command: readonly string[],
  original: readonly string[],
  undo: boolean,
): string | undefined | typeof UNKNOWN {
  if (undo && (command.length === 3 || command.join(' ') === 'tpa ip source interface'))
    return void setTpaSource(cw, undefined);
  if (command[3] !== 'interface') return UNKNOWN;
  const name = parseInterfaceName(original.slice(4).join(' '));
  if (name === undefined) return `Wrong interface name: ${original.slice(4).join(' ')}`;
  return void setTpaSource(cw, undo ? undefined : name.long);
}

/** `ip route-static DESTINATION { MASK | LENGTH } { NEXT-HOP | NULL0 } [ preference N ]`. */
function staticRoute(cw: Comware, words: readonly string[], undo: boolean): string | undefined {
  const prefix = parsePrefixWords(words);
  if (prefix === undefined) return 'Wrong destination: write `ip route-static DESTINATION LENGTH NEXT-HOP`.';
  const [, , via, ...options] = words;
  const toNull = /^null\s?0$/i.test(via ?? '');
  const nextHop = toNull ? 0 : parseIpv4(via ?? '');
  if (nextHop === undefined && !(undo && via === undefined)) return `Wrong next hop: ${via ?? ''}`;
  if (undo && options.length > 0) return `Wrong option: ${options.join(' ')}`;
  if (undo || nextHop === undefined) return undoStatic(cw, prefix, nextHop ?? 0, toNull ? 'NULL0' : undefined);
  let preference = 60;
  if (options.length > 0) {
    preference = options[0]?.toLowerCase() === 'preference' && options.length === 2 ? Number(options[1]) : Number.NaN;
    if (!Number.isInteger(preference) || preference < 1 || preference > 255)
      return `Wrong option: ${options.join(' ')}`;
  }
  return addStatic(cw, { prefix, nextHop, interface: toNull ? 'NULL0' : undefined, preference });
}

function parsePrefixWords(words: readonly string[]): Prefix | undefined {
  const parsed = parseAddress(words.slice(0, 2));
  return parsed === undefined ? undefined : prefixOf(parsed.address, parsed.length);
}

/** `10.1.1.1 24` or `10.1.1.1 255.255.255.0`. */
function parseAddress(words: readonly string[]): InterfaceAddress | undefined {
  const address = parseIpv4(words[0] ?? '');
  const length = parseLength(words[1] ?? '');
  return address === undefined || length === undefined || words.length > 2 ? undefined : { address, length };
}

function parseLength(text: string): number | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text) <= 32 ? Number(text) : undefined;
  const bits = parseIpv4(text);
  if (bits === undefined) return undefined;
  const length = Math.clz32(~bits >>> 0);
  return mask(length) === bits ? length : undefined;
}
