import { beforeEach, describe, expect, it } from 'vitest';
import { formatMac } from '../../sim/wire/mac.ts';
import { Shell } from './shell.ts';

/*
 * br0 with ports p1 (11, MTU 1900), p2 (12, MTU 1800), p3 (13, MTU 1700), whose far ends are in the same namespace. Every
 * line was seen on Linux 6.18: what was set, the MAC and the MTU of br0, and the MACs that are its own.
 */

let shell: Shell;

beforeEach(() => {
  shell = new Shell();
  shell.bridge('br0', { keepsMac: false, keepsMtu: false });
  for (const n of [1, 2, 3]) {
    shell.veth(`p${n}`, `h${n}`);
    run(`ip link set p${n} address 02:00:00:00:00:1${n} mtu ${2000 - 100 * n} up`, `ip link set h${n} mtu 2000 up`);
  }
  run('ip link set br0 up');
});

function run(...lines: readonly string[]): void {
  expect(shell.run(...lines)).toBe('');
}

/** MAC and MTU of br0, and its own MACs with the device that has each. */
function state(): string {
  const br0 = shell.net.device('br0');
  const own = shell.snapshot.fdb.filter((row) => row.state === 'permanent' && row.master !== undefined);
  const rows = own.map((row) => `${row.mac.slice(15)} ${row.ifname}`);
  return [formatMac(br0?.mac ?? 0).slice(15), br0?.mtu, ...rows.sort()].join(', ');
}

const having = (settings: string): string => {
  run(`ip link set ${settings}`);
  return state();
};

describe('a bridge that nobody gave a MAC or an MTU', () => {
  it('has the lowest MAC and the smallest MTU of its ports', () => {
    expect(having('p2 master br0')).toBe('12, 1800, 12 p2');
    expect(having('p3 master br0')).toBe('12, 1700, 12 p2, 13 p3');
    expect(having('p1 master br0')).toBe('11, 1700, 11 p1, 12 p2, 13 p3');
    expect(having('p1 mtu 1000')).toBe('11, 1000, 11 p1, 12 p2, 13 p3');
    expect(having('p1 address 02:00:00:00:00:19')).toBe('12, 1000, 12 p2, 13 p3, 19 p1');
    expect(having('p2 address 02:00:00:00:00:10')).toBe('10, 1000, 10 p2, 13 p3, 19 p1');
  });

  it('has each MAC once, and leaves it to the next port that has it', () => {
    run('ip link set p1 master br0', 'ip link set p2 master br0', 'ip link set p3 master br0');
    run('ip link set p2 address 02:00:00:00:00:10');
    expect(having('p3 address 02:00:00:00:00:10')).toBe('10, 1700, 10 p2, 11 p1');
    expect(having('p2 nomaster')).toBe('10, 1700, 10 p3, 11 p1');
    expect(having('p3 nomaster')).toBe('11, 1900, 11 p1');
    expect(having('p1 nomaster')).toBe('00, 1500');
    expect(having('p2 master br0')).toBe('10, 1800, 10 p2');
  });

  it('keeps the MTU that it is given, once it is another one than it had', () => {
    run('ip link set p2 master br0');
    expect(having('br0 mtu 1800')).toBe('12, 1800, 12 p2');
    expect(having('p2 mtu 1300')).toBe('12, 1300, 12 p2');
    expect(having('br0 mtu 1700')).toBe('12, 1700, 12 p2');
    expect(having('p2 mtu 1400')).toBe('12, 1700, 12 p2');
  });

  it('keeps the MAC that it is given', () => {
    run('ip link set p2 master br0', 'ip link set p2 mtu 1400');
    expect(having('br0 address 02:00:00:00:00:99')).toBe('99, 1400, 12 p2, 99 br0');
    expect(having('p1 master br0')).toBe('99, 1400, 11 p1, 12 p2, 99 br0');
    expect(having('p2 address 02:00:00:00:00:99')).toBe('99, 1400, 11 p1, 99 br0');
    expect(having('p2 address 02:00:00:00:00:77')).toBe('99, 1400, 11 p1, 77 p2, 99 br0');
  });
});

