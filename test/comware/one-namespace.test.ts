import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';

/*
 * Programs of the kernel's stack in Comware's namespace and programs of Comware's own stack, with the same addresses
 * (whitepaper 3.5.1, figures 6 to 8).
 */

function device(applications: readonly unknown[] = []): Lab {
  return new Lab(
    {
      dev: {
        kind: 'comware',
        interfaces: {
          'GE1/0/7': { address: '10.7.0.1/24' },
          'GE1/0/8': { address: '10.8.0.1/24' },
          LoopBack0: { address: '10.99.0.1/32' },
          'Virtual-Eth-Group0': { address: '10.50.0.1/24' },
        },
        applications,
        containers: { c: {} },
      },
      near: { kind: 'linux', interfaces: { eth0: { address: '10.7.0.2/24' } } },
      other: { kind: 'linux', interfaces: { eth0: { address: '10.8.0.2/24' } } },
    },
    [{ endpoints: ['dev:GE1/0/7', 'near:eth0'] }, { endpoints: ['dev:GE1/0/8', 'other:eth0'] }],
  );
}

const OWN = { name: 'own', port: 7000 };
const LINUX = { name: 'linux', port: 7001, stack: 'kernel' };

/** The boxes between the first and the last, without the node's name. */
function boxes(path: readonly string[]): string[] {
  return path.map((station) => station.split('@')[0] ?? '');
}

describe('a program of the kernel calls an address of the device', () => {
  it("goes by the ethX of the address to Comware's stack when that has the port, and back the same way", () => {
    const { path, replyPath, probe } = device([OWN]).udp('dev/comware', '10.8.0.1:7000');
    const way = ['Inet stack', 'Kernel forwarding', 'eth2', 'Comware stack'];
    expect(boxes(path)).toEqual(['Comware application', ...way, 'Comware application']);
    expect(boxes(replyPath)).toEqual(['Comware application', ...way.reverse(), 'Comware application']);
    // No router was passed: the TTL is the one Comware's stack sent with.
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([255]);
  });

  it("takes Loop0 for LoopBack0's address, and vrfif0 for one whose device is a leg into a bridge", () => {
    const lab = device([OWN]);
    expect(boxes(lab.udp('dev/comware', '10.99.0.1:7000').path)).toContain('Loop0');
    expect(boxes(lab.udp('dev/comware', '10.50.0.1:7000').path)).toContain('vrfif0');
  });

  it('stays in the kernel for a port that only the kernel has, and for one that nobody has', () => {
    const lab = device([OWN, LINUX]);
    const { path, probe } = lab.udp('dev/comware', '10.8.0.1:7001');
    expect(boxes(path)).toEqual([
      'Comware application',
      'Inet stack',
      'Kernel forwarding',
      'lo',
      'Inet stack',
      'Comware application',
    ]);
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
    const nobody = lab.udp('dev/comware', '10.8.0.1:7002');
    expect(nobody.probe.errors.map(({ errno }) => errno)).toEqual(['ECONNREFUSED']);
    expect(nobody.drops.map(({ reason }) => reason)).toEqual(['kernel:NO_SOCKET']);
  });

  it('is answered by Comware when it pings, and by the kernel once the rule is gone', () => {
    const lab = device();
    expect(lab.ping('dev/comware', '10.7.0.1').probe.replies.map(({ ttl }) => ttl)).toEqual([255]);
    lab.exec('dev/comware', 'ip rule del pref 500 to 10.7.0.1');
    expect(lab.ping('dev/comware', '10.7.0.1').probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
  });

  it('meets the rules as they follow the listeners', () => {
    const lab = device([OWN]);
    const rule = '500:\tfrom all to 10.7.0.1 iif lo ipproto udp dport 7000 lookup 1001';
    expect(lab.show('dev/comware', 'rule')).toContain(rule);
    lab.run({ stop: { on: 'dev', service: 'own' } });
    expect(lab.show('dev/comware', 'rule')).not.toContain(rule);
    expect(lab.udp('dev/comware', '10.7.0.1:7000').probe.errors.map(({ errno }) => errno)).toEqual(['ECONNREFUSED']);
    lab.run({ start: { on: 'dev', service: 'own' } });
    expect(lab.udp('dev/comware', '10.7.0.1:7000').probe.replies).toHaveLength(1);
    lab.run({ configure: { on: 'dev', lines: 'interface GE1/0/7\nundo ip address' } });
    expect(lab.show('dev/comware', 'rule')).not.toContain('10.7.0.1');
  });
});

describe("a program of Comware's stack calls an address of the device", () => {
  it('reaches a program of the kernel, whose answer a downloaded rule brings back', () => {
    const { path, replyPath, probe } = device([LINUX]).udp('dev', '10.7.0.1:7001');
    const way = ['Comware stack', 'eth1', 'Kernel forwarding', 'Inet stack'];
    expect(boxes(path)).toEqual(['Comware application', ...way, 'Comware application']);
    expect(boxes(replyPath)).toEqual(['Comware application', ...way.reverse(), 'Comware application']);
    expect(probe.replies.map(({ ttl }) => ttl)).toEqual([64]);
  });
});

describe('a packet with an address of the device as source', () => {
  it('that comes by a wire is forged, and dropped', () => {
    const lab = device([OWN]);
    lab.exec('near', 'ip addr add 10.8.0.1/32 dev eth0', 'ip route add 10.99.0.1 via 10.7.0.1 src 10.8.0.1');
    const { drops } = lab.udp('near', '10.99.0.1:7000');
    expect(drops.map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([
      'comware:INVALID_ADDRESS: from 10.8.0.1, which is ours',
    ]);
  });
});

describe('tpa ip send-to-cpu', () => {
  const ALL_HOSTS = '224.0.0.1:7001';

  it('brings multicast up to a program of the kernel, by interface or everywhere; without it Comware drops it', () => {
    const lab = device([LINUX]);
    const send = (): readonly string[] => lab.udp('near', ALL_HOSTS, { device: 'eth0' }).path;
    expect(send().at(-1)).toBe('Comware forwarding@dev');
    lab.run({
      configure: { on: 'dev', lines: 'interface GE1/0/8\ntpa ip send-to-cpu protocol 17 destination-port 7001' },
    });
    expect(send().at(-1)).toBe('Comware forwarding@dev');
    lab.run({ configure: { on: 'dev', lines: 'tpa ip send-to-cpu protocol 17 destination-port 7001' } });
    expect(boxes(send()).slice(-4)).toEqual(['Comware stack', 'eth1', 'Inet stack', 'Comware application']);
    lab.run({ configure: { on: 'dev', lines: 'undo tpa ip send-to-cpu protocol 17 destination-port 7001' } });
    expect(send().at(-1)).toBe('Comware forwarding@dev');
  });
});

describe('the host calls an address of the device', () => {
  it("finds the kernel's programs at every one of them, and is refused where nobody listens", () => {
    const lab = device([OWN, LINUX]);
    for (const address of ['127.1.1.2', '10.7.0.1', '10.8.0.1', '10.99.0.1', '10.50.0.1']) {
      expect([address, lab.udp('dev/host', `${address}:7001`).probe.replies.length]).toEqual([address, 1]);
      expect([address, lab.udp('dev/host', `${address}:7000`).probe.replies.length]).toEqual([address, 1]);
    }
    expect(lab.drops()).toEqual({});
    const { probe } = lab.run({ tcp: { from: 'dev/host', to: '10.8.0.1:7002', send: 'x' } }).outcomes[0] ?? {};
    expect(probe?.errors.map(({ errno }) => errno)).toEqual(['ECONNREFUSED']);
  });
});
