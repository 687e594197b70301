import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../sim/core/time.ts';
import { ipRouteOutput } from '../../sim/kernel/forwarding/route-output.ts';
import { formatIpv4, parseIpv4 } from '../../sim/wire/address.ts';
import { Shell } from './shell.ts';

const DESTINATIONS = ['10.0.0.9', '10.1.0.9', '9.9.9.9', '10.0.0.1', '10.0.0.255', '127.0.0.5', '255.255.255.255'];
const SOURCES = ['0.0.0.0', '10.0.0.1', '10.0.0.2', '127.0.0.1'];

/** What changes where packets go, or which source they get. */
const COMMANDS = [
  'ip addr add 10.0.0.1/24 dev eth0',
  'ip addr add 10.0.0.2/24 dev eth0',
  'ip addr del 10.0.0.1/24 dev eth0',
  'ip addr add 10.1.0.1/24 dev eth1',
  'ip addr add 10.0.0.1/24 dev eth1',
  'ip addr add 10.1.0.1/24 dev eth1 scope host',
  'ip addr del 10.1.0.1/24 dev eth1',
  'ip addr add 10.2.0.1/32 dev lo',
  'ip addr flush dev lo',
  'ip addr add 10.3.0.1/24 dev eth0',
  'ip addr add 10.3.0.1/16 dev eth0 scope host',
  'ip addr del 10.3.0.1/24 dev eth0',
  'ip link set eth0 mtu 1400',
  'ip route flush cache',
  'ip route add default via 10.0.0.254',
  'ip route replace default via 10.1.0.254',
  'ip route del default',
  'ip route add 10.1.0.0/16 dev eth0',
  'ip route add 9.9.9.0/24 dev eth1 src 10.0.0.1',
  'ip route add 9.9.9.9 dev eth1',
  'ip route add blackhole 9.9.9.9',
  'ip route del 9.9.9.9',
  'ip route add 127.0.0.0/24 dev eth0',
  'ip link set eth0 down',
  'ip link set eth0 up',
  'ip link set eth1 down',
  'ip link set eth1 up',
  'sysctl -w net.ipv4.conf.all.route_localnet=1',
  'sysctl -w net.ipv4.conf.all.route_localnet=0',
  'ip rule add from 10.0.0.1 lookup 7',
  'ip route add default dev eth1 table 7',
];

type Change = string | { readonly redirect: string };

function make(): Shell {
  const shell = new Shell().veth('eth0', 'peer0').veth('eth1', 'peer1');
  shell.run('ip link set peer0 up', 'ip link set peer1 up', 'ip link set lo up', 'ip link set eth0 up');
  shell.run('ip addr add 10.0.0.1/24 dev eth0', 'ip route add default via 10.0.0.254');
  return shell;
}

function apply(shell: Shell, change: Change): void {
  // Refused it may be, but not as something that nobody can read.
  if (typeof change === 'string') expect(shell.run(change)).not.toContain('(column');
  else shell.net.parts.pathMtu.learnGateway(parseIpv4(change.redirect) ?? 0, parseIpv4('10.0.0.7') ?? 0);
}

function decided(shell: Shell, from: string, to: string): string {
  const query = { source: parseIpv4(from) ?? 0, destination: parseIpv4(to) ?? 0, device: '', tos: 0, protocol: 17 };
  const route = ipRouteOutput(shell.net, { ...query, sourcePort: 1, destinationPort: 2 });
  if ('errno' in route) return route.errno;
  const { type, device, gateway, source } = route.rtable;
  return `${type} via ${formatIpv4(gateway)} dev ${device.name} src ${formatIpv4(source)}`;
}

/** `forget` is called before each question. */
const answers = (shell: Shell, forget = () => {}): string[] =>
  SOURCES.flatMap((from) =>
    DESTINATIONS.map((to) => {
      forget();
      return `${from} ${to} ${decided(shell, from, to)}`;
    }),
  );

describe('where a packet goes, and from which address, though lookups are kept', () => {
  it('law: who asks again is told what one is told who asks for the first time', () => {
    const change = fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...COMMANDS) },
      { weight: 1, arbitrary: fc.constant({ redirect: '9.9.9.9' }) },
    );
    fc.assert(
      fc.property(fc.array<Change>(change, { maxLength: 40 }), (changes) => {
        const shell = make();
        for (const one of changes) {
          apply(shell, one);
          const kept = answers(shell);
          // Twice the same, from what was kept in between.
          expect(answers(shell)).toEqual(kept);
          expect(kept).toEqual(answers(shell, () => shell.net.mainTable.version++));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('an address that goes is no source any more, although its host still has it with another prefix', () => {
    const shell = make();
    shell.run('ip link set eth0 down', 'ip addr flush dev eth0', 'ip addr flush dev lo', 'ip link set eth1 up');
    shell.run('ip route replace default dev eth1');
    shell.run('ip addr add 10.3.0.1/24 dev eth0', 'ip addr add 10.3.0.1/16 dev eth0 scope host');
    expect(shell.routeGet('9.9.9.9')).toBe('9.9.9.9 dev eth1 src 10.3.0.1');
    shell.run('ip addr del 10.3.0.1/24 dev eth0');
    expect(shell.routeGet('9.9.9.9')).toBe('9.9.9.9 dev eth1');
  });

  it('127.0.0.1 is a source outside only while route_localnet lets it be', () => {
    const shell = make();
    const way = () => shell.routeGet('9.9.9.9', { from: '127.0.0.1' });
    expect(way()).toBe('RTNETLINK answers: Invalid argument');
    shell.run('sysctl -w net.ipv4.conf.eth0.route_localnet=1');
    expect([way(), way()]).toEqual(new Array(2).fill('9.9.9.9 from 127.0.0.1 via 10.0.0.254 dev eth0'));
    shell.run('sysctl -w net.ipv4.conf.eth0.route_localnet=0');
    expect(way()).toBe('RTNETLINK answers: Invalid argument');
  });

  it('what was decided before the routes changed does not die with those of now', () => {
    const shell = make();
    const kept = () => {
      const query = { source: 0x0a000001, destination: 0x09090909, device: '', tos: 0, protocol: 17, sourcePort: 1 };
      const route = ipRouteOutput(shell.net, { ...query, destinationPort: 2 });
      return 'errno' in route ? undefined : route.rtable.kept;
    };
    const before = kept();
    expect(kept()).toBe(before);
    shell.run('ip route flush cache');
    const after = kept();
    expect(after).not.toBe(before);
    shell.run('ip route del default');
    expect([before?.dead, after?.dead]).toEqual([false, true]);
  });

  it('a redirect counts for its destination until it runs out', () => {
    const shell = make();
    const way = (to: string) => shell.routeGet(to, { from: '10.0.0.1' }).split(' ')[4];
    expect([way('9.9.9.9'), way('8.8.4.4')]).toEqual(['10.0.0.254', '10.0.0.254']);
    apply(shell, { redirect: '9.9.9.9' });
    expect([way('9.9.9.9'), way('8.8.4.4')]).toEqual(['10.0.0.7', '10.0.0.254']);
    shell.clock.after(seconds(301), () => {}, undefined);
    while (shell.clock.runNext());
    expect([way('9.9.9.9'), way('8.8.4.4')]).toEqual(['10.0.0.254', '10.0.0.254']);
  });
});