describe('a MAC that changes', () => {
  const NEIGHBOUR = 'ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:55 dev p1';

  it('takes the neighbours of the device with it, permanent ones too', () => {
    run('ip addr add 10.0.0.1/24 dev p1', NEIGHBOUR, 'ip link set p1 address 02:00:00:00:00:98');
    expect(shell.snapshot.neigh).toEqual([]);
  });

  it('takes those of the bridge that follows', () => {
    run('ip link set p1 master br0', 'ip addr add 10.0.0.1/24 dev br0', NEIGHBOUR.replace('p1', 'br0'));
    run('ip link set p1 address 02:00:00:00:00:98');
    expect(shell.snapshot.neigh).toEqual([]);
  });

  it('is announced where arp_notify is on', () => {
    const sent: string[] = [];
    const p1 = shell.net.device('p1');
    if (p1 !== undefined) p1.tap = { capture: (packet, way) => way === 'out' && sent.push(packet.data().join(' ')) };
    run('ip addr add 10.0.0.1/24 dev p1', 'sysctl -w net.ipv4.conf.p1.arp_notify=1');
    run('ip link set p1 address 02:00:00:00:00:98');
    const announcement = '0 1 8 0 6 4 0 1 2 0 0 0 0 152 10 0 0 1 0 0 0 0 0 0 10 0 0 1';
    expect(sent).toEqual([`255 255 255 255 255 255 2 0 0 0 0 152 8 6 ${announcement}`]);
  });

  it('must be one of a single station', () => {
    for (const mac of ['01:02:03:04:05:06', '00:00:00:00:00:00']) {
      expect(shell.run(`ip link set p1 address ${mac}`)).toBe('RTNETLINK answers: Cannot assign requested address');
    }
    expect(shell.run('ip link set lo address 00:00:00:00:00:00')).not.toBe('');
  });
});

describe('ports', () => {
  it('are refused as the kernel refuses them', () => {
    expect(shell.run('ip link set lo master br0')).toBe('RTNETLINK answers: Invalid argument');
    expect(shell.run('ip link set br0 master br0')).toBe('Error: Can not enslave a bridge to a bridge.');
    expect(shell.run('ip link set p1 master p2')).toBe('RTNETLINK answers: Operation not supported');
    expect(shell.run('ip link set p1 master nope')).toBe('Error: argument "nope" is wrong: Device does not exist');
    expect(shell.run('ip link set p1 nomaster')).toBe('');
  });

  it('have settings, which other devices have not', () => {
    run('ip link set p1 master br0', 'bridge link set dev p1 hairpin on isolated on learning off');
    expect(shell.run('bridge link set dev p2 hairpin on')).toBe('RTNETLINK answers: Operation not supported');
    expect(shell.run('bridge link set dev br0 hairpin on')).toBe('RTNETLINK answers: Operation not supported');
    expect(shell.run('bridge link set dev nope hairpin on')).toBe('Cannot find bridge device "nope"');
    expect(shell.run('bridge link set hairpin on')).toMatch(/^Device is a required argument\./);
    expect(shell.run('bridge link set dev p1 hairpin foo')).toMatch(
      /^Error: argument of "hairpin" must be one of "off", "on", not "foo"/,
    );
  });

  it('have their entries in the table added, replaced and taken away', () => {
    run('ip link set p1 master br0', 'ip link set p2 master br0');
    const entry = '02:00:00:00:00:c1 dev';
    const rows = () =>
      shell.snapshot.fdb.filter((row) => row.mac.endsWith('c1')).map((row) => `${row.ifname} ${row.state}`);
    run(`bridge fdb add ${entry} p1 master static`);
    expect(shell.run(`bridge fdb add ${entry} p1 master static`)).toBe('RTNETLINK answers: File exists');
    run(`bridge fdb replace ${entry} p2 master dynamic`);
    expect(rows()).toEqual(['p2 ']);
    run(`bridge fdb append ${entry} p1 master`);
    expect(rows()).toEqual(['p1 permanent']);
    expect(shell.run(`bridge fdb del ${entry} p2 master`)).toBe('RTNETLINK answers: No such file or directory');
    run(`bridge fdb del ${entry} p1 master`, `bridge fdb add ${entry} br0`);
    expect(rows()).toEqual(['br0 permanent']);
    expect(shell.run('bridge fdb add 02:00:00:00:00:c4 dev br0 self static')).toBe(
      'RTNETLINK answers: Invalid argument',
    );
    expect(shell.run(`bridge fdb add ${entry} p3 master`)).toBe('RTNETLINK answers: Operation not supported');
  });
});
