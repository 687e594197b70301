import { describe, expect, it } from 'vitest';
import { reportScenario, type ScenarioReport } from '../../sim/scenario/report.ts';
import type { ScenarioRun } from '../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import type { Lab } from '../bench.ts';
import { applicationLab } from './application-lab.ts';

/* What steps of a scenario can do besides ping: connect, fetch, transfer, trace a route, pull; and how they are judged. */

/** Runs steps and reports on them, with top-level expectations. */
function play(lab: Lab, steps: readonly object[], expected: readonly object[] = []): ScenarioReport {
  const scenario = scenarioSchema.parse({ name: 'lab', topology: 'none', steps, expect: expected });
  const run: ScenarioRun = lab.run(...steps);
  return reportScenario(lab.world, scenario, run);
}

/** What failed, as `what: found`. */
function failures(report: ScenarioReport): string[] {
  const checks = [...report.steps.flatMap((step) => step.checks), ...report.tables];
  const refusals = report.steps.flatMap((step) => (step.refusal === undefined ? [] : [`refused: ${step.refusal}`]));
  return [...refusals, ...checks.filter((check) => !check.passed).map((check) => `${check.what}: ${check.found}`)];
}

function passes(lab: Lab, ...steps: readonly object[]): ScenarioReport {
  const report = play(lab, steps);
  expect(failures(report)).toEqual([]);
  expect(report.passed).toBe(true);
  return report;
}

describe('tcp', () => {
  it('sends, half-closes and reads until the server ends', () => {
    const report = passes(applicationLab(), {
      tcp: { from: 'a', to: '10.0.2.2:7', send: 'hello' },
      expect: {
        ...{ connected: true, closed: true, received: 'hello', error: 'none', reply_ttl: 63, replies: 1 },
        passes: ['Kernel forwarding@r', 'Inet stack@b'],
        reply_passes: ['Kernel forwarding@r', 'Inet stack@a'],
        dropped: 'none',
        header: [
          { at: 'b:eth0', is: { destination_port: 7, ttl: 63, protocol: 6 } },
          { at: 'a:eth0', of: 'reply', direction: 'in', is: { source_port: 7, ttl: 63 } },
        ],
      },
    });
    expect(report.steps[0]?.probe?.output).toEqual(['Connection to 10.0.2.2 7 (tcp) succeeded!', 'hello']);
  });

  it('carries more than the buffers hold, byte for byte, also over a link that loses a tenth', () => {
    const lab = applicationLab({ loss: 10, jitter: '2ms' });
    const report = play(lab, [
      {
        tcp: { from: 'a', to: '10.0.2.2:7', send: '0123456789', size: 200_000, silence: '200s' },
        expect: { received: '0123456789'.repeat(20_000) },
      },
    ]);
    expect(failures(report)).toEqual([]);
  });

  it('gets the banner of a server that speaks first', () => {
    passes(applicationLab(), {
      tcp: { from: 'a', to: '10.0.2.2:21' },
      expect: { received: '220 b is ready.\r\n', received_has: 'ready', received_size: 17 },
    });
  });

  it('is refused where nobody listens', () => {
    const { steps } = passes(applicationLab(), {
      tcp: { from: 'a', to: '10.0.2.2:81' },
      expect: {
        ...{ connected: false, error: 'ECONNREFUSED', prints: 'Connection refused' },
        dropped: { reason: 'kernel:NO_SOCKET', at: 'b' },
      },
    });
    expect(steps[0]?.probe?.output).toEqual(['nc: connect to 10.0.2.2 81 (tcp) failed: Connection refused']);
  });

  it("fails at once without a route, and by its own patience or the stack's where nobody answers", () => {
    const lab = applicationLab();
    lab.exec('a', 'ip route del default via 10.0.1.1');
    passes(lab, {
      tcp: { from: 'a', to: '10.0.2.2:7' },
      expect: { connected: false, error: 'ENETUNREACH', replies: 0 },
    });
    const dark = applicationLab({ loss: 100 });
    passes(
      dark,
      { tcp: { from: 'a', to: '10.0.2.2:7', timeout: '3s' }, expect: { connected: false, error: 'ETIMEDOUT' } },
      { tcp: { from: 'a', to: '10.0.2.2:7' }, expect: { connected: false, error: 'EHOSTUNREACH' } },
    );
  });

  it('keeps a connection open for later steps, which see what the server does meanwhile', () => {
    const lab = applicationLab();
    const report = play(lab, [
      {
        tcp: { from: 'a', to: '10.0.2.2:7', send: 'one', hold: '1h', name: 'long' },
        expect: { received: 'one', closed: false },
      },
      {
        tcp: { on: 'long', send: 'two' },
        expect: { received: 'two', error: 'none', closed: false, passes: ['Kernel forwarding@r', 'Application@b'] },
      },
      { stop: { on: 'b', service: 'tcp-7' } },
      { tcp: { on: 'long', send: 'three' }, expect: { received: '', closed: true, error: 'EPIPE' } },
    ]);
    expect(failures(report)).toEqual([]);
  });

  it('shows the held connection to others, and closes it by itself', () => {
    const lab = applicationLab();
    passes(lab, {
      tcp: { from: 'a', to: '10.0.2.2:7', hold: '10s', source_port: 4000, name: 'c' },
      expect: { connected: true },
    });
    const states = (): string[] =>
      lab
        .stack('a')
        .net.parts.tcp.connections()
        .map((row) => row.state);
    expect(states()).toEqual(['ESTABLISHED']);
    lab.run({ wait: '20s' });
    expect(states()).not.toContain('ESTABLISHED');
  });

  it('closes or aborts a held connection when told', () => {
    const dial = {
      tcp: { from: 'a', to: '10.0.2.2:9', hold: '1h', name: 'c' },
      expect: { connected: true, closed: false },
    };
    passes(applicationLab(), dial, { tcp: { on: 'c', finish: 'close' }, expect: { closed: true, error: 'none' } });
    passes(applicationLab(), dial, { tcp: { on: 'c', finish: 'abort' }, expect: { closed: true } });
  });

  it('a server that is stopped closes what it has open, and its port is free for another start', () => {
    const lab = applicationLab();
    passes(
      lab,
      { tcp: { from: 'a', to: '10.0.2.2:9', hold: '1h', name: 'c' }, expect: { connected: true, closed: false } },
      { stop: { on: 'b', service: 'discard' } },
      { tcp: { on: 'c' }, expect: { closed: true } },
      { tcp: { from: 'a', to: '10.0.2.2:9' }, expect: { connected: false, error: 'ECONNREFUSED' } },
      { start: { on: 'b', service: 'discard' } },
      { tcp: { from: 'a', to: '10.0.2.2:9', send: 'x' }, expect: { connected: true, received_size: 0 } },
    );
  });
});

