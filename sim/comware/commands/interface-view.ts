import type { Comware } from '../comware.ts';
import { setAddress, setShutdown, undoAddress } from '../configuration.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import { description } from './acl-view.ts';
import type { Command } from './command-table.ts';
import { harmless } from './harmless.ts';
import { NAT_INTERFACE_COMMANDS } from './nat-interface.ts';
import { sendToCpu } from './send-to-cpu.ts';
import { parseAddressAndMask, type Words } from './words.ts';

/** Commands of the interface view. */
export const INTERFACE_VIEW: readonly Command<ComwareInterface>[] = [
  { words: 'shutdown', run: shutdown },
  { words: 'description', run: (_cw, one, words, undo) => description(words, undo, one) },
  { words: 'ip address', run: ipAddress },
  { words: 'tpa ip send-to-cpu', run: sendToCpu },
  ...NAT_INTERFACE_COMMANDS,
  // What the device prints of every port, and what a cable and its far end settle here.
  ...harmless('port link-mode route', 'combo enable', 'speed', 'duplex', 'bandwidth', 'lldp enable'),
];

function shutdown(cw: Comware, one: ComwareInterface, words: Words, undo: boolean): string | undefined {
  const fault = words.end();
  if (fault === undefined) setShutdown(cw, one, !undo);
  return fault;
}

/** `ip address A { MASK | LENGTH }`. */
function ipAddress(cw: Comware, one: ComwareInterface, words: Words, undo: boolean): string | undefined {
  if (undo && words.isEmpty) {
    undoAddress(cw, one);
    return undefined;
  }
  const address = parseAddressAndMask(words.takeRest().split(' '));
  if (undo) {
    const isIts = address?.address === one.address?.address && address?.length === one.address?.length;
    if (address === undefined || !isIts) return `${one.name.short} has no such address.`;
    undoAddress(cw, one);
    return undefined;
  }
  return address === undefined
    ? 'Wrong address: write `ip address A MASK` or `ip address A LENGTH`.'
    : setAddress(cw, one, address);
}
