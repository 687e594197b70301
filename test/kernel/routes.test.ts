import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unregisterDevice } from '../../sim/kernel/control.ts';
import { fibLookup, flowTo } from '../../sim/kernel/forwarding/fib-lookup.ts';
import { contains, formatIpv4, formatPrefix, mask } from '../../sim/wire/address.ts';
import { Shell } from './shell.ts';

/*
 * What is expected here is what Linux 6.18 answered to the same commands in a fresh namespace. (iproute2 leaves a blank
 * at the end of its lines.)
 */

/** lo, v1 and v2, the ends of one veth, both up; v1 is 10.0.0.1/24. */
function machine(): Shell {
  const shell = new Shell().veth('v2', 'v1');
  shell.run('ip link set v1 up', 'ip link set v2 up', 'ip addr add 10.0.0.1/24 dev v1');
  return shell;
}

describe('a fresh namespace', () => {
  it('has lo with its routes in table local and nothing else', () => {
    const shell = new Shell();
    expect(shell.routes()).toEqual([]);
    expect(shell.routes('local')).toEqual([
      'local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1',
      'local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1',
      'broadcast 127.255.255.255 dev lo proto kernel scope link src 127.0.0.1',
    ]);
    expect(shell.routeGet('8.8.8.8')).toBe('RTNETLINK answers: Network is unreachable');
    expect(shell.routeGet('127.5.5.5')).toBe('local 127.5.5.5 dev lo src 127.0.0.1');
  });
});

describe('which route is taken', () => {
  it('the longest prefix, and of one prefix the lowest metric', () => {
    const shell = machine();
    shell.run(
      'ip route add default via 10.0.0.9',
      'ip route add 20.0.0.0/8 via 10.0.0.9',
      'ip route add 20.1.0.0/16 via 10.0.0.10',
      'ip route add 20.1.1.0/24 via 10.0.0.11 metric 50',
      'ip route add 20.1.1.0/24 via 10.0.0.12 metric 10',
    );
    expect(shell.routeGet('8.8.8.8')).toBe('8.8.8.8 via 10.0.0.9 dev v1 src 10.0.0.1');
    expect(shell.routeGet('20.9.9.9')).toBe('20.9.9.9 via 10.0.0.9 dev v1 src 10.0.0.1');
    expect(shell.routeGet('20.1.9.9')).toBe('20.1.9.9 via 10.0.0.10 dev v1 src 10.0.0.1');
    expect(shell.routeGet('20.1.1.1')).toBe('20.1.1.1 via 10.0.0.12 dev v1 src 10.0.0.1');
    shell.run('ip route del 20.1.1.0/24 metric 10');
    expect(shell.routeGet('20.1.1.1')).toBe('20.1.1.1 via 10.0.0.11 dev v1 src 10.0.0.1');
  });

  it('a gateway that is an address of this host is shown, and none to go to: what is behind it is on the link', () => {
    const shell = machine();
    shell.run('ip route add 20.0.0.0/8 via 10.0.0.1');
    expect(shell.routes()).toContain('20.0.0.0/8 via 10.0.0.1 dev v1');
    expect(shell.routeGet('20.1.1.1')).toBe('20.1.1.1 dev v1 src 10.0.0.1');
  });

  it('an error where the route is one: blackhole, unreachable, prohibit; throw ends the table', () => {
    const shell = machine();
    shell.run(
      'ip route add default via 10.0.0.9',
      'ip route add blackhole 23.0.0.0/8',
      'ip route add 23.1.0.0/16 via 10.0.0.9',
      'ip route add unreachable 24.0.0.0/8',
      'ip route add prohibit 25.0.0.0/8',
      'ip route add throw 26.0.0.0/8',
    );
    expect(shell.routeGet('23.2.0.1')).toBe('RTNETLINK answers: Invalid argument');
    expect(shell.routeGet('23.1.0.1')).toBe('23.1.0.1 via 10.0.0.9 dev v1 src 10.0.0.1');
    expect(shell.routeGet('24.1.1.1')).toBe('RTNETLINK answers: No route to host');
    expect(shell.routeGet('25.1.1.1')).toBe('RTNETLINK answers: Permission denied');
    expect(shell.routeGet('26.1.1.1')).toBe('RTNETLINK answers: Network is unreachable');
    shell.run('ip route add default via 10.0.0.8 table default');
    expect(shell.routeGet('26.1.1.1')).toBe('26.1.1.1 via 10.0.0.8 dev v1 src 10.0.0.1');
    expect(shell.routeGet('23.2.0.1')).toBe('RTNETLINK answers: Invalid argument');
  });

  it('the one of a rule, where a rule matches', () => {
    const shell = machine();
    shell.run(
      'ip addr add 192.0.2.1/24 dev v2',
      'ip route add default via 10.0.0.9',
      'ip rule add from 192.0.2.0/24 lookup 100',
      'ip route add default via 192.0.2.254 table 100',
      'ip rule add to 20.1.1.1 prohibit pref 10',
      'ip rule add to 20.1.1.2 blackhole pref 11',
      'ip rule add to 20.1.1.3 unreachable pref 12',
    );
    expect(shell.routeGet('20.9.9.9', { from: '192.0.2.1' })).toBe('20.9.9.9 from 192.0.2.1 via 192.0.2.254 dev v2');
    expect(shell.routeGet('20.9.9.9')).toBe('20.9.9.9 via 10.0.0.9 dev v1 src 10.0.0.1');
    expect(shell.routeGet('20.1.1.1')).toBe('RTNETLINK answers: Permission denied');
    expect(shell.routeGet('20.1.1.2')).toBe('RTNETLINK answers: Invalid argument');
    expect(shell.routeGet('20.1.1.3')).toBe('RTNETLINK answers: Network is unreachable');
  });
});

