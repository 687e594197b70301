import { describe, expect, it } from 'vitest';
import { cutaway, WHITEPAPER_TOPOLOGY as LAB, ndjson } from './cli.ts';

function show(...args: string[]): string {
  const { status, stdout, stderr } = cutaway('show', LAB, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** The only row of NDJSON output, under the name of its table. */
function rows(...args: string[]): unknown {
  const [only] = ndjson(show(...args, '--json'));
  expect(only).toMatchObject({ schema: 'cutaway/show/1', time: 0 });
  return only?.[args[0] ?? ''];
}

describe("a container's tables, as Linux prints them", () => {
  it.each([
    ['route', 'default via 1.1.1.200 dev eth0 \n1.1.1.0/24 dev eth0 proto kernel scope link src 1.1.1.3 \n'],
    [
      'route -n',
      `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         1.1.1.200       0.0.0.0         UG    0      0        0 eth0
1.1.1.0         0.0.0.0         255.255.255.0   U     0      0        0 eth0
`,
    ],
    ['rule', '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n'],
    ['neigh', ''],
    ['fdb', '01:00:5e:00:00:01 dev eth0 self permanent\n'],
  ])('%s', (table, text) => {
    expect(show(table, 'container3')).toBe(text);
    expect(show(table, 'container3', '--style', 'comware')).toBe(text);
  });

  it('addr, socket and counters', () => {
    expect(show('addr', 'container3')).toContain('    inet 1.1.1.3/24 scope global eth0\n');
    expect(show('socket', 'container3')).toMatch(/^UNCONN 0 +0 +0\.0\.0\.0:7 +0\.0\.0\.0:\* +users:\(\("echo"\)\) *$/m);
    expect(show('counters', 'container3')).toBe('#kernel\n');
  });
});

describe("a Comware device's tables", () => {
  it('are its own, unless those of the kernel beneath are asked for', () => {
    expect(show('route', 'device-a')).toMatch(
      /^Destinations : 14 +Routes : 14\n\nDestination\/Mask +Proto +Pre Cost +NextHop/,
    );
    expect(show('route', 'device-a', '--style', 'linux')).toBe(
      '1.1.1.0/24 dev eth1 proto kernel scope link src 1.1.1.200 \n' +
        '20.1.1.0/24 dev eth2 proto kernel scope link src 20.1.1.1 \n' +
        '127.1.1.0/24 dev eth0 proto kernel scope link src 127.1.1.2 \n',
    );
    expect(show('neigh', 'device-a')).toMatch(/Type: S-Static +D-Dynamic/);
    expect(show('neigh', 'device-a', '--style', 'linux')).toBe('');
    expect(show('addr', 'device-a')).toMatch(/^GE1\/0\/1 +up +up +20\.1\.1\.1\/24/m);
    expect(show('addr', 'device-a', '--style', 'linux')).toContain('    inet 1.1.1.200/24 scope global eth1\n');
    expect(show('socket', 'device-a')).toMatch(/^udp +0\.0\.0\.0:161 .* comware snmp$/m);
    expect(show('socket', 'device-a', '--style', 'linux')).toContain('users:(("telemetry"))');
  });

  it('have the policy rules that send the containers to the Comware stack', () => {
    expect(show('rule', 'device-a')).toContain('103:\tfrom all iif eth1 ipproto icmp lookup 100\n');
  });
});

describe('every stack', () => {
  it.each(['route', 'route -n', 'rule', 'neigh', 'fdb', 'addr', 'socket', 'counters'])('has a table %s', (table) => {
    for (const style of ['linux', 'comware']) {
      const titles = show(table, '--style', style).match(/^# .*$/gm);
      expect(titles).toEqual([
        '# device-a',
        '# device-a/comware',
        '# device-a/host',
        '# device-a/container1',
        '# device-a/container2',
        '# device-a/container3',
        '# router',
        '# host-b',
      ]);
      const stacks = ndjson(show(table, '--style', style, '--json'));
      expect(stacks.map(({ stack }) => `# ${stack}`)).toEqual(titles);
      for (const stack of stacks) expect(stack[table], `${table} of ${stack.stack}`).toBeDefined();
    }
  });
});

describe('show --json', () => {
  it('has the keys of ip -j', () => {
    expect(rows('route', 'container3')).toContainEqual({
      dst: 'default',
      gateway: '1.1.1.200',
      dev: 'eth0',
      flags: [],
    });
    expect(rows('route', 'container3')).toContainEqual({
      dst: '1.1.1.0/24',
      dev: 'eth0',
      protocol: 'kernel',
      scope: 'link',
      prefsrc: '1.1.1.3',
      flags: [],
    });
    expect(rows('addr', 'container3')).toContainEqual(
      expect.objectContaining({
        ifname: 'eth0',
        mtu: 1500,
        operstate: 'UP',
        link_type: 'ether',
        address: '02:42:01:01:01:03',
        addr_info: [expect.objectContaining({ family: 'inet', local: '1.1.1.3', prefixlen: 24, scope: 'global' })],
      }),
    );
    expect(rows('fdb', 'device-a/host')).toContainEqual(
      expect.objectContaining({ mac: expect.stringMatching(/^02:/), ifname: 'veth4', flags: expect.any(Array) }),
    );
  });

  it('shows the state at a time', () => {
    const [state] = ndjson(show('neigh', 'device-a', '--at', '5s', '--json'));
    expect(state).toMatchObject({ stack: 'device-a', time: 5_000_000_000, neigh: [] });
  });
});
