import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { Lab } from '../bench.ts';
import { headersAt } from '../comware/frames.ts';

/*
 * Programs on the host of a device, which has no port of its own: what leaves takes LoopBack0's address and comes back
 * to docker0 (whitepaper 3.5.3).
 */

const ip = (text: string): number => parseIpv4(text) ?? Number.NaN;

function device(host: Record<string, unknown> = {}): Lab {
  return new Lab(
    {
      dev: {
        kind: 'comware',
        interfaces: {
          'GE1/0/3': { address: '10.3.0.1/24' },
          'GE1/0/4': { address: '10.4.0.1/24' },
          LoopBack0: { address: '172.31.9.9/32' },
        },
        routes: ['default via 10.3.0.2', '192.168.8.0/24 via 10.4.0.2'],
        applications: [{ name: 'own', port: 161 }],
        host: { services: [{ name: 'agent', port: 9100 }], ...host },
      },
      west: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.3.0.2/24' }, eth1: { address: '192.168.7.1/24' } },
        sysctls: { 'net.ipv4.ip_forward': 1 },
        routes: ['172.31.9.9 via 10.3.0.1'],
      },
      far: {
        kind: 'linux',
        interfaces: { eth0: { address: '192.168.7.77/24' } },
        routes: ['default via 192.168.7.1'],
        services: [{ port: 7 }],
      },
      east: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.4.0.2/24' }, 'dummy-lan': { kind: 'bridge', address: '192.168.8.8/24' } },
        routes: ['172.31.9.9 via 10.4.0.1'],
        services: [{ port: 7 }],
      },
    },
    [
      { endpoints: ['dev:GE1/0/3', 'west:eth0'] },
      { endpoints: ['dev:GE1/0/4', 'east:eth0'] },
      { endpoints: ['west:eth1', 'far:eth0'] },
    ],
  );
}

function sourcesAt(lab: Lab, point: string, packet: number): number[] {
  return headersAt(lab, point, packet).map(({ source }) => source);
}

