import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { TemporaryFolder } from '../tools.ts';
import { cutawayIn, ndjson } from './cli.ts';

/* A run leaves a capture; its flows are sent again in the same network, and in others. */

const LAB = (rule: string) => `
topology:
  nodes:
    pc:
      kind: linux
      interfaces: { eth0: { address: 192.168.1.2/24 } }
      routes: ["default via 192.168.1.1"]
    gw:
      kind: linux
      interfaces: { eth0: { address: 192.168.1.1/24 }, eth1: { address: 203.0.113.1/24 } }
      sysctls: { net.ipv4.ip_forward: 1 }
      iptables: |
        *filter
        :FORWARD ACCEPT [0:0]
        ${rule}
        COMMIT
    srv:
      kind: linux
      interfaces: { eth0: { address: 203.0.113.10/24 }, eth9: { address: 203.0.113.11/24 } }
      routes: ["default via 203.0.113.1"]
      services: [{ port: 7 }, { port: 7, protocol: tcp }]
    idle: { kind: linux, interfaces: { eth0: {} } }
  links:
    - endpoints: ["pc:eth0", "gw:eth0"]
    - endpoints: ["gw:eth1", "srv:eth0"]
    - endpoints: ["idle:eth0", "srv:eth9"]
`;

const STEPS = `
name: seen
topology: lab.yaml
steps:
  - ping: { from: pc, to: 203.0.113.10, count: 2, size: 100 }
  - udp: { from: pc, to: "203.0.113.10:7", source_port: 5000, payload: "hello" }
  - udp: { from: pc, to: "203.0.113.10:7", source_port: 5000, hex: "00ff10" }
  - tcp: { from: pc, to: "203.0.113.10:7", send: "one", hold: 3s, name: c }
  - tcp: { on: c, send: "two", finish: close }
`;

let folder: TemporaryFolder;
let capture: string;
beforeAll(() => {
  folder = new TemporaryFolder();
  folder.write('lab.yaml', LAB(''));
  folder.write('closed.yaml', LAB('-A FORWARD -p udp -j DROP'));
  folder.write('seen.yaml', STEPS);
  expect(cutawayIn(folder.path, ['run', 'seen.yaml', '-q']).status).toBe(0);
  capture = join('out', 'seen', 'captures', 'pc-eth0.pcapng');
  return () => folder.dispose();
}, 120_000);

interface Report {
  steps: {
    title: string;
    probe: { kind: string; sent: number; received: number; to: string; drops: { reason: string }[] };
  }[];
}

function replay(...args: string[]): { report: Report; summary: Record<string, unknown> } {
  const { status, stdout } = cutawayIn(folder.path, ['run', '--json', '--no-write', '--read', capture, ...args]);
  expect(status, stdout).toBe(0);
  const [summary = {}, report] = ndjson(stdout);
  return { report: report as unknown as Report, summary };
}

const lines = ({ steps }: Report) =>
  steps.map(({ title, probe }) => {
    const why = [...new Set(probe.drops.map(({ reason }) => reason))].join(' ');
    return `${title} | ${probe.kind} ${probe.sent} sent ${probe.received} answered ${why}`.trim();
  });

describe('run --read', () => {
  it('sends the flows of a capture again, at their times, and tells of each what became of it', () => {
    const { report, summary } = replay('--from', 'pc', 'lab.yaml');
    expect(lines(report).map((line) => line.replace(/:\d{5} ->/, ':PORT ->'))).toEqual([
      'flow 1: echo 192.168.1.2 -> 203.0.113.10 | ping 2 sent 2 answered',
      'flow 2: udp 192.168.1.2:5000 -> 203.0.113.10:7 | udp 1 sent 1 answered',
      'flow 2: udp 192.168.1.2:5000 -> 203.0.113.10:7 | udp 1 sent 1 answered',
      'flow 3: tcp 192.168.1.2:PORT -> 203.0.113.10:7 | tcp 1 sent 1 answered',
      expect.stringMatching(/^flow 3: tcp .*, more \| tcp 1 sent/),
    ]);
    expect(summary).toMatchObject({ schema: 'cutaway/replay/1', flows: 3, missingBytes: 0 });
    expect(summary.leftOut).toContainEqual({ what: 'ARP (the stack asks for itself)', packets: expect.any(Number) });
  });

  it('in a network that drops some of it, tells why', () => {
    const { report } = replay('--from', 'pc', 'closed.yaml');
    expect(lines(report)[1]).toBe(
      'flow 2: udp 192.168.1.2:5000 -> 203.0.113.10:7 | udp 1 sent 0 answered kernel:NETFILTER_DROP',
    );
  });

  it('saves the scenario that it derived: an ordinary one, with the bytes that were sent', () => {
    replay('--from', 'pc', 'lab.yaml', '--save', 'saved.yaml');
    const saved = readFileSync(join(folder.path, 'saved.yaml'), 'utf8');
    expect(saved).toContain('topology: lab.yaml');
    expect(saved).toContain('payload: hello');
    expect(saved).toContain('hex: 00ff10');
    expect(saved).toContain('finish: close');
    expect(cutawayIn(folder.path, ['run', 'saved.yaml', '-q', '--no-write'])).toMatchObject({ status: 0 });
  });

  it('takes the flows that an expression picks, from another node, to another address', () => {
    const { report, summary } = replay(
      '--from',
      'gw',
      '--map',
      '203.0.113.10=203.0.113.11',
      'lab.yaml',
      '--',
      'udp port 7',
    );
    expect(report.steps.map(({ probe }) => `${probe.kind} ${probe.to}`)).toEqual([
      'udp 203.0.113.11',
      'udp 203.0.113.11',
    ]);
    expect(summary.flows).toBe(1);
    expect(replay('--from', 'pc', '--filter', 'icmp and host srv', 'lab.yaml').summary.flows).toBe(1);
  });

  it('names the connections that began before the capture', () => {
    const { summary } = replay('--from', 'pc', 'lab.yaml', '--', 'tcp[tcpflags] & tcp-syn = 0');
    expect(summary.leftOut).toContainEqual({
      what: 'TCP connections that began before the capture',
      packets: expect.any(Number),
    });
    expect(summary.flows).toBe(0);
  });

  it('refuses what it cannot read, with the byte, and what it was not told', () => {
    const run = (...args: string[]) => cutawayIn(folder.path, ['run', ...args]);
    const whole = readFileSync(join(folder.path, capture));
    folder.write('cut.pcapng', whole.subarray(0, whole.length - 6));
    const cut = run('--read', 'cut.pcapng', '--from', 'pc', 'lab.yaml');
    expect(cut.status).toBe(4);
    expect(cut.stderr).toMatch(/error: cut\.pcapng: byte \d+: the file is cut off inside a block/);
    expect(run('--read', 'lab.yaml', '--from', 'pc', 'lab.yaml').stderr).toContain('lab.yaml: byte 0: this is text');
    expect(run('--read', 'none.pcap', '--from', 'pc', 'lab.yaml').status).toBe(4);
    expect(run('--read', capture, '--from', 'px', 'lab.yaml')).toMatchObject({ status: 2 });
    expect(run('--read', capture, 'lab.yaml').stderr).toContain('--from STACK');
    expect(run('--read', capture, '--from', 'pc').status).toBe(2);
    expect(run('--save', 'x.yaml', 'seen.yaml').stderr).toContain('--save goes with --read');
    expect(run('--read', capture, '--from', 'pc', 'lab.yaml', '--', 'prot 7').stderr).toContain(
      'filter expression:1:1',
    );
  });
}, 300_000);
