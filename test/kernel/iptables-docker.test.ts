import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { DOCKER_RULES } from '../iptables/docker-rules.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { connect, pass, Server } from './tcp-lab.ts';

/*
 * A Docker host with a published port, as in reference lab 05 without br_netfilter: c1 172.17.0.2 and c2 172.17.0.3 on
 * docker0, c3 172.18.0.2 on a network of its own, the host 192.0.2.10, ext 192.0.2.20.
 */

let lab: Lab;

/** The rules of a second network, as Docker adds them. */
const SECOND_NETWORK = [
  'iptables -t nat -A POSTROUTING -s 172.18.0.0/16 ! -o br-2 -j MASQUERADE',
  'iptables -I DOCKER-ISOLATION-STAGE-1 1 -i br-2 ! -o br-2 -j DOCKER-ISOLATION-STAGE-2',
  'iptables -I DOCKER-ISOLATION-STAGE-2 1 -o br-2 -j DROP',
  'iptables -A FORWARD -o br-2 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  'iptables -A FORWARD -i br-2 ! -o br-2 -j ACCEPT',
];

beforeEach(() => {
  const container = (address: string, gateway: string) => ({
    kind: 'linux',
    interfaces: { eth0: { address } },
    routes: [`default via ${gateway}`],
  });
  lab = new Lab(
    {
      c1: container('172.17.0.2/16', '172.17.0.1'),
      c2: container('172.17.0.3/16', '172.17.0.1'),
      c3: container('172.18.0.2/16', '172.18.0.1'),
      host: {
        kind: 'linux',
        interfaces: {
          eth0: { address: '192.0.2.10/24' },
          veth1: {},
          veth2: {},
          veth3: {},
          docker0: { kind: 'bridge', ports: ['veth1', 'veth2'], address: '172.17.0.1/16' },
          'br-2': { kind: 'bridge', ports: ['veth3'], address: '172.18.0.1/16' },
        },
        sysctls: { 'net.ipv4.ip_forward': 1 },
        iptables: DOCKER_RULES,
        exec: SECOND_NETWORK,
      },
      ext: {
        kind: 'linux',
        interfaces: { eth0: { address: '192.0.2.20/24' } },
        routes: ['172.17.0.0/16 via 192.0.2.10'],
        services: [{ port: 7, program: 'echo' }],
      },
    },
    [
      { endpoints: ['c1:eth0', 'host:veth1'] },
      { endpoints: ['c2:eth0', 'host:veth2'] },
      { endpoints: ['c3:eth0', 'host:veth3'] },
      { endpoints: ['ext:eth0', 'host:eth0'] },
    ],
  );
});

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

const SYN = 'S mss=1460 sackok ts nop ws=7';
/** Frames of a capture point without MAC addresses. */
const packets = (point: string): string[] => linesOf(lab, point).map((line) => line.slice(6));

describe('from a container', () => {
  it('c1-ext: the outside sees the host, the identifier is kept', () => {
    expect(lab.ping('c1', '192.0.2.20').probe.replies).toMatchObject([{ ttl: 63 }]);
    expect(packets('ext:eth0')).toEqual([
      '192.0.2.10>192.0.2.20 len=84 ttl=63 DF id=n echo request 1',
      '192.0.2.20>192.0.2.10 len=84 ttl=64 id=n echo reply 1',
    ]);
  });

  it('c1-ext-closed: the error comes back with what the container knows', () => {
    expect(lab.udp('c1', '192.0.2.20:9', { source_port: 40002 }).probe.errors).toMatchObject([
      { errno: 'ECONNREFUSED', from: 0xc0000214 },
    ]);
    expect(packets('c1:eth0').at(-1)).toContain('192.0.2.20>172.17.0.2');
    expect(packets('c1:eth0').at(-1)).toContain('172.17.0.2>192.0.2.20');
  });

  it('c1-ext-ttl: time exceeded comes from docker0', () => {
    expect(lab.ping('c1', '192.0.2.20', { ttl: 1 }).probe.errors).toMatchObject([{ from: 0xac110001 }]);
  });

  it('c1-c2: on the bridge no rule is asked', () => {
    lab.exec('host', 'iptables -P FORWARD DROP', 'iptables -F FORWARD');
    expect(lab.ping('c1', '172.17.0.3').probe.replies).toMatchObject([{ ttl: 64 }]);
  });

  it('isolation: a network does not reach another, in both directions', () => {
    for (const [from, to] of [
      ['c1', '172.18.0.2'],
      ['c3', '172.17.0.2'],
    ] as const) {
      const sent = lab.ping(from, to, { timeout: '100ms' });
      expect(sent.probe.replies).toEqual([]);
      const last = sent.requestSteps.at(-1);
      expect(last).toMatchObject({ kind: 'drop', reason: 'kernel:NETFILTER_DROP' });
      expect(last).toMatchObject({ detail: expect.stringMatching(/^filter DOCKER-ISOLATION-STAGE-2 rule \d: -o /) });
    }
    expect(lab.ping('c3', '192.0.2.20').probe.replies).toHaveLength(1);
  });
});

