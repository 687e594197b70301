import { describe, expect, it } from 'vitest';
import { ipv4, NatLab, packet } from './nat-lab.ts';

const OUT = 'interface GE1/0/1';

/** What becomes of UDP packets from outside to these ports of `global`. */
function arriving(lab: NatLab, global: string, ...ports: number[]): string[] {
  return ports.map((port) => {
    const lines = lab.inject('GE1/0/1', packet('udp', `203.0.113.200:${port}`, `${global}:${port}`));
    return lines.map((line) => line.split('>')[1]).join() || '-';
  });
}

function withNeighbours(lab: NatLab): NatLab {
  for (const last of [2, 3, 4, 5]) lab.neighbour('GE1/0/2', `10.0.2.${last}`);
  lab.neighbour('GE1/0/1', '203.0.113.200');
  return lab;
}

describe('nat server', () => {
  it('lets the outside reach a service inside, and the answer comes from the global address', () => {
    const lab = new NatLab([OUT, 'nat server protocol udp global 203.0.113.50 77 inside 10.0.2.2 7']);
    const { probe } = lab.udp('far', '203.0.113.50:77');
    expect(probe.replies).toHaveLength(1);
    expect(lab.wire('GE1/0/1').every((line) => line.startsWith('udp 203.0.113.50:77>192.0.2.7:'))).toBe(true);
    expect(lab.wire('GE1/0/2').every((line) => /^udp 192\.0\.2\.7:\d+>10\.0\.2\.2:7$/.test(line))).toBe(true);
    expect(lab.rows()[0]).toMatchObject({
      state: 'UDP_READY',
      initiator: { destination: '203.0.113.50', destinationPort: 77, interface: 'GigabitEthernet1/0/1', packets: 1 },
      responder: { source: '10.0.2.2', sourcePort: 7, interface: 'GigabitEthernet1/0/2', packets: 1 },
    });
  });

  it('reaches a container through the kernel', () => {
    const lab = new NatLab([OUT, 'nat server protocol udp global current-interface 77 inside 172.20.0.1 7']);
    lab.enter(OUT, 'undo nat server protocol udp global current-interface 77');
    lab.enter(
      'nat address-group 1',
      '#',
      OUT,
      'nat server protocol udp global current-interface 77 inside 172.20.0.2 7',
    );
    const { probe, path } = lab.udp('far', '203.0.113.1:77');
    expect(probe.replies).toHaveLength(1);
    expect(path.at(-1)).toBe('Application@dev/c1');
  });

  it('answers pings for the inside where the protocol is icmp', () => {
    const lab = new NatLab([OUT, 'nat server protocol icmp global 203.0.113.50 inside 10.0.2.2']);
    expect(lab.ping('far', '203.0.113.50').probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
    expect(lab.rows()[0]).toMatchObject({ initiator: { destinationPort: 2048 }, responder: { destinationPort: 0 } });
  });

  it('is for its protocol and port only: whatever else goes by the FIB', () => {
    const lab = withNeighbours(new NatLab([OUT, 'nat server protocol tcp global 203.0.113.1 80 inside 10.0.2.2 8080']));
    const sent = (bytes: Uint8Array) => lab.inject('GE1/0/1', bytes);
    expect(sent(packet('tcp', '203.0.113.200:9', '203.0.113.1:80', 'S'))).toEqual([
      'tcp 203.0.113.200:9>10.0.2.2:8080 S',
    ]);
    expect(sent(packet('tcp', '203.0.113.200:9', '203.0.113.1:81', 'S'))).toEqual([]);
    expect(sent(packet('udp', '203.0.113.200:9', '203.0.113.1:80'))).toEqual([]);
    // The interface's own address is the device's: its ping still works.
    expect(lab.ping('out', '203.0.113.1').probe.replies.map(({ ttl }) => ttl)).toEqual([255]);
  });

  it.each([
    ['8000 inside 10.0.2.2', ['10.0.2.2:8000', '-']],
    ['8000 8002 inside 10.0.2.2 80', ['10.0.2.2:80', '10.0.2.2:80']],
    ['8000 8002 inside 10.0.2.2 90 92', ['10.0.2.2:90', '10.0.2.2:91']],
    ['8000 8002 inside 10.0.2.2 10.0.2.4 80', ['10.0.2.2:80', '10.0.2.3:80']],
    ['inside 10.0.2.2', ['10.0.2.2:8000', '10.0.2.2:8001']],
    ['8000 inside 10.0.2.2 www', ['10.0.2.2:80', '-']],
  ])('of ports: %s', (ports, expected) => {
    const lab = withNeighbours(new NatLab([OUT, `nat server protocol udp global 198.51.100.9 ${ports}`]));
    expect(arriving(lab, '198.51.100.9', 8000, 8001)).toEqual(expected);
  });

  it('follows a LoopBack interface', () => {
    const server = 'nat server protocol udp global interface LoopBack 3 77 inside 10.0.2.2 7';
    const lab = withNeighbours(new NatLab([OUT, server]));
    expect(lab.show('dev', 'nat')).toContain('Config status : Inactive');
    lab.enter('interface LoopBack3', 'ip address 9.9.9.9 32');
    expect(lab.show('dev', 'nat')).toContain('Global IP/port: 9.9.9.9/77');
    expect(arriving(lab, '9.9.9.9', 77)).toEqual(['10.0.2.2:7']);
  });

  it('serves those that its ACL permits', () => {
    const lab = withNeighbours(
      new NatLab([
        ...['acl advanced 3000', 'rule permit udp source 203.0.113.200 0 destination-port eq 77', '#', OUT],
        'nat server protocol udp global 198.51.100.9 77 inside 10.0.2.2 7 acl 3000',
      ]),
    );
    expect(arriving(lab, '198.51.100.9', 77)).toEqual(['10.0.2.2:7']);
    expect(lab.inject('GE1/0/1', packet('udp', '203.0.113.201:9', '198.51.100.9:77'))).toEqual([]);
  });

  it('is not asked on another interface', () => {
    const lab = withNeighbours(new NatLab([OUT, 'nat server protocol udp global 198.51.100.9 77 inside 10.0.2.3 7']));
    expect(lab.inject('GE1/0/2', packet('udp', '10.0.2.2:9', '198.51.100.9:77'), 'GE1/0/2')).toEqual([]);
  });

  it('does not translate what the server begins itself', () => {
    const lab = withNeighbours(new NatLab([OUT, 'nat server protocol udp global 203.0.113.50 77 inside 10.0.2.2 7']));
    expect(lab.inject('GE1/0/2', packet('udp', '10.0.2.2:7', '203.0.113.200:5'))).toEqual([
      'udp 10.0.2.2:7>203.0.113.200:5',
    ]);
  });
});

describe('nat static', () => {
  const STATIC = ['nat static outbound 10.0.2.2 203.0.113.77', OUT, 'nat static enable'];

  it('translates both ways, every protocol', () => {
    const lab = new NatLab(STATIC);
    expect(lab.udp('far', '203.0.113.77:7').probe.replies).toHaveLength(1);
    expect(lab.ping('far', '203.0.113.77').probe.replies).toHaveLength(1);
    expect(lab.udp('a', '192.0.2.7:7').probe.replies).toHaveLength(1);
    expect(lab.wire('GE1/0/1').some((line) => line.includes('10.0.2.') || line.includes('BAD'))).toBe(false);
    withNeighbours(lab);
    expect(lab.inject('GE1/0/2', packet('47', '10.0.2.2', '203.0.113.200'))).toEqual(['47 203.0.113.77>203.0.113.200']);
  });

  it('does nothing on an interface without nat static enable', () => {
    const lab = new NatLab(STATIC);
    lab.enter(OUT, 'undo nat static enable');
    expect(lab.udp('far', '203.0.113.77:7').probe.replies).toEqual([]);
    expect(lab.ping('a', '192.0.2.7').probe.replies).toEqual([]);
  });

  it('of whole nets keeps the host part', () => {
    const lab = withNeighbours(
      new NatLab(['nat static outbound net-to-net 10.0.2.2 10.0.2.5 global 198.51.100.0 24', OUT, 'nat static enable']),
    );
    const sent = (from: string) => lab.inject('GE1/0/2', packet('udp', from, '203.0.113.200:9'));
    expect(sent('10.0.2.3:1')).toEqual(['udp 198.51.100.3:1>203.0.113.200:9']);
    expect(sent('10.0.2.6:1')).toEqual(['udp 10.0.2.6:1>203.0.113.200:9']);
    expect(arriving(lab, '198.51.100.5', 5)).toEqual(['10.0.2.5:5']);
  });

  it('with an ACL lets nobody in, unless it is reversible', () => {
    for (const [options, expected] of [
      ['acl 3000', ['-', '-']],
      ['acl 3000 reversible', ['10.0.2.2:5', '-']],
    ] as const) {
      const lab = withNeighbours(
        new NatLab([
          ...['acl advanced 3000', 'rule permit ip destination 203.0.113.200 0', '#'],
          ...[`nat static outbound 10.0.2.2 198.51.100.9 ${options}`, OUT, 'nat static enable'],
        ]),
      );
      lab.neighbour('GE1/0/1', '203.0.113.201');
      const entering = (from: string) => {
        const [line = '-'] = lab.inject('GE1/0/1', packet('udp', from, '198.51.100.9:5'));
        return line.split('>')[1] ?? line;
      };
      expect([options, entering('203.0.113.200:9'), entering('203.0.113.201:9')]).toEqual([options, ...expected]);
      const sent = (to: string) => lab.inject('GE1/0/2', packet('udp', '10.0.2.2:1', to));
      expect(sent('203.0.113.200:1')).toEqual(['udp 198.51.100.9:1>203.0.113.200:1']);
      expect(sent('203.0.113.201:1')).toEqual(['udp 10.0.2.2:1>203.0.113.201:1']);
    }
  });
});

describe("ARP for NAT's addresses", () => {
  /** Whether the device answers for an address on the provider's side. */
  const answered = (lab: NatLab, address: string): boolean => {
    lab.ping('out', address, { timeout: '1s' });
    return lab.show('out', 'neigh').includes(`${address} dev eth0 lladdr`);
  };

  it('is answered for servers, static mappings and address groups of the port', () => {
    const lab = new NatLab([
      ...['nat address-group 1', 'address 203.0.113.60 203.0.113.62', '#', 'nat static outbound 10.0.2.2 203.0.113.77'],
      ...[OUT, 'nat outbound address-group 1', 'nat static enable'],
      'nat server protocol udp global 203.0.113.50 77 inside 10.0.2.2 7',
    ]);
    for (const address of ['203.0.113.50', '203.0.113.60', '203.0.113.62', '203.0.113.77']) {
      expect([address, answered(lab, address)]).toEqual([address, true]);
    }
    for (const address of ['203.0.113.51', '203.0.113.63', '203.0.113.59']) {
      expect([address, answered(lab, address)]).toEqual([address, false]);
    }
    lab.enter(OUT, 'undo nat server protocol udp global 203.0.113.50 77');
    lab.exec('out', 'ip neigh del 203.0.113.50 dev eth0');
    expect(answered(lab, '203.0.113.50')).toBe(false);
  });

  it('is not answered on another port, nor outside its subnet', () => {
    const lab = new NatLab([
      OUT,
      'nat server protocol udp global 10.0.2.50 77 inside 10.0.2.2 7',
      'nat server protocol udp global 198.51.100.50 77 inside 10.0.2.2 7',
    ]);
    lab.ping('a', '10.0.2.50', { timeout: '1s' });
    expect(lab.show('a', 'neigh')).not.toContain('10.0.2.50 dev eth0 lladdr');
    lab.exec('out', 'ip route add 198.51.100.50 dev eth0');
    expect(answered(lab, '198.51.100.50')).toBe(false);
  });
});

describe('nat hairpin', () => {
  const SERVER = 'nat server protocol udp global 203.0.113.50 77 inside 10.0.2.2 7';
  const OUTBOUND = ['acl basic 2000', 'rule permit', '#', OUT, 'nat outbound 2000', SERVER];

  it('lets an inside host reach an inside server by its global address', () => {
    const lab = new NatLab([...OUTBOUND, 'interface GE1/0/2', 'nat hairpin enable']);
    const { probe } = lab.udp('b', '203.0.113.50:77');
    expect(probe.replies).toHaveLength(1);
    expect(lab.wire('GE1/0/1')).toEqual([]);
    const [request, reply] = lab.wire('GE1/0/2');
    expect(request).toBe('udp 203.0.113.1:1024>10.0.2.2:7');
    expect(reply).toMatch(/^udp 203\.0\.113\.50:77>10\.0\.2\.3:\d+$/);
  });

  it('reaches the server itself by its own global address', () => {
    const lab = new NatLab([...OUTBOUND, 'interface GE1/0/2', 'nat hairpin enable']);
    expect(lab.udp('a', '203.0.113.50:77').probe.replies).toHaveLength(1);
  });

  it('leaves what goes out to the outbound rules, from the first packet that does', () => {
    const lab = withNeighbours(new NatLab([...OUTBOUND, 'interface GE1/0/2', 'nat hairpin enable']));
    const sent = (ttl: number) => lab.inject('GE1/0/2', packet('udp', '10.0.2.3:1', '203.0.113.200:9', '', { ttl }));
    expect(sent(1)).toEqual([]);
    expect(lab.deviceDrops()).toEqual({ 'comware:TTL_EXPIRED': 1 });
    expect([sent(2), sent(64)]).toEqual([
      ['udp 203.0.113.1:1024>203.0.113.200:9'],
      ['udp 203.0.113.1:1024>203.0.113.200:9'],
    ]);
    expect(lab.udp('b', '192.0.2.7:7').probe.replies).toHaveLength(1);
  });

  it('lets nothing pass as it is when the ports run out', () => {
    const group = ['nat address-group 1', 'address 203.0.113.20 203.0.113.20', 'port-range 2000 2000', '#'];
    const lab = withNeighbours(
      new NatLab([...group, OUT, 'nat outbound address-group 1', 'interface GE1/0/2', 'nat hairpin enable']),
    );
    const sent = (from: string) => lab.inject('GE1/0/2', packet('udp', from, '203.0.113.200:9'));
    expect(sent('10.0.2.2:1')).toEqual(['udp 203.0.113.20:2000>203.0.113.200:9']);
    expect([sent('10.0.2.3:1'), sent('10.0.2.3:1')]).toEqual([[], []]);
    expect(lab.deviceDrops()).toEqual({ 'comware:NAT_NO_PORT': 2 });
  });

  it('without an outbound rule the server answers its neighbour directly, from its own address', () => {
    const lab = new NatLab([OUT, SERVER, 'interface GE1/0/2', 'nat hairpin enable']);
    expect(lab.udp('b', '203.0.113.50:77').probe.replies.map(({ from }) => from)).toEqual([ipv4('10.0.2.2')]);
  });

  it('without it the packet goes out and asks in vain', () => {
    const lab = new NatLab(OUTBOUND);
    expect(lab.udp('b', '203.0.113.50:77', { timeout: '5s' }).probe.replies).toEqual([]);
    expect(lab.deviceDrops()).toEqual({ 'comware:ARP_FAILED': 1 });
  });

  it('works between containers, and from a container to the office', () => {
    const lab = new NatLab([
      ...[...OUTBOUND, 'nat server protocol udp global 203.0.113.51 77 inside 172.20.0.2 7'],
      ...['interface Virtual-Eth-Group0', 'nat hairpin enable', 'interface GE1/0/2', 'nat hairpin enable'],
    ]);
    expect(lab.udp('c2', '203.0.113.51:77').probe.replies).toHaveLength(1);
    expect(lab.udp('c2', '203.0.113.50:77').probe.replies).toHaveLength(1);
    expect(lab.udp('b', '203.0.113.51:77').probe.replies).toHaveLength(1);
  });

  it('works the other way it is often done: server and outbound on the inside interface too', () => {
    const lab = new NatLab([
      ...['acl advanced 3001', 'rule permit ip source 10.0.2.0 0.0.0.255 destination 10.0.2.0 0.0.0.255', '#'],
      ...[OUT, SERVER, 'interface GE1/0/2', 'nat outbound 3001', SERVER],
    ]);
    expect(lab.udp('b', '203.0.113.50:77').probe.replies).toHaveLength(1);
    expect(lab.wire('GE1/0/2')[0]).toBe('udp 10.0.2.1:1024>10.0.2.2:7');
    expect(lab.udp('far', '203.0.113.50:77').probe.replies).toHaveLength(1);
  });
});
