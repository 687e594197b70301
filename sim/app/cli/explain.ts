import type { Limits } from '../../core/limits.ts';
import type { FlowAccount } from '../../explain/account.ts';
import { type DropAccount, dropAccountOf } from '../../explain/drop-account.ts';
import { dropLines, explainLines } from '../../explain/explain-text.ts';
import { hopsOf } from '../../explain/hops.ts';
import { kinOf } from '../../explain/kin.ts';
import type { Explanation } from '../../explain/record-schema.ts';
import { dropRecord, verdictRecord } from '../../explain/records.ts';
import { wayLines } from '../../explain/way-text.ts';
import { lineageSteps } from '../../packet/stations.ts';
import { familyOf } from '../../scenario/probe-report.ts';
import { type NoRemedyNeeded, type RemedyReport, seekRemedies } from '../../whatif/remedies.ts';
import { remedyLines, remedyRecord } from '../../whatif/remedy-text.ts';
import { flowSubject, stepSubject } from '../../whatif/subject.ts';
import { EXIT } from './exit.ts';
import type { FlowOptions } from './flow-options.ts';
import { accountFor, packetsMatching, type Request, runStory, type Story } from './flow-runs.ts';
import { type LimitOptions, limitsOf } from './limits.ts';
import { type Progress, withProgress } from './progress.ts';
import { sayHalt } from './say-halt.ts';
import { print, refuse, refuseFilter, refuseUsage, say } from './terminal.ts';

export interface ExplainOptions extends FlowOptions, LimitOptions {
  readonly step?: number;
  readonly packet?: number;
  readonly whatIf: boolean;
  readonly exitCode?: boolean;
  readonly json?: boolean;
}

/** A request with its account, and what would have let it pass where it did not. */
interface Explained {
  readonly request: Request;
  readonly account: FlowAccount;
  readonly remedies: RemedyReport | NoRemedyNeeded | undefined;
}

/** `cutaway explain`: why a flow ended as it did; of a scenario each that was not answered, or what is asked for. */
export async function explain(file: string, expression: readonly string[], options: ExplainOptions): Promise<void> {
  await withProgress((progress) => explainStory(file, expression, options, progress));
}

async function explainStory(
  file: string,
  expression: readonly string[],
  options: ExplainOptions,
  progress: Progress,
): Promise<void> {
  const story = await runStory(file, options, progress);
  progress.hide();
  if ('problems' in story) return refuse(story.problems, options.json === true);
  if ('usage' in story) return refuseUsage(story.usage);
  const { packet } = options;
  if (packet !== undefined && story.recorder.lineageOf(packet) === undefined) {
    return refuseUsage(`there was no packet ${packet}: the last one is ${story.world.ledger.born}`);
  }
  const death = packet === undefined ? undefined : deathOf(story, packet);
  const matching = expression.length === 0 ? undefined : packetsMatching(story, expression, options.step !== undefined);
  if (matching !== undefined && 'problem' in matching) return refuseFilter(matching.problem, options.json === true);
  const explained = await explainRequests(story, matching, options, progress);
  progress.end();
  if (matching !== undefined && explained.length === 0)
    say(`no request has a packet that matches: ${expression.join(' ')}`);
  if (options.json === true) printJson(explained, death);
  else printText(story, explained, death, options);
  sayHalt(story.world);
  if (options.exitCode === true && explained.some(({ account }) => account.received === 0))
    process.exitCode = EXIT.failed;
}

