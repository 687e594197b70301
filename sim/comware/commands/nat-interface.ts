import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import type { GlobalAddress, NatServer } from '../forwarding/nat/rules.ts';
import {
  addOutbound,
  addServer,
  enableHairpin,
  enableStatic,
  removeOutbound,
  removeServer,
} from '../nat-configuration.ts';
import type { Command } from './command-table.ts';
import type { Words } from './words.ts';

/** NAT in the interface view. */
export const NAT_INTERFACE_COMMANDS: readonly Command<ComwareInterface>[] = [
  { words: 'nat outbound', run: outbound },
  { words: 'nat server protocol', run: server },
  { words: 'nat static enable', run: (cw, one, words, undo) => words.end() ?? enableStatic(cw, one, !undo) },
  { words: 'nat hairpin enable', run: (cw, one, words, undo) => words.end() ?? enableHairpin(cw, one, !undo) },
];

/** `nat outbound [ACL] [address-group N] [no-pat [reversible]] [port-preserved]`. */
function outbound(cw: Comware, one: ComwareInterface, words: Words, undo: boolean): string | undefined {
  const acl = words.isNumberAhead ? words.integer('ACL number', 2000, 3999) : undefined;
  const group = words.accept('address-group') ? words.integer('address group number', 0, 65535) : undefined;
  const noPat = words.accept('no-pat');
  const reversible = words.accept('reversible');
  const portPreserved = words.accept('port-preserved');
  const fault = words.end();
  if (fault !== undefined) return fault;
  if (undo) return removeOutbound(cw, one, acl);
  if (noPat && group === undefined) return '`no-pat` needs an address group.';
  if (reversible && !noPat) return '`reversible` goes with `no-pat`.';
  if (portPreserved && noPat) return '`port-preserved` does not go with `no-pat`.';
  return addOutbound(cw, one, {
    type: 'outbound',
    interface: one,
    acl,
    group,
    noPat,
    reversible,
    portPreserved,
  });
}

/** `nat server protocol P global G [port | first last] inside A [last] [port | first last] [acl N] [reversible]`. */
function server(cw: Comware, one: ComwareInterface, words: Words, undo: boolean): string | undefined {
  const protocol = readProtocol(words);
  words.expect('global');
  const global = readGlobal(words);
  const globalPorts = words.ports();
  if (undo && words.isEmpty) return words.end() ?? removeServer(cw, one, { protocol, global, globalPorts });
  words.expect('inside');
  const inside = words.address('inside address');
  const insideLast = words.ahead.includes('.') ? words.address('last inside address') : inside;
  const insidePorts = words.ports();
  const acl = words.accept('acl') ? words.integer('ACL number', 2000, 3999) : undefined;
  const fault = words.end();
  if (fault !== undefined) return fault;
  const rule: NatServer = {
    type: 'server',
    interface: one,
    protocol,
    global,
    globalPorts,
    inside,
    insideLast,
    insidePorts,
    acl,
  };
  return undo ? removeServer(cw, one, rule) : (serverFault(rule) ?? addServer(cw, one, rule));
}

/** What does not fit together. */
function serverFault(rule: NatServer): string | undefined {
  const { protocol, globalPorts, inside, insideLast, insidePorts } = rule;
  const hasPorts = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
  if (!hasPorts && (globalPorts !== undefined || insidePorts !== undefined)) return 'Only TCP and UDP have ports.';
  if (globalPorts === undefined && insidePorts !== undefined) return 'An inside port needs a global port.';
  if (rule.global.kind === 'interface' && !/^LoopBack\d+$/.test(rule.global.name)) {
    return 'The interface of a global address must be a LoopBack interface.';
  }
  const count = globalPorts === undefined ? 1 : globalPorts.last - globalPorts.first + 1;
  const inner = insidePorts === undefined ? 1 : insidePorts.last - insidePorts.first + 1;
  if (inner !== 1 && inner !== count) return 'There must be as many inside ports as global ports, or one.';
  const addresses = insideLast - inside + 1;
  if (addresses !== 1 && (addresses !== count || inner !== 1)) {
    return 'There must be as many inside addresses as global ports, or one.';
  }
  return undefined;
}

function readProtocol(words: Words): number {
  if (words.accept('tcp')) return PROTOCOL_TCP;
  if (words.accept('udp')) return PROTOCOL_UDP;
  return words.accept('icmp') ? PROTOCOL_ICMP : words.integer('protocol', 1, 255);
}

function readGlobal(words: Words): GlobalAddress {
  if (words.accept('current-interface')) return { kind: 'current-interface' };
  if (!words.accept('interface')) return { kind: 'address', address: words.address('global address') };
  return { kind: 'interface', name: words.interfaceName() };
}
