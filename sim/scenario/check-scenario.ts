import { isDockerLine } from '../container/docker-command.ts';
import { nearest } from '../core/nearest.ts';
import { FIGURE_FLOWS } from '../whitepaper/figures.ts';
import { commandFault } from '../world/commands.ts';
import { findLink } from '../world/find-link.ts';
import type { Finding } from '../world/finding.ts';
import { servicesOf } from '../world/services.ts';
import { isContainer, missingStack, stackNames } from '../world/stack-names.ts';
import type { World } from '../world/world.ts';
import { announceContainers, checkDeviceStep, checkDockerLine } from './check-device-steps.ts';
import type { Scenario, ScenarioStep } from './scenario-schema.ts';

/** What of a scenario does not fit its topology: stacks, services, links and capture points that are not there. */
export function checkScenario(scenario: Scenario, world: World): Finding[] {
  announceContainers(scenario, world);
  const findings: Finding[] = [];
  let time = 0;
  for (const [index, step] of scenario.steps.entries()) {
    const path = ['steps', index];
    findings.push(...checkStep(step, path, world));
    if (step.at === undefined) continue;
    if (step.at < time)
      findings.push({ code: 'BAD_VALUE', message: 'earlier than the step before', path: [...path, 'at'] });
    time = step.at;
  }
  for (const [index, one] of scenario.expect.entries()) {
    findings.push(...checkStack(one.of, ['expect', index, 'of'], world));
  }
  return findings;
}

function checkStep(step: ScenarioStep, path: readonly (string | number)[], world: World): Finding[] {
  const at = (...rest: string[]): (string | number)[] => [...path, ...rest];
  if ('ping' in step)
    return [...checkStack(step.ping.from, at('ping', 'from'), world), ...checkFigure(step.figure, at('figure'))];
  if ('udp' in step) {
    const port =
      step.udp.to.port === 0
        ? [{ code: 'BAD_VALUE', message: 'udp needs a port: ADDRESS:PORT', path: at('udp', 'to') } as const]
        : [];
    return [...checkStack(step.udp.from, at('udp', 'from'), world), ...port, ...checkFigure(step.figure, at('figure'))];
  }
  if ('exec' in step) {
    const commands = step.exec.commands.flatMap((command, index) =>
      checkCommand(command, [...path, 'exec', 'commands', index]),
    );
    return [...checkStack(step.exec.on, at('exec', 'on'), world), ...commands];
  }
  if ('configure' in step) return checkStack(step.configure.on, at('configure', 'on'), world);
  if ('start' in step) return checkSwitch(step.start, at('start'), world);
  if ('stop' in step) return checkSwitch(step.stop, at('stop'), world);
  if ('restart' in step) return checkStack(step.restart.on, at('restart', 'on'), world);
  if ('docker' in step || 'reboot' in step || 'save' in step) return checkDeviceStep(step, path, world);
  if ('write' in step) return checkStack(step.write.on, at('write', 'on'), world);
  if (!('link' in step)) return [];
  if (findLink(world, step.link.endpoint) !== undefined) return [];
  const ends = world.links.flatMap((link) => link.ends);
  const hint = hintFor(step.link.endpoint, ends);
  return [
    {
      code: 'UNKNOWN_INTERFACE',
      message: `no link ends at "${step.link.endpoint}"`,
      hint,
      path: at('link', 'endpoint'),
    },
  ];
}

/** A command that cannot be read is told before anything runs; one that the kernel refuses, when it does. */
function checkCommand(command: string, path: readonly (string | number)[]): Finding[] {
  if (isDockerLine(command)) return checkDockerLine(command, path);
  const fault = commandFault(command);
  if (fault === undefined) return [];
  const { message, hint } = fault;
  return [{ code: 'COMMAND', message, path, ...(hint === undefined ? {} : { hint }) }];
}

/** start and stop: a container, or a service of a stack. */
function checkSwitch(
  { on, service }: { on: string; service?: string | undefined },
  path: readonly (string | number)[],
  world: World,
): Finding[] {
  const findings = checkStack(on, [...path, 'on'], world);
  if (findings.length > 0) return findings;
  if (service === undefined) {
    if (isContainer(world, on)) return [];
    const message = `"${on}" is no container; to switch a service of it, name the service`;
    return [{ code: 'MISSING_KEY', message, path: [...path, 'on'] }];
  }
  // What a container still to be made will run is not known yet.
  if (isContainer(world, on) && world.find(on) === undefined && servicesOf(world, on).length === 0) return [];
  const names = servicesOf(world, on).map((one) => one.name);
  if (names.includes(service)) return [];
  const hint = names.length === 0 ? 'it has none' : hintFor(service, names);
  return [{ code: 'UNKNOWN_NODE', message: `${on} has no service "${service}"`, hint, path: [...path, 'service'] }];
}

function checkFigure(figure: string | undefined, path: readonly (string | number)[]): Finding[] {
  const ids = FIGURE_FLOWS.map((flow) => flow.id);
  if (figure === undefined || ids.includes(figure)) return [];
  return [{ code: 'BAD_VALUE', message: `there is no flow "${figure}"`, hint: `flows are ${ids.join(', ')}`, path }];
}

/** A container that is stopped is there too: a step may start it. */
function checkStack(name: string, path: readonly (string | number)[], world: World): Finding[] {
  if (stackNames(world).includes(name)) return [];
  return [{ code: 'UNKNOWN_NODE', ...missingStack(world, name), path }];
}

function hintFor(word: string, names: readonly string[]): string {
  const close = nearest(word, names);
  return close === undefined ? `there are ${names.join(', ')}` : `did you mean "${close}"?`;
}
