import { planCommand } from '../../../sim/netns/plan.ts';
import type { Scenario, ScenarioStep } from '../../../sim/scenario/scenario-schema.ts';
import { isProbeStep, type ProbeStep, probeTitle } from '../../../sim/scenario/start-probe.ts';
import type { StepRecord } from '../record.ts';
import { REFUSED, type StepResult } from '../results.ts';
import { inside } from './namespaces.ts';
import type { Peer } from './peer.ts';
import { run } from './process.ts';
import { httpRequest, type ServiceRequest, tcpRequest, udpRequest } from './programs.ts';
import { sleepUntil, steadyNow } from './timeline.ts';
import { arpingCall, pingCall, type ToolCall, tracerouteCall } from './tools.ts';

/** Where the steps of a scenario are played. */
export interface Stage {
  readonly peer: Peer;
  readonly services: readonly ServiceRequest[];
  /** The namespace of a node. */
  readonly nameOf: (node: string) => string;
  /** What CLOCK_REALTIME is ahead of the steady clock, in ns. */
  readonly ahead: bigint;
  /** The run has failed: whatever still goes on is ended. */
  readonly signal: AbortSignal;
  /** Told after commands were run on a node. */
  readonly changed: (node: string) => Promise<void>;
}

export interface PlayedSteps {
  /** When the first step was due, on the steady clock: all times count from then. */
  readonly origin: bigint;
  /** The zero of `at` and `until`. */
  readonly begin: bigint;
  readonly steps: readonly StepRecord[];
  /** When the last step had ended. */
  readonly end: bigint;
}

/** Plays the steps one after the other, on the time line of sim/scenario/runner.ts. */
export async function playSteps(stage: Stage, { steps }: Scenario): Promise<PlayedSteps> {
  const begin = steadyNow();
  const due = (step: ScenarioStep | undefined): bigint => begin + BigInt(step?.at ?? 0);
  const origin = due(steps[0]);
  const since = (moment: bigint): number => Number(moment - origin);
  const running: Promise<StepRecord>[] = [];
  for (const [index, step] of steps.entries()) {
    if (step.at === undefined) await Promise.all(running);
    else await sleepUntil(due(step), stage.signal);
    const moments: Moments = { started: steadyNow(), ended: undefined };
    const title = step.name ?? titleOf(step);
    const result = playStep(stage, step, moments);
    running.push(
      result.then((value) => {
        const { started, ended = steadyNow() } = moments;
        return { index, title, started: since(started), ended: since(ended), result: value };
      }),
    );
    // Whoever waits for all of them hears of a failure; until then it must not count as unheard of.
    running.at(-1)?.catch(() => {});
    if ('wait' in step) await sleepUntil(moments.started + BigInt(step.wait), stage.signal);
    else if (!isProbeStep(step)) await result;
  }
  const records = await Promise.all(running);
  return { origin, begin, steps: records, end: steadyNow() };
}

/** When a program began, and when commands had ended, as far as that is not when it was asked for or told of. */
interface Moments {
  started: bigint;
  ended: bigint | undefined;
}

async function playStep(stage: Stage, step: ScenarioStep, moments: Moments): Promise<StepResult> {
  if (isProbeStep(step)) return playProgram(stage, step, moments);
  if ('exec' in step) return runCommands(stage, step.exec.on, step.exec.commands, moments);
  if ('start' in step || 'stop' in step) return switchService(stage, step);
  if ('wait' in step) return {};
  throw new Error('whyNotJudged() tells of every other step');
}

async function playProgram(stage: Stage, step: ProbeStep, moments: Moments): Promise<StepResult> {
  if ('ping' in step) return callTool(stage, step.ping.from, pingCall(step.ping), moments);
  if ('traceroute' in step) return callTool(stage, step.traceroute.from, tracerouteCall(step.traceroute), moments);
  if ('arping' in step) return callTool(stage, step.arping.from, arpingCall(step.arping), moments);
  if ('udp' in step) return stage.peer.ask(udpRequest(step.udp));
  if ('tcp' in step) return stage.peer.ask(tcpRequest(step.tcp));
  if ('http' in step) return stage.peer.ask(httpRequest(step.http));
  throw new Error('whyNotJudged() tells of every other program');
}

/** Says the time in its last moment before it becomes another program, in microseconds behind the point. */
const SAY_WHEN = ['bash', '--norc', '-c', 'echo "$EPOCHREALTIME"; exec "$@"', 'begun'];

async function callTool(stage: Stage, node: string, call: ToolCall, moments: Moments): Promise<StepResult> {
  const argv = [...inside(stage.nameOf(node)), ...SAY_WHEN, ...call.argv];
  const ended = await run(argv, { limit: call.limit, signal: stage.signal });
  if (ended.status === null) throw new Error(`${call.argv.join(' ')} did not end`);
  const [, seconds, micros] = /^(\d+)[.,](\d{6})\n/.exec(ended.output) ?? [];
  if (seconds === undefined || micros === undefined) throw new Error(`${call.argv.join(' ')} did not begin`);
  moments.started = BigInt(seconds) * 1_000_000_000n + BigInt(micros) * 1000n - stage.ahead;
  return call.read(ended.output.slice(ended.output.indexOf('\n') + 1), ended.complaint);
}

/** As the simulator: what follows a command that was refused is not run. */
async function runCommands(
  stage: Stage,
  node: string,
  lines: readonly string[],
  moments: Moments,
): Promise<StepResult> {
  let refused = false;
  for (const line of lines) {
    const { argv, stdin } = planCommand(node, line);
    const ended = await run([...inside(stage.nameOf(node)), ...argv], { stdin: stdin ?? '', signal: stage.signal });
    refused = ended.status !== 0;
    if (refused) break;
  }
  moments.ended = steadyNow();
  await stage.changed(node);
  return refused ? REFUSED : {};
}

async function switchService(
  stage: Stage,
  step: Extract<ScenarioStep, { start: unknown } | { stop: unknown }>,
): Promise<StepResult> {
  const verb = 'start' in step ? 'start' : 'stop';
  const { on, service: name } = 'start' in step ? step.start : step.stop;
  const service = stage.services.find((one) => one.node === on && one.name === name);
  if (service === undefined) return REFUSED;
  return stage.peer.ask(verb === 'start' ? service.request : { do: 'stop', node: on, name });
}

function titleOf(step: ScenarioStep): string {
  if (isProbeStep(step)) return probeTitle(step);
  if ('exec' in step) return `${step.exec.on}: ${step.exec.commands.join('; ')}`;
  if ('start' in step) return `start ${step.start.on} ${step.start.service ?? ''}`;
  return 'stop' in step ? `stop ${step.stop.on} ${step.stop.service ?? ''}` : 'wait';
}
