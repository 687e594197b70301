import { describe, expect, it } from 'vitest';
import type { Flow } from '../../sim/explain/flow.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { problemText } from '../../sim/show/problem-text.ts';
import {
  type Change,
  changeProblem,
  changeText,
  isChangeFault,
  parseChange,
  type Verb,
} from '../../sim/whatif/change.ts';
import { outcomeOf } from '../../sim/whatif/outcome.ts';
import { findRemedies } from '../../sim/whatif/remedies.ts';
import { buildChanged, flowSubject, stepSubject } from '../../sim/whatif/subject.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';

const TOPOLOGY = topologySchema.parse({
  topology: {
    nodes: {
      'pc-1.lab': { kind: 'linux', interfaces: { eth0: { address: '10.1.0.5/24' } }, routes: ['default via 10.1.0.1'] },
      gw: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.1.0.1/24' }, eth1: { address: '10.2.0.1/24' } },
        sysctls: { 'net.ipv4.ip_forward': 1 },
      },
      srv: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.2.0.5/24' } },
        routes: ['default via 10.2.0.1'],
        services: [{ port: 80, protocol: 'tcp', name: 'web' }],
      },
      dev: {
        kind: 'comware',
        interfaces: {
          'GE1/0/1': { address: '10.3.0.1/24' },
          'Virtual-Eth-Group0': { address: '1.1.1.200/24' },
          LoopBack0: { address: '10.9.9.9/32' },
        },
        containers: { app: { services: [{ port: 7 }] } },
      },
    },
    links: [{ endpoints: ['pc-1.lab:eth0', 'gw:eth0'] }, { endpoints: ['gw:eth1', 'srv:eth0'] }],
  },
});

const WEB: Flow = { protocol: 'tcp', destination: parseIpv4('10.2.0.5') ?? 0, port: 80 };
const PING: Flow = { protocol: 'icmp', destination: parseIpv4('10.2.0.5') ?? 0, port: 0 };

function changes(...lines: readonly string[]): Change[] {
  return lines.map((line) => {
    const [, verb = '', rest = ''] = /^(set|remove) (.*)$/s.exec(line) ?? [];
    const change = parseChange(verb as Verb, rest);
    if (isChangeFault(change)) throw new Error(change.message);
    return change;
  });
}

/** What became of a flow with changes: the verdict, or the message of a refusal. */
function fate(flow: Flow, ...lines: readonly string[]): string {
  const attempt = flowSubject(TOPOLOGY, 1, 'pc-1.lab', flow).run(changes(...lines));
  if ('fault' in attempt) return attempt.fault.message;
  if ('notSent' in attempt) return attempt.notSent;
  const { answered, reason } = outcomeOf(attempt);
  return answered ? 'answered' : reason;
}

/** A fault as it is told. */
function told(verb: Verb, line: string): string {
  const change = parseChange(verb, line);
  if (isChangeFault(change)) return problemText(changeProblem({ change: { verb, line }, fault: change }));
  const built = buildChanged(TOPOLOGY, 1, [change]);
  return 'fault' in built ? problemText(changeProblem(built)) : 'done';
}

