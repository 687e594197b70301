import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { headersAt } from './frames.ts';
import { between, host, single } from './topologies.ts';

function configure(lab: Lab, lines: string): void {
  expect(lab.run({ configure: { on: 'dev', lines } }).outcomes[0]?.refusal).toBeUndefined();
}

function defaultRoute(lab: Lab): string | undefined {
  const lines = lab.show('dev/comware', 'route', 'linux').split('\n');
  return lines.find((line) => line.startsWith('default'))?.trim();
}

describe('devices of the kernel', () => {
  it('take the next number in the order in which interfaces got their addresses; loopbacks keep their name', () => {
    const lab = new Lab({
      dev: {
        kind: 'comware',
        interfaces: {
          'GE1/0/5': { address: '10.5.0.1/24' },
          LoopBack3: { address: '3.3.3.3/32' },
          'GE1/0/1': {},
          'Virtual-Eth-Group2': { address: '10.2.0.1/24' },
          'GE1/0/4': { address: '10.4.0.1/24' },
        },
      },
    });
    const map = (): Record<string, string> =>
      Object.fromEntries(
        lab.world.snapshot(lab.stack('dev')).comware?.kernelMap.map((one) => [one.interface, one.device]) ?? [],
      );
    expect(map()).toEqual({
      'GE1/0/5': 'eth1',
      Loop3: 'Loop3',
      'Virtual-Eth-Group2': 'eth2',
      'GE1/0/4': 'eth3',
    });
    configure(lab, 'interface GE1/0/5\nundo ip address\ninterface GE1/0/1\nip address 10.1.0.1 24');
    expect(map()).toMatchObject({ 'GE1/0/1': 'eth1', 'GE1/0/4': 'eth3' });
  });

  it('can be captured when they are made while the world runs, and lose no packet when they go', () => {
    const lab = new Lab(single.nodes, single.links);
    configure(lab, 'interface LoopBack0\nip address 8.8.4.4 32');
    expect(lab.world.captures?.captures().map(({ name }) => name)).toContain('dev/comware:Loop0');
    const socket = lab
      .stack('dev/comware')
      .net.parts.ping.open({ name: 'test', place: lab.stack('dev/comware').place });
    socket?.sendEcho(0x0a090002, 1, new Uint8Array(8));
    // The echo is on its way from the kernel to Comware's stack when its device goes.
    expect(lab.world.held).toBe(1);
    configure(lab, 'interface GE1/0/1\nundo ip address');
    lab.run({ wait: '1s' });
    expect(lab.world.held).toBe(0);
  });

  it('list what the kernel was told that the white paper does not say', () => {
    const lab = new Lab(single.nodes, single.links);
    expect(lab.world.snapshot(lab.stack('dev')).comware?.assumptions).toEqual([
      'sysctl -w net.ipv4.ip_forward=1',
      'ip rule add pref 1000 lookup local',
      'ip rule del pref 0',
      'ip route add default dev vrfif0 table 100',
      'sysctl -w net.ipv4.conf.eth0.route_localnet=1',
      'sysctl -w net.ipv4.conf.vrfif0.route_localnet=1',
      'ip rule add pref 90 to 127.1.1.1 lookup main',
      'sysctl -w net.ipv4.conf.eth0.accept_local=1',
      'ip route add default via 127.1.1.1 dev eth0 table 99',
      'ip rule add pref 80 fwmark 0x1 lookup 99',
    ]);
  });

  it('without route_localnet the stock kernel refuses what comes by the Docker0 leg', () => {
    const lab = new Lab(single.nodes, single.links);
    expect(lab.ping('dev/host', '127.1.1.2').probe.replies.map(({ ttl }) => ttl)).toEqual([254]);
    lab.exec('dev/comware', 'sysctl -w net.ipv4.conf.eth0.route_localnet=0');
    expect(lab.ping('dev/host', '127.1.1.2').probe.replies).toEqual([]);
  });

  it('without the rules for its peer the kernel takes 127.1.1.1 for its own', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.exec('dev/comware', 'ip rule del pref 80', 'ip rule del pref 90');
    const { probe } = lab.ping('dev/host', '127.1.1.2');
    expect(probe.replies).toEqual([]);
  });
});