describe('http', () => {
  it('fetches a page, and tells of a redirect', () => {
    const { steps } = passes(
      applicationLab(),
      {
        http: { from: 'a', get: 'http://10.0.2.2' },
        expect: { status: 200, body_is: 'web on b\n', connected: true, reply_ttl: 63 },
      },
      { http: { from: 'a', get: 'http://10.0.2.2:8080/' }, expect: { status: 307, location: '/containers/' } },
      {
        http: { from: 'a', get: 'http://10.0.2.2:8080/containers/' },
        expect: { status: 200, body_has: '<title>cAdvisor - /</title>' },
      },
      {
        http: { from: 'a', get: 'http://10.0.2.2/nothing' },
        expect: { status: 404, prints: 'HTTP/1.1 404 Not Found' },
      },
      {
        http: { from: 'a', get: 'http://10.0.2.2:81/' },
        expect: { connected: false, error: 'ECONNREFUSED', prints: 'curl: (7)' },
      },
    );
    expect(steps[0]?.probe?.output.slice(0, 3)).toEqual([
      'curl -i http://10.0.2.2/',
      'HTTP/1.1 200 OK',
      'Content-Type: text/plain; charset=utf-8',
    ]);
  });
});

describe('tftp', () => {
  it('puts a file, which arrives byte for byte', () => {
    const { steps } = passes(applicationLab(), {
      tftp: { from: 'a', to: '10.0.2.2', put: 'startup.cfg', content: 'sysname A\n', size: 2000, as: 'a.cfg' },
      expect: {
        file: { at: 'b', name: 'a.cfg', equals: 'sent', size: 2000 },
        ...{ prints: 'Sent 2000 bytes', replies: 1, reply_ttl: 63, dropped: 'none' },
        passes: ['Application@b'],
        header: [{ at: 'b:eth0', is: { destination_port: 69 } }],
      },
    });
    expect(steps[0]?.probe?.output[0]).toBe('tftp> put a.cfg');
  });

  it('gets a file, also over a link that loses a fifth', () => {
    passes(
      applicationLab({ loss: 20 }, undefined, 5),
      {
        tftp: { from: 'a', to: '10.0.2.2', get: 'image.bin' },
        expect: { file: { at: 'b:tftpd', equals: 'received' }, received_size: 3000 },
      },
      { tftp: { from: 'a', to: '10.0.2.2', get: 'motd.txt', mode: 'netascii' }, expect: { received: 'welcome\n' } },
    );
  });

  it('says what the server refuses, and that nobody answers', () => {
    passes(
      applicationLab(),
      { tftp: { from: 'a', to: '10.0.2.2', get: 'nothing' }, expect: { prints: 'Error code 1: File not found' } },
      {
        tftp: { from: 'a', to: '10.0.2.2', put: 'motd.txt' },
        expect: { prints: 'Error code 6: File already exists', file: { at: 'b', is: 'welcome\n' } },
      },
      { stop: { on: 'b', service: 'tftpd' } },
      { tftp: { from: 'a', to: '10.0.2.2', get: 'motd.txt' }, expect: { error: 'ECONNREFUSED' } },
      {
        tftp: { from: 'a', to: '10.0.1.77', put: 'x' },
        expect: { error: 'EHOSTUNREACH', file: { at: 'b', absent: true } },
      },
    );
  });
});