describe('which source is taken', () => {
  it('that of the route, else one near the gateway, else the first of the device', () => {
    const shell = machine();
    shell.run(
      'ip addr add 10.1.0.1/16 dev v1',
      'ip addr add 192.0.2.1/24 dev v2',
      'ip route add default via 10.1.0.9',
      'ip route add 21.0.0.0/8 via 10.0.0.9 src 192.0.2.1',
      'ip route add 22.0.0.0/8 dev v1',
    );
    expect(shell.routeGet('8.8.8.8')).toBe('8.8.8.8 via 10.1.0.9 dev v1 src 10.1.0.1');
    expect(shell.routeGet('21.1.1.1')).toBe('21.1.1.1 via 10.0.0.9 dev v1 src 192.0.2.1');
    expect(shell.routeGet('22.1.1.1')).toBe('22.1.1.1 dev v1 src 10.0.0.1');
    expect(shell.routeGet('22.1.1.1', { oif: 'v2' })).toBe('22.1.1.1 dev v2 src 192.0.2.1');
    expect(shell.routeGet('10.0.0.255')).toBe('broadcast 10.0.0.255 dev v1 src 10.0.0.1');
  });

  it('for a device without addresses one of another device, never one of link scope', () => {
    const shell = machine();
    shell.run('ip addr add 192.0.2.1/24 dev v1 scope link', 'ip route add 22.0.0.0/8 dev v2');
    expect(shell.routeGet('22.1.1.1')).toBe('22.1.1.1 dev v2 src 10.0.0.1');
  });
});

