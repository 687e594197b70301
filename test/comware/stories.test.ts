import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { ttlAt } from './frames.ts';
import { container, host, single, twoDevices } from './topologies.ts';

const TO_PORT = [
  'Application@dev/c4',
  'Inet stack@dev/c4',
  'Kernel forwarding@dev/c4',
  'eth0@dev/c4',
  'TPA bridge@dev/host',
  'eth1@dev/comware',
  'Kernel forwarding@dev/comware',
  'vrfif0@dev/comware',
  'Comware stack@dev',
  'Comware forwarding@dev',
  'GE1/0/1@dev',
];

describe('a container of one device', () => {
  it('reaches a host beyond a router by vrfif0, both stacks of the device and its port', () => {
    const lab = new Lab(single.nodes, single.links);
    const { path, replyPath, probe } = lab.ping('c4', '192.168.7.77');
    expect(path.slice(0, 11)).toEqual(TO_PORT);
    expect(replyPath.slice(-11)).toEqual([...TO_PORT].reverse());
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
  });

  it('loses one hop of TTL on the device each way, and that in its kernel', () => {
    const lab = new Lab(single.nodes, single.links);
    const { request, reply } = lab.ping('c4', '192.168.7.77');
    const points = ['dev/c4:eth0', 'dev/comware:eth1', 'dev/comware:vrfif0', 'dev:GE1/0/1', 'router:eth1', 'far:eth0'];
    expect(points.map((point) => ttlAt(lab, point, request))).toEqual([64, 64, 63, 63, 62, 62]);
    expect(points.map((point) => ttlAt(lab, point, reply))).toEqual([62, 62, 63, 63, 64, 64]);
  });

  it('is reached from outside at the address it has, not at one a story would expect', () => {
    const lab = new Lab(single.nodes, single.links);
    expect(lab.udp('far', '172.20.0.5:7').path).toContain('Application@dev/c4');
    expect(lab.udp('far', '172.20.0.3:7').path).toContain('Application@dev/c2');
    const nobody = lab.udp('far', '172.20.0.6:7');
    expect(nobody.probe.replies).toEqual([]);
    // No host unreachable either: the kernel has no route to the host, as nothing tells it a source address.
    expect(nobody.drops.map(({ reason }) => reason)).toEqual(['kernel:NEIGH_FAILED']);
  });

  it('gets no answer when the router has no route back', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.exec('router', 'ip route del 172.20.0.0/24');
    const { path, probe, drops } = lab.ping('c2', '192.168.7.77');
    expect(path.at(-1)).toBe('Inet stack@far');
    expect(probe.replies).toEqual([]);
    expect(drops.map(({ reason, place }) => `${reason}@${place.title}`)).toEqual(['kernel:IP_INNOROUTES@router']);
  });

  it('dies in the FIB when the device loses its default route, and lives again with a narrower one', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.run({ configure: { on: 'dev', lines: 'undo ip route-static 0.0.0.0 0 10.9.0.2' } });
    const lost = lab.ping('c1', '192.168.7.77');
    expect(lost.path.at(-1)).toBe('Comware forwarding@dev');
    expect(lost.drops.map(({ reason }) => reason)).toEqual(['comware:NO_ROUTE']);
    lab.run({ configure: { on: 'dev', lines: 'ip route-static 192.168.7.64 26 10.9.0.2' } });
    expect(lab.ping('c1', '192.168.7.77').probe.replies).toHaveLength(1);
    expect(lab.ping('c1', '192.168.7.1').drops.map(({ reason }) => reason)).toEqual(['comware:NO_ROUTE']);
  });

  it('is discarded where a longer prefix leads to NULL0', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.run({ configure: { on: 'dev', lines: 'ip route-static 192.168.7.77 32 NULL0' } });
    expect(lab.ping('c1', '192.168.7.77').drops.map(({ reason }) => reason)).toEqual(['comware:BLACKHOLE']);
    expect(lab.ping('c1', '192.168.7.1').probe.replies).toHaveLength(1);
  });

  it('cannot send at all without a default route of its own', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.exec('c3', 'ip route del default');
    const { probe } = lab.ping('c3', '192.168.7.77');
    expect(probe.sent.map(({ errno, packet }) => [errno, packet])).toEqual([['ENETUNREACH', 0]]);
    expect(lab.ping('c3', '172.20.0.1').probe.replies).toHaveLength(1);
  });

  it('is told that nobody listens when its peer stopped its service, and by whom', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.run({ stop: { on: 'far', service: 'echo' } });
    const refused = lab.udp('c1', '192.168.7.77:7');
    expect(refused.probe.errors.map(({ errno, from }) => [errno, from])).toEqual([['ECONNREFUSED', 0xc0a8074d]]);
    lab.run({ start: { on: 'far', service: 'echo' } });
    expect(lab.udp('c1', '192.168.7.77:7').probe.replies).toHaveLength(1);
  });
});

