import { describe, expect, it } from 'vitest';
import { explanationSchema } from '../../sim/explain/record-schema.ts';
import { cutaway, cutawayIn, temporaryFolder, whitepaperScenario } from './cli.ts';

const LAB = `topology:
  nodes:
    a: { kind: linux, interfaces: { eth0: { address: 10.0.0.2/24 } }, routes: ["default via 10.0.0.1"] }
    r:
      kind: linux
      interfaces: { eth0: { address: 10.0.0.1/24 }, eth1: { address: 10.1.0.1/24 } }
      sysctls: { net.ipv4.ip_forward: 1 }
      iptables: |
        *filter
        :FORWARD ACCEPT
        -A FORWARD -p icmp --icmp-type echo-request -j DROP
        COMMIT
    b:
      kind: linux
      interfaces: { eth0: { address: 10.1.0.2/24 } }
      services: [{ port: 7, name: echo }]
      routes: ["default via 10.1.0.1"]
  links:
    - endpoints: ["a:eth0", "r:eth0"]
    - endpoints: ["r:eth1", "b:eth0"]
`;

const SCENARIO = `topology: lab.yaml
name: two
steps:
  - udp: { from: a, to: "10.1.0.2:7" }
  - ping: { from: a, to: 10.1.0.2 }
`;

function explain(...args: string[]) {
  const folder = temporaryFolder();
  folder.write('lab.yaml', LAB);
  folder.write('scenario.yaml', SCENARIO);
  return cutawayIn(folder.path, ['explain', ...args]);
}

describe('explain', () => {
  it('tells of a death where, when and why, what decided, the headers there, the way, and the remedy', () => {
    const { status, stdout, stderr } = explain('lab.yaml', '--from', 'a', '--to', '10.1.0.2');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'ping a (10.0.0.2) -> 10.1.0.2',
      'DROPPED at r: kernel:NETFILTER_DROP (filter FORWARD rule 1: -p icmp -m icmp --icmp-type 8 -j DROP)',
      '',
      'packet #1, the request, died at r after 0.000030000 s',
      '  reason      kernel:NETFILTER_DROP: a function of a netfilter hook dropped it: a rule, translation, or ' +
        'connection tracking',
    ]);
    expect(stdout).toContain(
      '  decided by  rule 1 of FORWARD in table filter: -A FORWARD -p icmp -m icmp --icmp-type 8 -j DROP\n',
    );
    expect(stdout).toMatch(/ {2}headers +Ethernet +dst MAC .*\n +IPv4 +src 10\.0\.0\.2, dst 10\.1\.0\.2, TTL 63, .*\n/);
    expect(stdout).toContain(
      '  the way     a: sent by ping; route to 10.1.0.2: default via 10.0.0.1 dev eth0 (table main); out by eth0\n',
    );
    expect(stdout).toContain('what would have let it pass (sent again ');
    expect(stdout).toContain('--remove "r: iptables -A FORWARD -p icmp -m icmp --icmp-type 8 -j DROP"\n');
  });

  it('tells of what was delivered by which way', () => {
    const { stdout } = explain('lab.yaml', '--from', 'a', '--to', '10.1.0.2:7');
    expect(stdout).toContain('DELIVERED, answered with TTL 63\n\nthe way there\n');
    expect(stdout).toContain(
      '  b: in by eth0; route to 10.1.0.2: local 10.1.0.2/32 dev eth0 (table local); UDP port 7',
    );
    expect(stdout).not.toContain('let it pass');
  });

  it('tells of each request of a scenario, of one step, or of one packet', () => {
    const all = explain('scenario.yaml', '--no-what-if').stdout;
    expect(all).toMatch(/^step 1: udp a: DELIVERED\n\nstep 2: ping a\nping a \(10\.0\.0\.2\) -> 10\.1\.0\.2\nDROPPED/);
    const [, number = ''] = /packet #(\d+), the request, died/.exec(all) ?? [];
    const one = explain('scenario.yaml', '--no-what-if', '--step', '1').stdout;
    expect(one).toMatch(/^step 1: udp a\n.*\nDELIVERED/);
    const packet = explain('scenario.yaml', '--no-what-if', '--packet', number).stdout;
    expect(packet).toMatch(new RegExp(`^packet #${number}, the request, died at r`));
    expect(explain('scenario.yaml', '--no-what-if', '--packet', '1').stdout).toMatch(
      /^packet #1 did not die; its way\n/,
    );
  });

  it('says the same in JSON, by the published schema', () => {
    const document = explanationSchema.parse(JSON.parse(explain('scenario.yaml', '--json').stdout));
    expect(document.flows.map(({ step, account }) => [step, account.verdict])).toEqual([
      [1, 'DELIVERED'],
      [2, 'DROPPED'],
    ]);
    expect(document.flows[1]?.account.drops).toMatchObject([
      { reason: 'kernel:NETFILTER_DROP', netns: 'r', decided_by: { kind: 'rule', chain: 'FORWARD', rule_no: 1 } },
    ]);
    expect(document.flows[1]?.what_if?.remedies[0]?.after.verdict).toBe('DELIVERED');
    expect(
      explanationSchema.safeParse(
        JSON.parse(cutaway('explain', whitepaperScenario('fig11'), '--no-what-if', '--json').stdout),
      ),
    ).toMatchObject({
      success: true,
    });
  });

  it('refuses what does not fit together', () => {
    const refusal = (...args: string[]) => {
      const { status, stdout, stderr } = explain(...args);
      return { status, stdout, stderr: stderr.split('\n')[0] };
    };
    const usage = { status: 2, stdout: '' };
    expect(refusal('lab.yaml', '--from', 'a')).toEqual({
      ...usage,
      stderr: 'error: a topology needs --from STACK and --to ADDRESS[:PORT]',
    });
    expect(refusal('scenario.yaml', '--from', 'a')).toEqual({
      ...usage,
      stderr: 'error: --from: a scenario says itself what is sent',
    });
    expect(refusal('scenario.yaml', '--step', '3')).toEqual({
      ...usage,
      stderr: 'error: there is no step 3: the scenario has 2',
    });
    expect(refusal('scenario.yaml', '--packet', '999')).toMatchObject(usage);
    expect(refusal('lab.yaml', '--from', 'a', '--to', '10.1.0.2', '--step', '1')).toMatchObject(usage);
    expect(refusal('nowhere.yaml', '--from', 'a', '--to', '10.1.0.2')).toMatchObject({ status: 4, stdout: '' });
  });
});