describe('local and main are one trie until a rule is added: container network 127.1.1.0/24 (capture lab 06)', () => {
  function container(): Shell {
    const shell = new Shell().veth('peer', 'eth0');
    const problems = shell.run(
      'ip addr add 127.1.1.2/24 dev eth0',
      'ip link set eth0 up',
      'ip link set peer up',
      'ip route add default via 127.1.1.1',
    );
    expect(problems).toBe('');
    return shell;
  }

  it('1: without route_localnet nothing of 127.0.0.0/8 leaves, and the default route has no source', () => {
    const shell = container();
    expect(shell.addresses('eth0')).toEqual(['inet 127.1.1.2/24 scope host eth0']);
    expect(shell.routeGet('127.1.1.1')).toBe('RTNETLINK answers: Invalid argument');
    expect(shell.routeGet('192.0.2.20')).toBe('192.0.2.20 via 127.1.1.1 dev eth0');
  });

  it('2, 3: with it the longer prefix of main wins; an address of host scope is no source outside', () => {
    const shell = container();
    shell.run('sysctl -w net.ipv4.conf.eth0.route_localnet=1');
    expect(shell.routeGet('127.1.1.1')).toBe('127.1.1.1 dev eth0 src 127.1.1.2');
    expect(shell.routeGet('192.0.2.20')).toBe('192.0.2.20 via 127.1.1.1 dev eth0');
  });

  function withGlobalScope(): Shell {
    const shell = container();
    const problems = shell.run(
      'sysctl -w net.ipv4.conf.eth0.route_localnet=1',
      'ip addr del 127.1.1.2/24 dev eth0',
      'ip addr add 127.1.1.2/24 dev eth0 scope global',
      'ip route add default via 127.1.1.1',
    );
    expect(problems).toBe('');
    return shell;
  }

  it('4: with scope global it is', () => {
    const shell = withGlobalScope();
    expect(shell.routeGet('127.1.1.1')).toBe('127.1.1.1 dev eth0 src 127.1.1.2');
    expect(shell.routeGet('192.0.2.20')).toBe('192.0.2.20 via 127.1.1.1 dev eth0 src 127.1.1.2');
  });

  it('5: any rule splits the tables, and local claims 127.1.1.1; deleting the rule does not join them again', () => {
    const shell = withGlobalScope();
    shell.run('ip rule add pref 1000 from 203.0.113.1 lookup main');
    expect(shell.routeGet('127.1.1.1')).toBe('local 127.1.1.1 dev lo src 127.0.0.1');
    expect(shell.routeGet('192.0.2.20')).toBe('192.0.2.20 via 127.1.1.1 dev eth0 src 127.1.1.2');
    shell.run('ip rule del pref 1000');
    expect(shell.routeGet('127.1.1.1')).toBe('local 127.1.1.1 dev lo src 127.0.0.1');
  });

  it('6: with 127.0.0.1/32 on lo it works either way', () => {
    const shell = withGlobalScope();
    shell.run(
      'ip rule add pref 1000 from 203.0.113.1 lookup main',
      'ip addr del 127.0.0.1/8 dev lo',
      'ip addr add 127.0.0.1/32 dev lo',
    );
    expect(shell.routeGet('127.1.1.1')).toBe('127.1.1.1 dev eth0 src 127.1.1.2');
  });
});

