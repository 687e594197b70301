import { describe, expect, it } from 'vitest';
import { cutawayIn, ndjson, temporaryFolder } from './cli.ts';

/* `show` with a scenario: its steps run as far as the moment that is asked for, and no further. */

const LAB = `
name: two-routes
topology:
  topology:
    nodes:
      a: { kind: linux, interfaces: { eth0: { address: 10.0.0.1/24 } } }
      b: { kind: linux, interfaces: { eth0: { address: 10.0.0.2/24 } } }
    links: [{ endpoints: ["a:eth0", "b:eth0"] }]
steps:
  - at: 1s
    exec: { on: a, commands: [ip route add 10.1.0.0/16 via 10.0.0.2] }
  - at: 2s
    exec: { on: a, commands: [ip route add 10.2.0.0/16 via 10.0.0.2] }
  - ping: { from: a, to: 10.0.0.2, count: 2, interval: 500ms }
`;

const folder = temporaryFolder;

function shown(...args: string[]) {
  const own = folder();
  own.write('lab.yaml', LAB);
  return cutawayIn(own.path, ['show', 'lab.yaml', ...args]);
}

const routes = (...args: string[]): number => shown('ip route', 'a', ...args).stdout.match(/ via /g)?.length ?? 0;

describe('show SCENARIO', () => {
  it('has the state of the moment, fractions too: what is due at it has happened, what comes later has not', () => {
    expect(routes('--at', '0')).toBe(0);
    expect(routes('--at', '999999999ns')).toBe(0);
    expect(routes('--at', '1s')).toBe(1);
    expect(routes('--at', '1.75s')).toBe(1);
    expect(routes('--at', '2s')).toBe(2);
    expect(routes()).toBe(2);
  });

  it('stops in the midst of a step, and has its end without --at', () => {
    const counted = (...args: string[]): unknown => {
      const [row] = ndjson(shown('nstat -as', 'a', '--json', ...args).stdout);
      const counters = row?.counters as Record<string, number> | undefined;
      return [row?.time, counters?.IcmpInEchoReps];
    };
    expect(counted('--at', '2.1s')).toEqual([2_100_000_000, 1]);
    expect(counted()).toEqual([expect.any(Number), 2]);
  });

  it('refuses times before the beginning, after the end, and what is no time', () => {
    const said = (at: string) => {
      const { status, stdout, stderr } = shown('ip route', 'a', '--at', at);
      return { status, stdout, line: stderr.split('\n')[0] };
    };
    expect(said('-1s')).toMatchObject({
      status: 2,
      stdout: '',
      line: expect.stringContaining('simulated time begins at 0'),
    });
    expect(said('1h')).toMatchObject({
      status: 2,
      stdout: '',
      line: expect.stringContaining('the scenario ends at 2.50'),
    });
    expect(said('105000h')).toMatchObject({ status: 2, line: expect.stringContaining('ends after 104 days') });
    expect(said('soon')).toMatchObject({ status: 2, line: expect.stringContaining('write a time such as') });
  });

  it('lists what there is where nothing is asked for, and of one stack by its name', () => {
    const all = shown();
    expect(all.stdout).toMatch(/^# a\nip addr +addr +2 rows\n[^#]*ip route +route +3 rows\n[^#]*# b\n/);
    expect(shown('b', '--json').stdout).toMatch(/^\{"schema":"cutaway\/show\/1","stack":"b",[^\n]*\}\n$/);
  });

  it('refuses what the stack or the topology does not have', () => {
    expect(shown('display arp').stderr).toBe(
      'error: "display arp" is for Comware devices, and this topology has none\n',
    );
    expect(shown('ip addr show dev eth7', 'a').stderr).toBe('error: Device "eth7" does not exist.\n');
    expect(shown('ip ruote').stderr).toBe('error: ip: there is no object "ruote"; did you mean "ip route"?\n');
    expect(shown('ip route', 'c')).toMatchObject({ status: 2, stdout: '' });
  });
});
