import { formatSeconds } from '../../core/time.ts';
import type { Check } from '../../scenario/check.ts';
import { NOT_PASSED } from '../../scenario/check-probe.ts';
import type { ProbeSummary, ScenarioReport, StepReport } from '../../scenario/report.ts';
import type { FlowComparison, StepComparison } from '../../whitepaper/compare.ts';
import { CONTRADICTIONS } from '../../whitepaper/data/contradictions.ts';

/** Lines of a program's output that a report shows. */
const MOST_OUTPUT = 12;

/** How marks and emphasis look: with colour on a terminal, plain elsewhere. */
export interface Marks {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly strong: (text: string) => string;
}

/**
 * Where all that happened on one Comware device, its name before every container is noise: `eth0@container3` for
 * `eth0@device-a/container3`.
 */
function shorten(report: ScenarioReport): ScenarioReport {
  const text = JSON.stringify(report);
  const devices = new Set([...text.matchAll(/@([A-Za-z0-9_.-]+)\//g)].map((match) => match[1]));
  const [only] = devices;
  if (devices.size !== 1 || only === undefined) return report;
  return JSON.parse(text.replaceAll(`@${only}/`, '@')) as ScenarioReport;
}

/** A run as a person reads it: each figure's steps beside what the packet did, and every expectation's verdict. */
export function reportText(whole: ScenarioReport, marks: Marks): string {
  const report = shorten(whole);
  const lines = [marks.strong(`${report.name}  ${report.title}`)];
  if (report.figure !== undefined) lines.push(marks.dim(`  replays figure ${report.figure} of the white paper`));
  for (const { node, map } of report.kernelMaps) {
    const pairs = map.map((pair) => `${pair.interface} <-> ${pair.device}`);
    if (pairs.length > 0) lines.push(marks.dim(`  ${node}: ${pairs.join(', ')}`));
  }
  for (const step of report.steps) lines.push(...stepLines(step, marks));
  lines.push(...tableLines(report.tables, marks));
  const { born, consumed, dropped, held } = report.packets;
  const counts = `${born} packets born = ${consumed} consumed + ${dropped} dropped + ${held} held`;
  lines.push(
    `  ${verdict(report.passed, marks)}  ${marks.dim(`${counts}, ${formatSeconds(report.ended)} s simulated, seed ${report.seed}`)}`,
  );
  return `${lines.join('\n')}\n`;
}

/** The verdict alone, as --quiet prints it. */
export function verdictLine({ name, passed }: { readonly name: string; readonly passed: boolean }): string {
  return `${passed ? 'PASSED' : 'FAILED'}  ${name}`;
}

/** The last line of a run. */
export function passedText(passed: number, count: number): string {
  return `${passed} of ${count} scenarios passed`;
}

function verdict(passed: boolean, marks: Marks): string {
  return passed ? marks.good('PASSED') : marks.bad('FAILED');
}

function mark(passed: boolean, marks: Marks): string {
  return passed ? marks.good('✓') : marks.bad('✗');
}

function stepLines(step: StepReport, marks: Marks): string[] {
  const lines = [`  ${marks.dim(formatSeconds(step.at).slice(0, -6))}  ${step.title}`];
  if (step.refusal !== undefined) lines.push(`    ${marks.bad('✗')} refused: ${step.refusal}`);
  for (const line of (step.output ?? '').trimEnd().split('\n')) if (line !== '') lines.push(`    ${marks.dim(line)}`);
  if (step.probe !== undefined) lines.push(`    ${probeLine(step.probe)}`, ...outputLines(step.probe, marks));
  if (step.figure !== undefined) lines.push(...figureLines(step.figure, marks));
  else if (step.probe !== undefined) lines.push(...pathLines(step.probe, marks));
  for (const drop of step.probe?.drops ?? []) {
    lines.push(
      `    ${marks.dim('dropped')} ${drop.reason} at ${drop.at}${drop.detail === '' ? '' : `: ${drop.detail}`}`,
    );
  }
  for (const refusal of step.probe?.refusals ?? []) lines.push(`    ${marks.dim('not sent')} ${refusal}`);
  lines.push(...checkLines(step.checks, marks));
  return lines;
}

function probeLine(probe: ProbeSummary): string {
  const target = probe.port === 0 ? probe.to : `${probe.to}:${probe.port}`;
  const answer = probe.ttl === undefined ? '' : `, TTL ${probe.ttl}, ${((probe.roundTrip ?? 0) / 1e6).toFixed(3)} ms`;
  const errors = probe.errors.length === 0 ? '' : `; ${[...new Set(probe.errors)].join(', ')}`;
  const source = probe.source === '' ? probe.from : `${probe.from} (${probe.source})`;
  return `${probe.kind} ${source} -> ${target}: ${probe.sent} sent, ${probe.received} answered${answer}${errors}`;
}

/** What the tool printed; of a long page the beginning. */
function outputLines({ output }: ProbeSummary, marks: Marks): string[] {
  const shown = output.slice(0, MOST_OUTPUT).map((line) => `      ${marks.dim(line)}`.trimEnd());
  const rest = output.length - MOST_OUTPUT;
  return rest > 0 ? [...shown, `      ${marks.dim(`... ${rest} lines more`)}`] : shown;
}

function pathLines(probe: ProbeSummary, marks: Marks): string[] {
  const lines: string[] = [];
  if (probe.path.length > 0) lines.push(`    ${marks.dim('there')} ${probe.path.join(' > ')}`);
  if (probe.replyPath.length > 0) lines.push(`    ${marks.dim('back ')} ${probe.replyPath.join(' > ')}`);
  return lines;
}

function figureLines(figure: FlowComparison, marks: Marks): string[] {
  return [
    `    ${marks.dim(`figure ${figure.flow.figure}: ${figure.flow.title}`)}`,
    ...figure.request.flatMap((step) => comparisonLines(step, marks)),
    `    ${marks.dim('and back')}`,
    ...figure.reply.flatMap((step) => comparisonLines(step, marks)),
    ...notesOf(figure).map((note) => `    ${marks.dim(note)}`),
  ];
}

function comparisonLines(step: StepComparison, marks: Marks): string[] {
  const head = `    ${mark(step.passed, marks)} ${step.number} ${step.text}`;
  if (!step.passed) return [head, `        ${marks.bad(`the packet did not reach: ${step.missing}`)}`];
  const seen = step.seen.map((station) => (step.extra.includes(station) ? marks.dim(`[${station}]`) : station));
  return [head, `        ${seen.join(' > ')}`];
}

/** Stations in brackets are the run's own: the figure leaves them out. */
function notesOf(figure: FlowComparison): string[] {
  const steps = [...figure.request, ...figure.reply];
  const notes = [...new Set(steps.flatMap((step) => step.inc))].map((inc) => `${inc}: ${CONTRADICTIONS[inc]}`);
  return steps.some((step) => step.extra.length > 0)
    ? ['[station]: passed, but not named in the figure', ...notes]
    : notes;
}

function checkLines(checks: readonly Check[], marks: Marks): string[] {
  const good = checks.filter((check) => check.passed);
  const lines = good.length === 0 ? [] : [`    ${mark(true, marks)} as expected: ${good.map(shortCheck).join(', ')}`];
  for (const check of checks) if (!check.passed) lines.push(...failedLines(check, marks));
  return lines;
}

function shortCheck(check: Check): string {
  const saysAll = check.expected === NOT_PASSED || check.expected.length > 24;
  return saysAll ? check.what : `${check.what} ${check.expected}`;
}

function failedLines(check: Check, marks: Marks): string[] {
  const where = check.place === undefined ? '' : marks.dim(` (${check.place.file}:${check.place.line})`);
  return [
    `    ${mark(false, marks)} ${check.what}${where}`,
    ...indented('expected', check.expected),
    ...indented('found   ', check.found),
  ];
}

function indented(label: string, text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length < 2) return [`        ${label} ${text.trim()}`];
  return [`        ${label}`, ...lines.map((line) => `          ${line}`)];
}

function tableLines(checks: readonly Check[], marks: Marks): string[] {
  return checks.flatMap((check) => {
    if (!check.passed) return failedLines(check, marks);
    const found = check.what.startsWith('figure ') ? `: ${check.found}` : '';
    return [`    ${mark(true, marks)} ${check.what}${found}`];
  });
}
