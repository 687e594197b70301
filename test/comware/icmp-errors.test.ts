import { describe, expect, it } from 'vitest';
import { formatIpv4 } from '../../sim/wire/address.ts';
import { Lab, type Sent } from '../bench.ts';
import { headersAt } from './frames.ts';
import { between, host, single } from './topologies.ts';

/** Who answered, and how: the hops of a traceroute. */
function hop({ probe }: Sent): string {
  const [reply] = probe.replies;
  const [error] = probe.errors;
  if (reply !== undefined) return `reply of ${formatIpv4(reply.from)}`;
  return error === undefined ? '*' : `type ${error.type} code ${error.code} of ${formatIpv4(error.from)}`;
}

function traceroute(lab: Lab, from: string, to: string): string[] {
  return [1, 2, 3, 4].map((ttl) => hop(lab.ping(from, to, { ttl, timeout: '2s' })));
}

function switchOn(lab: Lab, ...lines: string[]): void {
  expect(lab.run({ configure: { on: 'dev', lines: lines.join('\n') } }).outcomes[0]?.refusal).toBeUndefined();
}

function labBetween(more: object = {}): Lab {
  const { nodes, links } = between(more);
  return new Lab(nodes, links);
}

describe('ICMP errors of Comware forwarding', () => {
  it('are off: a packet whose TTL runs out, or that has no route, dies in silence', () => {
    const lab = labBetween();
    expect(hop(lab.ping('a', '10.0.2.2', { ttl: 1 }))).toBe('*');
    expect(hop(lab.ping('a', '198.51.100.1'))).toBe('*');
    expect(lab.drops()).toEqual({ 'comware:TTL_EXPIRED@dev/comware': 1, 'comware:NO_ROUTE@dev/comware': 1 });
    expect(lab.frames('a:eth0').filter(({ direction, bytes }) => direction === 'in' && bytes[13] === 0)).toEqual([]);
  });

  it('time exceeded comes from the port the packet came in by, with TTL 255, while it is switched on', () => {
    const lab = labBetween();
    switchOn(lab, 'ip ttl-expires enable');
    const expired = lab.ping('a', '10.0.2.2', { ttl: 1 });
    expect(hop(expired)).toBe('type 11 code 0 of 10.0.1.1');
    expect(headersAt(lab, 'a:eth0', expired.probe.errors[0]?.packet ?? 0)[0]?.ttl).toBe(255);
    expect(hop(lab.ping('a', '198.51.100.1'))).toBe('*');
    switchOn(lab, 'undo ip ttl-expires enable');
    expect(hop(lab.ping('a', '10.0.2.2', { ttl: 1 }))).toBe('*');
  });

  it('net unreachable likewise; NULL0 stays silent', () => {
    const lab = labBetween({ routes: ['198.51.100.0/24 dev NULL0'] });
    switchOn(lab, 'ip unreachables enable');
    expect(hop(lab.ping('a', '203.0.113.1'))).toBe('type 3 code 0 of 10.0.1.1');
    expect(hop(lab.ping('a', '198.51.100.1'))).toBe('*');
    expect(hop(lab.ping('a', '10.0.2.2', { ttl: 1 }))).toBe('*');
    switchOn(lab, 'undo ip unreachables enable');
    expect(hop(lab.ping('a', '203.0.113.1'))).toBe('*');
  });

  it('fragmentation needed tells the MTU that stands in the way', () => {
    const interfaces = {
      'GE1/0/1': { address: '10.0.1.1/24' },
      'GE1/0/2': { address: '10.0.2.1/24', mtu: 1400 },
    };
    const lab = labBetween({ interfaces });
    const big = { size: 1450, df: 'do' };
    expect(hop(lab.ping('a', '10.0.2.2', big))).toBe('*');
    expect(lab.drops()).toEqual({ 'comware:DF_SET@dev/comware': 1 });
    switchOn(lab, 'ip unreachables enable');
    const told = lab.ping('a', '10.0.2.2', big);
    expect(hop(told)).toBe('type 3 code 4 of 10.0.1.1');
    expect(told.probe.errors[0]?.mtu).toBe(1400);
    // Now the sender knows, and refuses by itself.
    expect(lab.ping('a', '10.0.2.2', big).probe.sent[0]).toMatchObject({ errno: 'EMSGSIZE', mtu: 1400 });
  });

  it("reach whoever sends through the kernel too: a container, a program of the device's own, the host", () => {
    const lab = new Lab(
      {
        dev: {
          kind: 'comware',
          interfaces: {
            'GE1/0/1': { address: '10.0.1.1/24', mtu: 1300 },
            'Virtual-Eth-Group2': { address: '10.66.0.254/24' },
            LoopBack0: { address: '10.67.0.1/32' },
          },
          containers: { apart: {}, sharing: { network_mode: 'container:comware' } },
        },
        b: host('10.0.1.2/24', '10.0.1.1'),
      },
      [{ endpoints: ['dev:GE1/0/1', 'b:eth0'] }],
    );
    expect(hop(lab.ping('apart', '198.51.100.1'))).toBe('*');
    switchOn(lab, 'ip unreachables enable', 'ip route-static 198.51.101.0 24 10.0.1.2');
    expect(hop(lab.ping('apart', '198.51.100.1'))).toBe('type 3 code 0 of 10.66.0.254');
    expect(hop(lab.ping('sharing', '198.51.100.1'))).toBe('type 3 code 0 of 10.67.0.1');
    expect(hop(lab.ping('dev/host', '198.51.100.1'))).toBe('type 3 code 0 of 127.1.1.2');
    const big = { size: 1400, df: 'do' };
    expect(lab.ping('apart', '10.0.1.2', big).probe.errors[0]).toMatchObject({ type: 3, code: 4, mtu: 1300 });
    expect(lab.ping('sharing', '198.51.101.9', big).probe.errors[0]).toMatchObject({ type: 3, code: 4, mtu: 1300 });
    expect(lab.ping('dev/host', '10.0.1.2', big).probe.errors[0]).toMatchObject({ type: 3, code: 4, mtu: 1300 });
  });

  it('are never sent about an ICMP error', () => {
    const lab = labBetween();
    switchOn(lab, 'ip ttl-expires enable', 'ip unreachables enable');
    lab.exec('b', 'ip route del default', 'ip route add default via 10.0.2.1');
    // b refuses a datagram whose source nobody has a route to: its port unreachable finds no route on the device.
    lab.exec('a', 'ip addr add 192.0.2.1/32 dev lo');
    lab.udp('a', '10.0.2.2:9', { source: '192.0.2.1' });
    expect(lab.drops()).toEqual({ 'kernel:NO_SOCKET@b': 1, 'comware:NO_ROUTE@dev/comware': 1 });
  });
});

