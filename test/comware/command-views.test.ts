import { describe, expect, it } from 'vitest';
import { NatLab } from './nat-lab.ts';

/** The state that configuration lines can change. */
function stateOf(lab: NatLab): unknown {
  const { comware } = lab.world.snapshot(lab.stack('dev'));
  return [comware?.sysname, comware?.nat, comware?.routes, comware?.interfaces, lab.comware.settings];
}

/** A piece of `display current-configuration` of a router, as a device prints it. */
const PASTED = `
#
 version 9.1.058, Release 9119P17
#
 sysname Branch
#
 clock timezone Beijing add 08:00:00
 clock protocol ntp
#
 irf mac-address persistent timer
 irf auto-update enable
#
 password-recovery enable
#
 ip unreachables enable
 ip ttl-expires enable
#
nat address-group 1
 address 203.0.113.20 203.0.113.22
 address 203.0.113.30 203.0.113.30
#
 nat static outbound 10.0.2.3 203.0.113.77
 nat static outbound net-to-net 10.0.3.1 10.0.3.255 global 198.51.100.0 255.255.255.0
#
acl basic 2000
 description office
 rule 0 permit source 10.0.2.0 0.0.0.255
 rule 0 comment the office
 rule 5 deny
#
acl number 3001
 rule 0 permit tcp source 10.0.2.2 0 destination-port eq www counting
 rule 5 permit udp destination 192.0.2.0 0.0.0.255 source-port range 1000 2000
 rule permit icmp
 rule permit 89 source any destination any
#
interface NULL0
#
interface LoopBack0
 ip address 9.9.9.9 255.255.255.255
#
interface GigabitEthernet1/0/1
 port link-mode route
 description to the provider
 combo enable copper
 ip address 203.0.113.1 255.255.255.0
 nat outbound 3001 address-group 1 no-pat reversible
 nat outbound 2000
 nat server protocol tcp global 203.0.113.50 80 inside 10.0.2.2 8080
 nat server protocol 47 global 203.0.113.51 inside 10.0.2.3 acl 3001
 nat static enable
 tpa ip send-to-cpu protocol 17 destination-port 69
#
interface GigabitEthernet 1/0/2
 port link-mode route
 ip address 10.0.2.1 24
 nat hairpin enable
#
 scheduler logfile size 16
#
line class console
 user-role network-admin
#
line vty 0 63
 authentication-mode scheme
 user-role network-operator
#
 ip route-static 0.0.0.0 0 203.0.113.9 description the provider
 ip route-static 10.99.0.0 16 NULL 0 preference 200
#
 domain system
#
 domain default enable system
#
role name level-0
 description Predefined level-0 role
#
user-group system
#
local-user admin class manage
 password hash $h$6$abc
 service-type ssh terminal
 authorization-attribute user-role network-operator
#
 ftp server enable
 tpa ip source interface LoopBack0
 tpa ip send-to-cpu protocol 6 destination-port 8080 destination-ip 9.9.9.9
 tpa ip send-to-cpu protocol 112
#
return
`;

/** Lines that take everything back. */
const UNDONE = `
undo tpa ip send-to-cpu protocol 112
undo tpa ip send-to-cpu protocol 6 destination-port 8080 destination-ip 9.9.9.9
undo tpa ip source interface
undo ftp server enable
undo ip route-static 10.99.0.0 16 NULL0
undo ip ttl-expires enable
undo ip unreachables enable
interface GE1/0/2
 undo nat hairpin enable
interface ge1/0/1
 undo description
 undo tpa ip send-to-cpu protocol 17 destination-port 69
 undo nat static enable
 undo nat server protocol 47 global 203.0.113.51
 undo nat server protocol tcp global 203.0.113.50 80 inside 10.0.2.2 8080
 undo nat outbound 2000
 undo nat outbound 3001 address-group 1 no-pat reversible
undo interface LoopBack0
undo acl number 3001
acl basic 2000
 undo rule 5
 undo rule 0 comment
 undo rule 0
 undo description
undo acl basic 2000
undo nat static outbound net-to-net 10.0.3.1 10.0.3.255
undo nat static outbound 10.0.2.3 203.0.113.77
nat address-group 1
 undo address 203.0.113.20 203.0.113.22
 undo address 203.0.113.30 203.0.113.30
undo nat address-group 1
sysname dev
`;

