import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { ETHERNET_LENGTH } from '../../sim/wire/ethernet.ts';
import { putMac } from '../../sim/wire/mac.ts';
import type { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { deviceOf, ipv4, natLab } from './nat-lab.ts';
import { connect, pass, Server } from './tcp-lab.ts';
import { frameOf } from './tcp-segments.ts';

/* in1 10.0.1.2 and in2 10.0.2.2 behind gw, out 198.51.100.2 outside on eth2. */

let lab: Lab;

beforeEach(() => {
  lab = natLab();
  lab.exec('out', 'ip route add default via 198.51.100.1');
});

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

const rules = (...lines: readonly string[]): void => lab.exec('gw', ...lines.map((line) => `iptables ${line}`));
const replies = (from: string, to: string, options: object = {}): number =>
  lab.udp(from, to, { timeout: '50ms', ...options }).probe.replies.length;
/** `[packets:bytes] rule` of every rule of a chain. */
const counted = (chain: string, table = 'filter'): string[] => {
  const rows = lab.world.snapshot(lab.stack('gw')).namespace.iptables;
  const found = rows.find((row) => row.table === table && row.chain === chain);
  return (found?.rules ?? []).map(({ pkts, bytes, rule }) => `[${pkts}:${bytes}] ${rule}`.trimEnd());
};

describe('a namespace without rules', () => {
  it('has no tables and tracks nothing', () => {
    replies('in1', '198.51.100.2:7');
    expect(lab.show('gw', 'iptables')).toBe('');
    expect(lab.show('gw', 'conntrack')).toBe('');
  });

  it('tracks from the first rule that asks for the state, not from the first rule', () => {
    rules('-A FORWARD -p udp', '-t nat -A PREROUTING -p udp');
    replies('in1', '198.51.100.2:7');
    expect(lab.show('gw', 'conntrack')).toBe('');
    expect(counted('PREROUTING', 'nat')).toEqual(['[0:0] -p udp']);
    rules('-A FORWARD -m state --state NEW');
    replies('in1', '198.51.100.2:7');
    expect(lab.show('gw', 'conntrack')).toContain('udp');
    expect(counted('PREROUTING', 'nat')).toEqual(['[1:35] -p udp']);
  });
});

describe('the way through chains', () => {
  it('goes rule by rule, into chains and back, and counts what matched', () => {
    rules(
      ...['-N A', '-N B', '-N C', '-P FORWARD DROP'],
      ...['-A FORWARD -p udp -j A', '-A FORWARD -p udp -g C', '-A FORWARD -j ACCEPT'],
      ...['-A A -j B', '-A A -p tcp -j DROP', '-A A -p udp'],
      ...['-A B -s 10.0.2.0/24 -j RETURN', '-A B -p udp -j RETURN', '-A B -j DROP'],
      // From where a goto led there is no way back: the end of C is that of FORWARD.
      '-A C -d 198.51.100.2 -j RETURN',
    );
    expect(replies('in1', '198.51.100.2:7')).toBe(0);
    expect(lab.drops()).toEqual({ 'kernel:NETFILTER_DROP@gw': 1 });
    expect(counted('FORWARD')).toEqual(['[1:35] -p udp -j A', '[1:35] -p udp -g C', '[0:0] -j ACCEPT']);
    expect(counted('A')).toEqual(['[1:35] -j B', '[0:0] -p tcp -j DROP', '[1:35] -p udp']);
    expect(counted('B')).toEqual(['[0:0] -s 10.0.2.0/24 -j RETURN', '[1:35] -p udp -j RETURN', '[0:0] -j DROP']);
    expect(lab.show('gw', 'iptables')).toContain(':FORWARD DROP [1:35]');
  });

  it('keeps counters when other rules change', () => {
    rules('-A FORWARD -p udp');
    replies('in1', '198.51.100.2:7');
    rules('-I FORWARD -p tcp', '-N X', '-P FORWARD DROP');
    expect(counted('FORWARD')).toEqual(['[0:0] -p tcp', '[2:70] -p udp']);
    // nf_tables counts for a policy from when it is set.
    expect(lab.show('gw', 'iptables')).toContain(':FORWARD DROP [0:0]');
    replies('in1', '198.51.100.2:7');
    expect(lab.show('gw', 'iptables')).toContain(':FORWARD DROP [1:35]');
    rules('-A FORWARD -p icmp', '-N Y');
    expect(lab.show('gw', 'iptables')).toContain(':FORWARD DROP [1:35]');
    rules('-Z FORWARD');
    expect(counted('FORWARD')).toEqual(['[0:0] -p tcp', '[0:0] -p udp', '[0:0] -p icmp']);
  });

  it('raw comes before tracking, mangle before routing, filter before delivery', () => {
    rules(
      ...['-t raw -A PREROUTING -p udp', '-t mangle -A PREROUTING -p udp', '-t mangle -A INPUT -p udp'],
      ...['-A INPUT -p udp', '-A OUTPUT -m conntrack --ctstate ESTABLISHED', '-t mangle -A POSTROUTING -p udp'],
    );
    const sent = lab.udp('in1', '10.0.1.1:7');
    expect(sent.probe.replies).toHaveLength(1);
    const hooks = sent.requestSteps.flatMap((step) =>
      step.kind === 'hook' ? [`${step.hook} ${step.by.split(' ')[0]}`] : [],
    );
    expect(hooks).toEqual([
      'PREROUTING raw',
      'PREROUTING conntrack:',
      'PREROUTING mangle',
      'INPUT mangle',
      'INPUT filter',
    ]);
    expect(counted('OUTPUT')).toEqual(['[1:35] -m conntrack --ctstate ESTABLISHED']);
  });
});

describe('matches', () => {
  it('interfaces by name and by their beginning', () => {
    rules(
      '-A FORWARD -i eth0 -o eth2',
      '-A FORWARD -i eth+',
      '-A FORWARD ! -i eth0',
      '-A FORWARD -i eth',
      '-A FORWARD -o +',
    );
    replies('in1', '198.51.100.2:7');
    expect(counted('FORWARD').map((text) => text.replace(/:\d+/, ''))).toEqual([
      '[1] -i eth0 -o eth2',
      '[2] -i eth+',
      '[1] ! -i eth0',
      '[0] -i eth',
      '[2]',
    ]);
  });

  it('addresses by masks that are no prefixes', () => {
    rules('-A FORWARD -s 10.0.0.2/255.0.0.255', '-A FORWARD ! -s 10.0.0.0/8', '-A FORWARD -d 198.51.100.2,10.0.1.9');
    replies('in1', '198.51.100.2:7');
    expect(counted('FORWARD').map((text) => text.slice(0, 3))).toEqual(['[1:', '[1:', '[1:', '[0:']);
  });

  it('ports of TCP and UDP, in ranges and lists, and what is not in them', () => {
    rules(
      ...['-A FORWARD -p udp --dport 7', '-A FORWARD -p udp ! --dport 8:9', '-A FORWARD -p udp --sport 7:9'],
      ...['-A FORWARD -p udp -m multiport --ports 5,6:8', '-A FORWARD -p udp -m multiport ! --dports 7'],
      '-A FORWARD -p tcp --dport 7',
    );
    replies('in1', '198.51.100.2:7', { source_port: 40000 });
    expect(counted('FORWARD').map((text) => text.slice(0, 2))).toEqual(['[1', '[2', '[1', '[2', '[1', '[0']);
  });

  it('ICMP by type and code', () => {
    rules(
      '-A FORWARD -p icmp --icmp-type 8',
      '-A FORWARD -p icmp ! --icmp-type 8',
      '-A FORWARD -p icmp --icmp-type any',
      '-A FORWARD -p icmp --icmp-type 3/3',
    );
    lab.ping('in1', '198.51.100.2');
    replies('in1', '198.51.100.2:9');
    expect(counted('FORWARD').map((text) => text.slice(0, 2))).toEqual(['[1', '[2', '[3', '[1']);
  });

  it('flags of TCP', () => {
    rules(
      '-A FORWARD -p tcp --syn',
      '-A FORWARD -p tcp --tcp-flags SYN,ACK SYN,ACK',
      '-A FORWARD -p tcp --tcp-flags RST RST',
    );
    connect(lab, 'in1', '198.51.100.2', 80);
    pass(lab);
    expect(counted('FORWARD').map((text) => text.slice(0, 2))).toEqual(['[1', '[0', '[1']);
  });

  it('later fragments have no ports: only -f takes them', () => {
    rules('-A FORWARD -f', '-A FORWARD ! -f', '-A FORWARD -p udp --dport 7', '-A FORWARD -p udp ! --dport 8');
    lab.udp('in1', '198.51.100.2:7', { size: 3000, df: 'dont', timeout: '50ms' });
    expect(counted('FORWARD').map((text) => text.slice(0, 2))).toEqual(['[4', '[2', '[1', '[2']);
  });

  it('a TCP header that is cut off dies at the first rule that looks into it', () => {
    rules('-A FORWARD -p tcp --dport 80 -j ACCEPT');
    const bytes = frameOf(ipv4('10.0.1.2'), ipv4('198.51.100.2'), 1, 80, { flags: 'S', seq: 1 }).slice(
      0,
      ETHERNET_LENGTH + 28,
    );
    const gw = deviceOf(lab, 'gw', 'eth0');
    putMac(bytes, 0, gw.mac);
    const packet = Packet.of(lab.world.ledger, bytes);
    // The IP header says 28 bytes, all of them there.
    packet.bytes[packet.head + ETHERNET_LENGTH + 3] = 28;
    const header = new DataView(packet.bytes.buffer, packet.head + ETHERNET_LENGTH, 20);
    header.setUint16(10, 0);
    let sum = 0;
    for (let at = 0; at < 20; at += 2) sum += header.getUint16(at);
    header.setUint16(10, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
    netifReceive(packet, gw);
    expect(lab.steps(packet.number).at(-1)).toMatchObject({
      reason: 'kernel:NETFILTER_DROP',
      detail: expect.stringContaining('the transport header is cut off'),
    });
    expect(counted('FORWARD')).toEqual(['[0:0] -p tcp -m tcp --dport 80 -j ACCEPT']);
    // The only frame that may be at fault.
    expect(faultsOf(lab)).toHaveLength(1);
    lab = natLab();
  });

  it('kinds of addresses, of one interface where that is asked', () => {
    rules(
      ...['-A INPUT -m addrtype --dst-type LOCAL', '-A INPUT -m addrtype --src-type LOCAL'],
      ...['-A INPUT -m addrtype ! --src-type LOCAL --dst-type UNICAST,LOCAL'],
      '-A INPUT -m addrtype --dst-type LOCAL --limit-iface-in',
      '-A INPUT -m addrtype --dst-type UNICAST --limit-iface-in',
    );
    lab.ping('in1', '10.0.1.1');
    expect(counted('INPUT').map((text) => text.slice(0, 2))).toEqual(['[1', '[0', '[1', '[1', '[0']);
    // By eth0, but for an address of eth1.
    lab.ping('in1', '10.0.2.1');
    expect(counted('INPUT').map((text) => text.slice(0, 2))).toEqual(['[2', '[0', '[2', '[1', '[1']);
  });

  it('limit lets a burst through, then one packet a period', () => {
    rules(
      '-A FORWARD -p icmp -s 10.0.1.2 -m limit --limit 2/s --limit-burst 3 -j ACCEPT',
      '-A FORWARD -s 10.0.1.2 -p icmp -j DROP',
    );
    lab.ping('in1', '198.51.100.2', { count: 5, interval: '10ms', timeout: '50ms' });
    expect(counted('FORWARD').map((text) => text.slice(0, 2))).toEqual(['[3', '[2']);
    lab.run({ wait: '1100ms' });
    lab.ping('in1', '198.51.100.2', { count: 4, interval: '10ms', timeout: '50ms' });
    expect(counted('FORWARD').map((text) => text.slice(0, 2))).toEqual(['[5', '[4']);
    // Any change loads the whole table anew, and with it full buckets.
    rules('-N X');
    lab.ping('in1', '198.51.100.2', { count: 4, interval: '10ms', timeout: '50ms' });
    expect(counted('FORWARD').map((text) => text.slice(0, 2))).toEqual(['[8', '[5']);
  });

  it('states: only what was asked for comes back in', () => {
    rules(
      '-P FORWARD DROP',
      '-A FORWARD -m state --state RELATED,ESTABLISHED -j ACCEPT',
      '-A FORWARD -i eth0 -m conntrack --ctstate NEW -j ACCEPT',
    );
    expect(replies('in1', '198.51.100.2:7')).toBe(1);
    expect(lab.udp('in1', '198.51.100.2:9').probe.errors).toMatchObject([{ errno: 'ECONNREFUSED' }]);
    expect(replies('out', '10.0.1.2:7')).toBe(0);
  });
});

describe('targets', () => {
  it.each([
    ['icmp-net-unreachable', '3/0', 'ENETUNREACH'],
    ['icmp-host-unreachable', '3/1', 'EHOSTUNREACH'],
    ['icmp-proto-unreachable', '3/2', 'ENOPROTOOPT'],
    ['icmp-port-unreachable', '3/3', 'ECONNREFUSED'],
    ['icmp-net-prohibited', '3/9', 'ENETUNREACH'],
    ['icmp-host-prohibited', '3/10', 'EHOSTUNREACH'],
    ['icmp-admin-prohibited', '3/13', 'EHOSTUNREACH'],
  ])('REJECT answers with %s', (type, code, errno) => {
    rules(`-A FORWARD -p udp -j REJECT --reject-with ${type}`);
    expect(lab.udp('in1', '198.51.100.2:7').probe.errors).toMatchObject([{ errno, from: ipv4('10.0.1.1') }]);
    expect(linesOf(lab, 'in1:eth0').at(-1)?.slice(6)).toMatch(
      `10.0.1.1>10.0.1.2 len=63 ttl=64 tos=c0 id=n icmp ${code} [35 of 35: 10.0.1.2>198.51.100.2 ttl=63 DF id=n]`,
    );
  });

  it('REJECT answers a packet of its own at once', () => {
    rules('-A OUTPUT -p udp --dport 7 -j REJECT', '-A INPUT -p icmp -j ACCEPT');
    // sendto() fails, and the error is on its way over lo before the program looks again.
    expect(lab.udp('gw', '198.51.100.2:7').probe.sent).toMatchObject([{ errno: 'EPERM' }]);
    expect(counted('INPUT')).toEqual(['[1:63] -p icmp -j ACCEPT']);
    expect(linesOf(lab, 'out:eth0')).toEqual([]);
  });

  it('REJECT tells nobody of an answer of this very host: its ICMP socket is busy sending it', () => {
    rules('-A OUTPUT -p icmp -j REJECT');
    const sent = lab.ping('in1', '10.0.1.1', { timeout: '50ms' });
    expect(sent.probe.replies).toEqual([]);
    expect(counted('OUTPUT')).toEqual(['[1:84] -p icmp -j REJECT --reject-with icmp-port-unreachable']);
    // The next one is sent as if nothing had been.
    rules('-F OUTPUT');
    expect(lab.udp('in1', '10.0.1.1:9').probe.errors).toMatchObject([{ errno: 'ECONNREFUSED' }]);
  });

  it('REJECT --reject-with tcp-reset speaks in the name of the one asked: TTL 64, id 0, DF', () => {
    rules(
      '-A FORWARD -p tcp --dport 8015 -j REJECT --reject-with tcp-reset',
      '-A OUTPUT -m conntrack --ctstate RELATED',
    );
    const client = connect(lab, 'in1', '198.51.100.2', 8015);
    pass(lab);
    expect(client.notes).toEqual(['ECONNREFUSED', 'close']);
    expect(linesOf(lab, 'in1:eth0').at(-1)?.slice(6)).toBe(
      '198.51.100.2>10.0.1.2 len=40 ttl=64 DF id=0 tcp 8015>40001 RA',
    );
    // The answer belongs to the connection that it ends.
    expect(counted('OUTPUT')).toEqual(['[1:40] -m conntrack --ctstate RELATED']);
  });

  it('tcp-reset through a translation comes from where the client asked', () => {
    rules(
      '-t nat -A PREROUTING -d 10.0.1.1 -p tcp --dport 80 -j DNAT --to-destination 198.51.100.2:99',
      '-A FORWARD -p tcp -j REJECT --reject-with tcp-reset',
    );
    const client = connect(lab, 'in1', '10.0.1.1', 80);
    pass(lab);
    expect(client.notes).toEqual(['ECONNREFUSED', 'close']);
    expect(linesOf(lab, 'in1:eth0').at(-1)?.slice(6)).toBe('10.0.1.1>10.0.1.2 len=40 ttl=64 DF id=0 tcp 80>40001 RA');
  });

  it('a rejected connection in use is reset with the sequence that its peer expects', () => {
    const server = new Server(lab, 'out', 80);
    const client = connect(lab, 'in1', '198.51.100.2', 80);
    pass(lab);
    expect(server.accepted).toHaveLength(1);
    rules('-A FORWARD -p tcp -j REJECT --reject-with tcp-reset');
    client.write('data');
    pass(lab);
    expect(client.notes).toEqual(['connect', 'ECONNRESET', 'close']);
  });

  it('LOG tells and goes on', () => {
    rules('-A FORWARD -p udp -j LOG --log-prefix "udp: " --log-level info', '-A FORWARD -p udp -j DROP');
    const sent = lab.udp('in1', '198.51.100.2:7', { source_port: 40000, timeout: '50ms' });
    const logged = sent.requestSteps.find((step) => step.kind === 'hook' && step.verdict.startsWith('log'));
    expect(logged).toMatchObject({
      by: 'filter FORWARD rule 1: -p udp -j LOG --log-prefix "udp: " --log-level 6',
      verdict: expect.stringMatching(
        /^log "udp: IN=eth0 OUT=eth2 SRC=10\.0\.1\.2 DST=198\.51\.100\.2 LEN=35 TOS=0x00 PREC=0x00 TTL=63 ID=\d+ DF PROTO=UDP SPT=40000 DPT=7 LEN=15"$/,
      ),
    });
    expect(sent.requestSteps.at(-1)).toMatchObject({ detail: 'filter FORWARD rule 2: -p udp -j DROP' });
  });

  it('MARK steers the route, of what passes through and of what is sent here', () => {
    lab.exec('gw', 'ip rule add fwmark 5 lookup 100', 'ip route add default via 10.0.2.2 table 100');
    rules(
      '-t mangle -A PREROUTING -p udp --dport 7 -j MARK --set-mark 5',
      '-t mangle -A OUTPUT -p udp --dport 7 -j MARK --set-mark 5',
    );
    replies('in1', '198.51.100.2:7');
    replies('gw', '198.51.100.2:7');
    const arrived = linesOf(lab, 'in2:eth0').filter((line) => line.includes('>198.51.100.2') && line.includes('ttl=6'));
    expect(arrived.map((line) => line.slice(6, 30))).toEqual([
      '10.0.1.2>198.51.100.2 le',
      '198.51.100.1>198.51.100.2'.slice(0, 24),
    ]);
  });

  it('CONNMARK keeps a mark for the whole connection', () => {
    rules(
      '-t mangle -A PREROUTING -j CONNMARK --restore-mark',
      '-t mangle -A PREROUTING -i eth0 -m mark --mark 0 -j MARK --set-mark 0x17',
      '-t mangle -A PREROUTING -i eth0 -j CONNMARK --save-mark --mask 0xf',
      '-A FORWARD -m mark --mark 0x7',
      '-A FORWARD -i eth2 -m connmark --mark 7/7',
    );
    expect(replies('in1', '198.51.100.2:7')).toBe(1);
    expect(lab.show('gw', 'conntrack')).toContain('mark=7');
    const told = [...(lab.world.recorder?.packets() ?? [])]
      .flatMap(({ number }) => lab.steps(number))
      .filter(({ kind }) => kind === 'rewrite')
      .flatMap((step) => ('field' in step && step.field === 'connection mark' ? [`${step.before}>${step.after}`] : []));
    expect(told).toEqual(['0x0>0x7']);
    expect(counted('FORWARD')).toEqual(['[1:35] -m mark --mark 0x7', '[1:35] -i eth2 -m connmark --mark 0x7/0x7']);
  });

  it('NOTRACK leaves no connection, and the state UNTRACKED', () => {
    rules(
      '-A FORWARD -m state --state UNTRACKED',
      '-t raw -A PREROUTING -p udp -j NOTRACK',
      '-t raw -A PREROUTING -j CT --notrack',
    );
    expect(replies('in1', '198.51.100.2:7')).toBe(1);
    expect(lab.show('gw', 'conntrack')).toBe('');
    expect(counted('FORWARD')).toEqual(['[2:70] -m state --state UNTRACKED']);
  });

  it('the nat table is asked once a connection', () => {
    rules('-t nat -A POSTROUTING -o eth2 -j SNAT --to-source 198.51.100.1');
    lab.udp('in1', '198.51.100.2:7', { count: 3, interval: '10ms' });
    expect(counted('POSTROUTING', 'nat')).toEqual(['[1:35] -o eth2 -j SNAT --to-source 198.51.100.1']);
    expect(linesOf(lab, 'out:eth0').filter((line) => line.includes('198.51.100.1>198.51.100.2'))).toHaveLength(3);
  });

  it('MASQUERADE takes a port of its range, REDIRECT leads here', () => {
    rules(
      '-t nat -A POSTROUTING -p udp -o eth2 -j MASQUERADE --to-ports 5000-5001',
      '-t nat -A PREROUTING -p udp --dport 53 -j REDIRECT --to-ports 7',
    );
    expect(replies('in1', '198.51.100.2:7')).toBe(1);
    expect(linesOf(lab, 'out:eth0')[0]).toMatch(/198\.51\.100\.1>198\.51\.100\.2 .* udp 500[01]>7$/);
    const sent = lab.udp('in1', '203.0.113.9:53');
    expect(sent.probe.replies).toMatchObject([{ from: ipv4('203.0.113.9'), ttl: 64 }]);
  });
});
