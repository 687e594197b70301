import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { caseless, folderName } from '../../capture/file-name.ts';
import type { Problem } from '../../core/problem.ts';
import { reportPage } from '../../draw/report-page.ts';
import type { RunRecord } from '../../draw/run-record.ts';
import { filterNames } from '../../explain/lab-names.ts';
import { compileFilter } from '../../filter/filter.ts';
import type { ScenarioReport } from '../../scenario/report.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { buildWorld } from '../../world/build.ts';
import { writeWhole } from '../files.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { PAGE_SCRIPT } from '../report-script.ts';
import { PROFILE_FOLDER, type WrittenResults, writeResults } from '../results.ts';
import type { Crew } from './crew.ts';
import { EXIT } from './exit.ts';
import { junitOfRefusal, junitOfRun, type RanSuite, refusedSuites } from './junit.ts';
import { type LimitOptions, limitsGiven } from './limits.ts';
import { type Progress, withProgress } from './progress.ts';
import { deriveReplay, replayJson, replayText } from './replay.ts';
import { passedText, reportText, verdictLine } from './report-text.ts';
import { crewOf } from './run-crew.ts';
import { type RanJob, type ReadFile, type ReadScenario, type RunJob, readScenarioOf, UNHEARD } from './run-job.ts';
import { hasLast, type Shard, type ShardHead, shardHead, shardOf } from './shard.ts';
import { type Palette, paletteFor, print, refuse, refuseFilter, say } from './terminal.ts';

export interface RunOptions extends LimitOptions {
  readonly out: string;
  readonly seed?: number;
  readonly merge?: boolean;
  readonly pcap?: boolean;
  readonly report?: string;
  readonly write: boolean;
  readonly quiet?: boolean;
  readonly junit?: string;
  readonly json?: boolean;
  /** Threads that run scenarios. */
  readonly jobs: number;
  /** Which part of the suite is run. */
  readonly shard?: Shard;
  /** Of tcpdump: which frames are written to captures; with --read which flows are replayed. */
  readonly filter?: string;
  /** A capture whose flows are replayed. */
  readonly read?: string;
  readonly from?: string;
  readonly map?: ReadonlyMap<Ipv4, Ipv4>;
  readonly save?: string;
}

/** `cutaway run`: nothing is run, and nothing written, unless every file is sound. */
export async function runFiles(files: readonly string[], options: RunOptions): Promise<void> {
  const chosen = files.length > 0 ? files : bundledScenarios();
  const crew = await crewOf(Math.min(options.jobs, chosen.length));
  try {
    await withProgress(async (progress) => {
      progress.begin(chosen.length, 'file', 'read');
      const read: ReadFile[] = [];
      for await (const one of crew.read(chosen, progress)) read.push(one);
      progress.hide();
      await runRead(chosen, read, { crew, progress, options });
    }, options.quiet);
  } finally {
    await crew.dismiss();
  }
}

/** What a run has at hand. */
interface Means {
  readonly crew: Crew;
  readonly progress: Progress;
  readonly options: RunOptions;
}

async function runRead(files: readonly string[], read: readonly ReadFile[], means: Means): Promise<void> {
  const { shard, junit, json, seed } = means.options;
  const clashes = nameClashes(read);
  const problems = [...read.flatMap((one) => ('problems' in one ? one.problems : [])), ...clashes];
  if (problems.length > 0) {
    const suites = refusedSuites(files, read, clashes);
    const head = shard === undefined ? undefined : shardHead(shard, suites, true);
    if (head !== undefined && json === true) print(JSON.stringify(head));
    refuse(problems, json === true);
    if (junit !== undefined) writeWhole(junit, junitOfRefusal(suites, head));
    return;
  }
  const sources = read.flatMap((one) => ('problems' in one ? [] : [one]));
  if (shard === undefined) return await runSources(sources, means);
  const suite = sources.map(({ file, scenario, topology }) => [file, scenario, topology, seed]);
  await runSources(shardOf(sources, shard), means, shardHead(shard, suite, false));
}

/** `cutaway run --read`: the flows of a capture as a scenario, which is run like any other. */
export async function runReplay(
  [file, ...words]: readonly string[],
  options: RunOptions,
  command: Command,
): Promise<void> {
  const { read = '', from, map = new Map(), save } = options;
  if (file === undefined) command.error('error: --read needs a topology or scenario to replay in');
  if (from === undefined) command.error('error: --read needs --from STACK: who sends');
  const filter = [...(options.filter === undefined ? [] : [options.filter]), ...words].join(' ');
  const replay = deriveReplay(file, { read, from, map, save, filter });
  if ('problems' in replay) {
    refuse(replay.problems, options.json === true);
    if (replay.isUsage) process.exitCode = EXIT.usage;
    return;
  }
  if (options.json === true) print(JSON.stringify(replayJson(replay)));
  else say(replayText(replay));
  const { filter: _, ...others } = options;
  const source = readScenarioOf(replay.text, replay.source);
  const crew = await crewOf(1);
  await withProgress((progress) => runSources([source], { crew, progress, options: others }), options.quiet);
}