describe('which stack answers a container', () => {
  it('Comware with TTL 255, less the kernel hop, as long as the downloaded rules stand', () => {
    const lab = new Lab(single.nodes, single.links);
    const { probe, path } = lab.ping('c1', '172.20.0.1');
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([254]);
    expect(path.slice(-3)).toEqual(['Kernel forwarding@dev/comware', 'vrfif0@dev/comware', 'Comware stack@dev']);
  });

  it('the kernel with TTL 64 once the ICMP rule of the leg is gone, while UDP still goes to Comware', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.exec('dev/comware', 'ip rule del iif eth1 ipproto icmp lookup 100');
    const { probe, path } = lab.ping('c1', '172.20.0.1');
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
    expect(path.slice(-3)).toEqual(['eth1@dev/comware', 'Kernel forwarding@dev/comware', 'Inet stack@dev/comware']);
    expect(lab.udp('c1', '172.20.0.1:161').probe.replies.map(({ ttl }) => ttl)).toEqual([254]);
  });

  it('nobody on the Comware port once the UDP rule is gone: the kernel has no listener there', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.exec('dev/comware', 'ip rule del iif eth1 ipproto udp lookup 100');
    const asked = lab.udp('c1', '172.20.0.1:161');
    expect(asked.probe.replies).toEqual([]);
    expect(asked.path.at(-1)).toBe('Inet stack@dev/comware');
    expect(asked.drops.map(({ reason }) => reason)).toContain('kernel:NO_SOCKET');
    expect(lab.udp('c1', '172.20.0.1:50051').probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
  });

  it('the kernel, when table 100 has lost its default: the next rule, local, finds the address', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.exec('dev/comware', 'ip route del default dev vrfif0 table 100');
    expect(lab.ping('c1', '172.20.0.1').probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
    const outward = lab.ping('c1', '192.168.7.77');
    expect(outward.probe.replies).toEqual([]);
    expect(outward.drops.map(({ reason, place }) => `${reason}@${place.title}`)).toContain(
      'kernel:IP_INNOROUTES@dev/comware',
    );
  });

  it('the application that the datagram is for, from either stack, and none after it stopped', () => {
    const lab = new Lab(single.nodes, single.links);
    expect(lab.udp('c2', '10.9.0.1:161').probe.replies.map(({ ttl }) => ttl)).toEqual([254]);
    expect(lab.udp('c2', '172.20.0.1:50051').path.slice(-2)).toEqual([
      'Inet stack@dev/comware',
      'Comware application@dev',
    ]);
    lab.run({ stop: { on: 'dev', service: 'snmp' } }, { stop: { on: 'dev', service: 'telemetry' } });
    for (const port of [161, 50051]) {
      const asked = lab.udp('c2', `172.20.0.1:${port}`);
      expect(asked.probe.replies).toEqual([]);
      expect(asked.drops.map(({ reason }) => reason)).toContain('kernel:NO_SOCKET');
    }
  });
});

describe('containers of one group', () => {
  it('talk over the TPA bridge; nothing of Comware sees a frame of theirs but the flooded ARP', () => {
    const lab = new Lab(single.nodes, single.links);
    const { path, probe } = lab.udp('c1', '172.20.0.4:7');
    expect(path.slice(3, 6)).toEqual(['eth0@dev/c1', 'TPA bridge@dev/host', 'eth0@dev/c3']);
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
    expect(lab.frames('dev/comware:eth1').map(({ bytes }) => bytes[12] === 8 && bytes[13] === 6)).toEqual([true]);
  });

  it('are learnt by the bridge, and asked for anew by ARP when both forgot them', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.ping('c1', '172.20.0.4');
    expect(lab.show('dev/host', 'fdb')).toContain('02:42:ac:14:00:04');
    lab.exec('c1', 'ip neigh flush dev eth0');
    const before = lab.frames('dev/c2:eth0').length;
    expect(lab.ping('c1', '172.20.0.4').probe.replies).toHaveLength(1);
    expect(lab.frames('dev/c2:eth0').length).toBe(before + 1);
  });

  it('do not find each other when one goes away', () => {
    const lab = new Lab(single.nodes, single.links);
    lab.ping('c1', '172.20.0.4');
    lab.run({ stop: { on: 'dev/c3' } });
    lab.exec('c1', 'ip neigh flush dev eth0');
    const gone = lab.ping('c1', '172.20.0.4');
    expect(gone.probe.replies).toEqual([]);
    expect(gone.drops.map(({ reason }) => reason)).toContain('kernel:NEIGH_FAILED');
  });
});