describe('a pasted configuration', () => {
  it('is taken line by line, and shown again', () => {
    const lab = new NatLab();
    expect(lab.faults(...PASTED.split('\n'))).toEqual([]);
    const { nat, sysname } = lab.world.snapshot(lab.stack('dev')).comware ?? {};
    expect(sysname).toBe('Branch');
    expect(nat?.addressGroups[0]?.ranges).toHaveLength(2);
    expect(nat?.outbound.map(({ acl, addressGroup, noPat }) => [acl, addressGroup, noPat])).toEqual([
      [3001, 1, true],
      [2000, null, false],
    ]);
    expect(lab.show('dev', 'acl')).toBe(`Basic IPv4 ACL 2000, 2 rules,
ACL's step is 5, start ID is 0
 rule 0 permit source 10.0.2.0 0.0.0.255
 rule 5 deny

Advanced IPv4 ACL 3001, 4 rules,
ACL's step is 5, start ID is 0
 rule 0 permit tcp source 10.0.2.2 0 destination-port eq 80
 rule 5 permit udp destination 192.0.2.0 0.0.0.255 source-port range 1000 2000
 rule 10 permit icmp
 rule 15 permit 89
`);
    expect(lab.comware.settings).toEqual({
      ttlExpires: true,
      unreachables: true,
      redirects: false,
      ftpServer: true,
      tpaSource: 'LoopBack0',
      sendToCpu: [
        { interface: 'GigabitEthernet1/0/1', protocol: 17, destinationPort: 69 },
        { protocol: 6, destinationPort: 8080, destination: 0x09090909 },
        { protocol: 112 },
      ],
    });
  });

  it('can be taken back, line by line', () => {
    const lab = new NatLab('sysname dev');
    const before = stateOf(lab);
    lab.enter(...PASTED.split('\n'));
    lab.enter(...UNDONE.split('\n'));
    expect(stateOf(lab)).toEqual(before);
  });

  it('entered twice is the same', () => {
    const lab = new NatLab();
    lab.enter(...PASTED.split('\n'));
    const before = stateOf(lab);
    lab.enter(...PASTED.split('\n'));
    expect(stateOf(lab)).toEqual(before);
  });
});

describe('lines that are refused change nothing', () => {
  it.each([
    ['ping 10.0.2.2', 'a command to run'],
    ['display arp', 'a command to run'],
    ['tracert 10.0.2.2', 'a command to run'],
    ['undo vlan 7', 'Unrecognized'],
    ['sysname two words', 'Wrong name'],
    ['ip redirects enable now', 'Unrecognized'],
    ['nat outbound', 'Unrecognized'],
    ['nat static enable', 'Unrecognized'],
    ['nat address-group x', 'Wrong address group'],
    ['nat address-group 70000', 'must be 0 to 65535'],
    ['undo nat address-group 9', 'does not exist'],
    ['acl basic 3000', 'must be 2000 to 2999'],
    ['acl advanced 2000', 'must be 3000 to 3999'],
    ['acl mac 4000', 'Unrecognized'],
    ['undo acl basic 2001', 'does not exist'],
    ['nat static outbound 10.0.2.2', 'Wrong global address: it is missing'],
    ['nat static outbound 10.0.2.2 1.1.1.1 acl 2000', 'Wrong ACL number'],
    ['nat static outbound 10.0.2.2 1.1.1.1 vpn-instance x', 'Unrecognized'],
    ['nat static outbound net-to-net 10.0.2.2 10.0.3.9 global 1.1.1.0 24', 'Wrong address range'],
    ['nat static outbound net-to-net 10.0.2.9 10.0.2.2 global 1.1.1.0 24', 'Wrong address range'],
    ['nat static outbound net-to-net 10.0.2.2 10.0.2.9 global 1.1.1.0 255.0.255.0', 'Wrong mask'],
    ['undo nat static outbound 10.0.2.2', 'does not exist'],
    ['tpa ip send-to-cpu protocol 6', 'is missing'],
    ['tpa ip send-to-cpu protocol 0', 'must be 1 to 255'],
    ['tpa ip send-to-cpu protocol 47 destination-port 5', 'Unrecognized'],
    ['undo tpa ip send-to-cpu protocol 47', 'no such rule'],
    ['local-user', 'Unrecognized'],
  ])('%s: %s', (line, message) => {
    const lab = new NatLab();
    const before = stateOf(lab);
    expect(lab.faults('#', line)).toMatchObject([{ line: 1, text: line }]);
    expect(lab.faults(line)[0]?.message).toContain(message);
    expect(stateOf(lab)).toEqual(before);
  });

  it.each([
    ['nat outbound 1999', 'must be 2000 to 3999'],
    ['nat outbound no-pat', 'needs an address group'],
    ['nat outbound address-group 1 reversible', 'goes with'],
    ['nat outbound address-group 1 no-pat port-preserved', 'does not go with'],
    ['nat outbound 2000 vpn-instance x', 'Unrecognized'],
    ['undo nat outbound', 'does not exist'],
    ['nat server protocol tcp global 1.1.1.1 80', '`inside` is missing at the end'],
    ['nat server protocol tcp inside 10.0.2.2', '`global` is missing before inside'],
    ['nat server protocol icmp global 1.1.1.1 80 inside 10.0.2.2', 'Only TCP and UDP'],
    ['nat server protocol tcp global 1.1.1.1 inside 10.0.2.2 80', 'needs a global port'],
    ['nat server protocol tcp global 1.1.1.1 80 82 inside 10.0.2.2 80 81', 'as many inside ports'],
    ['nat server protocol tcp global 1.1.1.1 80 82 inside 10.0.2.2 10.0.2.3 80', 'as many inside addresses'],
    ['nat server protocol tcp global 1.1.1.1 82 80 inside 10.0.2.2', 'is below'],
    ['nat server protocol tcp global interface GE1/0/2 80 inside 10.0.2.2 80', 'must be a LoopBack'],
    ['nat server protocol tcp global interface Nonsense 80 inside 10.0.2.2 80', 'Wrong interface name'],
    ['nat server protocol 300 global 1.1.1.1 inside 10.0.2.2', 'Wrong protocol'],
    ['undo nat server protocol tcp global 1.1.1.1 80', 'does not exist'],
    ['nat hairpin', 'Unrecognized'],
  ])('on an interface, %s: %s', (line, message) => {
    const lab = new NatLab();
    const before = stateOf(lab);
    expect(lab.faults('interface GE1/0/1', line).map((fault) => [fault.line, fault.message])).toEqual([
      [1, expect.stringContaining(message)],
    ]);
    expect(stateOf(lab)).toEqual(before);
  });

  it.each([
    ['rule permit destination 10.0.2.2 0', 'Unrecognized'],
    ['rule allow', '`deny` is missing'],
    ['rule permit source 10.0.2.2', 'Wrong wildcard'],
    ['rule permit source 10.0.2.2 24', 'Wrong wildcard'],
    ['rule 70000 permit', 'Wrong rule number'],
    ['undo rule 5', 'has no rule 5'],
    ['match-order auto', 'Unrecognized'],
  ])('in a basic ACL, %s: %s', (line, message) => {
    const lab = new NatLab('acl basic 2000');
    const before = stateOf(lab);
    expect(lab.faults('acl basic 2000', line)[0]?.message).toContain(message);
    expect(stateOf(lab)).toEqual(before);
  });

  it('what two rules would share', () => {
    const lab = new NatLab([
      ...['nat address-group 1', 'address 203.0.113.20 203.0.113.22', 'nat static outbound 10.0.2.2 1.1.1.1'],
      ...['interface GE1/0/1', 'nat outbound address-group 1', 'nat outbound 2000'],
      'nat server protocol tcp global 1.1.1.2 80 82 inside 10.0.2.2',
    ]);
    const messages = lab
      .faults(
        ...['undo nat address-group 1', 'nat address-group 1', 'address 203.0.113.22 203.0.113.23'],
        ...['nat static outbound 10.0.2.2 1.1.1.9', 'nat static outbound 10.0.2.9 1.1.1.1', 'interface GE1/0/1'],
        ...['nat outbound', 'nat outbound 2000 address-group 1'],
        'nat server protocol tcp global 1.1.1.2 82 inside 10.0.2.3',
      )
      .map(({ message }) => message);
    expect(messages).toEqual([
      'NAT address group 1 is used by a nat outbound rule.',
      '203.0.113.22 to 203.0.113.23 overlaps with another range.',
      '10.0.2.2 is mapped already.',
      '1.1.1.1 is the global address of another mapping.',
      'GE1/0/1 has a nat outbound rule without an ACL already.',
      'ACL 2000 belongs to another nat outbound rule of GE1/0/1.',
      'The protocol, global address and port belong to another server of the interface.',
    ]);
  });
});