describe('what the kernel refuses', () => {
  it.each([
    ['ip route add 1.2.3.0/24 via 9.9.9.9', 'Error: Nexthop has invalid gateway.'],
    ['ip route add 1.2.3.0/24 via 10.0.0.255', 'Error: Nexthop has invalid gateway.'],
    ['ip route add 1.2.3.0/24 via 10.0.0.7 scope link', 'Error: Nexthop has invalid gateway.'],
    ['ip route add 1.2.3.0/24 via 10.0.0.7 scope host', 'Error: Route with host scope can not have a gateway.'],
    ['ip route add 1.2.3.0/24 via 10.0.0.7 src 1.1.1.1', 'Error: Invalid prefsrc address.'],
    ['ip route add 1.2.3.0/24 via 10.0.0.7 onlink', 'Error: Nexthop device required for onlink.'],
    ['ip route add 1.2.3.0/24 via 10.0.0.1 dev v1 onlink', 'Error: Nexthop has invalid gateway.'],
    [
      'ip route add 1.2.3.0/24 dev v1 onlink',
      'Error: Invalid flags for nexthop - PERVASIVE and ONLINK can not be set.',
    ],
    ['ip route add 1.2.3.0/24', 'RTNETLINK answers: No such device'],
    ['ip route add 1.2.3.0/24 dev nosuch', 'Cannot find device "nosuch"'],
    ['ip route add local 1.2.3.0/24 dev v1 scope link', 'Error: Invalid scope.'],
    ['ip route add local 10.44.0.0/16 dev v1 src 10.44.0.5', 'Error: Invalid prefsrc address.'],
    [
      'ip route add blackhole 1.2.3.0/24 dev v1',
      'Error: Gateway, device and multipath can not be specified for this route type.',
    ],
    ['ip route add 10.0.0.0/24 dev v1', 'RTNETLINK answers: File exists'],
    ['ip route change 99.0.0.0/8 via 10.0.0.9', 'RTNETLINK answers: No such file or directory'],
    ['ip route del 99.0.0.0/8', 'RTNETLINK answers: No such process'],
    ['ip route del 99.0.0.0/8 table 199', 'Error: FIB table does not exist.'],
    ['ip route flush table 199', 'Error: ipv4: FIB table does not exist.'],
    ['ip rule del pref 999', 'RTNETLINK answers: No such file or directory'],
    ['ip addr add 10.0.0.1/24 dev v1', 'Error: ipv4: Address already assigned.'],
    ['ip addr add 10.0.0.9/24 dev v1 scope link', 'Error: ipv4: Invalid scope value.'],
    ['ip addr add 10.0.0.9/24 dev nosuch', 'Cannot find device "nosuch"'],
    ['ip addr del 10.9.0.1/24 dev v1', 'Error: ipv4: Address not found.'],
    ['ip addr flush dev nosuch', 'Device "nosuch" does not exist.'],
    ['ip neigh del 10.0.0.77 dev v1', 'RTNETLINK answers: No such file or directory'],
    ['ip link set nosuch up', 'Cannot find device "nosuch"'],
    ['ip link set v1 mtu 20', 'Error: mtu less than device minimum.'],
    ['ip link set v1 mtu 70000', 'Error: mtu greater than device maximum.'],
    ['sysctl -w net.ipv4.foo=1', 'sysctl: cannot stat /proc/sys/net/ipv4/foo: No such file or directory'],
    ['bridge fdb add 02:00:00:00:00:99 dev v1 master static', 'RTNETLINK answers: Operation not supported'],
  ])('%s', (line, complaint) => {
    const shell = machine();
    const before = shell.snapshot;
    expect(shell.run(line)).toBe(complaint);
    expect(shell.snapshot).toEqual(before);
  });

  it('a gateway behind a gateway, or on a link that is down', () => {
    const shell = machine();
    expect(shell.run('ip route add 52.0.0.0/8 dev v2', 'ip route add 53.0.0.0/8 via 52.1.1.1')).toBe('');
    expect(shell.run('ip route add 54.0.0.0/8 via 53.1.1.1')).toBe('Error: Nexthop has invalid gateway.');
    shell.run('ip link set v2 down');
    expect(shell.run('ip route add 55.0.0.0/8 dev v2')).toBe('Error: Device for nexthop is not up.');
    expect(shell.run('ip route add 55.0.0.0/8 via 9.9.9.9 dev v2 onlink')).toBe('Error: Nexthop device is not up.');
    shell.run('ip link set v1 down');
    expect(shell.run('ip route add 55.0.0.0/8 via 10.0.0.1')).toBe('RTNETLINK answers: Network is down');
  });

  it("but a gateway of the route's own table is one, and so is an own address", () => {
    const shell = machine();
    expect(
      shell.run(
        'ip route add 77.0.0.0/8 dev v1 table 100',
        'ip route add 78.0.0.0/8 via 77.0.0.1 table 100',
        'ip route add 79.0.0.0/8 via 10.0.0.9 table 100',
        'ip route add 13.0.0.0/8 via 10.0.0.1',
      ),
    ).toBe('');
    expect(shell.run('ip route add 78.0.0.0/8 via 77.0.0.1')).toBe('Error: Nexthop has invalid gateway.');
  });
});

describe('routes of one prefix and metric', () => {
  it('append, prepend, replace and change', () => {
    const shell = machine();
    const line = (verb: string, gateway: string): string =>
      shell.run(`ip route ${verb} 90.0.0.0/8 via 10.0.0.${gateway}`);
    expect(line('add', '7')).toBe('');
    expect(line('append', '8')).toBe('');
    expect(line('append', '8')).toBe('RTNETLINK answers: File exists');
    expect(line('replace', '9')).toBe('');
    expect(line('replace', '8')).toBe('RTNETLINK answers: File exists');
    expect(line('replace', '6')).toBe('');
    expect(line('prepend', '5')).toBe('');
    expect(line('change', '4 metric 3')).toBe('RTNETLINK answers: No such file or directory');
    expect(line('change', '4')).toBe('');
    expect(line('replace', '4')).toBe('');
    expect(line('add', '4 metric 3')).toBe('');
    expect(shell.routes()).toEqual([
      '10.0.0.0/24 dev v1 proto kernel scope link src 10.0.0.1',
      '90.0.0.0/8 via 10.0.0.4 dev v1',
      '90.0.0.0/8 via 10.0.0.6 dev v1',
      '90.0.0.0/8 via 10.0.0.8 dev v1',
      '90.0.0.0/8 via 10.0.0.4 dev v1 metric 3',
    ]);
  });

  it('del takes the first that fits every word', () => {
    const shell = machine();
    shell.run(
      'ip route add 90.0.0.0/8 via 10.0.0.4',
      'ip route append 90.0.0.0/8 via 10.0.0.6 proto static',
      'ip route add 90.0.0.0/8 via 10.0.0.4 metric 3',
    );
    for (const words of ['scope link', 'dev v2', 'proto kernel', 'via 10.0.0.5', 'src 10.0.0.1', 'metric 9']) {
      expect(shell.run(`ip route del 90.0.0.0/8 ${words}`), words).toBe('RTNETLINK answers: No such process');
    }
    expect(shell.run('ip route del unreachable 90.0.0.0/8')).toBe('RTNETLINK answers: No such process');
    expect(shell.run('ip route del 90.0.0.0/8 proto static', 'ip route del 90.0.0.0/8 metric 3')).toBe('');
    expect(shell.routes().slice(1)).toEqual(['90.0.0.0/8 via 10.0.0.4 dev v1']);
  });
});

