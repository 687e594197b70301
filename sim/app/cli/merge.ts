import type { Problem } from '../../core/problem.ts';
import type { SimTime } from '../../core/time.ts';
import { writeWhole } from '../files.ts';
import { EXIT } from './exit.ts';
import { enclosed, type Totals } from './junit.ts';
import { withProgress } from './progress.ts';
import { passedText, verdictLine } from './report-text.ts';
import { readShardFile, type ShardFile } from './shard-file.ts';
import { print, refuse, refuseUsage, say } from './terminal.ts';

export interface MergeOptions {
  readonly junit?: string;
  readonly json?: boolean;
}

/** `cutaway merge`: what one run of the whole suite would have printed and written, and how it would have ended. */
export async function mergeReports(files: readonly string[], { junit, json = false }: MergeOptions): Promise<void> {
  const read = await withProgress((progress) => progress.each(files, 'report', 'read', readShardFile));
  const broken = read.filter((one) => 'message' in one);
  if (broken.length > 0) return refuse(broken, json);
  const shards = read.filter((one) => 'head' in one);
  const byKind = { json: inOrder(shards, 'json'), junit: inOrder(shards, 'junit') };
  const problems = [...strangers(shards), ...gaps(byKind.json), ...gaps(byKind.junit)];
  if (problems.length === 0) problems.push(...contradictions(byKind.json, byKind.junit));
  if (problems.length > 0) return refuse(problems, json);
  if (json && byKind.json.length === 0) return refuseUsage('--json needs what the shards printed with --json');
  if (junit !== undefined && byKind.junit.length === 0)
    return refuseUsage('--junit needs the JUnit files of the shards');
  if (junit !== undefined) writeWhole(junit, wholeJunit(byKind.junit));
  return tell(byKind.json.length > 0 ? byKind.json : byKind.junit, json, junit);
}

function tell(shards: readonly ShardFile[], json: boolean, junit: string | undefined): undefined {
  const refused = shards[0]?.head.refused === true;
  const verdicts = shards.flatMap((shard) => shard.verdicts);
  const passed = verdicts.filter((verdict) => verdict.passed).length;
  // Every shard has refused the same files in the same words.
  if (json) print((refused ? shards.slice(0, 1) : shards).flatMap(({ body }) => body).join('\n'));
  else {
    print(verdicts.map(verdictLine).join('\n'));
    const where = junit === undefined ? '' : `; JUnit in ${junit}`;
    say(`${refused ? 'nothing was run: files of the suite are invalid' : passedText(passed, verdicts.length)}${where}`);
  }
  process.exitCode = refused ? EXIT.invalid : passed === verdicts.length ? EXIT.passed : EXIT.failed;
  return undefined;
}

function wholeJunit(shards: readonly ShardFile[]): string {
  const [first] = shards;
  if (first?.head.refused === true) return enclosed(first.totals, first.body);
  return enclosed(
    shards.map(({ totals }) => totals).reduce(sum),
    shards.flatMap(({ body }) => body),
  );
}

function sum(one: Totals, other: Totals): Totals {
  const add = (key: 'tests' | 'failures' | 'errors'): string => String(Number(one[key]) + Number(other[key]));
  const time = (one.time + other.time) as SimTime;
  return { time, tests: add('tests'), failures: add('failures'), errors: add('errors') };
}

function inOrder(shards: readonly ShardFile[], kind: ShardFile['kind']): ShardFile[] {
  return shards.filter((shard) => shard.kind === kind).toSorted((a, b) => a.head.shard - b.head.shard);
}

/** Reports of another suite, of another division of it, or of another Cutaway than the first. */
function strangers([first, ...others]: readonly ShardFile[]): Problem[] {
  return others.flatMap((other): Problem[] => {
    const differs = differenceOf(first, other);
    return differs === undefined ? [] : [atHead(other, `${differs} than ${first?.file}`)];
  });
}

function differenceOf(first: ShardFile | undefined, { head }: ShardFile): string | undefined {
  if (first === undefined) return undefined;
  if (head.version !== first.head.version) return `of another version, ${head.version},`;
  if (head.of !== first.head.of) return `one of ${head.of} shards, other ones`;
  if (head.refused !== first.head.refused || head.suite !== first.head.suite || head.digest !== first.head.digest)
    return 'of another suite: other files, other content or another seed';
  return undefined;
}

/** Shards that are missing or there twice. */
function gaps(shards: readonly ShardFile[]): Problem[] {
  const [first] = shards;
  if (first === undefined) return [];
  const { of } = first.head;
  const byShard = new Map<number, ShardFile>();
  const twice: Problem[] = [];
  for (const shard of shards) {
    const before = byShard.get(shard.head.shard);
    if (before === undefined) byShard.set(shard.head.shard, shard);
    else twice.push(atHead(shard, `shard ${shard.head.shard}/${of} is there twice: ${before.file} has it too`));
  }
  const missing: string[] = [];
  for (let shard = 1; shard <= of && missing.length <= MOST_NAMED; shard += 1) {
    if (!byShard.has(shard)) missing.push(`${shard}/${of}`);
  }
  if (missing.length === 0) return twice;
  const count = of - byShard.size;
  const named = missing.slice(0, MOST_NAMED).join(', ');
  const what = first.kind === 'json' ? '--json output' : 'JUnit file';
  const message = `no ${what} of ${count === 1 ? 'shard' : 'shards'} ${named}${count > MOST_NAMED ? ', ...' : ''}`;
  return [...twice, { code: 'REPORT', message, hint: 'a shard whose run did not end leaves none' }];
}

const MOST_NAMED = 10;

/** The two kinds of reports of one shard tell the same, or they are not of the same run. */
function contradictions(json: readonly ShardFile[], junit: readonly ShardFile[]): Problem[] {
  return json.flatMap((one, index): Problem[] => {
    const other = junit[index];
    if (other === undefined || JSON.stringify(one.verdicts) === JSON.stringify(other.verdicts)) return [];
    return [atHead(other, `other verdicts than ${one.file}: they are not of one run`)];
  });
}

function atHead({ file, kind, head }: ShardFile, message: string): Problem {
  const text = kind === 'json' ? JSON.stringify(head) : `<!-- ${JSON.stringify(head)} -->`;
  return {
    code: 'REPORT',
    message,
    place: { file, line: kind === 'json' ? 1 : 2, column: 1, length: text.length, text },
  };
}
