import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { loadScenario } from '../../sim/app/sources.ts';
import type { ScenarioSource } from '../../sim/scenario/scenario-source.ts';
import { problemText } from '../../sim/show/problem-text.ts';
import { MASKS } from './compare/masks.ts';
import { reportText } from './compare/report.ts';
import { TABLE_MASKS } from './compare/table-masks.ts';
import { parseRecord, refreshedGolden } from './golden.ts';
import { inParallel } from './in-parallel.ts';
import { type JudgeOptions, judgeScenario, namedNumbers, type Verdict } from './judge.ts';
import { missingTools } from './real/judgeable.ts';
import { newPrefix } from './real/namespaces.ts';
import type { WorldRecord } from './record.ts';
import { Repeated, type Tried } from './repeated.ts';
import { signsOf } from './signs.ts';

export interface FileOptions {
  readonly golden?: true;
  readonly refresh?: true;
  readonly masks?: true;
  readonly jobs: number;
}

/** The folder of the labs, from the root of the package. */
export const LABS = join('test', 'judge', 'labs');

/** Judges each file; the exit code: 0 where all agree, 1 where one does not, 2 where nothing can be judged here, 4 for a bad file. */
export async function judgeFiles(files: readonly string[], options: FileOptions): Promise<number> {
  const missing = options.golden === true ? [] : missingTools();
  if (missing.length > 0) {
    process.stderr.write(`error: the kernel cannot be asked here: ${missing.join(', ')}\n`);
    process.stderr.write('--golden compares with its stored answers\n');
    return 2;
  }
  const sources: ScenarioSource[] = [];
  for (const file of files.length > 0 ? files : labs()) {
    const loaded = loadScenario(file);
    if ('problems' in loaded) {
      for (const problem of loaded.problems) process.stderr.write(`${problemText(problem)}\n`);
      return 4;
    }
    sources.push(loaded.source);
  }
  const used = new Map<string, number>();
  const repeated = new Repeated();
  const verdicts = await inParallel(options.jobs, sources, (source) => judgeFile(source, options, { used, repeated }));
  const counts = { agreed: 0, differs: 0, 'not judged': 0 };
  for (const verdict of verdicts) counts[verdict]++;
  process.stdout.write(`${counts.agreed} agree, ${counts.differs} differ, ${counts['not judged']} not judged\n`);
  if (options.masks === true) process.stdout.write(masksText(used));
  return counts.differs > 0 ? 1 : 0;
}

async function judgeFile(
  source: ScenarioSource,
  options: FileOptions,
  { used, repeated }: { readonly used: Map<string, number>; readonly repeated: Repeated },
): Promise<Verdict['kind']> {
  const golden = options.golden === true ? storedRun(source.file) : undefined;
  if (typeof golden === 'string') {
    process.stdout.write(`not judged  ${source.scenario.name}: ${golden}\n`);
    return 'not judged';
  }
  const live = (): Promise<Run> => runOnce(source, { prefix: newPrefix(), drops: true });
  const { outcome, runs } =
    golden === undefined
      ? await repeated.judge(live)
      : { outcome: await runOnce(source, { prefix: '', drops: true, golden }), runs: 1 };
  const { verdict } = outcome;
  const note = verdict.kind === 'agreed' && runs > 1 ? `, run ${runs} times` : '';
  process.stdout.write(verdictText(source.scenario.name, verdict, note));
  if (verdict.kind === 'not judged') return verdict.kind;
  for (const { name, used: times } of verdict.comparison.masks) used.set(name, (used.get(name) ?? 0) + times);
  if (options.refresh === true) refresh(source, verdict.kernel);
  return verdict.kind;
}

type Run = Tried & { readonly verdict: Verdict };

async function runOnce(source: ScenarioSource, options: JudgeOptions): Promise<Run> {
  const verdict = await judgeScenario(source, options);
  const { kind } = verdict;
  return kind === 'differs' ? { kind, verdict, signs: signsOf(verdict.comparison.differences) } : { kind, verdict };
}

function verdictText(name: string, verdict: Verdict, note: string): string {
  if (verdict.kind === 'not judged') return `not judged  ${name}: ${verdict.reasons.join('; ')}\n`;
  const { comparison, stepsOf } = verdict;
  const { frames, rows } = comparison.compared;
  if (verdict.kind === 'agreed') return `agrees      ${name}: ${frames} frames, ${rows} rows${note}\n`;
  return `DIFFERS     ${name}\n${reportText(comparison, { stepsOf })}`;
}

/** What is stored stays as long as it is as true as this run: what is random would change it every time. */
function refresh(source: ScenarioSource, kernel: WorldRecord): void {
  const file = goldenFile(source.file);
  const old = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, refreshedGolden(old, kernel, namedNumbers(source)));
}

function masksText(used: ReadonlyMap<string, number>): string {
  return [...MASKS, ...TABLE_MASKS]
    .map(({ name, reason }) => `${String(used.get(name) ?? 0).padStart(8)}  ${name}: ${reason}\n`)
    .join('');
}

function labs(): string[] {
  return readdirSync(LABS)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => join(LABS, file));
}

/** `labs/02-router.yaml` has its answers in `golden/02-router.txt`. */
export function goldenFile(file: string): string {
  return join(dirname(file), '..', 'golden', `${basename(file, '.yaml')}.txt`);
}

/** What the kernel did when it was last asked; a sentence where that cannot be read. */
export function storedRun(file: string): WorldRecord | string {
  const path = goldenFile(file);
  if (!existsSync(path)) return `there is no ${path}: --refresh makes it`;
  const read = parseRecord(readFileSync(path, 'utf8'));
  return 'problem' in read ? `${path}: ${read.problem}` : read.record;
}