describe('a published port', () => {
  it('ext-pub: the container sees the client, the answers leave as the host', () => {
    const server = new Server(lab, 'c1', 80);
    const client = connect(lab, 'ext', '192.0.2.10', 8080);
    client.write('hello');
    pass(lab);
    expect(server.peer.text).toBe('hello');
    expect(packets('c1:eth0')[0]).toBe(`192.0.2.20>172.17.0.2 len=60 ttl=63 DF id=n tcp 40001>80 ${SYN}`);
    expect(packets('ext:eth0')[1]).toBe(
      `192.0.2.10>192.0.2.20 len=60 ttl=63 DF id=0 tcp 8080>40001 SA ${SYN.slice(2)}`,
    );
  });

  it('names the chains that led to it in the trace', () => {
    new Server(lab, 'c1', 80);
    const client = connect(lab, 'ext', '192.0.2.10', 8080);
    pass(lab);
    const hooks = lab
      .steps(client.socket.firstPacket)
      .flatMap((step) => (step.kind === 'hook' ? [`${step.hook} ${step.by} ${step.verdict}`] : []));
    expect(hooks.filter((text) => !text.includes('nat: ') && !text.includes('conntrack: '))).toEqual([
      'PREROUTING nat DOCKER rule 2: ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80 DNAT',
      'FORWARD filter DOCKER rule 1: -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT accept',
      'POSTROUTING nat POSTROUTING policy accept',
    ]);
  });

  it('ext-unpub: another port is that of the host, which refuses', () => {
    const client = connect(lab, 'ext', '192.0.2.10', 8081);
    pass(lab);
    expect(client.notes).toEqual(['ECONNREFUSED', 'close']);
    expect(packets('ext:eth0')[1]).toBe('192.0.2.10>192.0.2.20 len=40 ttl=64 DF id=0 tcp 8081>40001 RA');
  });

  it('host-pub: from the host itself, with its own address as the source', () => {
    const server = new Server(lab, 'c1', 80);
    const client = connect(lab, 'host', '192.0.2.10', 8080);
    client.write('hello');
    pass(lab);
    expect(server.peer.text).toBe('hello');
    expect(packets('c1:eth0')[0]).toContain('192.0.2.10>172.17.0.2 len=60 ttl=64');
  });

  it('host-pub-lo: loopback is left out', () => {
    new Server(lab, 'c1', 80);
    const client = connect(lab, 'host', '127.0.0.1', 8080);
    pass(lab);
    expect(client.notes).toEqual(['ECONNREFUSED', 'close']);
  });

  it('c1-hairpin-noproxy: from docker0 the host itself is asked', () => {
    new Server(lab, 'c1', 80);
    const client = connect(lab, 'c1', '192.0.2.10', 8080);
    pass(lab);
    expect(client.notes).toEqual(['ECONNREFUSED', 'close']);
    expect(packets('c1:eth0').at(-1)).toBe('192.0.2.10>172.17.0.2 len=40 ttl=64 DF id=0 tcp 8080>40001 RA');
  });

  it('c1-hairpin-nobrnf: without the proxy the container reaches itself, as the bridge', () => {
    lab.exec(
      'host',
      'iptables -t nat -D DOCKER -i docker0 -j RETURN',
      'iptables -t nat -R DOCKER 1 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    );
    const server = new Server(lab, 'c1', 80);
    const client = connect(lab, 'c1', '192.0.2.10', 8080);
    client.write('me');
    pass(lab);
    expect(server.peer.text).toBe('me');
    expect(packets('c1:eth0')[1]).toBe(`172.17.0.1>172.17.0.2 len=60 ttl=63 DF id=n tcp 40001>80 ${SYN}`);
  });

  it('c2-hairpin-nobrnf: its neighbour is answered past the host, and resets what it never asked for', () => {
    lab.exec(
      'host',
      'iptables -t nat -F DOCKER',
      'iptables -t nat -A DOCKER -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    );
    new Server(lab, 'c1', 80);
    connect(lab, 'c2', '192.0.2.10', 8080);
    pass(lab);
    expect(packets('c2:eth0').slice(0, 3)).toEqual([
      `172.17.0.3>192.0.2.10 len=60 ttl=64 DF id=n tcp 40001>8080 ${SYN}`,
      `172.17.0.2>172.17.0.3 len=60 ttl=64 DF id=0 tcp 80>40001 SA ${SYN.slice(2)}`,
      '172.17.0.3>172.17.0.2 len=40 ttl=64 DF id=0 tcp 40001>80 R',
    ]);
  });
});

describe('past the host', () => {
  it('ext-direct-pub: the port is open whether it was translated or not', () => {
    const server = new Server(lab, 'c1', 80);
    connect(lab, 'ext', '172.17.0.2', 80);
    pass(lab);
    expect(server.accepted).toHaveLength(1);
  });

  it('ext-direct: other ports are dropped without a word', () => {
    new Server(lab, 'c1', 81);
    const client = connect(lab, 'ext', '172.17.0.2', 81);
    pass(lab);
    expect(client.notes).toEqual([]);
    expect(lab.steps(client.socket.firstPacket).at(-1)).toMatchObject({
      kind: 'drop',
      reason: 'kernel:NETFILTER_DROP',
      detail: 'filter FORWARD policy',
    });
    expect(packets('c1:eth0')).toEqual([]);
    expect(lab.show('host', 'iptables')).toMatch(/:FORWARD DROP \[1:60\]/);
  });
});
