import { afterEach, describe, expect, it } from 'vitest';
import { jhashAddress, reciprocalScale } from '../../sim/kernel/forwarding/nat/jhash.ts';
import { natRedirect, natSetup } from '../../sim/kernel/forwarding/nat/nat-setup.ts';
import { ACCEPT } from '../../sim/kernel/forwarding/netfilter.ts';
import type { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { forwardPort, ipv4, masquerade, natLab, translateAt } from './nat-lab.ts';

/* Destinations that are not what they seem: reference lab 05. */

let lab: Lab;

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

describe('a forwarded port', () => {
  it('ext-pub: the server sees the client, its answers leave as the gateway', () => {
    lab = natLab();
    forwardPort(lab, 'gw', '198.51.100.1', 8080, '10.0.1.2', 7);
    const sent = lab.udp('out', '198.51.100.1:8080', { source_port: 5555 });
    expect(sent.probe.replies).toMatchObject([{ from: ipv4('198.51.100.1'), ttl: 63 }]);
    expect(linesOf(lab, 'in1:eth0').map((line) => line.slice(6))).toEqual([
      '198.51.100.2>10.0.1.2 len=35 ttl=63 DF id=n udp 5555>7',
      '10.0.1.2>198.51.100.2 len=35 ttl=64 DF id=n udp 7>5555',
    ]);
    expect(linesOf(lab, 'out:eth0').map((line) => line.slice(6))).toEqual([
      '198.51.100.2>198.51.100.1 len=35 ttl=64 DF id=n udp 5555>8080',
      '198.51.100.1>198.51.100.2 len=35 ttl=63 DF id=n udp 8080>5555',
    ]);
    expect(lab.show('gw', 'conntrack')).toMatch(
      /^udp {6}17 \d+ src=198\.51\.100\.2 dst=198\.51\.100\.1 sport=5555 dport=8080 src=10\.0\.1\.2 dst=198\.51\.100\.2 sport=7 dport=5555 mark=0 use=1\n$/,
    );
  });

  it('leaves other ports with the gateway', () => {
    lab = natLab();
    forwardPort(lab, 'gw', '198.51.100.1', 8080, '10.0.1.2', 7);
    expect(lab.udp('out', '198.51.100.1:7').probe.replies).toMatchObject([{ ttl: 64 }]);
    expect(lab.udp('out', '198.51.100.1:8081').probe.errors).toMatchObject([{ errno: 'ECONNREFUSED' }]);
  });

  it('host-pub: what the gateway sends itself is routed anew, its source stays the one it had', () => {
    lab = natLab();
    forwardPort(lab, 'gw', '198.51.100.1', 8080, '10.0.1.2', 7, ['OUTPUT']);
    const sent = lab.udp('gw', '198.51.100.1:8080', { source_port: 5555 });
    expect(sent.probe.replies).toMatchObject([{ from: ipv4('198.51.100.1') }]);
    expect(linesOf(lab, 'in1:eth0').map((line) => line.slice(6))[0]).toBe(
      '198.51.100.1>10.0.1.2 len=35 ttl=64 DF id=n udp 5555>7',
    );
  });

  it('hairpin: an inside host reaches its neighbour by the outside address', () => {
    lab = natLab();
    forwardPort(lab, 'gw', '198.51.100.1', 8080, '10.0.1.2', 7);
    expect(lab.udp('in2', '198.51.100.1:8080').probe.replies).toMatchObject([{ from: ipv4('198.51.100.1'), ttl: 63 }]);
  });

  it('c1-hairpin: a host reaches itself only if its source is hidden too', () => {
    lab = natLab();
    forwardPort(lab, 'gw', '198.51.100.1', 8080, '10.0.1.2', 7);
    // The packet comes back with the host's own address: a martian.
    expect(lab.udp('in1', '198.51.100.1:8080').probe.replies).toEqual([]);
    expect(Object.keys(lab.drops())).toContain('kernel:IP_LOCAL_SOURCE@in1');

    lab = natLab();
    forwardPort(lab, 'gw', '198.51.100.1', 8080, '10.0.1.2', 7);
    masquerade(lab, 'gw', 'eth0');
    const sent = lab.udp('in1', '198.51.100.1:8080', { source_port: 5555 });
    expect(sent.probe.replies).toMatchObject([{ from: ipv4('198.51.100.1'), ttl: 63 }]);
    expect(linesOf(lab, 'in1:eth0').map((line) => line.slice(6, 40))).toContain('10.0.1.1>10.0.1.2 len=35 ttl=63 DF');
  });
});

describe('a redirect', () => {
  it('takes what goes through to the gateway itself, by the first address of the interface it came in on', () => {
    lab = natLab();
    const { net } = lab.stack('gw');
    translateAt(net, 'PREROUTING', (packet, input) =>
      natRedirect(net, packet, input, { addresses: undefined, ports: [7, 7] }),
    );
    const sent = lab.udp('in1', '198.51.100.2:53', { source_port: 5555 });
    expect(sent.probe.replies).toMatchObject([{ from: ipv4('198.51.100.2'), ttl: 64 }]);
    expect(lab.show('gw', 'conntrack')).toContain('src=10.0.1.1 dst=10.0.1.2 sport=7 dport=5555');
    expect(linesOf(lab, 'out:eth0')).toEqual([]);
  });

  it('of what the gateway sends goes to 127.0.0.1', () => {
    lab = natLab();
    const { net } = lab.stack('gw');
    translateAt(net, 'OUTPUT', (packet) =>
      natRedirect(net, packet, undefined, { addresses: undefined, ports: [7, 7] }),
    );
    const sent = lab.udp('gw', '198.51.100.2:53', { source_port: 5555 });
    expect(sent.probe.replies).toMatchObject([{ from: ipv4('198.51.100.2') }]);
    expect(lab.show('gw', 'conntrack')).toContain('src=127.0.0.1 dst=198.51.100.1 sport=7 dport=5555');
  });
});

describe('both ends at once', () => {
  it('of one connection are translated, and restored in the answers', () => {
    lab = natLab();
    forwardPort(lab, 'gw', '10.0.1.1', 9000, '198.51.100.2', 7);
    masquerade(lab, 'gw', 'eth2', { ports: [50000, 50010] });
    const sent = lab.udp('in1', '10.0.1.1:9000', { source_port: 5555 });
    expect(sent.probe.replies).toMatchObject([{ from: ipv4('10.0.1.1') }]);
    expect(linesOf(lab, 'out:eth0').map((line) => line.slice(6))[0]).toMatch(/198\.51\.100\.1>198.* udp 500\d\d>7$/);
  });

  it('a source address from a range is the same for the same pair, and spread over clients', () => {
    lab = natLab();
    const { net } = lab.stack('gw');
    lab.exec('gw', ...[10, 11, 12, 13].map((last) => `ip addr add 198.51.100.${last}/24 dev eth2`));
    translateAt(net, 'POSTROUTING', (packet, _input, output) =>
      output?.name === 'eth2'
        ? natSetup(net, packet, 'source', {
            addresses: [ipv4('198.51.100.10'), ipv4('198.51.100.13')],
            ports: undefined,
          })
        : ACCEPT,
    );
    for (let round = 0; round < 3; round++) {
      for (const host of ['in1', 'in2']) {
        expect(lab.udp(host, '198.51.100.2:7').probe.replies).toMatchObject([{ intact: true }]);
      }
    }
    const hidden = [...lab.show('gw', 'conntrack').matchAll(/src=(10\.0\.\S+) .* dst=(198\.51\.100\.1\d) /g)];
    expect(hidden).toHaveLength(6);
    expect(new Set(hidden.map((match) => `${match[1]} ${match[2]}`)).size).toBe(2);
  });
});

describe('the address that a range gives', () => {
  /* Seen on Linux 6.18 with --to-source 198.51.100.10-198.51.100.40: 10.0.1.S to 198.51.100.D leaves as .A. */
  it.each([
    [4, 3, 31],
    [5, 2, 19],
    [7, 3, 19],
    [6, 2, 30],
    [8, 2, 36],
    [9, 2, 13],
    [2, 3, 16],
    [2, 2, 32],
  ])('from .%i to .%i is .%i, as the kernel hashes it', (source, destination, chosen) => {
    lab = natLab();
    const hash = jhashAddress(ipv4(`10.0.1.${source}`), ipv4(`198.51.100.${destination}`));
    expect(10 + reciprocalScale(hash, 31)).toBe(chosen);
  });
});

describe('the lookups of a hook', () => {
  it('are asked in turn until one binds the connection, and for its first packet alone', () => {
    lab = natLab();
    const { net } = lab.stack('gw');
    const asked: string[] = [];
    const to = ipv4('10.0.1.2');
    translateAt(net, 'PREROUTING', () => {
      asked.push('first');
      return ACCEPT;
    });
    translateAt(net, 'PREROUTING', (packet) => {
      asked.push('second');
      return natSetup(net, packet, 'destination', { addresses: [to, to], ports: undefined });
    });
    translateAt(net, 'PREROUTING', () => {
      asked.push('third');
      return ACCEPT;
    });
    for (let count = 0; count < 2; count++) lab.udp('out', '198.51.100.1:7', { source_port: 5555 });
    expect(asked).toEqual(['first', 'second']);
  });
});
