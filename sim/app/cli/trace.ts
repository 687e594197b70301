import type { FlowAccount } from '../../explain/account.ts';
import { dropAccountOf } from '../../explain/drop-account.ts';
import { recordsOf, stepRecord, verdictRecord } from '../../explain/records.ts';
import { linesOfHops, linesOfPackets, pathLine, traceTable } from '../../explain/trace-lines.ts';
import { deathLines, verdictLines } from '../../explain/verdict-text.ts';
import type { RecordedStep } from '../../packet/trace.ts';
import { familyOf } from '../../scenario/probe-report.ts';
import { EXIT } from './exit.ts';
import type { FlowOptions } from './flow-options.ts';
import { accountFor, packetsMatching, runStory, type Story } from './flow-runs.ts';
import type { LimitOptions } from './limits.ts';
import { type Progress, withProgress } from './progress.ts';
import { sayHalt } from './say-halt.ts';
import { print, refuse, refuseFilter, refuseUsage, say, terminalWidth } from './terminal.ts';

export interface TraceOptions extends FlowOptions, LimitOptions {
  readonly step?: number;
  readonly arp?: boolean;
  readonly functions?: boolean;
  readonly exitCode?: boolean;
  readonly json?: boolean;
}

/** `cutaway trace`: a packet and its answer, and what was decided about both; of a scenario every request. */
export async function tracePackets(file: string, expression: readonly string[], options: TraceOptions): Promise<void> {
  await withProgress((progress) => traceStory(file, expression, options, progress));
}

async function traceStory(
  file: string,
  expression: readonly string[],
  options: TraceOptions,
  progress: Progress,
): Promise<void> {
  const story = await runStory(file, options, progress);
  progress.hide();
  if ('problems' in story) return refuse(story.problems, options.json === true);
  if ('usage' in story) return refuseUsage(story.usage);
  sayHalt(story.world);
  if (expression.length > 0) return traceMatching(story, expression, options);
  let isAnswered = true;
  await progress.each([...story.requests.entries()], 'request', 'traced', ([index, request]) => {
    const account = accountFor(story, request);
    isAnswered &&= account.received > 0;
    progress.hide();
    if (options.json === true) printJson(story, account, index + 1, options);
    else {
      if (request.title !== '') print(`${index === 0 ? '' : '\n'}${request.title}`);
      printText(story, account, options);
    }
  });
  if (options.exitCode === true && !isAnswered) process.exitCode = EXIT.failed;
}

/** The packets that an expression of tcpdump lets pass, whatever they belong to, and how those ended that died. */
function traceMatching(story: Story, expression: readonly string[], options: TraceOptions): undefined {
  const found = packetsMatching(story, expression, options.step !== undefined);
  if ('problem' in found) return refuseFilter(found.problem, options.json === true);
  const { recorder, sightings } = story;
  const accounts = story.scenario === undefined ? story.requests.map((request) => accountFor(story, request)) : [];
  if (options.json === true) {
    const steps = found.flatMap((packet) => [...recorder.stepsOf(packet)]).sort((a, b) => a.order - b.order);
    for (const step of steps) print(JSON.stringify(stepRecord(step, 1, 'other')));
    for (const account of accounts) print(JSON.stringify(verdictRecord(account, 1)));
  } else {
    const table = { width: terminalWidth(), functions: options.functions === true };
    if (found.length > 0) print(traceTable(linesOfPackets(recorder, sightings, found), table));
    for (const packet of found) {
      const death = dropAccountOf(recorder, sightings, packet, 'further');
      if (death !== undefined) print(`#${packet} ${deathLines(death).join('\n')}`);
    }
    for (const account of accounts) print(verdictLines(account).join('\n'));
  }
  if (found.length === 0) say(`no packet matches: ${expression.join(' ')}`);
  if (options.exitCode === true && accounts.some((account) => account.received === 0)) process.exitCode = EXIT.failed;
}

/** Every packet around a request: copies, answers, errors; address resolution only where it is asked for. */
function familyAround({ recorder }: Story, account: FlowAccount, withArp: boolean): number[] {
  const request = account.there?.steps[0]?.packet ?? 0;
  return request === 0 ? [] : familyOf(recorder, request, withArp);
}

/** Steps around a request that belong to neither way. */
function otherSteps(story: Story, account: FlowAccount, withArp: boolean): RecordedStep[] {
  const told = new Set([...(account.there?.steps ?? []), ...(account.back?.steps ?? [])]);
  return familyAround(story, account, withArp)
    .flatMap((packet) => [...story.recorder.stepsOf(packet)])
    .filter((step) => !told.has(step))
    .sort((a, b) => a.order - b.order);
}

function printText(story: Story, account: FlowAccount, options: TraceOptions): void {
  const { there, back } = account;
  const table = { width: terminalWidth(), functions: options.functions === true };
  if (there === undefined) {
    const text = account.errors.map((error) => error.errno).join(', ');
    print(`${account.kind} ${account.from} -> ${account.to}: not sent: ${text}`);
  } else if (options.arp === true) {
    const { recorder, sightings } = story;
    print(traceTable(linesOfPackets(recorder, sightings, familyAround(story, account, true)), table));
  } else {
    print(`there: ${pathLine(there.path)}`);
    print(traceTable(linesOfHops(there.hops), table));
    if (back !== undefined) {
      print(`back: ${pathLine(back.path)}`);
      print(traceTable(linesOfHops(back.hops), table));
    }
    const others = account.verdict === 'DELIVERED' || account.stage === 'data' ? [] : otherPackets(story, account);
    const lines = linesOfPackets(story.recorder, story.sightings, others);
    if (lines.length > 0) print(`what else it caused:\n${traceTable(lines, table)}`);
  }
  print(verdictLines(account).join('\n'));
}

/** Packets that are part of neither way, such as an error that was lost. */
function otherPackets(story: Story, account: FlowAccount): number[] {
  return [...new Set(otherSteps(story, account, false).map((step) => step.packet))].filter(
    (packet) => !hasPart(account, packet),
  );
}

function hasPart({ there, back }: FlowAccount, packet: number): boolean {
  return [there, back].some((leg) => leg?.steps.some((step) => step.packet === packet) === true);
}

function printJson(story: Story, account: FlowAccount, flow: number, options: TraceOptions): void {
  const others = otherSteps(story, account, options.arp === true);
  for (const record of recordsOf(account, flow, others)) print(JSON.stringify(record));
}
