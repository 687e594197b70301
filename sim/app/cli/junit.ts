import type { Problem, SourcePlace } from '../../core/problem.ts';
import type { SimTime } from '../../core/time.ts';
import type { Check } from '../../scenario/check.ts';
import type { ScenarioReport, StepReport } from '../../scenario/report.ts';
import { visible } from '../../show/problem-excerpt.ts';
import { problemText } from '../../show/problem-text.ts';
import type { StepComparison } from '../../whitepaper/compare.ts';
import type { HaltReason } from '../../world/halt.ts';
import { reportText } from './report-text.ts';
import type { ShardHead } from './shard.ts';
import { PLAIN } from './terminal.ts';

/*
 * JUnit's XML, as CI systems read it: testsuites > testsuite > testcase, the attributes and their order those of Jenkins'
 * junit-10.xsd. A suite is a scenario, a case an expectation or a row of a figure. The same run gives the same bytes, so
 * there is no timestamp and no host name, and `time` is simulated: a suite's all of it, in a step's first case what the
 * step took.
 */

/** A scenario that was run. */
export interface RanSuite {
  readonly file: string;
  readonly report: ScenarioReport;
  /** Why it was stopped before its time; undefined where it was not. */
  readonly halt: RanHalt | undefined;
  /** Where each step is written. */
  readonly steps: readonly SourcePlace[];
}

/** Why a run was stopped before its time: the limit, and lines that tell what was going on. */
export interface RanHalt {
  readonly reason: HaltReason;
  readonly lines: readonly string[];
}

/** A file of a run that did not take place, because some of its files are invalid. */
export interface RefusedSuite {
  readonly file: string;
  readonly problems: readonly Problem[];
}

/** Each file with what is wrong with it; `clashes` are problems between files. */
export function refusedSuites(
  files: readonly string[],
  loaded: readonly ({ readonly problems: readonly Problem[] } | object)[],
  clashes: readonly Problem[],
): RefusedSuite[] {
  return files.map((file, index) => {
    const one = loaded[index];
    const own = one !== undefined && 'problems' in one ? one.problems : [];
    return { file, problems: [...own, ...clashes.filter((clash) => clash.place?.file === file)] };
  });
}

interface Suite {
  readonly name: string;
  readonly file: string;
  readonly time: SimTime;
  readonly cases: readonly Case[];
  /** What the command line prints of it. */
  readonly output: string;
}

interface Case {
  readonly name: string;
  readonly place: SourcePlace | undefined;
  readonly time: SimTime;
  /** Undefined where it passed. */
  readonly fault: Fault | undefined;
}

interface Fault {
  readonly element: 'failure' | 'error' | 'skipped';
  /** `expectation`, `refused`, `storm` or another limit, or the code of a problem. */
  readonly type: string;
  /** One line. */
  readonly message: string;
  readonly text: string;
}

/** The document for scenarios that were run; of a part of a suite with a comment that tells which. */
export function junitOfRun(suites: readonly RanSuite[], head?: ShardHead): string {
  return documentOf(
    suites.map(({ file, report, halt, steps }) => ({
      name: report.name,
      file,
      time: report.ended,
      cases: casesOf(report, halt, steps),
      output: reportText(report, PLAIN),
    })),
    head,
  );
}

/** The document for files of which some cannot be run; then none is. */
export function junitOfRefusal(suites: readonly RefusedSuite[], head?: ShardHead): string {
  return documentOf(
    suites.map(({ file, problems }) => ({
      name: file,
      file,
      time: 0 as SimTime,
      cases: problems.length === 0 ? [notRun()] : problems.map(refusedCase),
      output: '',
    })),
    head,
  );
}

function notRun(): Case {
  const message = 'not run: another file is invalid';
  return {
    name: 'scenario',
    place: undefined,
    time: 0 as SimTime,
    fault: { element: 'skipped', type: 'skipped', message, text: '' },
  };
}

function refusedCase(problem: Problem): Case {
  const { code, message, place } = problem;
  const fault: Fault = { element: 'error', type: code, message, text: problemText(problem) };
  return { name: `valid: ${message}`, place, time: 0 as SimTime, fault };
}

function casesOf(report: ScenarioReport, halt: RanHalt | undefined, places: RanSuite['steps']): Case[] {
  const steps = report.steps.flatMap((step, index) => {
    const end = report.steps[index + 1]?.at ?? report.ended;
    return timed(stepCases(step, index, places[index]), (end - step.at) as SimTime);
  });
  const tables = report.tables.map((check) => checkCase(check, ''));
  const cases = [...steps, ...tables, ...(halt === undefined ? [] : [haltCase(halt)])];
  // A scenario that expects nothing is seen to have been run.
  return cases.length > 0
    ? cases
    : [{ name: 'runs to its end', place: undefined, time: report.ended, fault: undefined }];
}

/** The first case of a step has its time. */
function timed(cases: readonly Case[], time: SimTime): Case[] {
  return cases.map((one, index) => (index === 0 ? { ...one, time } : one));
}