describe('a link that goes down and up', () => {
  it('loses its routes; up brings back only those its addresses make', () => {
    const shell = machine();
    shell.run('ip route add default via 10.0.0.9', 'ip route add 44.0.0.0/8 dev v1 table 100', 'ip link set v1 down');
    expect(shell.routes()).toEqual([]);
    expect(shell.routes('100')).toEqual([]);
    shell.run('ip link set v1 up');
    expect(shell.routes()).toEqual(['10.0.0.0/24 dev v1 proto kernel scope link src 10.0.0.1']);
  });

  it('keeps its own addresses local meanwhile, also those it gets while it is down', () => {
    const shell = machine();
    shell.run('ip link set v1 down', 'ip addr add 10.7.0.1/24 dev v1');
    expect(shell.routes('local').filter((line) => line.includes('v1'))).toEqual([
      'local 10.0.0.1 dev v1 proto kernel scope host src 10.0.0.1',
      'local 10.7.0.1 dev v1 proto kernel scope host src 10.7.0.1',
    ]);
    expect(shell.routeGet('10.0.0.1')).toBe('local 10.0.0.1 dev lo src 10.0.0.1');
    shell.run('ip link set v1 up');
    expect(shell.routes()).toEqual([
      '10.0.0.0/24 dev v1 proto kernel scope link src 10.0.0.1',
      '10.7.0.0/24 dev v1 proto kernel scope link src 10.7.0.1',
    ]);
  });

  it('loses nothing when only the carrier goes: the routes say linkdown', () => {
    const shell = machine();
    shell.run('ip link set v2 down');
    expect(shell.routes()).toEqual(['10.0.0.0/24 dev v1 proto kernel scope link src 10.0.0.1 linkdown']);
  });

  it('leaves nothing behind when it is taken out', () => {
    const shell = machine();
    const v1 = shell.net.device('v1');
    shell.run('ip route add local 61.0.0.0/8 dev v1', 'ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v1');
    if (v1 !== undefined) unregisterDevice(shell.net, v1);
    expect(shell.routes('all')).toHaveLength(3);
    expect(shell.snapshot.neigh).toMatchObject([]);
  });
});