describe('a change', () => {
  it('is a command of a Linux stack, and taken back by its name', () => {
    expect(fate(WEB)).toBe('answered');
    expect(fate(WEB, 'set gw: iptables -A FORWARD -p tcp --dport 80 -j DROP')).toBe('kernel:NETFILTER_DROP');
    expect(
      fate(
        WEB,
        'set gw: iptables -A FORWARD -p tcp --dport 80 -j DROP',
        'remove gw: iptables -A FORWARD -p tcp --dport 80 -j DROP',
      ),
    ).toBe('answered');
    expect(fate(WEB, 'remove pc-1.lab: ip route default via 10.1.0.1')).toBe('ENETUNREACH');
    expect(fate(WEB, 'remove pc-1.lab: ip route add default')).toBe('ENETUNREACH');
  });

  it('may be several commands on one line, but for what stands in quotes', () => {
    expect(
      fate(WEB, 'set gw: iptables -P FORWARD DROP; iptables -A FORWARD -m comment --comment "a; b" -j ACCEPT'),
    ).toBe('answered');
  });

  it('is a setting, with sysctl or without', () => {
    expect(fate(WEB, 'set gw: net.ipv4.ip_forward=0')).toBe('kernel:IP_INADDRERRORS');
    expect(fate(WEB, 'set gw: net.ipv4.ip_forward = 0')).toBe('kernel:IP_INADDRERRORS');
    expect(fate(WEB, 'set gw: sysctl -w net.ipv4.ip_forward=0')).toBe('kernel:IP_INADDRERRORS');
  });

  it('is a program that listens, or one that no longer does', () => {
    expect(fate({ ...WEB, port: 81 })).toBe('kernel:NO_SOCKET');
    expect(fate({ ...WEB, port: 81 }, 'set srv: listen tcp 81')).toBe('answered');
    expect(fate({ ...WEB, port: 81 }, 'set srv: listen tcp 81 at 127.0.0.1')).toBe('kernel:NO_SOCKET');
    expect(fate({ ...WEB, port: 81 }, 'set srv: listen tcp 81 at 127.0.0.1', 'set srv: listen tcp 81')).toBe(
      'answered',
    );
    expect(fate(WEB, 'remove srv: listen tcp 80')).toBe('kernel:NO_SOCKET');
    expect(fate(WEB, 'remove srv: listen tcp 80', 'set srv: listen tcp 80')).toBe('answered');
  });

  it('is about a cable: pulled, plugged into another port, slow, gone', () => {
    expect(fate(PING, 'set link gw:eth1 down')).toBe('kernel:NEIGH_FAILED');
    expect(fate(PING, 'set link gw:eth1 down', 'set link srv:eth0 up')).toBe('answered');
    expect(fate(PING, 'remove link gw:eth1')).toBe('kernel:NEIGH_FAILED');
    expect(fate(PING, 'remove link gw:eth1', 'set link gw:eth1 srv:eth0')).toBe('answered');
    expect(fate(PING, 'set link gw:eth0 swap gw:eth1')).toBe('kernel:NEIGH_FAILED');
    expect(fate(PING, 'set link gw:eth0 loss 100')).toBe('kernel:NEIGH_FAILED');
    expect(fate(PING, 'set link gw:eth0 loss 100', 'set link gw:eth0 loss 0 delay 2ms')).toBe('answered');
  });

  it('takes out a node with its cables, or a container', () => {
    expect(fate(PING, 'remove srv')).toBe('kernel:NEIGH_FAILED');
    expect(fate(PING, 'remove pc-1.lab')).toBe('there is no "pc-1.lab"');
    expect(told('remove', 'dev/app')).toBe('done');
    expect(told('remove', 'app')).toBe('done');
  });

  it('is a line of Comware, undone with its name, and a command of its Docker', () => {
    expect(told('set', 'dev: interface GE1/0/1; shutdown')).toBe('done');
    expect(told('set', 'dev: ip route-static 0.0.0.0 0 10.3.0.2')).toBe('done');
    expect(told('remove', 'dev: interface GE1/0/1; ip address')).toBe('done');
    expect(told('set', 'dev: docker stop app')).toBe('done');
    expect(told('set', 'dev/app: ip route add 9.9.9.0/24 via 1.1.1.200')).toBe('done');
  });

  it('is about the flow itself', () => {
    expect(fate({ ...PING, ttl: 1 })).toBe('kernel:IP_INHDR');
    expect(fate({ ...PING, ttl: 1 }, 'set flow ttl 2')).toBe('answered');
  });

  it('is told with the place where it is wrong', () => {
    expect(told('set', 'gw: ip route add 10.9.0.0/24 vai 10.2.0.9')).toBe(
      [
        '--set:1:31: error: either "to" is duplicate, or "vai" is a garbage. [COMMAND]',
        '    1 | gw: ip route add 10.9.0.0/24 vai 10.2.0.9',
        '      |                              ^^^',
        '   hint: did you mean "via"?',
      ]
        .join('\n')
        .replace(':31:', ':30:'),
    );
    expect(told('set', 'gv: net.ipv4.ip_forward=1')).toContain('did you mean "gw"?');
    expect(told('set', 'gw: ip route add 10.2.0.0/24 via 10.9.9.9')).toContain('Nexthop has invalid gateway');
    expect(told('remove', 'gw: iptables -A FORWARD -j DROP')).toContain('--remove:1:5: error:');
    expect(told('remove', 'gw: iptables -P FORWARD DROP')).toContain('only a rule is removed');
    expect(told('remove', 'gw: net.ipv4.ip_forward=1')).toContain('write --set with its other value');
    expect(told('set', 'gw')).toContain('what is to be done on gw?');
    expect(told('set', '')).toContain('the change is empty');
    expect(told('set', 'link gw:eth7 up')).toContain('no link ends at gw:eth7');
    expect(told('set', 'link gw:eth1 lose 5')).toContain('"5" is nothing a link can be set to');
    expect(told('set', 'link gw:eth1 gw:eth0')).toContain('already has the cable of link');
    expect(told('set', 'dev: interface GE1/0/1; ip adress 1.2.3.4 24')).toContain('--set:1:25: error:');
    expect(told('set', 'srv: listen sctp 80')).toContain('"sctp" is neither tcp nor udp');
    expect(told('set', 'srv: listen udp 80 as http')).toContain('http speaks tcp');
    expect(told('set', 'gw: docker start x')).toContain('gw has no docker');
    expect(told('remove', 'nobody')).toContain('is no node and no container');
    expect(told('set', 'dev: docker start \u001b[31mx')).not.toContain('\u001b');
  });

  it('is printed so that a shell gives it back', () => {
    expect(changeText({ verb: 'set', line: 'gw: net.ipv4.ip_forward=1' })).toBe('--set "gw: net.ipv4.ip_forward=1"');
    expect(changeText({ verb: 'remove', line: 'gw: iptables -A FORWARD -m comment --comment "x" -j DROP' })).toBe(
      `--remove 'gw: iptables -A FORWARD -m comment --comment "x" -j DROP'`,
    );
  });
});

