import type { Packet } from '../../../packet/packet.ts';
import type { Site } from '../../../packet/place.ts';
import type { DecidingRule } from '../../../packet/trace.ts';
import type { Net } from '../../net.ts';
import { connectionOf, untrack } from '../conntrack/connection.ts';
import { ACCEPT, type Hook, type Verdict } from '../netfilter.ts';
import { translate } from './apply-nat.ts';
import type { Chain, RuleEntry } from './chain.ts';
import { dropVerdict, nameOf, recordRule } from './decision.ts';
import { logLine } from './log-line.ts';
import { sendReject } from './reject.ts';
import { hex } from './rule-text.ts';
import type { Table } from './table.ts';
import type { Target } from './target.ts';

const MARK: Site = { component: 'Kernel forwarding', function: 'mark_tg' };

/** Does what a rule says; undefined where the next rule is asked (XT_CONTINUE). */
export function applyTarget(
  net: Net,
  table: Table,
  hook: Hook,
  chain: Chain,
  entry: RuleEntry,
  packet: Packet,
): Verdict | undefined {
  const { target } = entry.rule;
  switch (target.kind) {
    case 'none':
    case 'jump':
      return undefined;
    case 'verdict':
      if (target.verdict === 'DROP') {
        recordRule(net, packet, table.name, hook, chain, entry, 'drop');
        return dropVerdict(packet, table.name, chain, entry);
      }
      recordRule(net, packet, table.name, hook, chain, entry, 'accept');
      return ACCEPT;
    case 'REJECT':
      recordRule(net, packet, table.name, hook, chain, entry, `reject with ${target.with}`);
      sendReject(net, packet, target.with);
      return dropVerdict(packet, table.name, chain, entry);
    case 'MARK':
      setMark(net, packet, (packet.mark & ~target.mask) ^ target.value, toldName(packet, table, chain, entry));
      return undefined;
    case 'CONNMARK':
      connmark(net, packet, target, toldName(packet, table, chain, entry));
      return undefined;
    case 'LOG':
      if (packet.ledger.recorder === undefined) return undefined;
      recordRule(net, packet, table.name, hook, chain, entry, `log "${logLine(target, packet, table.facts)}"`);
      return undefined;
    case 'CT':
      // What something made known already stays so (xt_ct_target: skb->_nfct != 0).
      if (packet.connectionInfo !== 'none') return undefined;
      untrack(packet);
      recordRule(net, packet, table.name, hook, chain, entry, 'notrack');
      return undefined;
    default:
      recordRule(net, packet, table.name, hook, chain, entry, target.kind);
      return byRule(translate(net, packet, target, table.facts), packet, table, chain, entry);
  }
}

/** A translation that fails is a drop by its rule. */
function byRule(verdict: Verdict, packet: Packet, table: Table, chain: Chain, entry: RuleEntry): Verdict {
  return verdict.verdict === 'drop' ? dropVerdict(packet, table.name, chain, entry, `: ${verdict.detail}`) : verdict;
}

/** Where a rule stands, if anybody wants to know. */
function toldName(packet: Packet, table: Table, chain: Chain, entry: RuleEntry): DecidingRule | undefined {
  return packet.ledger.recorder === undefined ? undefined : nameOf(table.name, chain, entry);
}

/** Models net/netfilter/xt_mark.c mark_tg(). */
function setMark(net: Net, packet: Packet, value: number, rule: DecidingRule | undefined): void {
  const before = packet.mark;
  packet.mark = value >>> 0;
  const { recorder } = packet.ledger;
  if (recorder === undefined || packet.mark === before) return;
  const fields = { field: 'mark', before: hex(before), after: hex(packet.mark), ...(rule && { rule }) };
  recorder.step(packet, net.place, MARK, { kind: 'rewrite', ...fields });
}

/** Models net/netfilter/xt_connmark.c connmark_tg_shift(). */
function connmark(
  net: Net,
  packet: Packet,
  target: Target & { readonly kind: 'CONNMARK' },
  rule: DecidingRule | undefined,
): void {
  const connection = connectionOf(packet);
  if (connection === undefined) return;
  if (target.mode === 'restore') {
    const restored = (packet.mark & ~target.packetMask) ^ (connection.mark & target.connectionMask);
    setMark(net, packet, restored, rule);
    return;
  }
  const before = connection.mark;
  const after =
    target.mode === 'set'
      ? (before & ~target.mask) ^ target.value
      : (before & ~target.connectionMask) ^ (packet.mark & target.packetMask);
  connection.mark = after >>> 0;
  const { recorder } = packet.ledger;
  if (recorder === undefined || connection.mark === before) return;
  const fields = { field: 'connection mark', before: hex(before), after: hex(connection.mark), ...(rule && { rule }) };
  recorder.step(packet, net.place, MARK, { kind: 'rewrite', ...fields });
}
