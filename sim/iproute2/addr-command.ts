import { SCOPE_GLOBAL, SCOPE_HOST, type Scope } from '../kernel/forwarding/fib-table.ts';
import { formatIpv4, type InterfaceAddress, type Ipv4, isLoopback, lastAddress, prefixOf } from '../wire/address.ts';
import { readAddress, readDevice, readInterfaceAddress, readScope } from './values.ts';
import type { WordReader } from './word-reader.ts';

export interface AddrChange {
  readonly object: 'addr';
  readonly verb: 'add' | 'del';
  readonly address: InterfaceAddress;
  /** Written without a length: `del` takes the first with this address, of whatever length. */
  readonly bare: boolean;
  readonly device: string;
  readonly scope: Scope;
  /** 0 for none. The kernel makes the route of a subnet's own broadcast address in any case, and this is only shown. */
  readonly broadcast: Ipv4;
  readonly label: string;
}

export interface AddrFlush {
  readonly object: 'addr';
  readonly verb: 'flush';
  readonly device: string;
}

const KEYWORDS = ['local', 'dev', 'scope', 'brd', 'broadcast', 'label'] as const;
const NOT_MODELLED = ['peer', 'remote', 'anycast', 'valid_lft', 'preferred_lft', 'noprefixroute', 'metric', 'home'];

/** What follows `ip addr add|del`. Models iproute2's ipaddr_modify(). */
export function readAddrChange(words: WordReader, verb: 'add' | 'del'): AddrChange {
  let address: InterfaceAddress | undefined;
  let bare = false;
  let device = '';
  let scope: Scope | undefined;
  let broadcast: Ipv4 | '+' = 0;
  let label = '';
  while (!words.done) {
    if (words.takeIf('dev')) device = readDevice(words);
    else if (words.takeIf('scope')) scope = readScope(words, 'invalid scope value.');
    else if (words.takeIf('brd') || words.takeShort('broadcast')) broadcast = readBroadcast(words);
    else if (words.takeIf('label')) label = words.take();
    else if (words.takeIf('local') || address === undefined) {
      bare = !words.peek.includes('/');
      address = readInterfaceAddress(words);
    } else unexpected(words);
  }
  if (address === undefined) words.incomplete('an address is required, such as 192.0.2.1/24');
  if (device === '') words.incomplete('Not enough information: "dev" argument is required.');
  const given = address ?? { address: 0, length: 32 };
  const last = lastAddress(prefixOf(given.address, given.length));
  if (broadcast !== '+' && broadcast !== 0 && broadcast !== last) {
    words.incomplete(`a broadcast address other than ${formatIpv4(last)} is not modelled`);
  }
  return {
    ...{ object: 'addr', verb, address: given, bare, device, label: label === '' ? device : label },
    scope: scope ?? (isLoopback(given.address) ? SCOPE_HOST : SCOPE_GLOBAL),
    broadcast: broadcast === '+' ? last : broadcast,
  };
}

/** `+` sets the host bits of the address, `-` leaves it out. */
function readBroadcast(words: WordReader): Ipv4 | '+' {
  if (words.takeIf('+')) return '+';
  return words.takeIf('-') ? 0 : readAddress(words);
}

/** What follows `ip addr flush`. */
export function readAddrFlush(words: WordReader): AddrFlush {
  if (words.done) words.incomplete('Flush requires arguments.', 'say `dev D`');
  words.takeIf('dev');
  const device = readDevice(words);
  if (!words.done) unexpected(words);
  return { object: 'addr', verb: 'flush', device };
}

function unexpected(words: WordReader): void {
  const word = words.take();
  if (NOT_MODELLED.includes(word)) words.wrong(`"${word}" is not modelled`);
  else words.unknown(`either "local" is duplicate, or "${word}" is a garbage.`, KEYWORDS);
}
