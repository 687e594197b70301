import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';

/** A container, and Comware without a port: all that the downloaded rules decide about. */
function device(): Lab {
  return new Lab({
    dev: {
      kind: 'comware',
      interfaces: { 'Virtual-Eth-Group0': { address: '1.1.1.200/24' } },
      containers: { c: {} },
    },
  });
}

const STEERING = ['ip rule del pref 103', 'ip rule del pref 104', 'ip rule del pref 105'];

// All three were seen on Linux 6.18 too, with a tun device and a program on it in place of vrfif0 and Comware's stack.
describe('the downloaded rules of the leg into the TPA bridge', () => {
  it("steer by protocol: Comware's stack answers, one decrement each way", () => {
    const lab = device();
    const sent = lab.ping('c', '1.1.1.200');
    expect(sent.probe.replies[0]?.ttl).toBe(254);
    expect(sent.path.slice(-3)).toEqual(['Kernel forwarding@dev/comware', 'vrfif0@dev/comware', 'Comware stack@dev']);
  });

  it("without them the address is the kernel's own, and the kernel answers", () => {
    const lab = device();
    lab.exec('dev/comware', ...STEERING);
    const sent = lab.ping('c', '1.1.1.200');
    expect(sent.probe.replies[0]?.ttl).toBe(64);
    expect(sent.path.at(-1)).toBe('Inet stack@dev/comware');
  });

  it("as one rule for everything they would take ARP's lookup too: nobody answers for the gateway", () => {
    const lab = device();
    lab.exec('dev/comware', ...STEERING, 'ip rule add pref 103 iif eth1 lookup 100');
    const sent = lab.ping('c', '1.1.1.200');
    expect(sent.probe.replies).toEqual([]);
    expect(sent.drops.map((drop) => drop.reason)).toEqual(['kernel:NEIGH_FAILED']);
    expect(lab.show('c', 'neigh')).toBe('1.1.1.200 dev eth0 FAILED\n');
  });
});
