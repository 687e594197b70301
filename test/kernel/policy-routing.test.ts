import { describe, expect, it } from 'vitest';
import { ACCEPT, HOOK_PRIORITY } from '../../sim/kernel/forwarding/netfilter.ts';
import { runCommand } from '../../sim/world/commands.ts';
import { Lab, type Sent } from '../bench.ts';

/*
 *   a 10.0.1.1 --- eth1 r eth2 10.0.2.254 --- 10.0.2.1 up      Both have 198.51.100.1: which one gets a packet
 *                       r eth3 10.0.3.254 --- 10.0.3.1 down    tells what r decided.
 */
const SITE = '198.51.100.1';

function twoWays(exec: readonly string[] = [], forward = 1): Lab {
  const isp = (address: string, net: string) => ({
    kind: 'linux',
    interfaces: { eth0: { address } },
    routes: [`default via ${net}`],
    services: [{ port: 53 }, { port: 7 }],
    exec: [`ip addr add ${SITE}/32 dev lo`],
  });
  const nodes = {
    a: { kind: 'linux', interfaces: { eth0: { address: '10.0.1.1/24' } }, routes: ['default via 10.0.1.254'] },
    up: isp('10.0.2.1/24', '10.0.2.254'),
    down: isp('10.0.3.1/24', '10.0.3.254'),
    r: {
      kind: 'linux',
      interfaces: {
        eth1: { address: '10.0.1.254/24' },
        eth2: { address: '10.0.2.254/24' },
        eth3: { address: '10.0.3.254/24' },
      },
      sysctls: { 'net.ipv4.ip_forward': forward },
      routes: ['default via 10.0.2.1', 'default via 10.0.3.1 table 100'],
      exec,
    },
  };
  const links = [
    { endpoints: ['a:eth0', 'r:eth1'] },
    { endpoints: ['up:eth0', 'r:eth2'] },
    { endpoints: ['down:eth0', 'r:eth3'] },
  ];
  return new Lab(nodes, links);
}

/** Which of the two got the request; '' for neither. Its answer may meet a rule of its own. */
function provider(sent: Sent): string {
  const end = sent.path.at(-1)?.split('@').at(-1) ?? '';
  return ['up', 'down'].includes(end) ? end : '';
}

const rule = (text: string): string[] => [`ip rule add ${text} lookup 100 pref 100`];
const ping = (lab: Lab, from: string, options: object = {}): string =>
  provider(lab.ping(from, SITE, { timeout: '1s', ...options }));
const udp = (lab: Lab, from: string, port: number, options: object = {}): string =>
  provider(lab.udp(from, `${SITE}:${port}`, { timeout: '1s', ...options }));