describe('traceroute', () => {
  it('finds the router and the end', () => {
    const { steps } = passes(applicationLab(), {
      traceroute: { from: 'a', to: '10.0.2.2' },
      expect: { hops: ['10.0.1.1', '10.0.2.2'], error: 'EHOSTUNREACH', error_from: '10.0.1.1' },
    });
    const [head, first] = steps[0]?.probe?.output ?? [];
    expect(head).toBe('traceroute to 10.0.2.2 (10.0.2.2), 30 hops max, 60 byte packets');
    expect(first).toMatch(/^ 1 {2}10\.0\.1\.1 \(10\.0\.1\.1\)( {2}0\.\d{3} ms){3}$/);
  });

  it('shows a silent router as stars and an unreachable end with its mark', () => {
    const lab = applicationLab();
    lab.exec('r', 'ip route add prohibit 10.9.0.0/16');
    passes(
      lab,
      { traceroute: { from: 'a', to: '10.9.0.1' }, expect: { hops: ['10.0.1.1 !X'] } },
      {
        traceroute: { from: 'a', to: '10.0.2.77', wait: '4s', queries: 2 },
        expect: { hops: ['10.0.1.1', '10.0.1.1 !H'] },
      },
    );
    const dark = applicationLab({ loss: 100 });
    passes(dark, {
      traceroute: { from: 'a', to: '10.0.2.2', max_hops: 3, wait: '1s', queries: 1 },
      expect: { hops: ['10.0.1.1', '*', '*'] },
    });
  });

  it('sends each probe from a port of its own to a port of its own, 60 bytes, DF clear', () => {
    const lab = applicationLab();
    passes(lab, { traceroute: { from: 'a', to: '10.0.2.2' }, expect: { hops: ['10.0.1.1', '10.0.2.2'] } });
    const sent = lab.frames('a:eth0').filter((frame) => frame.direction === 'out' && frame.bytes[23] === 17);
    const ports = sent.map(({ bytes }) => [bytes[36], bytes[37], bytes[34], bytes[35]] as number[]);
    const targets = ports.map(([high = 0, low = 0]) => (high << 8) | low);
    expect(targets).toEqual(targets.map((_, index) => 33434 + index));
    expect(new Set(ports.map(([, , high = 0, low = 0]) => (high << 8) | low)).size).toBe(sent.length);
    expect(new Set(sent.map(({ bytes }) => `${bytes.length - 14} ${bytes[20]}`))).toEqual(new Set(['60 0']));
  });
});