function stepCases(step: StepReport, index: number, place: SourcePlace | undefined): Case[] {
  const title = `step ${index + 1}, ${step.title}`;
  const { refusal, figure, checks } = step;
  const refused: Case[] =
    refusal === undefined
      ? []
      : [
          {
            name: `${title}: is done`,
            place,
            time: 0 as SimTime,
            fault: failure('refused', refusal, 'it is done', refusal, place),
          },
        ];
  const rows =
    figure === undefined
      ? []
      : [...figure.request, ...figure.reply].map((row) =>
          figureCase(`${title}: figure ${figure.flow.figure}`, row, place),
        );
  return [...refused, ...rows, ...checks.map((check) => checkCase(check, `${title}: `))];
}

function figureCase(
  before: string,
  { number, text, passed, missing, seen }: StepComparison,
  place: SourcePlace | undefined,
): Case {
  const found = `${seen.join(' > ')}\nnot reached: ${missing}`;
  const fault = passed ? undefined : failure('expectation', `the packet did not reach: ${missing}`, text, found, place);
  return { name: `${before}, ${number} ${text}`, place, time: 0 as SimTime, fault };
}

function checkCase({ what, expected, found, passed, place, path }: Check, before: string): Case {
  const message = `expected ${oneLine(expected)}, found ${oneLine(found)}`;
  const fault = passed ? undefined : failure('expectation', message, expected, found, place);
  // Of one table several lines may be expected.
  const isLine = path.at(-2) === 'has' || path.at(-2) === 'lacks';
  const name = `${before}${what}${isLine ? `: ${oneLine(expected)}` : ''}`;
  return { name, place, time: 0 as SimTime, fault };
}

function haltCase({ reason, lines }: RanHalt): Case {
  return {
    name: 'runs to its end',
    place: undefined,
    time: 0 as SimTime,
    fault: { element: 'error', type: reason, message: lines[0] ?? reason, text: lines.join('\n') },
  };
}

function failure(
  type: string,
  message: string,
  expected: string,
  found: string,
  place: SourcePlace | undefined,
): Fault {
  const where = place === undefined ? [] : [`at ${place.file}:${place.line}:${place.column}`];
  const text = [`expected: ${expected.trimEnd()}`, `found:    ${found.trimEnd()}`, ...where].join('\n');
  return { element: 'failure', type, message, text };
}

/** The first line, and a sign that there are more. */
function oneLine(text: string): string {
  const [first = '', ...more] = text.trim().split('\n');
  return more.length === 0 ? first : `${first} ...`;
}

function documentOf(suites: readonly Suite[], head: ShardHead | undefined): string {
  const cases = suites.flatMap((suite) => suite.cases);
  const time = suites.reduce((sum, suite) => sum + suite.time, 0) as SimTime;
  return enclosed({ time, ...countsOf(cases) }, suites.flatMap(suiteLines), head);
}

/** What the outermost element tells of its suites. */
export interface Totals {
  readonly time: SimTime;
  readonly tests: string;
  readonly failures: string;
  readonly errors: string;
}

/** The document around the lines of its suites. */
export function enclosed({ time, ...counts }: Totals, suites: readonly string[], head?: ShardHead): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    ...(head === undefined ? [] : [`<!-- ${JSON.stringify(head)} -->`]),
    open('testsuites', { name: 'cutaway', time: seconds(time), ...counts }),
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function countsOf(cases: readonly Case[]): Record<'tests' | 'failures' | 'errors', string> {
  const count = (element: Fault['element']): string =>
    String(cases.filter((one) => one.fault?.element === element).length);
  return { tests: String(cases.length), failures: count('failure'), errors: count('error') };
}

function suiteLines({ name, file, time, cases, output }: Suite): string[] {
  const skipped = String(cases.filter((one) => one.fault?.element === 'skipped').length);
  return [
    `  ${open('testsuite', { name, ...countsOf(cases), skipped, time: seconds(time), file })}`,
    ...distinct(cases).flatMap((one) => caseLines(one, name)),
    ...(output === '' ? [] : [`    <system-out>${text(output)}</system-out>`]),
    '  </testsuite>',
  ];
}

/** CI systems take two cases of one name for one that was run twice. */
function distinct(cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const nth = (seen.get(one.name) ?? 0) + 1;
    seen.set(one.name, nth);
    return nth === 1 ? one : { ...one, name: `${one.name} (${nth})` };
  });
}

function caseLines({ name, place, time, fault }: Case, classname: string): string[] {
  const where = place === undefined ? {} : { file: place.file, line: String(place.line) };
  const head = open('testcase', { name: oneLine(name), classname, time: seconds(time), ...where });
  if (fault === undefined) return [`    ${head.replace(/>$/, '/>')}`];
  const { element, type, message, text: content } = fault;
  const attributes = element === 'skipped' ? { message } : { message, type };
  const inner = open(element, attributes);
  return [
    `    ${head}`,
    content === '' ? `      ${inner.replace(/>$/, '/>')}` : `      ${inner}${text(content)}</${element}>`,
    '    </testcase>',
  ];
}

function open(element: string, attributes: Readonly<Record<string, string>>): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${text(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`,
  );
  return `<${element}${written.join('')}>`;
}

/**
 * Text for an element or an attribute: XML 1.0 has no way to write control characters and half surrogates, and what
 * would move a terminal or turn the reading direction is not to reach one; lines stay lines.
 */
function text(raw: string): string {
  return raw
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) =>
      line
        .split('\t')
        .map(visible)
        .join('\t')
        .replace(/[\ufffe\uffff]/g, '\ufffd'),
    )
    .join('\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function seconds(time: SimTime): string {
  return (time / 1e9).toFixed(9);
}
