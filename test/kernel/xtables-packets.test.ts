import { beforeEach, describe, expect, it } from 'vitest';
import { ns } from '../../sim/core/time.ts';
import { creditOf, limitOverflows, takeCredit } from '../../sim/kernel/forwarding/xtables/limit.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { put8, put16 } from '../../sim/wire/bytes.ts';
import { ETHERTYPE_IPV4, putEthernet } from '../../sim/wire/ethernet.ts';
import { Ipv4Header } from '../../sim/wire/ipv4.ts';
import type { Lab } from '../bench.ts';
import { packet } from '../comware/nat-lab.ts';
import { deviceOf, natLab } from './nat-lab.ts';

/* What a rule makes of the bytes of one packet, at the ends of its ranges and of the packet. */

let lab: Lab;

beforeEach(() => {
  lab = natLab();
});

/** The steps of a packet that comes in by eth0 of gw. */
function stepsOf(bytes: Uint8Array): readonly { readonly kind: string }[] {
  const eth0 = deviceOf(lab, 'gw', 'eth0');
  const frame = new Uint8Array(14 + bytes.length);
  putEthernet(frame, 0, eth0.mac, 0x020000000099, ETHERTYPE_IPV4);
  frame.set(bytes, 14);
  const one = Packet.of(lab.world.ledger, frame);
  netifReceive(one, eth0);
  return lab.steps(one.number);
}

/** Whether `-t raw -A PREROUTING RULE -j DROP` drops it; 'broken' where it is dropped whatever the rule says. */
function fate(rule: string, bytes: Uint8Array): 'matched' | 'passed' | 'broken' {
  lab.exec('gw', 'iptables -t raw -F PREROUTING', `iptables -t raw -A PREROUTING ${rule} -j DROP`);
  const end = stepsOf(bytes).find((step) => step.kind === 'drop');
  if (end === undefined || !('detail' in end) || !String(end.detail).startsWith('raw ')) return 'passed';
  return String(end.detail).includes('is cut off') ? 'broken' : 'matched';
}

const A = '10.0.1.2';
const B = '198.51.100.2';
const tcp = (flags: string, from = 1000, to = 80): Uint8Array => packet('tcp', `${A}:${from}`, `${B}:${to}`, flags);
const udp = (from = 1000, to = 80): Uint8Array => packet('udp', `${A}:${from}`, `${B}:${to}`);
const later = (bytes: Uint8Array, offset: number): Uint8Array => {
  const ip = new Ipv4Header(bytes, 0);
  ip.fragment = offset;
  ip.writeChecksum();
  return bytes;
};
const icmp = (type: number, code: number): Uint8Array => {
  const bytes = packet('icmp', `${A}:7`, B);
  put8(bytes, 20, type);
  put8(bytes, 21, code);
  put16(bytes, 22, 0);
  return bytes;
};

describe('a port', () => {
  it.each<[string, number, string]>([
    ['-p tcp --dport 80:90', 79, 'passed'],
    ['-p tcp --dport 80:90', 80, 'matched'],
    ['-p tcp --dport 80:90', 90, 'matched'],
    ['-p tcp --dport 80:90', 91, 'passed'],
    ['-p tcp ! --dport 80:90', 90, 'passed'],
    ['-p tcp ! --dport 80:90', 91, 'matched'],
    ['-p tcp --sport 1000', 80, 'matched'],
    ['-p tcp --sport 80', 80, 'passed'],
    ['-p tcp ! --sport 1000', 80, 'passed'],
    ['-p udp --dport 80:90', 80, 'passed'],
    ['-p tcp -m multiport --dports 22,80:82', 82, 'matched'],
    ['-p tcp -m multiport --dports 22,80:82', 83, 'passed'],
    ['-p tcp -m multiport --dports 22,1000', 80, 'passed'],
    ['-p tcp -m multiport --sports 22,1000', 80, 'matched'],
    ['-p tcp -m multiport --sports 22,80', 80, 'passed'],
    ['-p tcp -m multiport --ports 1000', 80, 'matched'],
    ['-p tcp -m multiport --ports 80', 80, 'matched'],
    ['-p tcp -m multiport --ports 81', 80, 'passed'],
    ['-p tcp -m multiport ! --dports 22,80', 80, 'passed'],
    ['-p tcp -m multiport ! --dports 22,80', 81, 'matched'],
  ])('%s to port %i: %s', (rule, port, expected) => {
    expect(fate(rule, tcp('S', 1000, port))).toBe(expected);
    if (rule.includes('-p tcp')) expect(fate(rule.replace('-p tcp', '-p udp'), udp(1000, port))).toBe(expected);
  });
});

