import { describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { Lab } from '../bench.ts';
import { Shell } from './shell.ts';

describe('txqueuelen', () => {
  const host = (address: string) => ({ kind: 'linux', interfaces: { eth0: { address } } });

  it('is set by ip link, shown as qlen, and as many frames wait for a slow cable', () => {
    const lab = new Lab({ a: host('10.0.0.1/24'), b: host('10.0.0.2/24') }, [
      { endpoints: ['a:eth0', 'b:eth0'], rate: '1mbit' },
    ]);
    lab.ping('a', '10.0.0.2');
    lab.exec('a', 'ip link set dev eth0 txqueuelen 2');
    expect(lab.show('a', 'link')).toContain('qlen 2\n');
    // Seven fragments in one moment: one leaves, two wait.
    lab.ping('a', '10.0.0.2', { size: 9000 });
    expect(lab.drops()['kernel:QDISC_DROP@a']).toBe(4);
  });

  it('may be written as iproute2 takes it, and is refused where it is no number', () => {
    const shell = new Shell().veth('e0', 'e1');
    const length = () => must(shell.net.device('e0'), 'e0').txQueueLength;
    expect([shell.run('ip link set e0 qlen 7'), length()]).toEqual(['', 7]);
    expect([shell.run('ip link set e0 txqlen 8 up'), length()]).toEqual(['', 8]);
    expect(shell.run('ip link set e0 txqueuelen many')).toContain('Invalid "txqueuelen" value');
    expect(length()).toBe(8);
  });
});

describe('net.core.netdev_max_backlog', () => {
  it('is how many packets may wait for a namespace behind each of its software links', () => {
    const shell = new Shell().veth('e0', 'e1');
    expect(
      shell.run(
        'ip link set e0 up',
        'ip link set e1 up',
        'ip addr add 10.0.0.1/24 dev e0',
        'sysctl -w net.core.netdev_max_backlog=9',
      ),
    ).toBe('');
    const socket = shell.net.parts.udp.open({ name: 'test', place: shell.net.place });
    for (let count = 0; count < 50; count++) socket.sendTo(new Uint8Array(1), 0x7f000001, 9);
    expect(shell.net.ledger.drops.get('kernel:CPU_BACKLOG')).toBe(40);
    while (shell.clock.runNext());
    expect(shell.net.ledger.drops.get('kernel:NO_SOCKET')).toBe(10);
    shell.net.ledger.audit(shell.net.held);
  });

  it('keeps a flood of frames bounded: three bridges in a ring multiply a broadcast until their links are full', () => {
    const shell = new Shell();
    const ring = [0, 1, 2].map((index) => shell.bridge(`br${index}`));
    for (let link = 0; link < 6; link++) {
      shell.veth(`a${link}`, `b${link}`);
      const [one, other] = [ring[link % 3], ring[(link + 1) % 3]];
      must(one, 'bridge').addPort(must(shell.net.device(`a${link}`), 'a'));
      must(other, 'bridge').addPort(must(shell.net.device(`b${link}`), 'b'));
    }
    for (const device of shell.net.devices) expect(shell.run(`ip link set ${device.name} up`)).toBe('');
    const frame = new Uint8Array(60).fill(0xff, 0, 6);
    frame[11] = 1;
    netifReceive(Packet.of(shell.net.ledger, frame), must(shell.net.device('a0'), 'a0'));
    for (let count = 0; count < 20_000; count++) shell.clock.runNext();
    expect(shell.net.held).toBeLessThanOrEqual(12 * 1001);
    expect(shell.net.ledger.drops.get('kernel:CPU_BACKLOG')).toBeGreaterThan(0);
    shell.net.ledger.audit(shell.net.held);
  });
});
