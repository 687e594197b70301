import { describe, expect, it } from 'vitest';
import { seconds } from '../../sim/core/time.ts';
import { Lab } from '../bench.ts';
import { faultsOf } from './frame-lines.ts';
import { forwardPort, masquerade } from './nat-lab.ts';
import { bytesOf, connect, pass, Server } from './tcp-lab.ts';

/* TCP itself through a gateway that translates and checks windows: nothing that a sound TCP sends may look wrong. */

function lossy(loss: number, seed: number): Lab {
  const link = { delay: '5ms', loss };
  return new Lab(
    {
      inside: { kind: 'linux', interfaces: { eth0: { address: '10.0.1.2/24' } }, routes: ['default via 10.0.1.1'] },
      gw: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.1.1/24' }, eth1: { address: '198.51.100.1/24' } },
        sysctls: { 'net.ipv4.ip_forward': 1 },
      },
      out: { kind: 'linux', interfaces: { eth0: { address: '198.51.100.2/24' } } },
    },
    [
      { endpoints: ['inside:eth0', 'gw:eth0'], ...link },
      { endpoints: ['out:eth0', 'gw:eth1'], ...link },
    ],
    seed,
  );
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const text = (length: number): string => LETTERS.repeat(Math.ceil(length / LETTERS.length)).slice(0, length);

/** Sends `size` bytes each way; every byte must come once, in order. */
function exchange(lab: Lab, from: string, server: string, to: string, port: number, size: number): void {
  const sent = text(size);
  const asked = new Server(lab, server, port === 8080 ? 80 : port);
  const client = connect(lab, from, to, port);
  const push = (write: (bytes: Uint8Array) => number): (() => void) => {
    let rest = bytesOf(sent);
    return () => {
      if (rest.length > 0) rest = rest.subarray(write(rest));
    };
  };
  const up = push((bytes) => client.socket.write(bytes));
  client.socket.onWritable = up;
  pass(lab, seconds(20));
  up();
  const down = push((bytes) => asked.peer.socket.write(bytes));
  asked.peer.socket.onWritable = down;
  down();
  pass(lab, seconds(600));
  expect(Buffer.compare(asked.peer.received, bytesOf(sent))).toBe(0);
  expect(Buffer.compare(client.received, bytesOf(sent))).toBe(0);
  client.socket.end();
  asked.peer.socket.end();
  pass(lab, seconds(30));
}

describe('a transfer through a masquerade', () => {
  it.each([
    [0, 1],
    [0.05, 2],
    [0.1, 3],
    [0.2, 4],
  ])('with a loss of %d arrives whole; no segment of it is invalid', (loss, seed) => {
    const lab = lossy(loss, seed);
    masquerade(lab, 'gw', 'eth1', { random: true });
    exchange(lab, 'inside', 'out', '198.51.100.2', 80, 200_000);
    expect(lab.stack('gw').net.conntrack.statistics.invalid).toBe(0);
    expect(faultsOf(lab)).toEqual([]);
  });

  it('leaves an entry in TIME_WAIT with the words of conntrack -L', () => {
    const lab = lossy(0, 1);
    masquerade(lab, 'gw', 'eth1');
    exchange(lab, 'inside', 'out', '198.51.100.2', 80, 1000);
    expect(lab.show('gw', 'conntrack')).toMatch(
      /^tcp {6}6 \d+ TIME_WAIT src=10\.0\.1\.2 dst=198\.51\.100\.2 sport=40001 dport=80 src=198\.51\.100\.2 dst=198\.51\.100\.1 sport=80 dport=40001 \[ASSURED\] mark=0 use=1\n$/,
    );
  });

  it('c1-ext-closed for TCP: the reset is translated, the connection refused, the entry gone', () => {
    const lab = lossy(0, 1);
    masquerade(lab, 'gw', 'eth1');
    const client = connect(lab, 'inside', '198.51.100.2', 81);
    pass(lab);
    expect(client.notes).toEqual(['ECONNREFUSED', 'close']);
    expect(lab.show('gw', 'conntrack')).toBe('');
  });
});

describe('a transfer to a forwarded port', () => {
  it('ext-pub: arrives whole with a loss of a tenth', () => {
    const lab = lossy(0.1, 5);
    forwardPort(lab, 'gw', '198.51.100.1', 8080, '10.0.1.2', 80);
    exchange(lab, 'out', 'inside', '198.51.100.1', 8080, 100_000);
    expect(lab.stack('gw').net.conntrack.statistics.invalid).toBe(0);
    expect(faultsOf(lab)).toEqual([]);
  });
});
