import { describe, expect, it } from 'vitest';
import { cutaway, cutawayIn, WHITEPAPER_TOPOLOGY as LAB, ndjson, temporaryFolder } from './cli.ts';

function trace(...args: string[]): ReturnType<typeof cutaway> {
  return cutaway('trace', LAB, ...args);
}

/** The last line: what became of the packet. */
function verdictOf(output: string): string | undefined {
  return output.trimEnd().split('\n').at(-1);
}

describe('trace', () => {
  it('follows a ping to a host outside, and its answer back', () => {
    const { status, stdout, stderr } = trace('--from', 'container3', '--to', '203.0.113.10');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^there: Application@device-a\/container3 > .* > Inet stack@host-b\nTIME +PACKET +PLACE/);
    expect(stdout).toContain('~ TTL 64>63  -Ethernet 02:42:01:01:01:03 > 02:00:00:00:00:09');
    expect(stdout).toMatch(/~ TTL 63>62 {2}dst MAC \S+>\S+ {2}src MAC \S+>\S+\n/);
    expect(stdout).toMatch(/\nback: Inet stack@host-b > .* > Application@device-a\/container3\nTIME +PACKET/);
    expect(stdout.match(/TTL 64 -> 63/g)).toHaveLength(2);
    expect(stdout).not.toMatch(/ARP request/);
    expect(verdictOf(stdout)).toBe('DELIVERED, answered with TTL 62');
  });

  it('takes UDP for granted where a port is given', () => {
    const { stdout } = trace('--from', 'container3', '--to', '1.1.1.2:7');
    expect(stdout).toContain('UDP port 7: echo (bound socket)');
    expect(verdictOf(stdout)).toBe('DELIVERED, answered with TTL 64');
  });

  it('tells where and why a packet was dropped, and what that caused', () => {
    const { status, stdout } = trace('--from', 'container3', '--to', '1.1.1.2:8');
    expect(status).toBe(0);
    expect(stdout).toContain('DROP kernel:NO_SOCKET: no socket wants it (UDP port 8 of 1.1.1.2)');
    expect(stdout).toMatch(/\nback: Inet stack@device-a\/container2 > .*\n/);
    expect(stdout.trimEnd().split('\n').slice(-3)).toEqual([
      'REJECTED: ECONNREFUSED (Connection refused) from 1.1.1.2',
      'died at device-a/container2: kernel:NO_SOCKET (UDP port 8 of 1.1.1.2)',
      '  because no UDP socket at 1.1.1.2:8; open: 0.0.0.0:7 echo',
    ]);
  });

  it('follows the SYN of a connection and its answer', () => {
    const folder = temporaryFolder();
    folder.write(
      'lab.yaml',
      `topology:
  nodes:
    a: { kind: linux, interfaces: { eth0: { address: 10.0.1.2/24 } } }
    b: { kind: linux, interfaces: { eth0: { address: 10.0.1.3/24 } }, services: [{ port: 80, program: http }] }
  links: [{ endpoints: ["a:eth0", "b:eth0"] }]
`,
    );
    const connect = (port: number, ...args: string[]): string =>
      cutawayIn(folder.path, [
        'trace',
        'lab.yaml',
        '--from',
        'a',
        '--to',
        `10.0.1.3:${port}`,
        '--proto',
        'tcp',
        ...args,
      ]).stdout;
    const open = connect(80);
    expect(open).toContain('TCP port 80: tcp-80 (listener)');
    expect(open).toMatch(/\nback: Inet stack@b > .*Inet stack@a\n/);
    expect(open).toContain('sent by TCP SYN-ACK');
    expect(verdictOf(open)).toBe('DELIVERED, answered with TTL 64');
    const closed = connect(81);
    expect(closed).toContain('sent by TCP RST');
    expect(closed).toContain('REJECTED: ECONNREFUSED (Connection refused) from 10.0.1.3');
    expect(closed).toContain('died at b: kernel:NO_SOCKET (TCP port 81 of 10.0.1.3)');
    expect(ndjson(connect(80, '--json')).at(-1)).toMatchObject({
      verdict: 'DELIVERED',
      kind: 'tcp',
      sent: 1,
      received: 1,
    });
  });

  it('tells what the sender itself refused', () => {
    const { status, stdout } = trace('--from', 'router', '--to', '198.51.100.1', '--exit-code');
    expect(status).toBe(1);
    expect(stdout).toBe(
      'ping router -> 198.51.100.1: not sent: ENETUNREACH\n' +
        'REJECTED: ENETUNREACH (Network is unreachable), said its own stack\n' +
        '  because no route to 198.51.100.1; asked: local, main, default\n',
    );
  });

  it('exits with 1 for --exit-code alone', () => {
    const lost = ['--from', 'container3', '--to', '198.51.100.1'];
    expect(trace(...lost).status).toBe(0);
    expect(trace(...lost, '--exit-code').status).toBe(1);
    expect(trace('--from', 'container3', '--to', '1.1.1.2', '--exit-code').status).toBe(0);
  });

  it('shows the address resolution with --arp', () => {
    const { stdout } = trace('--from', 'container1', '--to', '1.1.1.2', '--arp');
    expect(stdout).toMatch(/sent by ARP request/);
    expect(stdout).toMatch(/sent by ARP reply/);
  });

  it('shows the packets that an expression of tcpdump lets pass', () => {
    const flow = ['--from', 'container1', '--to', '1.1.1.2'];
    const { status, stdout } = trace(...flow, 'arp');
    expect(status).toBe(0);
    expect(stdout).toMatch(/sent by ARP request/);
    expect(stdout).not.toMatch(/sent by ping/);
    expect(verdictOf(stdout)).toMatch(/^DELIVERED/);
    const steps = ndjson(trace(...flow, '--json', '--', 'icmp', 'and', 'src', 'host', '1.1.1.2').stdout);
    const packets = new Set(steps.filter((line) => line.event === 'step').map((step) => step.packet));
    expect(packets.size).toBe(1);
    const none = trace(...flow, 'tcp port 80');
    expect(none.stderr).toBe('no packet matches: tcp port 80\n');
    const bad = trace(...flow, 'icmp and hst');
    expect(bad).toMatchObject({ status: 2, stdout: '' });
    expect(bad.stderr).toMatch(/^filter expression:1:10: error: /);
  });

  it('lets a TTL run out where it does', () => {
    const { stdout } = trace('--from', 'router', '--to', '1.1.1.3', '--ttl', '1');
    expect(stdout).toMatch(/\nDROPPED at device-a\S*: \S+:\S+/);
    expect(trace('--from', 'router', '--to', '1.1.1.3', '--ttl', '3', '--exit-code').status).toBe(0);
  });

  it('is one JSON object a line with --json, the verdict last', () => {
    const { status, stdout, stderr } = trace('--from', 'container3', '--to', '1.1.1.2:8', '--json', '--exit-code');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    const lines = ndjson(stdout);
    const verdict = lines.at(-1);
    const steps = lines.filter((line) => line.event === 'step');
    expect(verdict).toMatchObject({
      event: 'verdict',
      schema: 'cutaway/trace/1',
      verdict: 'REJECTED',
      from: 'device-a/container3',
      to: '1.1.1.2',
      port: 8,
      errors: [{ errno: 'ECONNREFUSED', from: '1.1.1.2' }],
      drops: [
        {
          reason: 'kernel:NO_SOCKET',
          netns: 'device-a/container2',
          detail: 'UDP port 8 of 1.1.1.2',
          decided_by: { kind: 'sockets', facts: { protocol: 'UDP', address: '1.1.1.2', port: 8 } },
        },
      ],
    });
    expect(lines.some((line) => line.event === 'hop')).toBe(true);
    for (const step of steps) {
      expect(step).toMatchObject({ event: 'step', node: 'device-a' });
      expect(Number.isInteger(step.time)).toBe(true);
    }
    expect(steps.some((step) => step.kind === 'drop')).toBe(true);
  });

  it('says the same in JSON as in words', () => {
    const answered = ndjson(trace('--from', 'container3', '--to', '203.0.113.10', '--json').stdout).at(-1);
    expect(answered).toMatchObject({ verdict: 'DELIVERED', ttl: 62, received: 1, drops: [] });
    const refused = ndjson(trace('--from', 'router', '--to', '198.51.100.1', '--json').stdout);
    expect(refused).toMatchObject([{ event: 'verdict', verdict: 'REJECTED', errors: [{ errno: 'ENETUNREACH' }] }]);
    expect(refused[0]).not.toHaveProperty('there');
  });

  it.each([['device-a'], ['device-a/comware'], ['device-a/host'], ['device-a/container1'], ['container1'], ['host-b']])(
    'starts from %s',
    (from) => {
      const { status, stdout } = trace('--from', from, '--to', '1.1.1.3');
      expect(status).toBe(0);
      expect(stdout).toMatch(/\n(DELIVERED|DROPPED|REJECTED|FORWARDED_OUT|UNDECIDED)[ :,].*\n/);
    },
  );
});
