import { describe, expect, it } from 'vitest';
import type { NatOutboundRow, NatServerRow, NatSessionRow } from '../../sim/comware/nat-snapshot-rows.ts';
import { showAcls, showNat, showNatOutbound, showNatServers, showNatStatic } from '../../sim/show/comware-nat.ts';
import { showNatSessions } from '../../sim/show/comware-nat-session.ts';
import { EMPTY_NAT } from './empty-nat.ts';

const ACTIVE = { active: true, missing: [] } as const;

const outbound: NatOutboundRow = {
  interface: 'GigabitEthernet1/0/1',
  acl: 2036,
  addressGroup: 1,
  portPreserved: false,
  noPat: false,
  reversible: false,
  ...ACTIVE,
};

const server: NatServerRow = {
  interface: 'GigabitEthernet1/0/3',
  protocol: 6,
  global: '50.1.1.1',
  globalPorts: '23',
  inside: '192.168.10.15',
  insidePorts: '23',
  acl: 2000,
  ...ACTIVE,
};

describe('display nat outbound', () => {
  it('is what the command reference prints', () => {
    expect(showNatOutbound({ ...EMPTY_NAT, outbound: [outbound] })).toBe(
      `NAT outbound information:
  Totally 1 NAT outbound rules.
  Interface: GigabitEthernet1/0/1
    ACL: 2036         Address group: 1      Port-preserved: N
    NO-PAT: N         Reversible: N
    Config status: Active
`,
    );
  });

  it('says why a rule does nothing', () => {
    const missing = ['address group', 'ACL'];
    const rows = [outbound, { ...outbound, acl: null, addressGroup: null, active: false, missing }];
    expect(
      showNatOutbound({ ...EMPTY_NAT, outbound: rows })
        .split('\n')
        .slice(6),
    ).toEqual([
      '',
      '  Interface: GigabitEthernet1/0/1',
      '    ACL: ---          Address group: ---    Port-preserved: N',
      '    NO-PAT: N         Reversible: N',
      '    Config status: Inactive',
      '    Reasons for inactive status:',
      "      The following items don't exist or aren't effective: address group, and ACL.",
      '',
    ]);
  });
});

describe('display nat server', () => {
  it('is what the command reference prints', () => {
    expect(showNatServers({ ...EMPTY_NAT, servers: [server] })).toBe(
      `NAT internal server information:
  Totally 1 internal servers.
  Interface: GigabitEthernet1/0/3
    Protocol: 6(TCP)
    Global IP/port: 50.1.1.1/23
    Local IP/port : 192.168.10.15/23
    ACL           : 2000
    Config status : Active
`,
    );
  });

  it('prints --- for the ports of a protocol without', () => {
    const row = { ...server, protocol: 50, global: '50.1.1.100', globalPorts: '', insidePorts: '', acl: null };
    const lines = showNatServers({ ...EMPTY_NAT, servers: [row] }).split('\n');
    expect(lines[3]).toBe('    Protocol: 50(ESP)');
    expect(lines[4]).toBe('    Global IP/port: 50.1.1.100/---');
    expect(lines[5]).toBe('    Local IP/port : 192.168.10.15/---');
  });
});