describe('ip rule', () => {
  it('by TOS: bits 2 to 4 of the packet are compared, whatever stands beside them', () => {
    const lab = twoWays(rule('tos 10'));
    expect(ping(lab, 'a')).toBe('up');
    expect(ping(lab, 'a', { tos: 0x08 })).toBe('up');
    expect(ping(lab, 'a', { tos: 0x10 })).toBe('down');
    expect(ping(lab, 'a', { tos: 0x12 })).toBe('down');
    expect(ping(lab, 'a', { tos: 0xf0 })).toBe('down');
    expect(lab.show('r', 'rule')).toContain('100:\tfrom all tos 0x10 lookup 100\n');
    const refusal = (tos: string): string => runCommand(lab.stack('r').net, `ip rule add tos ${tos} lookup 100`) ?? '';
    expect(refusal('0x03')).toContain('Invalid dsfield (tos): ECN bits must be 0.');
    expect(refusal('0x48')).toContain('Invalid tos.');
  });

  it('none: everything goes by table main', () => {
    const lab = twoWays();
    expect(ping(lab, 'a')).toBe('up');
    expect(ping(lab, 'r')).toBe('up');
  });

  it('from: by the source', () => {
    const lab = twoWays(rule('from 10.0.1.0/24'));
    expect(ping(lab, 'a')).toBe('down');
    expect(ping(lab, 'r')).toBe('up');
    expect(ping(lab, 'r', { source: '10.0.1.254' })).toBe('down');
  });

  it('from: before a source is chosen there is none to match', () => {
    const lab = twoWays(rule('from 10.0.2.254'));
    expect(ping(lab, 'r')).toBe('up');
    expect(ping(lab, 'r', { source: '10.0.2.254' })).toBe('down');
  });

  it('to: by the destination', () => {
    expect(ping(twoWays(rule(`to ${SITE}`)), 'a')).toBe('down');
    expect(ping(twoWays(rule('to 192.0.2.0/24')), 'a')).toBe('up');
  });

  it('iif: by the interface it came in by; lo means what the host itself sends', () => {
    expect(ping(twoWays(rule('iif eth1')), 'a')).toBe('down');
    expect(ping(twoWays(rule('iif eth1')), 'r')).toBe('up');
    expect(ping(twoWays(rule('iif lo')), 'a')).toBe('up');
    expect(ping(twoWays(rule('iif lo')), 'r')).toBe('down');
  });

  it('oif: by the interface that was asked for', () => {
    const lab = twoWays(rule('oif eth3'));
    expect(ping(lab, 'r')).toBe('up');
    expect(ping(lab, 'r', { device: 'eth3' })).toBe('down');
  });

  it('ipproto and dport: by what is in the packet', () => {
    const lab = twoWays(rule('ipproto udp dport 53'));
    expect(udp(lab, 'a', 53)).toBe('down');
    expect(udp(lab, 'a', 7)).toBe('up');
    expect(ping(lab, 'a')).toBe('up');
    expect(udp(lab, 'r', 53)).toBe('down');
    expect(udp(lab, 'r', 7)).toBe('up');
  });

  it('dport and sport take ranges, both ends in', () => {
    const lab = twoWays(rule('ipproto udp dport 50-53'));
    expect([udp(lab, 'a', 53), udp(lab, 'a', 7)]).toEqual(['down', 'up']);
    const bySource = twoWays(rule('ipproto udp sport 4000-4001'));
    expect(udp(bySource, 'a', 7, { source_port: 4001 })).toBe('down');
    expect(udp(bySource, 'a', 7, { source_port: 4002 })).toBe('up');
  });

  it('ipproto icmp: pings, but no datagrams', () => {
    const lab = twoWays(rule('ipproto icmp'));
    expect([ping(lab, 'a'), udp(lab, 'a', 7)]).toEqual(['down', 'up']);
  });

  it('fwmark: by the mark of the packet, under the mask', () => {
    const marked = (text: string, mark: number): string => {
      const lab = twoWays(rule(text));
      const { net } = lab.stack('r');
      net.hooks.register('PREROUTING', {
        name: 'mark',
        priority: HOOK_PRIORITY.mangle,
        run: (packet) => {
          packet.mark = mark;
          return ACCEPT;
        },
      });
      return ping(lab, 'a');
    };
    expect(marked('fwmark 0x10', 0x10)).toBe('down');
    expect(marked('fwmark 0x10', 0x11)).toBe('up');
    expect(marked('fwmark 0x10/0xf0', 0x1f)).toBe('down');
    expect(marked('not fwmark 0x10', 0x11)).toBe('down');
  });

  it('not: turns a selector round', () => {
    expect(ping(twoWays(rule('not from 10.0.1.0/24')), 'a')).toBe('up');
    expect(ping(twoWays(rule('not from 10.9.0.0/16')), 'a')).toBe('down');
  });

  it('that catches the answers too sends them after the requests', () => {
    expect(twoWays(rule('ipproto icmp')).ping('a', SITE, { timeout: '1s' }).probe.replies).toEqual([]);
    expect(twoWays(rule('ipproto icmp iif eth1')).ping('a', SITE).probe.replies).toHaveLength(1);
  });

  it('the lower preference is asked first; a table without an answer passes the question on', () => {
    const lab = twoWays([...rule('from 10.0.1.0/24'), 'ip rule add from 10.0.1.1 lookup 200 pref 50']);
    expect(ping(lab, 'a')).toBe('down');
    lab.exec('r', 'ip route add default via 10.0.2.1 table 200');
    expect(ping(lab, 'a')).toBe('up');
  });

  it('the rule that decided is told in the trace', () => {
    const sent = twoWays(rule('from 10.0.1.0/24')).ping('a', SITE);
    const told = sent.requestSteps.find((step) => step.kind === 'rule' && step.place.title === 'r');
    expect(told).toMatchObject({ priority: 100, table: '100' });
  });
});