async function runSources(sources: readonly ReadScenario[], means: Means, head?: ShardHead): Promise<void> {
  const { options } = means;
  const misread = misreadFilter(sources, options);
  if (misread !== undefined) return refuseFilter(misread, options.json === true);
  if (head !== undefined && options.json === true) print(JSON.stringify(head));
  const told = await runAndTell(sources, means, head === undefined || hasLast(head));
  const { reports } = told;
  if (options.report !== undefined) writeWhole(options.report, reportPage(told.records, PAGE_SCRIPT));
  if (options.junit !== undefined) writeWhole(options.junit, junitOfRun(told.suites, head));
  const failed = reports.filter((report) => !report.passed);
  if (options.json !== true) say(summary(reports, options, head));
  if (options.json !== true && process.stdout.isTTY && sources.length > 0) say(walkHint(sources));
  process.exitCode = failed.length === 0 ? EXIT.passed : EXIT.failed;
}

interface Told {
  readonly reports: ScenarioReport[];
  readonly suites: RanSuite[];
  readonly records: RunRecord[];
}

/** Runs scenarios and tells of each in its turn. The Wireshark profile is one for the folder of all results. */
async function runAndTell(
  sources: readonly ReadScenario[],
  { crew, progress, options }: Means,
  withProfile: boolean,
): Promise<Told> {
  const palette = paletteFor(process.stdout, process.env);
  const told: Told = { reports: [], suites: [], records: [] };
  const jobs = sources.map((source) => jobOf(source, options));
  progress.begin(jobs.length, 'scenario', 'run');
  for await (const ran of crew.run(jobs, progress)) {
    progress.hide();
    tell(ran, options, palette, withProfile);
    const { report, halt, steps, record } = ran;
    told.suites.push({ file: sources[told.reports.length]?.file ?? '', report, halt, steps });
    told.reports.push(report);
    if (record !== undefined) told.records.push(record);
  }
  progress.end();
  return told;
}

function jobOf(source: ReadScenario, options: RunOptions): RunJob {
  const { seed, merge = false, pcap = false, filter, report } = options;
  const write = options.write ? { merge, classic: pcap } : undefined;
  return { source, seed, write, filter, record: report !== undefined, limits: limitsGiven(options) };
}

/** Writes and prints what came of a scenario. */
function tell({ report, halt, results }: RanJob, options: RunOptions, palette: Palette, withProfile: boolean): void {
  if (halt !== undefined) say(`cutaway: ${report.name}: ${halt.lines.join('\n')}`);
  const written = results && writeResults(results, report, { out: options.out, withProfile });
  if (options.json === true) print(JSON.stringify({ schema: 'cutaway/report/1', ...report }));
  else if (options.quiet === true) print(verdictLine(report));
  else print(`${reportText(report, palette)}${written === undefined ? '' : writtenText(written)}`);
}

/** What is wrong with the expression of --filter: names in it are those of each scenario's lab. */
function misreadFilter(sources: readonly ReadScenario[], { filter }: RunOptions): Problem | undefined {
  if (filter === undefined) return undefined;
  for (const { topology } of sources) {
    const compiled = compileFilter(filter, filterNames(buildWorld(topology, UNHEARD).world));
    if ('problem' in compiled) return compiled.problem;
  }
  return undefined;
}

function writtenText({ folder, captures, tables }: WrittenResults): string {
  return `  ${captures.length} captures in ${join(folder, 'captures')}, ${tables.length} tables in ${join(folder, 'tables')}\n`;
}

function summary(reports: readonly ScenarioReport[], options: RunOptions, head: ShardHead | undefined): string {
  const part = head === undefined ? '' : `shard ${head.shard}/${head.of}: `;
  const passed = reports.filter((report) => report.passed).length;
  const page = options.report === undefined ? '' : `; the page is ${options.report}`;
  const junit = options.junit === undefined ? '' : `; JUnit in ${options.junit}`;
  const where = `${options.write ? `; results in ${options.out}/` : ''}${page}${junit}`;
  if (head?.scenarios === 0)
    return `${part}empty, the suite has ${head.suite} ${head.suite === 1 ? 'scenario' : 'scenarios'}${junit}`;
  return `${part}${passedText(passed, reports.length)}${where}`;
}

/** How to walk through what just ran, in the words by which it was run. */
function walkHint(sources: readonly ReadScenario[]): string {
  const [only, ...others] = sources;
  const file = only !== undefined && others.length === 0 && existsSync(only.file) ? ` ${only.file}` : '';
  const command = process.env.npm_lifecycle_event === 'start' ? 'npm start -- walk' : 'cutaway walk';
  return `walk through it: ${command}${file}`;
}

function bundledScenarios(): string[] {
  const folder = join(PACKAGE_ROOT, 'scenarios', 'whitepaper');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => relative('', join(folder, name)));
}

/** Results of two scenarios of one name would overwrite each other. */
function nameClashes(read: readonly ReadFile[]): Problem[] {
  const seen = new Map<string, { readonly who: string; readonly name: string }>([
    [PROFILE_FOLDER, { who: 'the profile for Wireshark', name: PROFILE_FOLDER }],
  ]);
  return read.flatMap((one): Problem[] => {
    if ('problems' in one) return [];
    const { scenario, file, named } = one;
    // Where capitals are no other letters, two folders would be one.
    const key = caseless(folderName(scenario.name));
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, { who: file, name: scenario.name });
      return [];
    }
    const { who, name } = before;
    const same = name === scenario.name ? `"${name}" too` : `"${name}", which some file systems take for the same`;
    return [
      {
        code: 'NAME_TWICE',
        message: `${who} has the name ${same}: their results would overwrite each other`,
        place: named,
      },
    ];
  });
}