describe('pull', () => {
  it('gets an image from a registry, digests verified', () => {
    const { steps } = passes(
      applicationLab(),
      {
        pull: { on: 'a', image: '10.0.2.2:5000/tools/cadvisor:v1' },
        expect: { connected: true, prints: ['Pulling from tools/cadvisor', 'Status: Downloaded newer image'] },
      },
      { pull: { on: 'a', image: '10.0.2.2:5000/busybox:2' }, expect: { prints: 'manifest unknown' } },
      {
        pull: { on: 'a', image: '10.0.2.2/busybox' },
        expect: { prints: 'unexpected status from GET request to http://10.0.2.2/v2/: 404 Not Found' },
      },
      {
        pull: { on: 'a', image: '10.0.2.2:81/busybox' },
        expect: { connected: false, prints: 'connect: connection refused' },
      },
    );
    expect(steps[0]?.probe?.output.at(-1)).toBe('10.0.2.2:5000/tools/cadvisor:v1');
  });
});

describe('a verdict can fail, and says at what', () => {
  it('for each thing that can be expected', () => {
    const report = play(applicationLab(), [
      {
        tcp: { from: 'a', to: '10.0.2.2:7', send: 'hello' },
        expect: {
          connected: false,
          received: 'hullo',
          received_has: 'x',
          received_size: 4,
          closed: false,
          error: 'ECONNRESET',
          prints: 'refused',
        },
      },
      {
        http: { from: 'a', get: 'http://10.0.2.2/' },
        expect: { status: 404, body_has: 'zzz', body_is: '', location: '/' },
      },
      {
        tftp: { from: 'a', to: '10.0.2.2', put: 'f', content: 'abcd' },
        expect: { file: { at: 'b', name: 'motd.txt', equals: 'sent' } },
      },
      { tftp: { from: 'a', to: '10.0.2.2', put: 'g' }, expect: { file: { at: 'b', equals: 'received' } } },
      { traceroute: { from: 'a', to: '10.0.2.2' }, expect: { hops: ['10.0.1.1', '*'] } },
      { ping: { from: 'a', to: '10.0.2.2' }, expect: { status: 200, hops: ['10.0.2.2'], connected: true } },
    ]);
    expect(report.passed).toBe(false);
    expect(failures(report)).toEqual([
      ...[
        'error: nothing',
        'connected: true',
        'closed: true',
        'received: hello',
        'received_has: hello',
        'received_size: 5',
      ],
      'prints: Connection to 10.0.2.2 7 (tcp) succeeded!\nhello',
      ...['status: 200', 'location: nothing', 'body_has: web on b\n', 'body_is: web on b\n'],
      'file motd.txt at b: 8 bytes; at offset 0 0x77 instead of 0x61',
      'file g at b: this step received nothing',
      'hops: 10.0.1.1, 10.0.2.2',
      ...['connected: nothing', 'status: nothing', 'hops: nothing'],
    ]);
  });

  it('for addresses that were, or were never, seen', () => {
    const see = (key: string, ...sightings: object[]): object => ({ [key]: sightings });
    const steps = [{ ping: { from: 'a', to: '10.0.2.2', ttl: 1 } }];
    const good = [
      see('seen', { at: 'a:eth0', address: '10.0.1.1' }, { at: 'a:eth0', direction: 'in', address: '10.0.2.2' }),
      see('never_seen', { at: 'b:eth0', address: '10.0.1.2' }, { at: 'a:eth0', address: '10.0.2.1' }),
    ];
    expect(failures(play(applicationLab(), steps, good))).toEqual([]);
    const bad = [
      see('never_seen', { at: 'a:eth0', direction: 'in', address: '10.0.2.2' }, { at: 'c:eth0', address: '10.0.2.2' }),
      see('seen', { at: 'b:eth0', address: '10.0.1.2' }),
      see('never_seen', { at: 'a:eth0', direction: 'out', address: '10.0.1.1' }),
    ];
    expect(failures(play(applicationLab(), steps, bad))).toEqual([
      expect.stringMatching(
        /^never seen: 10.0.2.2 at a:eth0: packet \d+ at .* s, as destination of the quoted IP header$/,
      ),
      'never seen: 10.0.2.2 at c:eth0: there is no such capture point',
      'seen: 10.0.1.2 at b:eth0: none of 0 packets carries it',
      expect.stringMatching(/as target in ARP$/),
    ]);
  });
});