/** What a, behind r, and r itself learn. */
function verdicts(exec: readonly string[], forward = 1): { a: unknown; r: unknown; dropped: unknown } {
  const lab = twoWays(exec, forward);
  const fromA = lab.ping('a', SITE, { timeout: '1s' });
  const fromR = lab.ping('r', SITE, { timeout: '1s' });
  const error = fromA.probe.errors[0];
  return {
    a: error === undefined ? 'silence' : [error.errno, error.type, error.code],
    r: fromR.probe.sent[0]?.errno ?? 'sent',
    dropped: fromA.drops.map((drop) => `${drop.reason}@${drop.place.title}`),
  };
}

describe('routes that lead nowhere', () => {
  const dropped = ['kernel:IP_INNOROUTES@r'];

  it.each([
    // Code 13 (administratively filtered) reads as EHOSTUNREACH (icmp_err_convert).
    ['blackhole', 'silence', 'EINVAL'],
    ['unreachable', ['EHOSTUNREACH', 3, 1], 'EHOSTUNREACH'],
    ['prohibit', ['EHOSTUNREACH', 3, 13], 'EACCES'],
  ])('%s tells the one behind %j, and itself %s', (type, a, r) => {
    expect(verdicts([`ip route add ${type} ${SITE}`])).toEqual({ a, r, dropped });
  });

  it.each([
    ['blackhole', 'silence', 'EINVAL'],
    ['unreachable', ['ENETUNREACH', 3, 0], 'ENETUNREACH'],
    ['prohibit', ['EHOSTUNREACH', 3, 13], 'EACCES'],
  ])('a rule of type %s tells the one behind %j, and itself %s', (type, a, r) => {
    expect(verdicts([`ip rule add to ${SITE} ${type} pref 100`])).toEqual({ a, r, dropped });
  });

  it('throw ends the table, not the question', () => {
    expect(ping(twoWays([...rule('from all'), `ip route add throw ${SITE} table 100`]), 'a')).toBe('up');
    const nowhere = verdicts([`ip route add throw ${SITE}`]);
    expect(nowhere).toEqual({ a: ['ENETUNREACH', 3, 0], r: 'ENETUNREACH', dropped });
  });

  it('no route at all: network unreachable', () => {
    expect(verdicts(['ip route del default'])).toEqual({ a: ['ENETUNREACH', 3, 0], r: 'ENETUNREACH', dropped });
  });

  it('a host that does not forward says nothing, whatever its routes', () => {
    for (const exec of [[], [`ip route add unreachable ${SITE}`], ['ip route del default']]) {
      expect(verdicts(exec, 0)).toMatchObject({ a: 'silence', dropped: ['kernel:IP_INADDRERRORS@r'] });
    }
  });
});

describe('asking for an interface (SO_BINDTODEVICE)', () => {
  it('only routes by it count', () => {
    const lab = twoWays(['ip route add default via 10.0.3.1 metric 100']);
    expect(ping(lab, 'r')).toBe('up');
    expect(ping(lab, 'r', { device: 'eth3' })).toBe('down');
    expect(ping(lab, 'r', { device: 'eth2' })).toBe('up');
  });

  it('takes its address for the source', () => {
    const lab = twoWays(['ip route add default via 10.0.3.1 metric 100']);
    expect(lab.ping('r', SITE, { device: 'eth3' }).probe.source).toBe(0x0a0003fe);
  });

  it('without a route by it the destination is sought on its link', () => {
    const lab = twoWays();
    const sent = lab.ping('r', SITE, { device: 'eth1', timeout: '5s' });
    // The error comes over lo, where a socket that is bound to eth1 does not hear it.
    expect(sent.probe.errors).toEqual([]);
    expect(lab.show('r', 'neigh')).toContain(`${SITE} dev eth1 FAILED\n`);
  });

  it('takes a prohibited destination to be on that link, as Linux does with any lookup that fails', () => {
    const lab = twoWays([`ip route add prohibit ${SITE}`]);
    expect(lab.ping('r', SITE).probe.sent[0]?.errno).toBe('EACCES');
    expect(lab.ping('r', SITE, { device: 'eth2' }).probe.sent[0]?.errno).toBeUndefined();
  });

  it('of an interface that is not there, or is down, is refused', () => {
    const lab = twoWays(['ip link set eth3 down']);
    expect(lab.ping('r', SITE, { device: 'eth9' }).probe.sent[0]?.errno).toBe('ENODEV');
    expect(lab.ping('r', SITE, { device: 'eth3' }).probe.sent[0]?.errno).toBe('ENETUNREACH');
  });
});