describe('flags of TCP', () => {
  it.each<[string, string, string]>([
    ['--syn', 'S', 'matched'],
    ['--syn', 'SA', 'passed'],
    ['--syn', 'SR', 'passed'],
    ['! --syn', 'S', 'passed'],
    ['! --syn', 'A', 'matched'],
    ['--tcp-flags SYN,FIN SYN,FIN', 'SF', 'matched'],
    ['--tcp-flags SYN,FIN SYN,FIN', 'S', 'passed'],
    ['--tcp-flags ALL NONE', 'A', 'passed'],
    ['--tcp-flags ALL ACK,PSH', 'PA', 'matched'],
  ])('%s of %s: %s', (rule, flags, expected) => expect(fate(`-p tcp ${rule}`, tcp(flags))).toBe(expected));
});

describe('ICMP', () => {
  it.each<[string, number, number, string]>([
    ['--icmp-type echo-request', 8, 0, 'matched'],
    ['--icmp-type echo-request', 0, 0, 'passed'],
    ['! --icmp-type echo-request', 8, 0, 'passed'],
    ['! --icmp-type echo-request', 0, 0, 'matched'],
    ['--icmp-type 3', 3, 13, 'matched'],
    ['--icmp-type 3/1', 3, 1, 'matched'],
    ['--icmp-type 3/1', 3, 2, 'passed'],
    ['--icmp-type 3/1', 11, 1, 'passed'],
    ['--icmp-type any', 42, 0, 'matched'],
  ])('%s of %i/%i: %s', (rule, type, code, expected) =>
    expect(fate(`-p icmp ${rule}`, icmp(type, code))).toBe(expected),
  );
});

describe('a packet that is too short to be looked at', () => {
  /** Cut off, its length in the header made to fit. */
  const cut = (bytes: Uint8Array, length: number): Uint8Array => {
    const short = bytes.slice(0, 20 + length);
    const ip = new Ipv4Header(short, 0);
    ip.totalLength = short.length;
    ip.writeChecksum();
    return short;
  };

  it.each<[string, Uint8Array, number, number]>([
    ['-p tcp --dport 80', tcp('S'), 20, 19],
    ['-p udp --dport 80', udp(), 8, 7],
    ['-p icmp --icmp-type 8', icmp(8, 0), 8, 7],
    ['-p udp -m multiport --dports 80', udp(), 4, 3],
  ])('%s drops it', (rule, bytes, enough, few) => {
    expect([fate(rule, cut(bytes, enough)), fate(rule, cut(bytes, few))]).toEqual(['matched', 'broken']);
  });

  it('a later fragment has no ports; one that begins within a TCP header is an attack', () => {
    for (const rule of ['-p udp --dport 80', '-p udp -m multiport --dports 80', '-p udp ! --dport 80']) {
      expect([rule, fate(rule, later(udp(), 5))]).toEqual([rule, 'passed']);
    }
    expect(fate('-p icmp ! --icmp-type 3', later(icmp(8, 0), 5))).toBe('passed');
    expect([1, 2].map((offset) => fate('-p tcp --dport 80', later(tcp('S'), offset)))).toEqual(['broken', 'passed']);
    expect([0, 5].map((offset) => fate('-p udp -f', later(udp(), offset)))).toEqual(['passed', 'matched']);
    expect([0, 5].map((offset) => fate('-p udp ! -f', later(udp(), offset)))).toEqual(['matched', 'passed']);
  });
});