describe("the source of what the kernel's stack sends off-link", () => {
  it('is missing without LoopBack0: it cannot send, and cannot answer', () => {
    const lab = new Lab(single.nodes, single.links);
    expect(defaultRoute(lab)).toBeUndefined();
    expect(lab.ping('dev/comware', '192.168.7.77').probe.sent.map(({ errno }) => errno)).toEqual(['ENETUNREACH']);
    expect(lab.udp('far', '10.9.0.1:50051').probe.replies).toEqual([]);
    expect(lab.udp('router', '10.9.0.1:50051').probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
  });

  it("is LoopBack0's address, and routers need a route back to it", () => {
    const lab = new Lab(single.nodes, single.links);
    configure(lab, 'interface LoopBack0\nip address 8.8.4.4 32');
    expect(defaultRoute(lab)).toBe('default dev vrfif0 scope link src 8.8.4.4');
    const lost = lab.ping('dev/comware', '192.168.7.77');
    expect(lost.drops.map(({ reason, place }) => `${reason}@${place.title}`)).toEqual(['kernel:IP_INNOROUTES@router']);
    lab.exec('router', 'ip route add 8.8.4.4 via 10.9.0.1');
    const found = lab.ping('dev/comware', '192.168.7.77');
    expect(headersAt(lab, 'dev:GE1/0/1', found.request).map(({ ttl, source }) => [ttl, source])).toEqual([
      [64, 0x08080404],
    ]);
    expect(found.probe.replies.map(({ ttl }) => ttl)).toEqual([63]);
    configure(lab, 'interface LoopBack0\nshutdown');
    expect(defaultRoute(lab)).toBeUndefined();
  });

  it('is that of `tpa ip source interface` when configured, and goes and comes with that interface', () => {
    const lab = new Lab(single.nodes, single.links);
    configure(lab, 'interface LoopBack0\nip address 8.8.4.4 32\ntpa ip source interface GE1/0/1');
    expect(defaultRoute(lab)).toBe('default dev vrfif0 scope link src 10.9.0.1');
    expect(lab.ping('dev/comware', '192.168.7.77').probe.replies.map(({ ttl }) => ttl)).toEqual([63]);
    lab.run({ link: { endpoint: 'router:eth0', state: 'down' } });
    expect(defaultRoute(lab)).toBeUndefined();
    lab.run({ link: { endpoint: 'router:eth0', state: 'up' } });
    expect(defaultRoute(lab)).toBe('default dev vrfif0 scope link src 10.9.0.1');
    configure(lab, 'undo tpa ip source interface');
    expect(defaultRoute(lab)).toBe('default dev vrfif0 scope link src 8.8.4.4');
  });
});

describe('two stacks with one address', () => {
  const twice = [
    { name: 'own', port: 4000, stack: 'comware' },
    { name: 'linux', port: 4000, stack: 'kernel' },
  ];

  function labOf(applications: object[]): Lab {
    const { nodes, links } = between({ applications });
    return new Lab(nodes, links);
  }

  it("a port that both have is Comware's, and the kernel's once Comware's application stops", () => {
    const lab = labOf(twice);
    expect(lab.udp('a', '10.0.1.1:4000').probe.replies.map(({ ttl }) => ttl)).toEqual([255]);
    lab.run({ stop: { on: 'dev', service: 'own' } });
    const { probe, path } = lab.udp('a', '10.0.1.1:4000');
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
    expect(path).toContain('eth1@dev/comware');
  });

  it('a conversation that the kernel answered stays there when Comware begins to listen; a new one does not', () => {
    const lab = labOf(twice);
    lab.run({ stop: { on: 'dev', service: 'own' } });
    expect(lab.udp('a', '10.0.1.1:4000', { source_port: 5555 }).probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
    lab.run({ start: { on: 'dev', service: 'own' } });
    expect(lab.udp('a', '10.0.1.1:4000', { source_port: 5555 }).probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
    expect(lab.udp('a', '10.0.1.1:4000', { source_port: 5556 }).probe.replies.map(({ ttl }) => ttl)).toEqual([255]);
    lab.run({ wait: '61s' });
    expect(lab.udp('a', '10.0.1.1:4000', { source_port: 5555 }).probe.replies.map(({ ttl }) => ttl)).toEqual([255]);
  });

  it("what a program of the kernel began is answered to it, at Comware's address", () => {
    const lab = labOf(twice);
    const pinged = lab.ping('dev/comware', '10.0.1.2');
    expect(pinged.replyPath.slice(-6)).toEqual([
      'Comware forwarding@dev',
      'Comware stack@dev',
      'eth1@dev/comware',
      'Kernel forwarding@dev/comware',
      'Inet stack@dev/comware',
      'Comware application@dev',
    ]);
    const asked = lab.udp('dev/comware', '10.0.1.2:7', { source_port: 4001 });
    expect(asked.probe.replies).toHaveLength(1);
    expect(lab.show('dev', 'socket')).toMatch(/udp +10\.0\.1\.1:4001 +10\.0\.1\.2:7 +kernel +UDP_READY +60s/);
  });

  it("Comware's own ping sends five echoes of 56 bytes with TTL 255, 200 ms apart, counted from 0", () => {
    const lab = labOf([]);
    const { probe } = lab.ping('dev', '10.0.2.2');
    expect(probe.sent.map(({ sequence, at }) => [sequence, at])).toEqual(
      [0, 1, 2, 3, 4].map((sequence) => [sequence, sequence * 200_000_000]),
    );
    const echoes = lab.frames('dev:GE1/0/2').filter(({ direction, bytes }) => direction === 'out' && bytes[13] === 0);
    expect(echoes.map(({ bytes }) => [bytes.length, bytes[22]])).toEqual(echoes.map(() => [14 + 20 + 8 + 56, 255]));
    expect(echoes.map(({ bytes }) => (bytes[40] ?? 0) * 256 + (bytes[41] ?? 0))).toEqual([0, 1, 2, 3, 4]);
    expect([...(echoes[0]?.bytes.slice(42) ?? [])]).toEqual(Array.from({ length: 56 }, (_, index) => index + 1));
  });

  it("Comware's payload wraps after 255, never to 0", () => {
    const lab = labOf([]);
    lab.ping('dev', '10.0.2.2', { count: 1, size: 300 });
    const echo = lab.frames('dev:GE1/0/2').find(({ direction, bytes }) => direction === 'out' && bytes.length > 300);
    expect([...(echo?.bytes.slice(42 + 253, 42 + 258) ?? [])]).toEqual([254, 255, 1, 2, 3]);
  });

  it('Comware reaches itself without a port', () => {
    const lab = labOf(twice);
    expect(lab.ping('dev', '10.0.2.1').probe.replies.map(({ ttl }) => ttl)).toEqual([255, 255, 255, 255, 255]);
    expect(lab.udp('dev', '10.0.1.1:4000').probe.replies.map(({ ttl }) => ttl)).toEqual([255]);
  });

  it('an IP protocol that Comware has no listener for goes to the kernel', () => {
    const lab = new Lab(
      {
        dev: { kind: 'comware', interfaces: { 'GE1/0/1': { address: '10.0.1.1/24' } } },
        a: host('10.0.1.2/24', '10.0.1.1'),
      },
      [{ endpoints: ['dev:GE1/0/1', 'a:eth0'] }],
    );
    expect(lab.udp('a', '10.0.1.1:9').path.slice(-3)).toEqual([
      'eth1@dev/comware',
      'Kernel forwarding@dev/comware',
      'Inet stack@dev/comware',
    ]);
  });
});