describe('views', () => {
  it('a command of the system view leaves any other, `quit` and `#` too', () => {
    const lab = new NatLab();
    const faults = lab.faults(
      ...[
        'acl basic 2000',
        'ip ttl-expires enable',
        'rule permit',
        'nat address-group 1',
        'quit',
        'address 1.1.1.1 1.1.1.2',
      ],
      ...['line vty 0 4', 'user-role x', '#', 'user-role x', 'undo acl basic 2000', 'undo nat address-group 1'],
    );
    expect(faults.map(({ line }) => line)).toEqual([2, 5, 9]);
  });

  it('take commands in any case', () => {
    const lab = new NatLab(['INTERFACE gigabitethernet1/0/1', 'NAT Outbound Address-Group 3', 'Undo NAT OUTBOUND']);
    expect(lab.show('dev', 'nat')).toContain('Totally 0 NAT outbound rules.');
  });
});

describe('ip redirects enable', () => {
  it('tells a neighbour of the better way, with the packet sent on', () => {
    const lab = new NatLab('', { routes: ['192.0.2.0/24 via 10.0.2.3'] });
    lab.exec('b', 'ip addr add 192.0.2.99/32 dev lo');
    const pinged = () => lab.ping('a', '192.0.2.99').probe.replies.length;
    const told = () => lab.wire('GE1/0/2').filter((line) => line.startsWith('icmp'));
    expect([pinged(), told()]).toEqual([1, []]);
    lab.enter('ip redirects enable');
    expect(pinged()).toBe(1);
    expect(told()).toEqual([
      expect.stringMatching(/^icmp 5\/1 10\.0\.2\.1>10\.0\.2\.2 \[echo 10\.0\.2\.2>192\.0\.2\.99 id \d+\]$/),
    ]);
    const redirect = lab.frames('dev:GE1/0/2').find(({ bytes, direction }) => direction === 'out' && bytes[34] === 5);
    expect([...(redirect?.bytes.subarray(38, 42) ?? [])]).toEqual([10, 0, 2, 3]);
    lab.enter('undo ip redirects enable');
    expect([pinged(), told().length]).toEqual([1, 1]);
  });
});
