import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTopology } from '../../sim/app/sources.ts';
import type { NatSessionRow } from '../../sim/comware/nat-snapshot-rows.ts';
import type {
  ComwareArpRow,
  ComwareInterfaceRow,
  ComwareRouteRow,
  ComwareSnapshot,
} from '../../sim/comware/snapshot-rows.ts';
import { seconds } from '../../sim/core/time.ts';
import { readQuestion } from '../../sim/show/ask/ask.ts';
import { isMisunderstood } from '../../sim/show/ask/question.ts';
import { comwareFibRows } from '../../sim/show/comware-fib.ts';
import type { StackSnapshot } from '../../sim/world/stack-snapshot.ts';
import { comwareOnly, EMPTY_COMWARE } from './empty-comware.ts';
import { parseWith, type Record } from './textfsm.ts';

/*
 * Whoever reads Comware's tables by templates gets back what the simulator holds: every row, every value. The templates
 * refuse lines that they do not know.
 */

/** What the device prints for a command, read back by the template of that name. */
function readBack(snapshot: StackSnapshot, command: string, template: string): Record[] {
  const question = readQuestion(command);
  if (isMisunderstood(question)) throw new Error(question.problem);
  const text = readFileSync(new URL(`templates/${template}.textfsm`, import.meta.url), 'utf8');
  return parseWith(text, question.text(snapshot));
}

const or = (value: string, otherwise: string): string => (value === '' ? otherwise : value);

function expectRoutes(snapshot: StackSnapshot, routes: readonly ComwareRouteRow[]): void {
  expect(readBack(snapshot, 'display ip routing-table', 'routing-table')).toEqual(
    routes.map((row) => {
      const [DESTINATION, LENGTH] = row.destination.split('/');
      const [PREFERENCE, COST] = [String(row.preference), String(row.cost)];
      return {
        DESTINATION,
        LENGTH,
        PROTOCOL: row.protocol,
        PREFERENCE,
        COST,
        NEXT_HOP: row.nextHop,
        INTERFACE: row.interface,
      };
    }),
  );
  const verbose = readBack(snapshot, 'display ip routing-table verbose', 'routing-table-verbose');
  expect(verbose.map(({ AGE: _age, NIB: _nib, STATE: _state, ...rest }) => rest)).toEqual(
    routes.map((row) => ({
      ...{ DESTINATION: row.destination, PROTOCOL: row.protocol, COST: String(row.cost) },
      ...{ PREFERENCE: String(row.preference), NEXT_HOP: row.nextHop, REAL_NEXT_HOP: row.realNextHop },
      INTERFACE: row.interfaceName,
    })),
  );
  expect(verbose.map(({ AGE = '' }) => secondsOf(AGE))).toEqual(routes.map(({ age }) => age));
}

function secondsOf(age: string): number {
  const [, days = '0', hours, minutes, rest] = /^(?:(\d+)d)?(\d+)h(\d+)m(\d+)s$/.exec(age) ?? [];
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(rest);
}

function expectFib(snapshot: StackSnapshot, comware: ComwareSnapshot): void {
  expect(readBack(snapshot, 'display fib', 'fib')).toEqual(
    comwareFibRows(comware).map((row) => ({
      ...{ DESTINATION: row.destination, NEXT_HOP: row.nextHop, FLAG: row.flag, INTERFACE: row.interface },
    })),
  );
}

function expectArp(snapshot: StackSnapshot, arp: readonly ComwareArpRow[]): void {
  expect(readBack(snapshot, 'display arp', 'arp')).toEqual(
    arp.map((row) => ({
      ...{ ADDRESS: row.address, MAC: or(row.mac, '--'), VLAN: row.vlan },
      ...{ INTERFACE: row.interface, AGING: row.aging, TYPE: row.type },
    })),
  );
}

function expectInterfaces(snapshot: StackSnapshot, interfaces: readonly ComwareInterfaceRow[]): void {
  expect(readBack(snapshot, 'display ip interface brief', 'ip-interface-brief')).toEqual(
    interfaces.map((row) => ({
      ...{ INTERFACE: row.shortName, PHYSICAL: row.physical, PROTOCOL: row.protocol, ADDRESS: or(row.address, '--') },
      ...{ VPN: '--', DESCRIPTION: or(row.description, '--') },
    })),
  );
  const brief = readBack(snapshot, 'display interface brief', 'interface-brief');
  expect(brief.slice(-2).map(({ INTERFACE }) => INTERFACE)).toEqual(['InLoop0', 'NULL0']);
  expect(brief.slice(0, -2)).toEqual(
    interfaces.map((row) => ({
      ...{ INTERFACE: row.shortName, LINK: row.physical === '*down' ? 'ADM' : row.physical.toUpperCase() },
      ...{ PROTOCOL: row.protocol.replace('up', 'UP').replace('down', 'DOWN'), DESCRIPTION: row.description },
      ADDRESS: or(row.address.split('/')[0] ?? '', '--'),
    })),
  );
  const details = readBack(snapshot, 'display interface', 'interface');
  expect(details.map(({ BANDWIDTH: _bandwidth, STATE: _state, PROTOCOL: _protocol, ...rest }) => rest)).toEqual(
    interfaces.map((row) => ({
      ...{ INTERFACE: row.name, DESCRIPTION: or(row.description, `${row.name} Interface`), MTU: String(row.mtu) },
      ...{ ADDRESS: row.address, MAC: row.mac, RX_PACKETS: String(row.rxPackets), RX_BYTES: String(row.rxBytes) },
      ...{ TX_PACKETS: String(row.txPackets), TX_BYTES: String(row.txBytes) },
    })),
  );
}

