import { runDocker } from '../container/docker-apply.ts';
import { isDockerLine } from '../container/docker-command.ts';
import { seconds } from '../core/time.ts';
import { showDocker } from '../show/docker-text.ts';
import type { DeviceNode, World } from '../world/world.ts';
import type { Check } from './check.ts';
import type { ScenarioStep } from './scenario-schema.ts';

type DockerStep = Extract<ScenarioStep, { docker: unknown }>;
type RebootStep = Extract<ScenarioStep, { reboot: unknown }>;
type SaveStep = Extract<ScenarioStep, { save: unknown }>;
type WriteStep = Extract<ScenarioStep, { write: unknown }>;

/** What a command has printed so far, and what it said where it was refused. */
export interface CommandOutput {
  readonly output: string;
  readonly error: string | undefined;
  /** False while an image is being pulled. */
  readonly finished: boolean;
}

function answered(output: string, error: string | undefined): CommandOutput {
  return { output, error, finished: true };
}

/** The device that a name means: its node, or its host, on which Docker runs. */
function deviceOf(world: World, name: string): DeviceNode | undefined {
  const node = world.nodes.get(name.endsWith('/host') ? name.slice(0, -'/host'.length) : name);
  return node?.kind === 'comware' ? node : undefined;
}

/** Runs `docker ...` or `guestshell ...` as typed on the command line of a device. */
function runDockerLine(world: World, on: string, line: string): CommandOutput {
  const device = deviceOf(world, on);
  if (device === undefined) return answered('', `${on} is no Comware device: it has no docker`);
  const { lines, view, error, later } = runDocker(device.docker, line);
  const textOf = (all: readonly string[]): string => all.map((text) => `${text}\n`).join('');
  if (later !== undefined) {
    return {
      get output() {
        return textOf([...lines, ...later.lines]);
      },
      get error() {
        return later.error;
      },
      get finished() {
        return later.finished;
      },
    };
  }
  const stack = world.find(device.name);
  const state = stack === undefined ? undefined : world.snapshot(stack).device;
  const shown = view === undefined || state === undefined ? '' : showDocker(state, world.clock.now, view);
  return answered(textOf(lines) + shown, error);
}

/** A step that answers, and may be expected to be refused. */
export function runCommandStep(world: World, step: DockerStep | SaveStep): CommandOutput {
  if ('save' in step) return answered('', changeDevice(world, step));
  return runDockerLine(world, step.docker.on, step.docker.run);
}

/** A line of an exec step, where it is one for Docker; its refusal. */
export function execDocker(
  world: World,
  on: string,
  line: string,
): { readonly refusal: string | undefined } | undefined {
  if (!isDockerLine(line)) return undefined;
  const { error, finished } = runDockerLine(world, on, line);
  return { refusal: finished ? error : 'pulling an image takes time: write it as a docker step' };
}

const BOOT_TIME = seconds(30);

/** reboot, save, write; the sentence of a refusal. */
export function changeDevice(world: World, step: RebootStep | SaveStep | WriteStep): string | undefined {
  if ('write' in step) return write(world, step);
  const { on } = 'reboot' in step ? step.reboot : step.save;
  const device = deviceOf(world, on);
  if (device === undefined) return `${on} is no Comware device`;
  return 'reboot' in step ? device.reboot(step.reboot.takes ?? BOOT_TIME) : device.save(step.save.containers);
}

function write(world: World, { write: { on, file, content } }: WriteStep): string | undefined {
  const stack = world.find(on);
  if (stack?.node.kind !== 'comware') return `${on} is not running`;
  const container = stack.node.docker.containers.find((one) => one.place === stack.place);
  if (container === undefined) return `${on} is no container`;
  container.layer.set(file, content);
  return undefined;
}

/** Whether any device is on its way up. */
export function isBooting(world: World): boolean {
  for (const node of world.nodes.values()) if (node.kind === 'comware' && node.isBooting) return true;
  return false;
}

/** A command that is expected to be refused is done when it was. */
export function refusalOfCommand(step: DockerStep | SaveStep, { error }: CommandOutput): string | undefined {
  return step.expect?.error_has === undefined ? error : undefined;
}

/** Holds what a command answered against what the step expects. */
export function checkOutput(
  { expect }: DockerStep | SaveStep,
  { output, error }: CommandOutput,
  path: readonly (string | number)[],
): Check[] {
  const lines = output.split('\n').map(squeeze);
  const has = (text: string): boolean => lines.some((line) => line.includes(squeeze(text)));
  const checks: Check[] = [];
  for (const text of listOf(expect?.output_has)) {
    checks.push({ what: 'output', passed: has(text), expected: text, found: output, path: [...path, 'output_has'] });
  }
  for (const text of listOf(expect?.output_lacks)) {
    const expected = `no line with ${text}`;
    checks.push({ what: 'output', passed: !has(text), expected, found: output, path: [...path, 'output_lacks'] });
  }
  const wanted = expect?.error_has;
  if (wanted === undefined) return checks;
  const passed = squeeze(error ?? '').includes(squeeze(wanted));
  return [
    ...checks,
    { what: 'refusal', passed, expected: wanted, found: error ?? 'it was done', path: [...path, 'error_has'] },
  ];
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

function squeeze(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
