import { beforeEach, describe, expect, it } from 'vitest';
import { connectionOf } from '../../sim/kernel/forwarding/conntrack/connection.ts';
import { conntrackConfirm, conntrackIn } from '../../sim/kernel/forwarding/conntrack/conntrack-in.ts';
import { enableConntrack } from '../../sim/kernel/forwarding/conntrack/hooks.ts';
import type { Net } from '../../sim/kernel/net.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { putIcmp } from '../../sim/wire/icmp.ts';
import { putIpv4 } from '../../sim/wire/ipv4.ts';
import { putUdp } from '../../sim/wire/udp.ts';
import type { Lab } from '../bench.ts';
import { ipv4, natLab } from './nat-lab.ts';

/* Packets between their first look at the table of connections and their last: who entered meanwhile. */

let lab: Lab;
let net: Net;

beforeEach(() => {
  lab = natLab();
  ({ net } = lab.stack('gw'));
  enableConntrack(net, 'test');
});

interface Made {
  readonly from?: string;
  readonly sourcePort?: number;
  readonly protocol?: number;
  readonly fragment?: number;
  readonly spoil?: boolean;
}

/** A datagram from 10.0.1.2:5000 to 198.51.100.2:7, tracked as it comes in. */
function tracked({
  from = '10.0.1.2',
  sourcePort = 5000,
  protocol = 17,
  fragment = 0,
  spoil = false,
}: Made = {}): Packet {
  const bytes = new Uint8Array(32);
  const ends = { source: ipv4(from), destination: ipv4('198.51.100.2') };
  const fields = { tos: 0, totalLength: 32, identification: 1, fragment, ttl: 64, protocol };
  putIpv4(bytes, 0, { ...fields, ...ends });
  if (protocol === 17) putUdp(bytes, 20, { sourcePort, destinationPort: 7, length: 12, ...ends });
  if (protocol === 1) putIcmp(bytes, 20, 12, { type: 19, code: 0, word1: 0, word2: 0 });
  if (spoil) bytes[31] = 1;
  const packet = Packet.of(lab.world.ledger, bytes);
  packet.networkOffset = packet.head;
  packet.transportOffset = packet.head + 20;
  expect(conntrackIn(net, packet, 'PREROUTING')).toMatchObject({ verdict: 'accept' });
  return packet;
}

const counts = (): object => {
  const { insert, insert_failed, drop, clash_resolve, invalid } = net.conntrack.statistics;
  return { insert, insert_failed, drop, clash_resolve, invalid };
};
const NONE = { insert: 0, insert_failed: 0, drop: 0, clash_resolve: 0, invalid: 0 };

describe('two datagrams of one flow that were both first', () => {
  it('share the connection of the one that is confirmed first', () => {
    const [first, second] = [tracked(), tracked()];
    const winner = connectionOf(first);
    expect(connectionOf(second)).not.toBe(winner);
    expect(conntrackConfirm(net, first)).toMatchObject({ verdict: 'accept' });
    expect(conntrackConfirm(net, second)).toMatchObject({ verdict: 'accept' });
    expect(connectionOf(second)).toBe(winner);
    expect([net.conntrack.count, counts()]).toEqual([1, { ...NONE, insert: 1, clash_resolve: 1 }]);
    // Once more changes nothing.
    expect(conntrackConfirm(net, second)).toMatchObject({ verdict: 'accept' });
    expect(counts()).toEqual({ ...NONE, insert: 1, clash_resolve: 1 });
  });

  it('of another protocol are not so lucky: the second is dropped', () => {
    const [first, second] = [tracked({ protocol: 47 }), tracked({ protocol: 47 })];
    conntrackConfirm(net, first);
    expect(conntrackConfirm(net, second)).toMatchObject({ verdict: 'drop', reason: 'kernel:NETFILTER_DROP' });
    expect(counts()).toEqual({ ...NONE, insert: 1, insert_failed: 1, drop: 1 });
  });

  it('that are translated apart are not one', () => {
    const [first, second] = [tracked(), tracked()];
    conntrackConfirm(net, first);
    const reply = connectionOf(second)?.reply.tuple;
    if (reply !== undefined) reply.destinationKey = 6000;
    expect(conntrackConfirm(net, second)).toMatchObject({ verdict: 'drop' });
  });
});

it('two flows whose answers would be the same clash: the second is dropped', () => {
  const [first, second] = [tracked(), tracked({ from: '10.0.2.2' })];
  for (const packet of [first, second]) Object.assign(connectionOf(packet)?.reply.tuple ?? {}, { destination: 9 });
  expect(conntrackConfirm(net, first)).toMatchObject({ verdict: 'accept' });
  expect(conntrackConfirm(net, second)).toMatchObject({ verdict: 'drop' });
  expect([net.conntrack.count, counts()]).toEqual([1, { ...NONE, insert: 1, insert_failed: 1, drop: 1 }]);
});

it('a connection that was taken out before it was confirmed is not entered', () => {
  const packet = tracked();
  const connection = connectionOf(packet);
  if (connection !== undefined) net.conntrack.kill(connection);
  expect(conntrackConfirm(net, packet)).toMatchObject({ verdict: 'drop' });
  expect([net.conntrack.count, counts()]).toEqual([0, { ...NONE, insert_failed: 1 }]);
});

describe('what belongs to no connection', () => {
  it.each<[string, Made]>([
    ['a fragment that is not the first', { fragment: 3 }],
    ['an ICMP type that nobody knows', { protocol: 1 }],
    ['a wrong checksum', { spoil: true }],
  ])('%s is invalid, and counted', (_, made) => {
    const packet = tracked(made);
    expect([packet.connectionInfo, connectionOf(packet), counts()]).toEqual([
      'invalid',
      undefined,
      { ...NONE, invalid: 1 },
    ]);
  });

  it('a wrong checksum is not looked for where that is switched off', () => {
    net.sysctls.conntrack.nf_conntrack_checksum = 0;
    expect(tracked({ spoil: true }).connectionInfo).toBe('new');
  });

  it('is not looked at twice', () => {
    const packet = tracked({ spoil: true });
    conntrackIn(net, packet, 'PREROUTING');
    expect(counts()).toEqual({ ...NONE, invalid: 2 });
    packet.connectionInfo = 'untracked';
    conntrackIn(net, packet, 'PREROUTING');
    expect([packet.connectionInfo, counts()]).toEqual(['untracked', { ...NONE, invalid: 2 }]);
  });
});
