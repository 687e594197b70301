import type { ComwareSocketRow } from '../../comware/snapshot-rows.ts';
import type { ConntrackRow } from '../../kernel/conntrack-snapshot.ts';
import type { FdbRow, NeighRow, RouteRow, RuleRow } from '../../kernel/snapshot.ts';
import type { SocketRow } from '../../kernel/socket-snapshot.ts';
import type { FlowName, NatRuleName, RecordedStep } from '../../packet/trace.ts';
import { ruleLine } from '../../show/linux-rule.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';

/*
 * What an entry of a table is known by, made from a row of a snapshot or from the step that decided on it: a row is the one
 * that decided where both are the same.
 */

/** Of all entries of one stack it names one. */
export type EntryKey = string;

/** What kinds of entries there are; a table holds one of them, or none that steps decide on. */
export type EntryKind =
  | 'route'
  | 'rule'
  | 'neighbour'
  | 'group'
  | 'fdb'
  | 'filter'
  | 'connection'
  | 'nat session'
  | 'session'
  | 'socket'
  | 'comware route'
  | 'fib host'
  | 'nat rule'
  | 'device'
  | 'acl';

/** The kind of an entry, by its key. */
export function kindOf(key: EntryKey): EntryKind {
  return key.slice(2, key.indexOf('"', 2)) as EntryKind;
}

function key(kind: EntryKind, ...parts: readonly (string | number)[]): EntryKey {
  return JSON.stringify([kind, ...parts]);
}

export function routeKey(row: RouteRow): EntryKey {
  const { type = 'unicast', dst, gateway = '', dev = '', table = 'main', metric = 0 } = row;
  return key('route', table, type, prefixText(dst), gateway, dev, metric);
}

/** `default`, and every other prefix with its length, as steps have it. */
function prefixText(dst: string): string {
  return dst === 'default' || dst.includes('/') ? dst : `${dst}/32`;
}

export function ruleKey(row: RuleRow): EntryKey {
  return key('rule', row.priority, ruleLine(row));
}

export function neighbourKey({ dst, dev }: NeighRow): EntryKey {
  return key('neighbour', dst, dev);
}

/** Groups that a device listens to are no entries of a bridge. */
export function fdbKey({ mac, ifname, master }: FdbRow): EntryKey {
  return master === undefined ? key('group', mac, ifname) : key('fdb', mac, ifname);
}

/** `number` 0: the policy. */
export function filterKey(table: string, chain: string, number: number, text: string): EntryKey {
  return key('filter', table, chain, number, text);
}

/** The entry of a rule of iptables-save, `rule` being its words behind the chain. */
export function filterRuleText(chain: string, rule: string): string {
  return `-A ${chain}${rule === '' ? '' : ` ${rule}`}`;
}

export function conntrackKey({ protonum, original }: ConntrackRow): EntryKey {
  const { src, dst, sport, dport, id, type, code } = original;
  const second = dport ?? (type === undefined ? 0 : type * 256 + (code ?? 0));
  return flowKey('connection', {
    protocol: protonum,
    ...{ source: src, sourcePort: sport ?? id ?? 0, destination: dst, destinationPort: second },
  });
}

export function flowKey(kind: 'connection' | 'nat session' | 'session', flow: FlowName): EntryKey {
  const { protocol, source, sourcePort, destination, destinationPort } = flow;
  return key(kind, protocol, source, sourcePort, destination, destinationPort);
}

const PROTOCOLS: Readonly<Record<'udp' | 'icmp' | 'tcp', number>> = {
  udp: PROTOCOL_UDP,
  icmp: PROTOCOL_ICMP,
  tcp: PROTOCOL_TCP,
};

export function protocolNumber(name: 'udp' | 'icmp' | 'tcp'): number {
  return PROTOCOLS[name];
}

export function socketKey(row: SocketRow): EntryKey {
  return socketKeyOf('kernel', PROTOCOLS[row.netid], row, row.process);
}

export function comwareSocketKey(row: ComwareSocketRow): EntryKey {
  return socketKeyOf(row.stack, PROTOCOLS[row.protocol], row, row.application);
}

/** Two UDP sockets may have the same ends, on different devices: there their programs tell them apart. */
function socketKeyOf(
  stack: 'comware' | 'kernel',
  protocol: number,
  ends: Pick<SocketRow, 'local' | 'port' | 'peer' | 'peerPort'>,
  program: string,
): EntryKey {
  const { local, port, peer, peerPort } = ends;
  return key('socket', stack, protocol, local, port, peer, peerPort, protocol === PROTOCOL_TCP ? '' : program);
}

export function comwareRouteKey(destination: string): EntryKey {
  return key('comware route', destination);
}

export function natRuleKey({ list, number }: NatRuleName): EntryKey {
  return key('nat rule', list, number);
}

export function deviceKey(name: string): EntryKey {
  return key('device', name);
}

/** An entry that no step decides on, by its own words. */
export function wordsKey(kind: 'neighbour' | 'fib host' | 'acl', ...words: readonly string[]): EntryKey {
  return key(kind, ...words);
}

/** Entries that a step says it decided on, what decided most first; none where it was nothing that a table lists. */
export function keysOfStep(step: RecordedStep): EntryKey[] {
  const isComware = isComwares(step);
  const connection = isComware ? 'nat session' : 'connection';
  switch (step.kind) {
    case 'rule':
      return [key('rule', step.priority, step.rule)];
    case 'route':
      return routeKeys(step, isComware);
    case 'neighbour':
      return [key('neighbour', step.nextHop, step.device)];
    case 'bridge':
      return step.entry === undefined ? [] : [key('fdb', step.mac, step.entry)];
    case 'hook':
    case 'rewrite':
      return [
        ...(step.rule === undefined
          ? []
          : [filterKey(step.rule.table, step.rule.chain, step.rule.number, step.rule.text)]),
        ...(step.kind === 'hook' && step.nat !== undefined ? [natRuleKey(step.nat)] : []),
        ...(step.connection === undefined ? [] : [flowKey(connection, step.connection)]),
      ];
    case 'demultiplex':
      return demultiplexKeys(step, isComware);
    case 'because':
      return becauseKeys(step, isComware);
    default:
      return [];
  }
}

/** Whether a box of Comware's own made the step, and not the kernel beside it. */
export function isComwares({ component }: RecordedStep): boolean {
  return component.startsWith('Comware ');
}

function routeKeys(step: RecordedStep & { kind: 'route' }, isComware: boolean): EntryKey[] {
  const { type, prefix, table, gateway, device, metric = 0 } = step;
  if (type === 'none') return [];
  return [isComware ? comwareRouteKey(prefix) : key('route', table, type, prefix, gateway, device, metric)];
}

function demultiplexKeys(step: RecordedStep & { kind: 'demultiplex' }, isComware: boolean): EntryKey[] {
  const { socket, connection, to } = step;
  if (connection !== undefined) return [flowKey('session', connection)];
  if (socket === undefined) return [];
  const { protocol, source, sourcePort, destination, destinationPort } = socket;
  const ends = { local: source, port: sourcePort, peer: destination, peerPort: destinationPort };
  return [socketKeyOf(isComware ? 'comware' : 'kernel', protocol, ends, to)];
}

/** A device that is down or too narrow stands in the list of interfaces; that of Comware does not tell the MTU. */
function becauseKeys({ of, facts }: RecordedStep & { kind: 'because' }, isComware: boolean): EntryKey[] {
  const tells = of === 'device' || (of === 'mtu' && !isComware);
  return tells && typeof facts.device === 'string' ? [deviceKey(facts.device)] : [];
}