describe('two Virtual-Eth-Groups on one device', () => {
  const nodes = {
    dev: {
      kind: 'comware',
      interfaces: {
        'Virtual-Eth-Group0': { address: '10.60.0.1/24' },
        'Virtual-Eth-Group1': { address: '10.61.0.1/24' },
      },
      containers: {
        a0: { ...container, networks: ['Virtual-Eth-Group0'] },
        a1: { ...container, networks: ['Virtual-Eth-Group1'] },
        b1: { ...container, networks: { 'Virtual-Eth-Group1': { ipv4_address: '10.61.0.9' } } },
      },
    },
  };

  it('each has a bridge and a leg of its own', () => {
    const lab = new Lab(nodes);
    expect(lab.show('dev', 'addr')).toMatch(/Virtual-Eth-Group0 <-> eth1\nVirtual-Eth-Group1 <-> eth2/);
    expect(lab.ping('a1', '10.61.0.9').path).toContain('TPA bridge 1@dev/host');
  });

  it('a container of one reaches a container of the other through the kernel and Comware', () => {
    const lab = new Lab(nodes);
    const { path, probe, request } = lab.ping('a0', '10.61.0.9');
    expect(path.slice(3)).toEqual([
      'eth0@dev/a0',
      'TPA bridge@dev/host',
      'eth1@dev/comware',
      'Kernel forwarding@dev/comware',
      'vrfif0@dev/comware',
      'Comware stack@dev',
      'Comware forwarding@dev',
      'Comware stack@dev',
      'vrfif0@dev/comware',
      'Kernel forwarding@dev/comware',
      'eth2@dev/comware',
      'TPA bridge 1@dev/host',
      'eth0@dev/b1',
      'Kernel forwarding@dev/b1',
      'Inet stack@dev/b1',
    ]);
    // The kernel forwards it twice, into the Comware stack and out of it.
    expect([ttlAt(lab, 'dev/comware:vrfif0', request), ttlAt(lab, 'dev/b1:eth0', request)]).toEqual([63, 62]);
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
  });

  it('a shut group is unreachable and its containers are cut off; opened, they are back', () => {
    const lab = new Lab(nodes);
    lab.run({ configure: { on: 'dev', lines: 'interface Virtual-Eth-Group1\n shutdown' } });
    expect(lab.show('dev', 'route')).not.toContain('10.61.0.0/24');
    expect(lab.show('dev/comware', 'route', 'linux')).not.toContain('10.61.0.0/24');
    expect(lab.ping('a0', '10.61.0.9').drops.map(({ reason }) => reason)).toEqual(['comware:NO_ROUTE']);
    lab.run({ configure: { on: 'dev', lines: 'interface Virtual-Eth-Group1\n undo shutdown' } });
    expect(lab.ping('a0', '10.61.0.9').probe.replies).toHaveLength(1);
  });
});