describe('the line that LOG writes', () => {
  function logged(bytes: Uint8Array, options = ''): string {
    lab.exec('gw', `iptables -t raw -A PREROUTING -j LOG ${options}`);
    const line = stepsOf(bytes).flatMap((step) => ('verdict' in step ? [String(step.verdict)] : []));
    return (line.find((text) => text.startsWith('log ')) ?? '').replace(
      /^log "IN=eth0 OUT= SRC=10\.0\.1\.2 DST=198\.51\.100\.2 |"$/g,
      '',
    );
  }

  it('of TCP tells the window, the flags and, if asked, the numbers', () => {
    expect(logged(tcp('FSRPA'))).toBe(
      'LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=77 PROTO=TCP SPT=1000 DPT=80 WINDOW=0 RES=0x00 ACK PSH RST SYN FIN URGP=0',
    );
    const odd = tcp('');
    put8(odd, 32, 0x5f);
    put8(odd, 33, 0xe0);
    put16(odd, 34, 0x1234);
    put16(odd, 38, 7);
    expect(logged(odd).split(' DPT=80 ')[1]).toBe('WINDOW=4660 RES=0x3c CWR ECE URG URGP=7');
  });

  it('of TCP tells its numbers with --log-tcp-sequence', () => {
    expect(logged(tcp('S'), '--log-tcp-sequence')).toContain('DPT=80 SEQ=1000 ACK=0 WINDOW=');
  });

  it('of UDP, ICMP and others tells what they have', () => {
    expect(logged(udp())).toContain(' ID=77 PROTO=UDP SPT=1000 DPT=80 LEN=8');
  });

  it.each<[number, number, string]>([
    [8, 0, 'TYPE=8 CODE=0 ID=7 SEQ=1'],
    [0, 0, 'TYPE=0 CODE=0 ID=7 SEQ=1'],
    [3, 4, 'TYPE=3 CODE=4 MTU=1'],
    [3, 1, 'TYPE=3 CODE=1'],
    [11, 4, 'TYPE=11 CODE=4'],
  ])('of ICMP %i/%i', (type, code, words) => expect(logged(icmp(type, code)).split('PROTO=ICMP ')[1]).toBe(words));

  it('tells of fragments, and of what is cut short', () => {
    expect(logged(later(udp(), 0x2005))).toBe('LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=77 MF FRAG:5 PROTO=UDP');
  });

  it('tells how much of a header is there', () => {
    const short = udp().slice(0, 27);
    const ip = new Ipv4Header(short, 0);
    ip.totalLength = 27;
    short[1] = 0xbf;
    ip.fragment = 0x4000;
    ip.writeChecksum();
    expect(logged(short)).toBe('LEN=27 TOS=0x1E PREC=0xA0 TTL=64 ID=77 DF PROTO=UDP INCOMPLETE [7 bytes]');
  });

  it('of a protocol without ports tells its number, and the mark of the packet', () => {
    lab.exec('gw', 'iptables -t raw -A PREROUTING -j MARK --set-mark 0x2a');
    expect(logged(packet('47', A, B)).split(' ID=77 ')[1]).toBe('PROTO=47 MARK=0x2a');
  });
});

describe('the credit of a limit', () => {
  it('costs what the kernel reckons, overflow of 32 bits and all', () => {
    // 1/second, 3/hour, in units of 1/10000 s; 134217 is the largest that is multiplied before it is divided.
    expect(creditOf(10_000, 1)).toBe(32_000);
    expect(creditOf(10_000, 5)).toBe(160_000);
    expect([creditOf(134_217, 1), creditOf(134_218, 1)]).toEqual([429_494, 416_000]);
    // 1/day, five of them: 4320000000 is 25032704 in 32 bits.
    expect(creditOf(864_000_000, 5)).toBe(2503 * 32_000);
  });

  it('of none, or of more than can be counted, is refused', () => {
    expect([limitOverflows(10_000, 0), limitOverflows(10_000, 1), limitOverflows(10_000, 5)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([limitOverflows(864_000_000, 1), limitOverflows(864_000_000, 5)]).toEqual([false, true]);
  });

  it('is earned with time, up to the burst', () => {
    const bucket = { credit: creditOf(10_000, 2), since: ns(0) };
    const take = (at: number): boolean => takeCredit(bucket, 10_000, 2, ns(at));
    expect([take(0), take(0), take(0)]).toEqual([true, true, false]);
    expect([take(0.999e9), take(1e9), take(1e9)]).toEqual([false, true, false]);
    expect([take(100e9), take(100e9), take(100e9)]).toEqual([true, true, false]);
  });
});