describe('addresses', () => {
  it('further ones of a subnet are secondary, prefer the primary one, and go with it', () => {
    const shell = machine();
    shell.run('ip addr add 10.0.0.2/24 dev v1', 'ip addr add 10.0.0.3/24 dev v1');
    expect(shell.addresses('v1')).toEqual([
      'inet 10.0.0.1/24 scope global v1',
      'inet 10.0.0.2/24 scope global secondary v1',
      'inet 10.0.0.3/24 scope global secondary v1',
    ]);
    expect(shell.routes('local').slice(0, 4)).toEqual([
      'local 10.0.0.1 dev v1 proto kernel scope host src 10.0.0.1',
      'local 10.0.0.2 dev v1 proto kernel scope host src 10.0.0.1',
      'local 10.0.0.3 dev v1 proto kernel scope host src 10.0.0.1',
      'broadcast 10.0.0.255 dev v1 proto kernel scope link src 10.0.0.1',
    ]);
    expect(shell.routeGet('10.0.0.2')).toBe('local 10.0.0.2 dev lo src 10.0.0.1');
    shell.run('ip addr del 10.0.0.2/24 dev v1');
    expect(shell.addresses('v1')).toHaveLength(2);
    shell.run('ip addr del 10.0.0.1/24 dev v1');
    expect(shell.addresses('v1')).toEqual([]);
    expect(shell.routes('all').every((line) => line.includes('dev lo'))).toBe(true);
  });

  it('stand by scope, the nearest first', () => {
    const shell = new Shell().veth('v2', 'v1');
    shell.run(
      'ip addr add 10.1.0.1/24 dev v1',
      'ip addr add 10.2.0.1/24 dev v1 scope link',
      'ip addr add 10.3.0.1/24 dev v1',
      'ip addr add 127.5.0.1/24 dev v1',
      'ip addr add 10.1.0.9/24 dev v1',
      'ip addr add 10.4.0.1/24 dev v1',
    );
    expect(shell.addresses('v1')).toEqual([
      'inet 127.5.0.1/24 scope host v1',
      'inet 10.2.0.1/24 scope link v1',
      'inet 10.1.0.1/24 scope global v1',
      'inet 10.3.0.1/24 scope global v1',
      'inet 10.4.0.1/24 scope global v1',
      'inet 10.1.0.9/24 scope global secondary v1',
    ]);
  });

  it('one that is there twice keeps what the other one makes', () => {
    const shell = machine();
    shell.run(
      'ip addr add 10.0.0.1/16 dev v1',
      'ip addr add 10.0.0.1/24 dev v2',
      'ip route add 70.0.0.0/8 via 10.0.0.9 src 10.0.0.1',
      'ip addr del 10.0.0.1/24 dev v1',
    );
    expect(shell.routes()).toEqual([
      '10.0.0.0/24 dev v2 proto kernel scope link src 10.0.0.1',
      '10.0.0.0/16 dev v1 proto kernel scope link src 10.0.0.1',
      '70.0.0.0/8 via 10.0.0.9 dev v1 src 10.0.0.1',
    ]);
    expect(shell.routes('local').filter((line) => !line.includes('dev lo'))).toEqual([
      'local 10.0.0.1 dev v1 proto kernel scope host src 10.0.0.1',
      'local 10.0.0.1 dev v2 proto kernel scope host src 10.0.0.1',
      'broadcast 10.0.0.255 dev v2 proto kernel scope link src 10.0.0.1',
      'broadcast 10.0.255.255 dev v1 proto kernel scope link src 10.0.0.1',
    ]);
  });

  it('with an address go the routes of main that prefer it, not those of another table', () => {
    const shell = machine();
    shell.run(
      'ip addr add 192.0.2.1/24 dev v2',
      'ip addr add 192.0.3.1/24 dev v2',
      'ip route add 80.0.0.0/8 via 10.0.0.77 src 192.0.2.1',
      'ip route add 81.0.0.0/8 dev v1 src 192.0.2.1 table 100',
      'ip addr del 192.0.2.1/24 dev v2',
    );
    expect(shell.routes()).toEqual([
      '10.0.0.0/24 dev v1 proto kernel scope link src 10.0.0.1',
      '192.0.3.0/24 dev v2 proto kernel scope link src 192.0.3.1',
    ]);
    expect(shell.routes('100')).toEqual(['81.0.0.0/8 dev v1 scope link src 192.0.2.1']);
  });

  it('with the last one of a device goes every route over it', () => {
    const shell = machine();
    shell.run(
      'ip addr add 99.0.0.1/24 dev v1',
      'ip route add 44.0.0.0/8 dev v1 table 100',
      'ip route add 45.0.0.0/8 dev v1',
      'ip addr del 10.0.0.1/24 dev v1',
    );
    expect(shell.routes()).toContain('45.0.0.0/8 dev v1 scope link');
    expect(shell.routes('100')).toEqual(['44.0.0.0/8 dev v1 scope link']);
    shell.run('ip addr del 99.0.0.1/24 dev v1');
    expect(shell.routes()).toEqual([]);
    expect(shell.routes('100')).toEqual([]);
  });

  it('of length 31 and 32, and of 0.0.0.0/8, make fewer routes', () => {
    const shell = new Shell().veth('v2', 'v1');
    shell.run(
      'ip link set v1 up',
      'ip addr add 0.0.0.9/24 dev v1',
      'ip addr add 10.66.0.1/31 dev v1',
      'ip addr add 10.67.0.1/32 dev v1',
      'ip link set v2 up',
    );
    expect(shell.routes('all').filter((line) => line.includes('v1'))).toEqual([
      '10.66.0.0/31 dev v1 proto kernel scope link src 10.66.0.1',
      'local 0.0.0.9 dev v1 table local proto kernel scope host src 0.0.0.9',
      'local 10.66.0.1 dev v1 table local proto kernel scope host src 10.66.0.1',
      'local 10.67.0.1 dev v1 table local proto kernel scope host src 10.67.0.1',
    ]);
  });

  it('lo gets 127.0.0.1 back when it comes up without any', () => {
    const shell = new Shell();
    shell.run('ip addr flush dev lo');
    expect(shell.routes('local')).toEqual([]);
    shell.run('ip link set lo down', 'ip link set lo up');
    expect(shell.addresses('lo')).toEqual(['inet 127.0.0.1/8 scope host lo']);
  });

  it('taken from a device that is down leave nothing behind', () => {
    const shell = new Shell();
    shell.run('ip addr add 10.1.0.1/24 dev lo', 'ip link set lo down', 'ip addr del 10.1.0.1/24 dev lo');
    expect(shell.routes('local')).toEqual([
      'local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1',
      'local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1',
    ]);
  });

  it('flush takes them all; del without a length takes the first with that address', () => {
    const shell = machine();
    shell.run('ip addr add 10.5.0.1/24 dev v1', 'ip addr del 10.5.0.1 dev v1');
    expect(shell.addresses('v1')).toEqual(['inet 10.0.0.1/24 scope global v1']);
    shell.run('ip addr add 10.0.0.2/24 dev v1', 'ip addr flush dev v1');
    expect(shell.addresses('v1')).toEqual([]);
  });
});

