import { afterEach, describe, expect, it } from 'vitest';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { Ipv4Header } from '../../sim/wire/ipv4.ts';
import type { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { deviceOf, forwardPort, masquerade, natLab } from './nat-lab.ts';

/* An ICMP error is translated together with the packet it quotes, so that each side reads what it sent itself. */

let lab: Lab;

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

const icmpOf = (point: string): string[] =>
  linesOf(lab, point)
    .filter((line) => line.includes(' icmp '))
    .map((line) => line.slice(6));

describe('an error from outside about a masqueraded packet', () => {
  it('c1-ext-closed: quotes the outside address outside, and the inside one inside', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    const sent = lab.udp('in1', '198.51.100.2:9', { source_port: 40002 });
    expect(sent.probe.errors).toMatchObject([{ errno: 'ECONNREFUSED', from: 0xc6336402 }]);
    const length = 'icmp 3/3 [';
    const [outside] = icmpOf('out:eth0');
    const [inside] = icmpOf('in1:eth0');
    expect(outside).toContain('198.51.100.2>198.51.100.1 ');
    expect(outside).toContain(length);
    expect(outside).toMatch(/: 198\.51\.100\.1>198\.51\.100\.2 ttl=63 /);
    expect(inside).toContain('198.51.100.2>10.0.1.2 ');
    expect(inside).toMatch(/: 10\.0\.1\.2>198\.51\.100\.2 ttl=63 /);
    expect(sent.drops.map(({ reason }) => reason)).toEqual(['kernel:NO_SOCKET']);
    // The error is RELATED and makes no connection of its own.
    expect(lab.show('gw', 'conntrack').trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^udp {6}17 \d+ src=10\.0\.1\.2 .* \[UNREPLIED\] src=198\.51\.100\.2 .* mark=0 use=1$/),
    ]);
  });

  it('with the port changed, reaches the socket that sent the quoted packet, and no other', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2', { random: true });
    for (const host of ['in1', 'in2']) {
      expect(lab.udp(host, '198.51.100.2:9', { source_port: 40002 }).probe.errors).toMatchObject([
        { errno: 'ECONNREFUSED' },
      ]);
    }
  });

  it('c1-ext-ttl: the gateway itself complains before it translates', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    const sent = lab.ping('in1', '198.51.100.2', { ttl: 1 });
    expect(sent.probe.errors).toMatchObject([{ type: 11, from: 0x0a000101 }]);
    expect(icmpOf('in1:eth0')[0]).toMatch(/10\.0\.1\.1>10\.0\.1\.2 .* icmp 11\/0 \[84 of 84: 10\.0\.1\.2>198/);
  });

  it('about an echo request restores the identifier it was sent with', () => {
    lab = natLab();
    // A router beyond the gateway that has no way on.
    lab.exec('gw', 'ip route add 203.0.113.0/24 via 198.51.100.2');
    lab.exec('out', 'sysctl -w net.ipv4.ip_forward=1');
    masquerade(lab, 'gw', 'eth2', { random: true });
    const sent = lab.ping('in1', '203.0.113.1');
    expect(sent.probe.errors).toMatchObject([{ errno: 'ENETUNREACH', from: 0xc6336402 }]);
    expect(icmpOf('in1:eth0')[0]).toContain('10.0.1.2>203.0.113.1');
  });
});

describe('an error from inside about a forwarded port', () => {
  it('leaves as if the gateway were the server: outer source and quoted destination', () => {
    lab = natLab();
    forwardPort(lab, 'gw', '198.51.100.1', 8080, '10.0.1.2', 9);
    const sent = lab.udp('out', '198.51.100.1:8080', { source_port: 5555 });
    expect(sent.probe.errors).toMatchObject([{ errno: 'ECONNREFUSED', from: 0xc6336401 }]);
    expect(icmpOf('in1:eth0')[0]).toMatch(/10\.0\.1\.2>198\.51\.100\.2 .*: 198\.51\.100\.2>10\.0\.1\.2 /);
    expect(icmpOf('out:eth0')[0]).toMatch(/198\.51\.100\.1>198\.51\.100\.2 .*: 198\.51\.100\.2>198\.51\.100\.1 /);
  });
});

describe('an error that belongs to no connection', () => {
  it('is invalid and stays as it is: the connection of what it quotes has ended', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    const { net } = lab.stack('gw');
    lab.udp('in1', '198.51.100.2:9', { source_port: 40002 });
    const error = lab.frames('gw:eth2').findLast(({ bytes }) => bytes[23] === 1);
    if (error === undefined) throw new Error('no error was seen');
    net.conntrack.killWhere(() => true);
    const packet = Packet.of(lab.world.ledger, error.bytes);
    netifReceive(packet, deviceOf(lab, 'gw', 'eth2'));
    lab.world.audit();
    expect(packet.connectionInfo).toBe('invalid');
    expect(net.conntrack.statistics.invalid).toBe(1);
    expect(icmpOf('in1:eth0')).toHaveLength(1);
  });

  it('is invalid when it goes to another host than the quoted packet came from', () => {
    lab = natLab();
    masquerade(lab, 'gw', 'eth2');
    lab.udp('in1', '198.51.100.2:9', { source_port: 40002 });
    const error = lab.frames('gw:eth2').findLast(({ bytes }) => bytes[23] === 1);
    const bytes = error?.bytes.slice() ?? new Uint8Array();
    new DataView(bytes.buffer).setUint32(30, 0x0a000202);
    new Ipv4Header(bytes, 14).writeChecksum();
    const packet = Packet.of(lab.world.ledger, bytes);
    netifReceive(packet, deviceOf(lab, 'gw', 'eth2'));
    expect(packet.connectionInfo).toBe('invalid');
    lab.run({ wait: '1s' });
  });
});