describe("the host's traffic to the outside", () => {
  it("has LoopBack0's address from docker0 on, one decrement each way, and by whichever uplink the FIB says", () => {
    const lab = device();
    const west = lab.ping('dev/host', '192.168.7.77');
    expect(sourcesAt(lab, 'dev/comware:eth0', west.request)).toEqual([ip('172.31.9.9')]);
    expect(headersAt(lab, 'dev:GE1/0/3', west.request).map(({ ttl }) => ttl)).toEqual([63]);
    expect(west.probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
    const east = lab.udp('dev/host', '192.168.8.8:7');
    expect(sourcesAt(lab, 'dev:GE1/0/4', east.request)).toEqual([ip('172.31.9.9')]);
    expect(east.probe.replies).toHaveLength(1);
  });

  it('is translated in the namespace of Comware instead where the topology says so', () => {
    const lab = device({ snat_at: 'comware' });
    const { request, probe } = lab.udp('dev/host', '192.168.7.77:7');
    expect(sourcesAt(lab, 'dev/comware:eth0', request)).toEqual([ip('127.1.1.1')]);
    expect(sourcesAt(lab, 'dev:GE1/0/3', request)).toEqual([ip('172.31.9.9')]);
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
    expect(lab.show('dev/host', 'iptables')).not.toContain('SNAT');
    expect(lab.show('dev/comware', 'iptables')).toContain('-o vrfif0 -j SNAT --to-source 172.31.9.9');
  });

  it('hears ICMP errors: they quote what it sent, before its translation', () => {
    const lab = device();
    const { probe } = lab.udp('dev/host', '192.168.7.77:7', { ttl: 2 });
    expect(probe.errors.map(({ errno, from }) => [errno, from])).toEqual([['EHOSTUNREACH', ip('10.3.0.2')]]);
    const closed = lab.udp('dev/host', '192.168.7.77:9');
    expect(closed.probe.errors.map(({ errno }) => errno)).toEqual(['ECONNREFUSED']);
  });

  it('goes in fragments and comes back in fragments', () => {
    const lab = device();
    const { probe } = lab.udp('dev/host', '192.168.7.77:7', { size: 4000, df: 'dont' });
    expect(probe.replies.map(({ length, intact }) => [length, intact])).toEqual([[4000, true]]);
  });

  it("is not translated towards Comware's own addresses", () => {
    const lab = device();
    for (const address of ['172.31.9.9', '10.4.0.1', '127.1.1.2']) {
      const { request, probe } = lab.udp('dev/host', `${address}:161`);
      expect(sourcesAt(lab, 'dev/comware:eth0', request)).toEqual([ip('127.1.1.1')]);
      expect(probe.replies).toHaveLength(1);
    }
  });

  it('would be from and to LoopBack0 if it were, and is dropped then', () => {
    const lab = device();
    lab.exec('dev/host', 'iptables -t nat -D COMWARE-OUT 3');
    const { drops } = lab.udp('dev/host', '172.31.9.9:161');
    expect(drops.map(({ reason }) => reason)).toEqual(['comware:LAND']);
  });
});

describe("LoopBack0's address", () => {
  const configure = (lab: Lab, lines: string): void => {
    expect(lab.run({ configure: { on: 'dev', lines } }).outcomes[0]?.refusal).toBeUndefined();
  };

  it('that goes takes the translation away: what has 127.1.1.1 as source does not leave the device', () => {
    const lab = device();
    configure(lab, 'interface LoopBack0\nundo ip address');
    const { drops, probe } = lab.ping('dev/host', '192.168.7.77');
    expect(probe.replies).toEqual([]);
    expect(drops.map(({ reason }) => reason)).toEqual(['comware:INVALID_ADDRESS']);
  });

  it('that changes is the new source', () => {
    const lab = device();
    configure(lab, 'interface LoopBack0\nip address 172.31.9.10 32');
    lab.exec('west', 'ip route add 172.31.9.10 via 10.3.0.1');
    const { request, probe } = lab.ping('dev/host', '192.168.7.77');
    expect(sourcesAt(lab, 'dev:GE1/0/3', request)).toEqual([ip('172.31.9.10')]);
    expect(probe.replies).toHaveLength(1);
  });
});

describe('the host from outside', () => {
  it("is reached at a port of LoopBack0's address that was given to it, under another number if so wished", () => {
    const lab = device({ ports: ['9200:9100/udp'] });
    const { path, probe } = lab.udp('far', '172.31.9.9:9200');
    expect(path.at(-1)).toBe('Application@dev/host');
    expect(probe.replies.map(({ from }) => from)).toEqual([ip('172.31.9.9')]);
  });

  it('is not reached at any other, nor at any other address', () => {
    const lab = device({ ports: ['9100/udp'] });
    const other = lab.udp('far', '172.31.9.9:9101');
    expect(other.probe.replies).toEqual([]);
    expect(other.path.at(-1)).toBe('Inet stack@dev/comware');
    expect(lab.udp('west', '10.3.0.1:9100').path.at(-1)).toBe('Inet stack@dev/comware');
  });

  it("gives way to a listener of Comware's own at the same port", () => {
    const lab = device({ ports: ['161:9100/udp'] });
    expect(lab.udp('far', '172.31.9.9:161').path.at(-1)).toBe('Comware application@dev');
    lab.run({ stop: { on: 'dev', service: 'own' } });
    expect(lab.udp('far', '172.31.9.9:161').path.at(-1)).toBe('Application@dev/host');
  });

  it('works the same with the translation in the namespace of Comware', () => {
    const lab = device({ ports: ['9100/udp'], snat_at: 'comware' });
    expect(lab.udp('far', '172.31.9.9:9100').probe.replies.map(({ from }) => from)).toEqual([ip('172.31.9.9')]);
  });
});
