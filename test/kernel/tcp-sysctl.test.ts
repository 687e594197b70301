import { describe, expect, it } from 'vitest';
import { seconds } from '../../sim/core/time.ts';
import { snapshotNamespace } from '../../sim/kernel/snapshot.ts';
import { Sysctls } from '../../sim/kernel/sysctl.ts';
import { showSysctl } from '../../sim/show/linux-sysctl.ts';
import { runCommand } from '../../sim/world/commands.ts';
import type { Lab } from '../bench.ts';
import { connect, gaps, pass, Server, segments, tcpLab } from './tcp-lab.ts';

/* The settings of TCP, as far as the model honours them. */

function openWith(...settings: readonly string[]): {
  readonly lab: Lab;
  readonly syn: string;
  readonly synAck: string;
} {
  const lab = tcpLab();
  for (const setting of settings) lab.exec('a', `sysctl -w ${setting}`);
  new Server(lab, 'b', 80);
  connect(lab, 'a', '10.0.2.2', 80);
  pass(lab);
  const [syn = '', synAck = ''] = segments(lab);
  return { lab, syn, synAck };
}

describe('options of the handshake', () => {
  it.each([
    ['net.ipv4.tcp_timestamps=0', 'mss=1460 nop nop sackok nop ws=7', 'mss=1460 nop nop sackok nop ws=7'],
    ['net.ipv4.tcp_sack=0', 'mss=1460 nop nop ts nop ws=7', 'mss=1460 nop nop ts nop ws=7'],
    ['net.ipv4.tcp_window_scaling=0', 'mss=1460 sackok ts', 'mss=1460 sackok ts'],
  ])('%s: they are neither offered nor taken up', (setting, offered, taken) => {
    const { syn, synAck } = openWith(setting);
    expect(syn).toMatch(new RegExp(`^a S 0 win=64240 id=n ${offered}$`));
    expect(synAck).toMatch(new RegExp(`^b SA 0 ack=1 win=\\d+ id=0 ${taken}$`));
  });

  it('tcp_rmem makes the first window and its scale', () => {
    expect(openWith("'net.ipv4.tcp_rmem=4096 16384 1000000'").syn).toContain('win=7300 ');
    expect(openWith("'net.ipv4.tcp_rmem=4096 16384 1000000'").syn).toMatch(/ws=7$/);
  });
});

describe('retries', () => {
  it('of the SYN: linear ones first, then doubled ones', () => {
    const lab = tcpLab();
    lab.exec('a', 'sysctl -w net.ipv4.tcp_syn_retries=2 net.ipv4.tcp_syn_linear_timeouts=1');
    lab.exec('r', 'ip route add blackhole 10.0.9.0/24');
    const client = connect(lab, 'a', '10.0.9.9', 80);
    pass(lab, seconds(100));
    expect(gaps(lab, /^a S /)).toEqual([1000, 1000, 2000]);
    // The last one gives up, and counts too.
    expect(lab.counters('a')).toMatchObject({ TcpExtTCPTimeouts: 4 });
    expect(client.notes).toEqual(['ETIMEDOUT', 'close']);
  });

  it('of data: tcp_retries2', () => {
    const lab = tcpLab();
    lab.exec('a', 'sysctl -w net.ipv4.tcp_retries2=3 net.ipv4.tcp_early_retrans=0');
    new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    lab.exec('r', 'ip route add blackhole 10.0.2.2/32');
    client.write('hello');
    pass(lab, seconds(100));
    // Counted from the first copy: three doublings of 200 ms are 3 s, as Linux 6.18 reckons them.
    expect(gaps(lab, /^a PA /)).toEqual([200, 400, 800, 1600]);
    expect(client.notes).toEqual(['connect', 'ETIMEDOUT', 'close']);
  });
});

describe('values', () => {
  it('that are several numbers are written and shown as such; fewer leave the rest as it is', () => {
    const { lab } = openWith("'net.ipv4.ip_local_port_range=40000 40003'");
    lab.exec('a', 'sysctl -w net.ipv4.ip_local_port_range=39000 net.ipv4.tcp_rmem=8192');
    const text = showSysctl(snapshotNamespace(lab.stack('a').net, []));
    expect(text).toContain('net.ipv4.ip_local_port_range = 39000\t40003\n');
    expect(text).toContain('net.ipv4.tcp_rmem = 8192\t131072\t6291456\n');
  });

  it('that do not fit are refused', () => {
    const { net } = tcpLab().stack('a');
    const settings = ["'net.ipv4.ip_local_port_range=40003 40000'", "'net.ipv4.ip_local_port_range=0 5'"];
    for (const setting of [...settings, 'net.ipv4.tcp_syn_retries=0']) {
      const refusal = /^sysctl: setting key "net\.ipv4\.\w+": Invalid argument/;
      expect(runCommand(net, `sysctl -w ${setting}`)).toMatch(refusal);
    }
  });

  it('of the range of ports are where ports are taken from, until none is left', () => {
    const lab = tcpLab();
    lab.exec('a', "sysctl -w 'net.ipv4.ip_local_port_range=40000 40003'");
    new Server(lab, 'b', 80);
    const clients = Array.from({ length: 5 }, () => connect(lab, 'a', '10.0.2.2', 80, 0));
    pass(lab);
    expect(
      clients
        .map(({ socket }) => socket.localPort)
        .slice(0, 4)
        .toSorted(),
    ).toEqual([40000, 40001, 40002, 40003]);
    expect(clients[4]?.notes).toEqual(['refused at once: EADDRNOTAVAIL']);
  });
});

describe('the bounds of what waits to be put together', () => {
  it('do not pass each other', () => {
    const sysctls = new Sysctls();
    expect(sysctls.write('net.ipv4.ipfrag_high_thresh', 3145727)).toBe('EINVAL');
    expect(sysctls.write('net.ipv4.ipfrag_low_thresh', 4194305)).toBe('EINVAL');
    expect(sysctls.write('net.ipv4.ipfrag_low_thresh', 0)).toBeUndefined();
    expect(sysctls.write('net.ipv4.ipfrag_high_thresh', 0)).toBeUndefined();
    expect(sysctls.write('net.ipv4.neigh.default.gc_thresh1', -1)).toBe('EINVAL');
    expect(sysctls.write('net.ipv4.neigh.eth0.gc_thresh1', 5)).toBe('ENOENT');
    expect(sysctls.write('net.core.rmem_default', 2303)).toBe('EINVAL');
  });
});
