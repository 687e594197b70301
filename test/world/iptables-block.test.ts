import { describe, expect, it } from 'vitest';
import { buildWorld } from '../../sim/world/build.ts';
import { checkTopology } from '../../sim/world/check.ts';
import { commandFault } from '../../sim/world/commands.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import { Lab } from '../bench.ts';

const DROP_ECHO = '*filter\n-A INPUT -p udp --dport 7 -j DROP\nCOMMIT\n';

/** What is found wrong with a topology, told by path, line of the block and message. */
function findings(nodes: Record<string, unknown>): string[] {
  const topology = topologySchema.parse({ topology: { nodes } });
  const found = [
    ...checkTopology(topology),
    ...buildWorld(topology, { seed: 1, trace: false, capture: false }).findings,
  ];
  return found.map(({ path, blockLine, message }) => `${path.slice(2).join('.')}:${blockLine}: ${message}`);
}

describe('a block of iptables', () => {
  it('of a Linux node is loaded before its commands run', () => {
    const lab = new Lab({
      a: { kind: 'linux', iptables: DROP_ECHO, exec: ['iptables -I INPUT -p tcp -j ACCEPT'] },
    });
    expect(lab.show('a', 'iptables')).toBe(
      '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n' +
        '-A INPUT -p tcp -j ACCEPT\n-A INPUT -p udp -m udp --dport 7 -j DROP\nCOMMIT\n',
    );
  });

  it('at fault is told by the line within it', () => {
    expect(
      findings({ a: { kind: 'linux', iptables: '*filter\n:INPUT DROP [0:0]\n-A INPUT -j FOO\nCOMMIT\n' } }),
    ).toEqual(["a.iptables:2: Couldn't load target `FOO':No such file or directory"]);
  });

  it('of a container and of the host of a device is loaded too', () => {
    const device = {
      kind: 'comware',
      interfaces: { 'Virtual-Eth-Group0': { address: '10.10.10.1/24' } },
      host: { iptables: DROP_ECHO },
      containers: { web: { iptables: DROP_ECHO } },
    };
    const lab = new Lab({ device });
    expect(lab.show('device/web', 'iptables')).toContain('--dport 7 -j DROP');
    expect(lab.show('device/host', 'iptables')).toContain('--dport 7 -j DROP');
    const broken = { ...device, host: { iptables: '*nat\n' }, containers: { web: { iptables: 'x' } } };
    expect(findings({ device: broken })).toEqual([
      'device.host.iptables:1: COMMIT expected at line 2',
      'device.containers.web.iptables:0: "x" stands outside a table: begin with a line such as *filter',
    ]);
  });
});

describe('a command of iptables', () => {
  it('that cannot be read is told before it runs', () => {
    expect(commandFault('iptables -A INPUT -p udp -j DROP')).toBeUndefined();
    expect(commandFault('iptables -A NOWHERE -j ALSO-NOWHERE')).toBeUndefined();
    expect(commandFault('iptables -A INPUT --dport 7')).toEqual({
      message: 'iptables v1.8.9 (legacy): unknown option "--dport"',
    });
    expect(commandFault('iptables')).toEqual({ message: 'iptables v1.8.9 (legacy): no command specified' });
  });
});