describe('two Comware devices in a row', () => {
  it('carry a packet from a container of one to a container of the other: one decrement each', () => {
    const lab = new Lab(twoDevices.nodes, twoDevices.links);
    const { path, probe, request } = lab.ping('alpha', '10.2.0.1');
    const passed = ['Comware forwarding@left', 'GE1/0/1@left', 'GE1/0/9@right', 'Comware forwarding@right'];
    expect(path.filter((station) => passed.includes(station))).toEqual(passed);
    const points = ['left/alpha:eth0', 'left:GE1/0/1', 'right:GE1/0/9', 'right/comware:vrfif0', 'right/beta:eth0'];
    expect(points.map((point) => ttlAt(lab, point, request))).toEqual([64, 63, 63, 63, 62]);
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
  });

  it('drop what one of them has no route for, there', () => {
    const lab = new Lab(twoDevices.nodes, twoDevices.links);
    const { drops } = lab.udp('alpha', '10.30.0.30:7');
    expect(drops.map(({ reason, place }) => `${reason}@${place.node}`)).toEqual(['comware:NO_ROUTE@left']);
    const fromPlain = lab.ping('plain', '10.1.0.1');
    expect(fromPlain.path.at(-1)).toBe('Inet stack@left/alpha');
    expect(fromPlain.drops.map(({ reason, place }) => `${reason}@${place.node}`)).toEqual(['comware:NO_ROUTE@left']);
    lab.run({ configure: { on: 'left', lines: 'ip route-static 10.30.0.0 255.255.255.0 10.12.0.2' } });
    expect(lab.udp('alpha', '10.30.0.30:7').probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
  });

  it('lose each other when the cable is pulled, and find each other when it is back', () => {
    const lab = new Lab(twoDevices.nodes, twoDevices.links);
    lab.ping('alpha', '10.2.0.1');
    lab.run({ link: { endpoint: 'right:GE1/0/9', state: 'down' } });
    for (const device of ['left', 'right']) {
      expect(lab.show(device, 'route')).not.toMatch(/10\.12\.0\.|Static/);
      expect(lab.show(device, 'neigh')).not.toContain('10.12.0');
      expect(lab.show(`${device}/comware`, 'route', 'linux')).not.toContain('10.12.0.0/30');
    }
    expect(lab.ping('alpha', '10.2.0.1').drops.map(({ reason }) => reason)).toEqual(['comware:NO_ROUTE']);
    lab.run({ link: { endpoint: 'left:GE1/0/1', state: 'up' } });
    expect(lab.show('left', 'route')).toContain('10.2.0.0/16        Static  60  0           10.12.0.2       GE1/0/1');
    expect(lab.show('left/comware', 'route', 'linux')).toContain('10.12.0.0/30');
    expect(lab.ping('alpha', '10.2.0.1').probe.replies).toHaveLength(1);
  });

  it('pass a TTL that lasts to the last hop and no further', () => {
    const lab = new Lab(twoDevices.nodes, twoDevices.links);
    expect(lab.ping('alpha', '10.2.0.1', { ttl: 3 }).probe.replies).toHaveLength(1);
    const tooFar = (ttl: number): string[] =>
      lab.ping('alpha', '10.2.0.1', { ttl }).drops.map(({ reason, place }) => `${reason}@${place.title}`);
    // The kernel on the left has a route to the sender, so it makes an error, and the switch stops it; the right has none.
    expect(tooFar(2)).toEqual(['kernel:IP_INHDR@right/comware']);
    expect(tooFar(1)).toEqual(['kernel:IP_INHDR@left/comware', 'comware:ICMP_ERROR_OFF@left/comware']);
  });
});

describe('a switch between devices', () => {
  it('is one segment: three devices resolve each other by ARP and forward to the one that has the route', () => {
    const device = (number: number, routes: string[]): object => ({
      kind: 'comware',
      interfaces: {
        'GE1/0/1': { address: `192.0.2.${number}/24` },
        'Virtual-Eth-Group0': { address: `10.${number}.0.1/24` },
      },
      routes,
      containers: { [`in${number}`]: container },
    });
    const nodes = {
      switch: { kind: 'bridge' },
      one: device(1, ['10.2.0.0/24 via 192.0.2.2', '10.3.0.0/24 via 192.0.2.3']),
      two: device(2, ['10.1.0.0/24 via 192.0.2.1']),
      three: device(3, ['default via 192.0.2.1']),
      guest: host('192.0.2.9/24', '192.0.2.2'),
    };
    const links = ['one:GE1/0/1', 'two:GE1/0/1', 'three:GE1/0/1', 'guest:eth0'].map((end, index) => ({
      endpoints: [end, `switch:swp${index + 1}`],
    }));
    const lab = new Lab(nodes, links);
    expect(lab.ping('in1', '10.3.0.2').probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
    // three sends to two by way of one; two has no way back to three.
    const relayed = lab.ping('in3', '10.2.0.2');
    expect(relayed.path.filter((station) => station.startsWith('GE'))).toEqual([
      'GE1/0/1@three',
      'GE1/0/1@one',
      'GE1/0/1@one',
      'GE1/0/1@two',
    ]);
    expect(relayed.drops.map(({ reason, place }) => `${reason}@${place.node}`)).toEqual(['comware:NO_ROUTE@two']);
    expect(lab.ping('guest', '10.1.0.2').probe.replies.map(({ ttl }) => ttl)).toEqual([63]);
  });
});