describe('a step of a scenario', () => {
  const broken = {
    name: 'step',
    topology: 'x',
    steps: [
      { exec: { on: 'gw', commands: ['iptables -A FORWARD -p icmp -j DROP'] } },
      { ping: { from: 'pc-1.lab', to: '10.2.0.5', count: 1, timeout: '1s' } },
      { exec: { on: 'gw', commands: ['sysctl -w net.ipv4.ip_forward=0'] } },
      { ping: { from: 'pc-1.lab', to: '10.2.0.5', count: 1, timeout: '1s' } },
    ],
  };

  it('is healed at its own time: after the steps before it, without those behind it', () => {
    const scenario = scenarioSchema.parse(broken);
    const first = findRemedies(stepSubject(scenario, TOPOLOGY, 1));
    expect('remedies' in first && first.remedies[0]?.text).toBe('--remove "gw: iptables -A FORWARD -p icmp -j DROP"');
    const second = findRemedies(stepSubject(scenario, TOPOLOGY, 3));
    expect('pair' in second && second.pair?.text).toBe(
      '--set "gw: net.ipv4.ip_forward=1" --remove "gw: iptables -A FORWARD -p icmp -j DROP"',
    );
  });

  it('finds the gateway of containers when it is taken away', () => {
    const scenario = scenarioSchema.parse({
      ...broken,
      steps: [
        { configure: { on: 'dev', lines: 'interface Virtual-Eth-Group0\n undo ip address' } },
        { ping: { from: 'app', to: '10.9.9.9', count: 1, timeout: '1s' } },
      ],
    });
    const found = findRemedies(stepSubject(scenario, TOPOLOGY, 1));
    expect('remedies' in found && found.remedies[0]?.text).toBe(
      '--set "dev: interface Virtual-Eth-Group0; ip address 1.1.1.200 24"',
    );
  });
});
