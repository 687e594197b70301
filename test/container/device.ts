import type { DockerEngine } from '../../sim/container/docker-engine.ts';
import { formatIpv4 } from '../../sim/wire/address.ts';
import type { DeviceNode } from '../../sim/world/world.ts';
import type { Lab } from '../bench.ts';

export const echo = { services: [{ port: 7, name: 'echo' }] };

/** A device with one Virtual-Eth-Group, two ports' worth of addresses, and these containers. */
export function deviceWith(containers: object, more: object = {}): Record<string, unknown> {
  return {
    dev: {
      kind: 'comware',
      interfaces: {
        'GE1/0/1': { address: '2.2.2.1/24' },
        'Virtual-Eth-Group0': { address: '10.66.0.3/29' },
        LoopBack0: { address: '6.6.6.6/32' },
      },
      containers,
      ...more,
    },
  };
}

export function deviceOf(lab: Lab, name = 'dev'): DeviceNode {
  const node = lab.world.nodes.get(name);
  if (node?.kind !== 'comware') throw new Error(`${name} is no Comware device`);
  return node;
}

export function dockerOf(lab: Lab): DockerEngine {
  return deviceOf(lab).docker;
}

/** Types a command on the device: what it prints, or `error: ` and what it says. */
export function docker(lab: Lab, line: string): string {
  const { command } = lab.run({ docker: { on: 'dev', run: line } }).outcomes[0] ?? {};
  return command?.error === undefined ? (command?.output ?? '') : `error: ${command.error}`;
}

/** Names in `docker ps`, or in `docker ps -a`. */
export function names(lab: Lab, all = false): string[] {
  return docker(lab, all ? 'ps -a' : 'ps')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/).at(-1) ?? '');
}

/** `name address` of each container, `-` while it has none. */
export function addresses(lab: Lab): string[] {
  return dockerOf(lab).containers.map(
    ({ options, address }) => `${options.name} ${address === undefined ? '-' : formatIpv4(address.address)}`,
  );
}

export function stateOf(lab: Lab, name: string): string {
  const container = dockerOf(lab).container(name);
  return container === undefined ? 'gone' : `${container.state} ${container.exitCode}`;
}