function expectSessions(snapshot: StackSnapshot, sessions: readonly NatSessionRow[]): void {
  expect(readBack(snapshot, 'display nat session verbose', 'nat-session')).toEqual(
    sessions.map(({ initiator, responder, protocol, state, ttl }) => ({
      INITIATOR_SOURCE: `${initiator.source}/${initiator.sourcePort}`,
      INITIATOR_DESTINATION: `${initiator.destination}/${initiator.destinationPort}`,
      INITIATOR_INTERFACE: initiator.interface,
      RESPONDER_SOURCE: `${responder.source}/${responder.sourcePort}`,
      RESPONDER_DESTINATION: `${responder.destination}/${responder.destinationPort}`,
      RESPONDER_INTERFACE: responder.interface,
      ...{ PROTOCOL: String(protocol), STATE: state, TTL: String(ttl) },
      ...{ THERE_PACKETS: String(initiator.packets), THERE_BYTES: String(initiator.bytes) },
      ...{ BACK_PACKETS: String(responder.packets), BACK_BYTES: String(responder.bytes) },
    })),
  );
}

function expectNat(snapshot: StackSnapshot, { nat }: ComwareSnapshot): void {
  const [yes, none] = [(is: boolean) => (is ? 'Y' : 'N'), (value: number | null) => String(value ?? '---')];
  const status = ({ active }: { active: boolean }): { STATUS: string } => ({ STATUS: active ? 'Active' : 'Inactive' });
  expect(readBack(snapshot, 'display nat outbound', 'nat-outbound')).toEqual(
    nat.outbound.map((row) => ({
      ...{ INTERFACE: row.interface, ACL: none(row.acl), GROUP: none(row.addressGroup), ...status(row) },
      ...{ PORT_PRESERVED: yes(row.portPreserved), NO_PAT: yes(row.noPat), REVERSIBLE: yes(row.reversible) },
    })),
  );
  expect(readBack(snapshot, 'display nat server', 'nat-server')).toEqual(
    nat.servers.map((row) => ({
      ...{ INTERFACE: row.interface, PROTOCOL: String(row.protocol), ACL: String(row.acl ?? ''), ...status(row) },
      GLOBAL: `${or(row.global, '---')}/${or(row.globalPorts, '---')}`,
      LOCAL: `${row.inside}/${or(row.insidePorts, '---')}`,
    })),
  );
  expect(readBack(snapshot, 'display nat static', 'nat-static')).toEqual(
    nat.statics.map((row) => ({
      ...{ LOCAL: row.local, GLOBAL: row.global, NETMASK: row.netmask, ACL: String(row.acl ?? ''), ...status(row) },
      REVERSIBLE: row.acl === null ? '' : yes(row.reversible),
    })),
  );
  expect(readBack(snapshot, 'display nat address-group', 'nat-address-group')).toEqual(
    nat.addressGroups.flatMap(({ number, ports, ranges }) =>
      ranges.map(({ first, last }) => ({ NUMBER: String(number), PORTS: ports, FIRST: first, LAST: last })),
    ),
  );
  expect(readBack(snapshot, 'display acl all', 'acl')).toEqual(
    nat.acls.flatMap(({ number, type, step, rules }) =>
      rules.map(({ id, rule }) => ({
        TYPE: type,
        NUMBER: String(number),
        STEP: String(step),
        ID: String(id),
        RULE: rule,
      })),
    ),
  );
}

const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join('.'));
const long = fc.constantFrom(
  'GigabitEthernet1/0/1',
  'M-GigabitEthernet0/0/0',
  'Twenty-FiveGigE1/0/17',
  'HundredGigE12/0/48',
  'LoopBack1023',
  'Virtual-Eth-Group0',
  'Virtual-Eth-Group4294967295',
);
const short = fc.constantFrom('GE1/0/1', 'Loop1023', 'InLoop0', 'NULL0', 'Virtual-Eth-Group4294967295', 'HGE12/0/48');
const count = fc.nat(2 ** 40);

