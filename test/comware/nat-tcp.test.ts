import { describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { Lab } from '../bench.ts';
import { NatLab } from './nat-lab.ts';
import { host } from './topologies.ts';

const WEB = { services: [{ port: 8080, program: 'http', pages: { '/': { body: 'page of the container' } } }] };
const ECHO = { services: [{ port: 7, program: 'echo', protocol: 'tcp' }] };
const PUBLISHED = [
  ...['interface GE1/0/1', 'nat outbound'],
  'nat server protocol tcp global 203.0.113.50 80 inside 172.20.0.2 8080',
];

function published(): NatLab {
  return new NatLab(PUBLISHED, { containers: { c1: WEB, c2: ECHO } });
}

/** What a step's program saw; the world then runs on until the connections are closed. */
function probeOf(lab: NatLab, step: object): Record<string, unknown> {
  const probe = must(lab.run(step, { wait: '5s' }).outcomes[0]?.probe, 'a probe');
  return { ...probe };
}

describe('TCP through NAT', () => {
  it('fetches a page of a container by its global address', () => {
    const lab = published();
    const { response } = probeOf(lab, { http: { from: 'far', get: 'http://203.0.113.50/' } });
    expect(response).toMatchObject({ status: 200, body: new TextEncoder().encode('page of the container') });
    const outside = lab.wire('GE1/0/1');
    expect(outside.every((line) => line.startsWith('tcp 203.0.113.50:80>192.0.2.7:') && !line.includes('BAD'))).toBe(
      true,
    );
    expect(lab.rows()[0]).toMatchObject({
      state: 'TCP_TIME_WAIT',
      responder: { source: '172.20.0.2', sourcePort: 8080, interface: 'Virtual-Eth-Group0' },
    });
  });

  it('carries every byte from inside, both ways', () => {
    const lab = new NatLab(
      ['interface GE1/0/1', 'nat outbound', 'nat server protocol tcp global 203.0.113.50 7 inside 172.20.0.3 7'],
      {
        containers: { c1: {}, c2: ECHO },
      },
    );
    const { received } = probeOf(lab, { tcp: { from: 'far', to: '203.0.113.50:7', size: 100_000 } });
    expect((received as Uint8Array).length).toBe(100_000);
    expect(lab.deviceDrops()).toEqual({});
    expect(lab.wire('GE1/0/1').filter((line) => line.includes('BAD') || line.includes('172.20.'))).toEqual([]);
  });

  it('refused at a closed port, the inside host hears of it', () => {
    const lab = published();
    expect(probeOf(lab, { tcp: { from: 'c1', to: '192.0.2.7:81' } })).toMatchObject({ connected: false });
    expect(lab.rows()[0]?.state).toBe('TCP_CLOSE');
  });
});

describe('two uplinks with NAT', () => {
  const nodes = {
    dev: {
      kind: 'comware',
      interfaces: {
        'GE1/0/1': { address: '203.0.113.1/24' },
        'GE1/0/2': { address: '10.0.2.1/24' },
        'GE1/0/3': { address: '198.51.100.1/24' },
      },
      routes: ['192.0.2.0/24 via 203.0.113.9'],
      configuration: 'interface GE1/0/1\n nat outbound\ninterface GE1/0/3\n nat outbound\n',
    },
    east: {
      kind: 'linux',
      interfaces: {
        eth0: { address: '203.0.113.9/24' },
        eth1: { address: '198.51.100.9/24' },
        eth2: { address: '192.0.2.1/24' },
      },
      sysctls: { 'net.ipv4.ip_forward': 1 },
    },
    far: host('192.0.2.7/24', '192.0.2.1'),
    a: host('10.0.2.2/24', '10.0.2.1'),
  };
  const links = [
    ['dev:GE1/0/1', 'east:eth0'],
    ['dev:GE1/0/3', 'east:eth1'],
    ['east:eth2', 'far:eth0'],
    ['dev:GE1/0/2', 'a:eth0'],
  ].map((endpoints) => ({ endpoints }));
  const moved = ['undo ip route-static 192.0.2.0 24', 'ip route-static 192.0.2.0 24 198.51.100.9'].join('\n');

  it('each translates to its own address; a session keeps the address it began with', () => {
    const lab = new Lab(nodes, links);
    const sources = () =>
      lab.frames('far:eth0').filter(({ direction, bytes }) => direction === 'in' && bytes[23] === 17);
    const last = () => [...(sources().at(-1)?.bytes.subarray(26, 30) ?? [])].join('.');
    const asked = (port: number) => lab.udp('a', '192.0.2.7:7', { source_port: port }).probe.replies.length;
    expect([asked(5000), last()]).toEqual([1, '203.0.113.1']);
    lab.run({ configure: { on: 'dev', lines: moved } });
    expect([asked(5000), last()]).toEqual([1, '203.0.113.1']);
    expect([asked(5001), last()]).toEqual([1, '198.51.100.1']);
  });
});