describe('rules', () => {
  it('without a priority go before the second one, and need not differ', () => {
    const shell = machine();
    shell.run(
      'ip rule add from 10.0.0.0/24 lookup 100',
      'ip rule add not to 1.1.1.0/24 iif v1 oif v2 fwmark 0x10/0xff ipproto udp sport 10-20 dport 53 lookup main pref 50',
      'ip rule add from 1.1.1.1 blackhole',
      'ip rule add prohibit pref 60',
      'ip rule add unreachable to 2.2.2.2 order 61',
      'ip rule add to 2.2.2.3 iif nosuch lookup 100',
      'ip rule add ipproto tcp',
      'ip rule add fwmark 7',
    );
    expect(shell.rules()).toEqual([
      '0:\tfrom all lookup local',
      '46:\tfrom all fwmark 0x7 lookup main',
      '47:\tfrom all ipproto tcp lookup main',
      '48:\tfrom all to 2.2.2.3 iif nosuch [detached] lookup 100',
      '49:\tfrom 1.1.1.1 blackhole',
      '50:\tnot from all to 1.1.1.0/24 fwmark 0x10/0xff iif v1 oif v2 ipproto udp sport 10-20 dport 53 lookup main',
      '60:\tfrom all prohibit',
      '61:\tfrom all to 2.2.2.2 unreachable',
      '32765:\tfrom 10.0.0.0/24 lookup 100',
      '32766:\tfrom all lookup main',
      '32767:\tfrom all lookup default',
    ]);
    expect(shell.run('ip rule add prohibit pref 60')).toBe('RTNETLINK answers: File exists');
  });

  it('are there already where one of the same priority covers them, whatever `not` says', () => {
    const shell = new Shell();
    expect(shell.run('ip rule add from 1.0.0.0/8 pref 5')).toBe('');
    expect(shell.run('ip rule add not from 1.0.0.0/8 pref 5')).toBe('RTNETLINK answers: File exists');
    expect(shell.run('ip rule add pref 5')).toBe('RTNETLINK answers: File exists');
    expect(shell.run('ip rule add from 1.0.0.0/16 pref 5', 'ip rule add from 1.0.0.0/8 to 2.0.0.0/8 pref 5')).toBe('');
    expect(shell.run('ip rule add from 1.0.0.0/8 lookup 100 pref 5')).toBe('');
  });

  it('are deleted by any of their selectors; `not` is none of them', () => {
    const shell = machine();
    shell.run('ip rule add from 10.0.0.0/24 lookup 7', 'ip rule add not from 10.0.0.0/24 lookup 8 pref 5');
    expect(shell.run('ip rule del from 10.0.0.0/24 lookup 9')).toBe('RTNETLINK answers: No such file or directory');
    expect(shell.run('ip rule del from 10.0.0.0/24', 'ip rule del not from 10.0.0.0/24')).toBe('');
    expect(shell.rules()).toHaveLength(3);
    expect(shell.run('ip rule del from all')).toBe('');
    expect(shell.rules()).toEqual(['32766:\tfrom all lookup main', '32767:\tfrom all lookup default']);
  });
});