describe("ICMP errors of the kernel in Comware's namespace", () => {
  it('follow the same switches: a closed port is silent, then refused', () => {
    const lab = labBetween();
    const closed = lab.udp('a', '10.0.1.1:9999', { timeout: '1s' });
    expect(closed.probe.errors).toEqual([]);
    expect(closed.drops.map(({ reason }) => reason)).toEqual(['kernel:NO_SOCKET', 'comware:ICMP_ERROR_OFF']);
    switchOn(lab, 'ip unreachables enable');
    const refused = lab.udp('a', '10.0.1.1:9999');
    expect(refused.probe.errors.map(({ errno, from }) => [errno, formatIpv4(from)])).toEqual([
      ['ECONNREFUSED', '10.0.1.1'],
    ]);
    switchOn(lab, 'undo ip unreachables enable', 'ip ttl-expires enable');
    expect(lab.udp('a', '10.0.1.1:9999', { timeout: '1s' }).probe.errors).toEqual([]);
  });

  it('make the device a hop of a traceroute from a container, or not', () => {
    const lab = new Lab(single.nodes, single.links);
    const rest = ['type 11 code 0 of 10.9.0.2', 'reply of 192.168.7.77', 'reply of 192.168.7.77'];
    expect(traceroute(lab, 'c1', '192.168.7.77')).toEqual(['*', ...rest]);
    switchOn(lab, 'ip ttl-expires enable');
    expect(traceroute(lab, 'c1', '192.168.7.77')).toEqual(['type 11 code 0 of 172.20.0.1', ...rest]);
  });

  it('need a source address to reach a host that is not on-link', () => {
    const lab = new Lab(single.nodes, single.links);
    switchOn(lab, 'ip ttl-expires enable');
    const first = 'type 11 code 0 of 192.168.7.1';
    const last = ['reply of 172.20.0.2', 'reply of 172.20.0.2'];
    expect(traceroute(lab, 'far', '172.20.0.2')).toEqual([first, '*', ...last]);
    switchOn(lab, 'tpa ip source interface GE1/0/1');
    expect(traceroute(lab, 'far', '172.20.0.2')).toEqual([first, 'type 11 code 0 of 10.9.0.1', ...last]);
  });
});
