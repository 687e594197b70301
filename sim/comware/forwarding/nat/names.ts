import type { FlowName, NatRuleName } from '../../../packet/trace.ts';
import { formatIpv4 } from '../../../wire/address.ts';
import { icmpTypeOf, isIcmpQuery, protocolOf } from '../flow.ts';
import type { ComwareInterface } from '../interface.ts';
import type { NatRule, NatStatic } from './rules.ts';
import type { FlowEnd, NatSession } from './session.ts';

/*
 * How tables and traces call what NAT has: sessions by their first packet, rules by where they stand in the lists of
 * `display nat outbound`, `server` and `static`.
 */

/** One direction as `display nat session` prints it. */
export function listedFlow(end: FlowEnd): Omit<FlowName, 'protocol'> {
  // The identifier of a query is the one port of either direction; where the other would be stands type * 256 + code.
  const isQuery = isIcmpQuery(end.kind);
  return {
    source: formatIpv4(end.source),
    sourcePort: isQuery ? end.sourcePort + end.destinationPort : end.sourcePort,
    destination: formatIpv4(end.destination),
    destinationPort: isQuery ? icmpTypeOf(end.kind, end.isReply) << 8 : end.destinationPort,
  };
}

export function natSessionName({ kind, initiator }: NatSession): FlowName {
  return { protocol: protocolOf(kind), ...listedFlow(initiator) };
}

/** Where a rule stands among those configured; undefined for one that is configured no more. */
export function natRuleName(
  rule: NatRule,
  interfaces: readonly ComwareInterface[],
  statics: readonly NatStatic[],
): NatRuleName | undefined {
  const rules = listOf(rule.type, interfaces, statics);
  const index = rules.indexOf(rule);
  return index < 0 ? undefined : { list: rule.type, number: index + 1 };
}

function listOf(
  list: NatRuleName['list'],
  interfaces: readonly ComwareInterface[],
  statics: readonly NatStatic[],
): readonly NatRule[] {
  switch (list) {
    case 'outbound':
      return interfaces.flatMap((one) => one.nat?.outbound ?? []);
    case 'server':
      return interfaces.flatMap((one) => one.nat?.servers ?? []);
    case 'static':
      return statics;
  }
}
