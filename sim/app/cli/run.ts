import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Problem } from '../../core/problem.ts';
import { reportPage } from '../../draw/report-page.ts';
import { type RunRecord, RunWatcher } from '../../draw/run-record.ts';
import { filterNames } from '../../explain/lab-names.ts';
import { compileFilter, type Filter } from '../../filter/filter.ts';
import { reportScenario, type ScenarioReport } from '../../scenario/report.ts';
import { letArrive, runScenario } from '../../scenario/runner.ts';
import { type ScenarioSource, withPlaces } from '../../scenario/scenario-source.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { buildSource } from '../../world/topology-source.ts';
import { writeWhole } from '../files.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { PAGE_SCRIPT } from '../report-script.ts';
import { type WrittenResults, writeResults } from '../results.ts';
import { loadScenario } from '../sources.ts';
import { EXIT } from './exit.ts';
import { junitOfRefusal, junitOfRun, type RanSuite, ranSuite, refusedSuites } from './junit.ts';
import { deriveReplay, replayJson, replayText } from './replay.ts';
import { reportText } from './report-text.ts';
import { paletteFor, print, refuse, refuseFilter, say } from './terminal.ts';

export interface RunOptions {
  readonly out: string;
  readonly seed?: number;
  readonly merge?: boolean;
  readonly pcap?: boolean;
  readonly report?: string;
  readonly write: boolean;
  readonly quiet?: boolean;
  readonly junit?: string;
  readonly json?: boolean;
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
  const loaded = chosen.map(loadScenario);
  const clashes = nameClashes(loaded);
  const problems = [...loaded.flatMap((one) => ('problems' in one ? one.problems : [])), ...clashes];
  if (problems.length > 0) {
    refuse(problems, options.json === true);
    if (options.junit !== undefined) writeWhole(options.junit, junitOfRefusal(refusedSuites(chosen, loaded, clashes)));
    return;
  }
  const sources = loaded.flatMap((one) => ('problems' in one ? [] : [one.source]));
  await runSources(sources, options);
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
  await runSources([replay.source], others);
}

async function runSources(sources: readonly ScenarioSource[], options: RunOptions): Promise<void> {
  const filters = sources.map((source) => filterOf(source, options));
  const misread = filters.find((one) => one !== undefined && 'problem' in one);
  if (misread !== undefined && 'problem' in misread) return refuseFilter(misread.problem, options.json === true);
  const palette = paletteFor(process.stdout, process.env);
  const reports: ScenarioReport[] = [];
  const suites: RanSuite[] = [];
  const records: RunRecord[] = [];
  for (const [index, source] of sources.entries()) {
    const compiled = filters[index];
    const filter = compiled !== undefined && 'filter' in compiled ? compiled.filter : undefined;
    // Between scenarios signals are heard.
    await setImmediate();
    const { report, written, record, storm } = runOne(source, options, filter);
    reports.push(report);
    suites.push(ranSuite(source, report, storm));
    if (record !== undefined) records.push(record);
    if (options.json === true) print(JSON.stringify({ schema: 'cutaway/report/1', ...report }));
    else if (options.quiet === true) print(`${report.passed ? 'PASSED' : 'FAILED'}  ${report.name}`);
    else print(`${reportText(report, palette)}${written === undefined ? '' : writtenText(written)}`);
  }
  if (options.report !== undefined) writeWhole(options.report, reportPage(records, PAGE_SCRIPT));
  if (options.junit !== undefined) writeWhole(options.junit, junitOfRun(suites));
  const failed = reports.filter((report) => !report.passed);
  if (options.json !== true) say(summary(reports, options));
  if (options.json !== true && process.stdout.isTTY) say(walkHint(sources));
  process.exitCode = failed.length === 0 ? EXIT.passed : EXIT.failed;
}

/** The expression of --filter with the names of the scenario's lab. */
function filterOf({ topology }: ScenarioSource, options: RunOptions): ReturnType<typeof compileFilter> | undefined {
  if (options.filter === undefined) return undefined;
  return compileFilter(options.filter, filterNames(buildSource(topology, UNHEARD).world));
}

const UNHEARD = { seed: 1, trace: false, capture: false } as const;

function runOne(
  source: ScenarioSource,
  options: RunOptions,
  filter: Filter | undefined,
): { report: ScenarioReport; written: WrittenResults | undefined; record: RunRecord | undefined; storm: boolean } {
  const scenario = { ...source.scenario, seed: options.seed ?? source.scenario.seed };
  const { world } = buildSource(source.topology, { seed: scenario.seed, trace: true, capture: true });
  const watcher = options.report === undefined ? undefined : new RunWatcher(world);
  const run = runScenario(world, scenario, () => watcher?.stepBegins());
  if (!run.storm) letArrive(world, scenario);
  if (run.storm)
    say(`cutaway: ${scenario.name}: stopped after too many events: frames multiply, is there a loop of bridges?`);
  else world.audit();
  const report = withPlaces(reportScenario(world, scenario, run), source.document);
  const { out, merge = false, pcap = false } = options;
  const written = options.write ? writeResults(world, report, { out, merge, classic: pcap, filter }) : undefined;
  return { report, written, record: watcher?.record(report), storm: run.storm };
}

function writtenText({ folder, captures, tables }: WrittenResults): string {
  return `  ${captures.length} captures in ${join(folder, 'captures')}, ${tables.length} tables in ${join(folder, 'tables')}\n`;
}

function summary(reports: readonly ScenarioReport[], options: RunOptions): string {
  const passed = reports.filter((report) => report.passed).length;
  const page = options.report === undefined ? '' : `; the page is ${options.report}`;
  const junit = options.junit === undefined ? '' : `; JUnit in ${options.junit}`;
  const where = `${options.write ? `; results in ${options.out}/` : ''}${page}${junit}`;
  return `${passed} of ${reports.length} scenarios passed${where}`;
}

/** How to walk through what just ran, in the words by which it was run. */
function walkHint(sources: readonly ScenarioSource[]): string {
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
function nameClashes(loaded: readonly ReturnType<typeof loadScenario>[]): Problem[] {
  const seen = new Map<string, string>();
  return loaded.flatMap((one): Problem[] => {
    if ('problems' in one) return [];
    const { scenario, file, document } = one.source;
    const before = seen.get(scenario.name);
    seen.set(scenario.name, file);
    if (before === undefined) return [];
    const message = `${before} has the name "${scenario.name}" too: their results would overwrite each other`;
    return [{ code: 'NAME_TWICE', message, place: document.place(['name'], 'value') }];
  });
}
