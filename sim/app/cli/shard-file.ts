import { isUtf8 } from 'node:buffer';
import type { Problem } from '../../core/problem.ts';
import type { SimTime } from '../../core/time.ts';
import { readBytes } from '../files.ts';
import type { Totals } from './junit.ts';
import { type ShardHead, shardBounds, shardHeadSchema } from './shard.ts';

/** A report of a shard as `run --shard` left it: what it printed with --json, or its JUnit. */
export interface ShardFile {
  readonly file: string;
  readonly kind: 'json' | 'junit';
  readonly head: ShardHead;
  /** What it says of its scenarios, as lines that may stand in a report of the whole. */
  readonly body: readonly string[];
  readonly verdicts: readonly Verdict[];
  /** Of JUnit. */
  readonly totals: Totals;
}

export interface Verdict {
  readonly name: string;
  readonly passed: boolean;
}

const NOTHING: Totals = { time: 0 as SimTime, tests: '0', failures: '0', errors: '0' };

/** Reads a report, and holds what it says against what it says of itself: half a file is none. */
export function readShardFile(file: string): ShardFile | Problem {
  const read = readBytes(file);
  if ('problem' in read) return read.problem;
  const text = Buffer.from(read.bytes).toString('utf8');
  if (!isUtf8(read.bytes)) return { code: 'FILE_UNREADABLE', message: `${file}: this is not text in UTF-8` };
  const lines = text.split('\n');
  if (/^\s*$/.test(text)) return fault(file, lines, 0, 'the file is empty: did the run of this shard end?');
  return text.startsWith('<') ? readJunit(file, lines) : readJson(file, lines);
}

function readJson(file: string, lines: readonly string[]): ShardFile | Problem {
  const head = headOf(lines[0] ?? '');
  if (head === undefined) return noHead(file, lines, 0, 'run --shard I/N --json prints one');
  const body = lines.slice(1, -1);
  if (lines.at(-1) !== '') return fault(file, lines, lines.length - 1, 'the file ends in the middle of a line');
  const verdicts: Verdict[] = [];
  const wanted = head.refused ? 'cutaway/problems/1' : 'cutaway/report/1';
  for (const [index, line] of body.entries()) {
    const value = parsed(line) as { schema?: unknown; name?: unknown; passed?: unknown } | undefined | null;
    if (value?.schema !== wanted) return fault(file, lines, index + 1, `this is no ${wanted}`);
    if (head.refused) continue;
    if (typeof value.name !== 'string' || typeof value.passed !== 'boolean')
      return fault(file, lines, index + 1, 'a report without name and verdict');
    verdicts.push({ name: value.name, passed: value.passed });
  }
  const count = head.refused ? 1 : head.scenarios;
  if (body.length !== count) return fault(file, lines, lines.length - 1, countText(count, body.length));
  return { file, kind: 'json', head, body, verdicts, totals: NOTHING };
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const OUTERMOST = /^<testsuites name="cutaway" time="(\d+)\.(\d{9})" tests="(\d+)" failures="(\d+)" errors="(\d+)">$/;
const SUITE = /^ {2}<testsuite name="([^"]*)" tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="\d+" /;

function readJunit(file: string, lines: readonly string[]): ShardFile | Problem {
  if (lines[0] !== DECLARATION) return fault(file, lines, 0, `a report of Cutaway begins with ${DECLARATION}`);
  const head = headOf(/^<!-- (.*) -->$/.exec(lines[1] ?? '')?.[1] ?? '');
  if (head === undefined) return noHead(file, lines, 1, 'run --shard I/N --junit FILE writes one');
  const outermost = OUTERMOST.exec(lines[2] ?? '');
  if (outermost === null) return fault(file, lines, 2, "this is not how Cutaway's <testsuites> begins");
  if (lines.at(-1) !== '' || lines.at(-2) !== '</testsuites>')
    return fault(file, lines, lines.length - 1, 'the file ends before </testsuites>');
  const body = lines.slice(3, -2);
  const [, whole = '', part = '', tests = '', failures = '', errors = ''] = outermost;
  const totals: Totals = { time: (Number(whole) * 1e9 + Number(part)) as SimTime, tests, failures, errors };
  const verdicts = body.flatMap((line): Verdict[] => {
    const [, name = '', , failed, wrong] = SUITE.exec(line) ?? [];
    return failed === undefined ? [] : [{ name: unescaped(name), passed: failed === '0' && wrong === '0' }];
  });
  const count = head.refused ? head.suite : head.scenarios;
  const cases = body.filter((line) => line.startsWith('    <testcase ')).length;
  const ends = body.filter((line) => line === '  </testsuite>').length;
  const found = Math.min(verdicts.length, ends);
  if (found !== count || verdicts.length !== ends) return fault(file, lines, 2, countText(count, found));
  if (cases !== Number(tests)) return fault(file, lines, 2, `it says that it has ${tests} tests, and has ${cases}`);
  return { file, kind: 'junit', head, body, verdicts: head.refused ? [] : verdicts, totals };
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

function countText(said: number, found: number): string {
  return `it says that it has ${said} ${said === 1 ? 'scenario' : 'scenarios'}, and has ${found}: the file is not whole`;
}

function headOf(text: string): ShardHead | undefined {
  const { data } = shardHeadSchema.safeParse(parsed(text));
  if (data === undefined || data.shard > data.of) return undefined;
  const { begin, end } = shardBounds(data.suite, data);
  return data.scenarios === (data.refused ? 0 : end - begin) ? data : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noHead(file: string, lines: readonly string[], index: number, hint: string): Problem {
  return { ...fault(file, lines, index, 'this is not the report of a shard'), hint };
}

function fault(file: string, lines: readonly string[], index: number, message: string): Problem {
  const text = lines[index] ?? '';
  return {
    code: 'REPORT',
    message,
    place: { file, line: index + 1, column: 1, length: Math.max(1, text.length), text },
  };
}