const route: fc.Arbitrary<ComwareRouteRow> = fc.record({
  destination: fc.tuple(address, fc.nat(32)).map(([one, length]) => `${one}/${length}`),
  protocol: fc.constantFrom('Direct', 'Static'),
  preference: fc.nat(255),
  cost: fc.nat(2 ** 31),
  nextHop: address,
  interface: short,
  interfaceName: long,
  realNextHop: address,
  discards: fc.boolean(),
  age: fc.nat(8_000_000),
});

const arp: fc.Arbitrary<ComwareArpRow> = fc.record({
  address,
  mac: fc.constantFrom('', '8c47-be17-8271', '0000-0000-0000'),
  vlan: fc.constantFrom('N/A', '1234', '--'),
  interface: short,
  aging: fc.constantFrom('1200', '1', '--'),
  type: fc.constantFrom('D', 'S', 'I'),
});

const one: fc.Arbitrary<ComwareInterfaceRow> = fc.record({
  name: long,
  shortName: short,
  physical: fc.constantFrom('up', 'down', '*down'),
  protocol: fc.constantFrom('up', 'down', 'up(s)'),
  address: fc.oneof(
    fc.constant(''),
    fc.tuple(address, fc.nat(32)).map(([own, length]) => `${own}/${length}`),
  ),
  mac: fc.constantFrom('', '0200-0000-0001'),
  mtu: fc.integer({ min: 46, max: 9600 }),
  description: fc.constantFrom('', 'to the core', '### WAN ###', 'a  b'),
  kernelDevice: fc.constantFrom('', 'eth1'),
  ...{ rxPackets: count, rxBytes: count, txPackets: count, txBytes: count },
});

const end = fc.record({
  ...{ source: address, sourcePort: fc.nat(65535), destination: address, destinationPort: fc.nat(65535) },
  ...{ interface: long, packets: count, bytes: count },
});

const session: fc.Arbitrary<NatSessionRow> = fc.record({
  protocol: fc.constantFrom(1, 6, 17, 47),
  state: fc.constantFrom('TCP_SYN_SENT', 'UDP_READY', 'ICMP_REPLY', 'RAWIP_OPEN'),
  initiator: end,
  responder: end,
  started: fc.nat(8_000_000),
  ttl: fc.nat(3600),
});

describe('whatever the rows are, templates read them back', () => {
  const rows = { maxLength: 40 };

  it('routes and the forwarding table', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(route, { ...rows, selector: (row) => row.destination }),
        fc.array(arp, rows),
        (routes, table) => {
          const comware = { ...EMPTY_COMWARE, routes, arp: table };
          expectRoutes(comwareOnly(comware), routes);
          expectFib(comwareOnly(comware), comware);
        },
      ),
    );
  });

  it('neighbours', () => {
    fc.assert(
      fc.property(fc.array(arp, rows), (table) => expectArp(comwareOnly({ ...EMPTY_COMWARE, arp: table }), table)),
    );
  });

  it('interfaces', () => {
    fc.assert(
      fc.property(fc.array(one, rows), (interfaces) =>
        expectInterfaces(comwareOnly({ ...EMPTY_COMWARE, interfaces }), interfaces),
      ),
    );
  });

  it('NAT sessions', () => {
    fc.assert(
      fc.property(fc.array(session, rows), (sessions) => {
        const nat = { ...EMPTY_COMWARE.nat, sessions };
        expectSessions(comwareOnly({ ...EMPTY_COMWARE, nat }), sessions);
      }),
    );
  });
});

describe('the devices of the white paper', () => {
  it.each([
    'cadvisor-nat-server',
    'cadvisor-nat',
    'cadvisor',
    'host-applications',
    'host-applications-snat-at-comware',
    'separate-namespace',
    'shared-namespace',
    'tftp-server',
  ])('%s: every table of Comware parses back to what it holds', (name) => {
    const opened = openTopology(`topologies/whitepaper/${name}.yaml`, { seed: 1, trace: false, capture: false });
    if ('problems' in opened) throw new Error(opened.problems.map(({ message }) => message).join('; '));
    const { world } = opened;
    world.advance(seconds(1.5));
    for (const stack of world.stacks()) {
      const snapshot = world.snapshot(stack);
      const { comware } = snapshot;
      if (comware === undefined) continue;
      expectRoutes(snapshot, comware.routes);
      expectFib(snapshot, comware);
      expectArp(snapshot, comware.arp);
      expectInterfaces(snapshot, comware.interfaces);
      expectSessions(snapshot, comware.nat.sessions);
      expectNat(snapshot, comware);
    }
  });
});
