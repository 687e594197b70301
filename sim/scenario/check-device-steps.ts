import { isDockerLine, parseDockerCommand } from '../container/docker-command.ts';
import type { Finding } from '../world/finding.ts';
import type { World } from '../world/world.ts';
import type { Play, ScenarioStep } from './scenario-schema.ts';

type DeviceStep = Extract<ScenarioStep, { docker: unknown } | { reboot: unknown } | { save: unknown }>;

/** Docker commands of a scenario that make containers give them names, which its other steps may use. */
export function announceContainers(scenario: Play, world: World): void {
  for (const step of scenario.steps) {
    if ('docker' in step) announce(world, step.docker.on, step.docker.run);
    if (!('exec' in step)) continue;
    for (const line of step.exec.commands) if (isDockerLine(line)) announce(world, step.exec.on, line);
  }
}

function announce(world: World, on: string, line: string): void {
  const node = on.replace(/\/host$/, '');
  const command = parseDockerCommand(line);
  if ('usage' in command || world.nodes.get(node)?.kind !== 'comware') return;
  if (command.verb === 'guestshell') world.announced.add(`${node}/guestshell`);
  const isMaker = command.verb === 'run' || command.verb === 'create';
  if (isMaker && command.flags.name !== undefined && command.flags.name !== 'comware') {
    world.announced.add(`${node}/${command.flags.name}`);
  }
}

/** docker, reboot, save: on a device; and a docker command that can be read, unless its refusal is expected. */
export function checkDeviceStep(step: DeviceStep, path: readonly (string | number)[], world: World): Finding[] {
  const [key, on] =
    'docker' in step
      ? (['docker', step.docker.on] as const)
      : 'reboot' in step
        ? (['reboot', step.reboot.on] as const)
        : (['save', step.save.on] as const);
  const devices = [...world.nodes.values()].filter((node) => node.kind === 'comware').map((node) => node.name);
  if (!devices.some((name) => name === on || (key === 'docker' && `${name}/host` === on))) {
    const hint = devices.length === 0 ? 'there is none' : `there are ${devices.join(', ')}`;
    return [{ code: 'UNKNOWN_NODE', message: `"${on}" is no Comware device`, hint, path: [...path, key, 'on'] }];
  }
  if (!('docker' in step) || step.expect?.error_has !== undefined) return [];
  return checkDockerLine(step.docker.run, [...path, 'docker', 'run']);
}

/** What Docker's client would refuse before it asks anybody. */
export function checkDockerLine(line: string, path: readonly (string | number)[]): Finding[] {
  const command = parseDockerCommand(line);
  return 'usage' in command ? [{ code: 'COMMAND', message: command.usage, path }] : [];
}