describe('neighbours and bridges by hand', () => {
  it('ip neigh add refuses one that is there, replace takes its place, flush keeps permanent ones', () => {
    const shell = machine();
    const add = 'ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v1';
    expect(shell.run(add)).toBe('');
    expect(shell.run(add)).toBe('RTNETLINK answers: File exists');
    shell.run('ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:0b nud permanent dev v1', 'ip neigh flush dev v1');
    expect(shell.snapshot.neigh).toMatchObject([
      { dst: '10.0.0.9', dev: 'v1', lladdr: '02:00:00:00:00:0b', state: ['PERMANENT'] },
    ]);
  });

  it('bridge fdb add and del work on the bridge of the port', () => {
    const shell = machine();
    const bridge = shell.bridge('br0');
    const v2 = shell.net.device('v2');
    if (v2 !== undefined) bridge.addPort(v2);
    const add = 'bridge fdb add 02:00:00:00:00:99 dev v2 master static';
    expect(shell.run(add)).toBe('');
    expect(shell.run(add)).toBe('RTNETLINK answers: File exists');
    expect(bridge.fdb.find(0x020000000099)).toMatchObject({ kind: 'static', port: v2 });
    expect(shell.run('bridge fdb del 02:00:00:00:00:66 dev v2 master')).toBe(
      'RTNETLINK answers: No such file or directory',
    );
    expect(shell.run('bridge fdb del 02:00:00:00:00:99 dev v2 master')).toBe('');
  });
});

describe('law: the trie finds what a scan of the table finds', () => {
  /** Few bits vary, so that prefixes nest and addresses hit. */
  const bits = fc.integer({ min: 0, max: 0xff }).map((low) => (0x0a000000 | (low << 8)) >>> 0);
  const route = fc.record({
    address: bits,
    length: fc.integer({ min: 0, max: 32 }),
    metric: fc.integer({ min: 0, max: 2 }),
    gateway: fc.integer({ min: 2, max: 200 }),
    remove: fc.boolean(),
  });

  it('over random tables, additions and deletions mixed', () => {
    fc.assert(
      fc.property(
        fc.array(route, { maxLength: 40 }),
        fc.array(bits, { minLength: 1, maxLength: 20 }),
        (routes, asked) => {
          const shell = new Shell().veth('v2', 'v1');
          shell.run('ip link set v1 up', 'ip link set v2 up', 'ip addr add 192.168.0.1/24 dev v1');
          // Only a second table, which nothing else writes to, and a rule that leads there.
          shell.run('ip rule add lookup 100 pref 1');
          const model = new Map<string, { network: number; length: number; metric: number; gateway: string }>();
          for (const { address, length, metric, gateway, remove } of routes) {
            const prefix = { network: (address & mask(length)) >>> 0, length };
            const words = `${formatPrefix(prefix)} metric ${metric} table 100`;
            const key = `${words}`;
            if (remove && metric > 0) {
              expect(shell.run(`ip route del ${words}`) === '').toBe(model.delete(key));
            } else {
              const via = `192.168.0.${gateway}`;
              const refused = shell.run(`ip route add ${words} via ${via}`);
              expect(refused === '').toBe(!model.has(key));
              if (!model.has(key)) model.set(key, { ...prefix, metric, gateway: via });
            }
          }
          for (const address of asked) {
            const best = [...model.values()]
              .filter((one) => contains(one, address))
              .sort((a, b) => b.length - a.length || a.metric - b.metric)[0];
            const result = fibLookup(shell.net, flowTo(address));
            const found = 'errno' in result ? undefined : formatIpv4(result.entry.gateway);
            expect(found).toBe(best?.gateway);
          }
        },
      ),
    );
  });
});
