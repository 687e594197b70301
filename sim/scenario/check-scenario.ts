import { isDockerLine } from '../container/docker-command.ts';
import { END_OF_TIME, formatSeconds, later } from '../core/time.ts';
import { commandFault } from '../world/commands.ts';
import { findLink } from '../world/find-link.ts';
import type { Finding } from '../world/finding.ts';
import { servicesOf } from '../world/services.ts';
import { isContainer } from '../world/stack-names.ts';
import type { World } from '../world/world.ts';
import { announceContainers, checkDeviceStep, checkDockerLine } from './check-device-steps.ts';
import { checkProbeStep } from './check-probe-step.ts';
import { checkStack, hintFor } from './check-stack.ts';
import type { Play, ScenarioStep } from './scenario-schema.ts';
import { isProbeStep } from './start-probe.ts';

/**
 * What of a scenario does not fit its topology: stacks, services, links and capture points that are not there.
 * `heldBefore` are the connections that are open before it begins.
 */
export function checkScenario(scenario: Play, world: World, heldBefore: Iterable<string> = []): Finding[] {
  announceContainers(scenario, world);
  const findings: Finding[] = [];
  const held = new Set(heldBefore);
  let time: number = world.clock.now;
  let waited = world.clock.now;
  for (const [index, step] of scenario.steps.entries()) {
    const path = ['steps', index];
    findings.push(...checkStep(step, path, world, held));
    if ('tcp' in step && 'from' in step.tcp && step.tcp.hold !== undefined) held.add(step.tcp.name ?? '');
    if ('wait' in step) {
      waited = later(waited, step.wait);
      if (waited === END_OF_TIME)
        findings.push({ code: 'BAD_VALUE', message: 'simulated time ends after 104 days', path: [...path, 'wait'] });
    }
    if (step.at === undefined) continue;
    if (step.at < time) {
      const isFirst = time === world.clock.now;
      const message = isFirst ? `it is ${formatSeconds(world.clock.now)} s already` : 'earlier than the step before';
      findings.push({ code: 'BAD_VALUE', message, path: [...path, 'at'] });
    }
    time = step.at;
  }
  for (const [index, one] of scenario.expect.entries()) {
    if ('show' in one) findings.push(...checkStack(one.of, ['expect', index, 'of'], world));
  }
  return findings;
}

function checkStep(
  step: ScenarioStep,
  path: readonly (string | number)[],
  world: World,
  heldBefore: ReadonlySet<string>,
): Finding[] {
  const at = (...rest: string[]): (string | number)[] => [...path, ...rest];
  if (isProbeStep(step)) return checkProbeStep(step, path, world, heldBefore);
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