describe('display nat static', () => {
  it('is what the command reference prints', () => {
    const row = { local: '192.168.10.2', global: '135.1.1.6', netmask: '', acl: null, reversible: false, ...ACTIVE };
    const nat = { ...EMPTY_NAT, statics: [row], staticInterfaces: ['GigabitEthernet1/0/2'] };
    const text = `Static NAT mappings:
  Totally 1 outbound static NAT mappings.
  IP-to-IP:
    Local IP     : 192.168.10.2
    Global IP    : 135.1.1.6
    Config status: Active
Interfaces enabled with static NAT:
  Totally 1 interfaces enabled with static NAT.
  Interface: GigabitEthernet1/0/2
    Config status: Active
`;
    expect(showNatStatic(nat)).toBe(text);
    expect(showNat(nat).endsWith(text)).toBe(true);
  });

  it('of nets has the range, the net and the mask', () => {
    const row = {
      local: '1.1.1.1 - 1.1.1.255',
      global: '2.2.2.0',
      netmask: '255.255.255.0',
      acl: 3000,
      reversible: true,
      active: false,
      missing: ['ACL'],
    };
    expect(
      showNatStatic({ ...EMPTY_NAT, statics: [row] })
        .split('\n')
        .slice(2, 11),
    ).toEqual([
      '  Net-to-net:',
      '    Local IP     : 1.1.1.1 - 1.1.1.255',
      '    Global IP    : 2.2.2.0',
      '    Netmask      : 255.255.255.0',
      '    ACL          : 3000',
      '    Reversible   : Y',
      '    Config status: Inactive',
      '    Reasons for inactive status:',
      "      The following items don't exist or aren't effective: ACL.",
    ]);
  });
});

describe('display nat session verbose', () => {
  const tcp: NatSessionRow = {
    protocol: 6,
    state: 'TCP_SYN_SENT',
    initiator: {
      source: '192.168.1.18',
      sourcePort: 1877,
      destination: '192.168.1.55',
      destinationPort: 22,
      interface: 'GigabitEthernet1/0/1',
      packets: 1,
      bytes: 48,
    },
    responder: {
      source: '192.168.1.55',
      sourcePort: 22,
      destination: '192.168.1.10',
      destinationPort: 1877,
      interface: 'GigabitEthernet1/0/2',
      packets: 0,
      bytes: 0,
    },
    started: 69156.25,
    ttl: 28,
  };

  it('is what the command reference prints', () => {
    expect(showNatSessions([tcp])).toBe(
      `Initiator:
  Source      IP/port: 192.168.1.18/1877
  Destination IP/port: 192.168.1.55/22
  DS-Lite tunnel peer: -
  VPN instance/VLAN ID/VLL ID: -/-/-
  Protocol: TCP(6)
  Inbound interface: GigabitEthernet1/0/1
Responder:
  Source      IP/port: 192.168.1.55/22
  Destination IP/port: 192.168.1.10/1877
  DS-Lite tunnel peer: -
  VPN instance/VLAN ID/VLL ID: -/-/-
  Protocol: TCP(6)
  Inbound interface: GigabitEthernet1/0/2
State: TCP_SYN_SENT
Application: SSH
Start time: 2011-01-01 19:12:36  TTL: 28s
Initiator->Responder:         1 packets         48 bytes
Responder->Initiator:         0 packets          0 bytes

Total sessions found: 1
`,
    );
  });

  it('counts days and months', () => {
    const at = (days: number): string =>
      /Start time: (\S+ \S+)/.exec(showNatSessions([{ ...tcp, started: days * 86400 }]))?.[1] ?? '';
    expect([0, 30.5, 31, 58, 59, 103].map(at)).toEqual([
      '2011-01-01 00:00:00',
      '2011-01-31 12:00:00',
      '2011-02-01 00:00:00',
      '2011-02-28 00:00:00',
      '2011-03-01 00:00:00',
      '2011-04-14 00:00:00',
    ]);
  });

  it('without sessions says so', () => {
    expect(showNatSessions([])).toBe('Total sessions found: 0\n');
  });
});

describe('display acl', () => {
  it('numbers the rules', () => {
    const rules = [
      { id: 5, rule: 'permit source 1.1.1.1 0' },
      { id: 10, rule: 'deny' },
    ];
    expect(
      showAcls([
        { number: 2001, type: 'Basic', step: 5, rules },
        { number: 3000, type: 'Advanced', step: 5, rules: rules.slice(0, 1) },
      ]),
    ).toBe(
      `Basic IPv4 ACL 2001, 2 rules,
ACL's step is 5, start ID is 0
 rule 5 permit source 1.1.1.1 0
 rule 10 deny

Advanced IPv4 ACL 3000, 1 rule,
ACL's step is 5, start ID is 0
 rule 5 permit source 1.1.1.1 0
`,
    );
  });
});