/** The requests to explain: those that a packet belongs to, or all; remedies are looked for once for each step. */
async function explainRequests(
  story: Story,
  matching: readonly number[] | undefined,
  options: ExplainOptions,
  progress: Progress,
): Promise<Explained[]> {
  const searched = new Set<number | undefined>();
  const explained = await progress.each(story.requests, 'request', 'explained', async (request) => {
    const account = accountFor(story, request);
    const { packet } = options;
    if (packet !== undefined && !isAround(story, request, packet)) return [];
    if (matching !== undefined && !matching.some((one) => isAround(story, request, one))) return [];
    const isAsked = options.whatIf && !isFine(account) && !searched.has(request.step);
    if (!isAsked) return [{ request, account, remedies: undefined }];
    searched.add(request.step);
    const remedies = await progress.follow(seekRemedies(subjectOf(story, request, limitsOf(options))), () => {});
    return [{ request, account, remedies }];
  });
  return explained.flat();
}

/** It was delivered, and whoever owed an answer gave it. */
function isFine({ kind, verdict, silence, silencedBy }: FlowAccount): boolean {
  // To be told where its packets die is what traceroute sends them for.
  if (kind === 'traceroute' && verdict === 'REJECTED') return true;
  return verdict === 'DELIVERED' && silence === '' && silencedBy === undefined;
}

function isAround({ recorder }: Story, { run, index }: Request, packet: number): boolean {
  const request = run.probe.sent[index]?.packet ?? 0;
  return request !== 0 && familyOf(recorder, request, true).includes(packet);
}

function subjectOf(story: Story, request: Request, limits: Limits): Parameters<typeof seekRemedies>[0] {
  const { source, seed, flow, scenario } = story;
  if (scenario !== undefined) return stepSubject(scenario, source.topology, request.step ?? 0, limits);
  if (flow === undefined) throw new Error('what is no scenario is one flow');
  return flowSubject(source.topology, seed, request.run.from, flow, limits);
}

/** How a packet died, undefined where it did not. */
function deathOf(story: Story, packet: number): DropAccount | undefined {
  const { recorder, sightings } = story;
  const role = story.requests.flatMap(({ run, index }) => {
    const found = kinOf(recorder, run.probe.sent[index]?.packet ?? 0).roles.get(packet);
    return found === undefined ? [] : [found];
  })[0];
  return dropAccountOf(recorder, sightings, packet, role ?? 'further');
}

function printText(
  story: Story,
  explained: readonly Explained[],
  death: DropAccount | undefined,
  options: ExplainOptions,
): void {
  const { packet, step } = options;
  const blocks: string[][] = [];
  if (packet !== undefined) blocks.push(death === undefined ? packetLines(story, packet) : dropLines(death));
  for (const { request, account, remedies } of explained) {
    const title = request.title === '' ? [] : [request.title];
    // Of many requests those that went well are only named.
    if (packet === undefined && step === undefined && request.step !== undefined && isFine(account)) {
      blocks.push([`${request.title}: ${account.verdict}`]);
      continue;
    }
    const found = remedies === undefined ? [] : remedyLines(remedies);
    blocks.push([...title, ...explainLines(account), ...(found.length === 0 ? [] : ['', ...found])]);
  }
  print(blocks.map((lines) => lines.join('\n')).join('\n\n'));
}

/** The way of a packet that did not die. */
function packetLines({ recorder, sightings }: Story, packet: number): string[] {
  const hops = hopsOf(lineageSteps(recorder, packet), sightings);
  return [`packet #${packet} did not die; its way`, ...wayLines(hops).map((line) => `  ${line}`)];
}

function printJson(explained: readonly Explained[], death: DropAccount | undefined): void {
  const document: Explanation = {
    schema: 'cutaway/explain/1',
    flows: explained.map(({ request, account, remedies }, index) => {
      const found = remedyRecord(remedies);
      return {
        ...(request.step === undefined ? {} : { step: request.step + 1 }),
        title: request.title,
        account: verdictRecord(account, index + 1),
        ways: { there: wayLines(account.there?.hops ?? []), back: wayLines(account.back?.hops ?? []) },
        ...(found === undefined ? {} : { what_if: found }),
      };
    }),
    ...(death === undefined ? {} : { packet: dropRecord(death) }),
  };
  print(JSON.stringify(document));
}
