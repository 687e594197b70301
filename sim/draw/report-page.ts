import { formatSeconds } from '../core/time.ts';
import type { Check } from '../scenario/check.ts';
import type { ProbeSummary, StepReport } from '../scenario/report.ts';
import type { FlowComparison, StepComparison } from '../whitepaper/compare.ts';
import { CONTRADICTIONS } from '../whitepaper/data/contradictions.ts';
import { round } from './drawing.ts';
import { escapeXml as text } from './escape.ts';
import { pageData } from './report-data.ts';
import { PAGE_STYLE } from './report-style.ts';
import { MOST_PACKETS, type RunRecord, type TableRecord } from './run-record.ts';
import { legendOf, svgBody } from './svg.ts';
import { SVG_STYLE } from './svg-style.ts';

/**
 * One page with everything about the runs of scenarios, which asks nothing of a network. What does not move is HTML, and
 * readable without a script; `script` moves packets and shows the trace of the one that was chosen.
 */
export function reportPage(runs: readonly RunRecord[], script: string): string {
  const passed = runs.filter(({ report }) => report.passed).length;
  const title = `${passed} of ${runs.length} scenarios passed`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    // Nothing is fetched, whatever a scenario may have put into the page.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<link rel="icon" href="data:,">',
    `<title>Cutaway: ${text(title)}</title>`,
    `<style>${PAGE_STYLE}${SVG_STYLE}</style>`,
    '</head>',
    '<body>',
    `<header><h1>Cutaway</h1><p class="sum ${passed === runs.length ? 'good' : 'bad'}">${text(title)}</p></header>`,
    overview(runs),
    '<main>',
    ...runs.map(scenario),
    '</main>',
    `<script type="application/json" id="data">${pageData(runs)}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function overview(runs: readonly RunRecord[]): string {
  const rows = runs.map(({ report }, index) => {
    const checks = checksOf(report);
    const met = checks.filter((check) => check.passed).length;
    const { born, dropped } = report.packets;
    return `<tr><td>${verdict(report.passed)}</td><td><a href="#s${index}">${text(report.name)}</a></td><td>${text(report.title)}</td><td class="n">${report.steps.length}</td><td class="n">${met} of ${checks.length}</td><td class="n">${born}</td><td class="n">${dropped}</td></tr>`;
  });
  const head = '<tr><th>verdict<th>scenario<th>title<th>steps<th>expectations met<th>packets<th>dropped</tr>';
  return `<nav class="wide"><table><thead>${head}</thead><tbody>${rows.join('\n')}</tbody></table></nav>`;
}

function checksOf({ steps, tables }: RunRecord['report']): Check[] {
  return [...steps.flatMap((step) => step.checks), ...tables];
}

function verdict(passed: boolean): string {
  return passed ? '<span class="good">✓ passed</span>' : '<span class="bad">✗ failed</span>';
}

function mark(passed: boolean): string {
  return passed ? '<span class="good">✓</span>' : '<span class="bad">✗</span>';
}

function scenario(run: RunRecord, index: number): string {
  const { report } = run;
  const { born, consumed, dropped, held } = report.packets;
  const figure = report.figure === undefined ? '' : `<p>Replays figure ${report.figure} of the white paper.</p>`;
  const facts = `${born} packets born = ${consumed} consumed + ${dropped} dropped + ${held} held, ${formatSeconds(report.ended)} s simulated, seed ${report.seed}`;
  return [
    `<section id="s${index}" data-scenario="${index}" data-verdict="${report.passed ? 'passed' : 'failed'}">`,
    `<h2>${verdict(report.passed)} ${text(report.name)} <small>${text(report.title)}</small></h2>`,
    figure,
    player(run),
    '<h3>Steps</h3>',
    `<ol class="steps">${report.steps.map(stepItem).join('\n')}</ol>`,
    report.tables.length === 0 ? '' : `<h3>Tables and captures, at the end</h3>${checkList(report.tables)}`,
    `<p class="quiet">${text(facts)}</p>`,
    '<h3>State of every stack</h3>',
    ...run.tables.map(tableDetails),
    '</section>',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** The picture, and around it what only a script fills. */
function player({ drawing, left, packets }: RunRecord): string {
  const legend = legendOf(drawing);
  const width = Math.max(drawing.width, legend.width);
  const [w, h] = [round(width), round(drawing.height + legend.height)];
  const more = left === 0 ? '' : ` This page shows the first ${MOST_PACKETS}; ${left} more are in the captures.`;
  return [
    `<div class="player" tabindex="0" role="group" aria-label="packets of this scenario">`,
    '<div class="controls" hidden></div>',
    `<div class="picture"><svg class="cw" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" style="min-width:${Math.round(Math.min(width, 640))}px" role="img" aria-label="the network">`,
    svgBody(drawing, { lines: '<g class="ways"></g>', marks: '<g class="dots"></g>' }),
    `<g transform="translate(0 ${round(drawing.height)})">${legend.text}</g></svg></div>`,
    `<p class="now" aria-live="polite">${packets.length} packets.${more}</p>`,
    '<div class="trace wide" hidden></div>',
    '</div>',
  ].join('\n');
}

function stepItem(step: StepReport, index: number): string {
  const passed =
    step.refusal === undefined && step.checks.every((check) => check.passed) && (step.figure?.passed ?? true);
  const { probe, figure, refusal, output } = step;
  return [
    `<li data-step="${index}"><p>${mark(passed)} <b>${text(step.title)}</b> <span class="quiet">${formatSeconds(step.at)} s</span></p>`,
    refusal === undefined ? '' : `<p class="bad">refused: ${text(refusal)}</p>`,
    output === undefined || output === '' ? '' : `<pre>${text(output)}</pre>`,
    probe === undefined ? '' : probeText(probe, figure === undefined),
    figure === undefined ? '' : figureText(figure),
    checkList(step.checks),
    '</li>',
  ].join('');
}

function probeText(probe: ProbeSummary, withPaths: boolean): string {
  const { kind, from, source, to, port, sent, received, ttl, roundTrip, errors, path, replyPath, drops, output } =
    probe;
  const target = port === 0 ? to : `${to}:${port}`;
  const answer = ttl === undefined ? '' : `, TTL ${ttl}, ${((roundTrip ?? 0) / 1e6).toFixed(3)} ms`;
  const said = [...new Set(errors)].map((error) => `; ${error}`).join('');
  const own = source === '' ? from : `${from} (${source})`;
  const lines = [`<p>${text(`${kind} ${own} -> ${target}: ${sent} sent, ${received} answered${answer}${said}`)}</p>`];
  if (withPaths) {
    if (path.length > 0) lines.push(`<p class="way"><b>there</b> ${text(path.join(' > '))}</p>`);
    if (replyPath.length > 0) lines.push(`<p class="way"><b>back</b> ${text(replyPath.join(' > '))}</p>`);
  }
  for (const { reason, at, detail } of drops) {
    lines.push(`<p class="drop">dropped ${text(`${reason} at ${at}${detail === '' ? '' : `: ${detail}`}`)}</p>`);
  }
  for (const refusal of probe.refusals) lines.push(`<p class="drop">not sent ${text(refusal)}</p>`);
  if (output.length > 0)
    lines.push(`<details><summary>output</summary><pre>${text(output.join('\n'))}</pre></details>`);
  return lines.join('');
}

function figureText(figure: FlowComparison): string {
  const steps = [...figure.request, ...figure.reply];
  const notes = [...new Set(steps.flatMap((step) => step.inc))].map((inc) => `${inc}: ${CONTRADICTIONS[inc]}`);
  const rows = (title: string, own: readonly StepComparison[]): string =>
    own.length === 0 ? '' : `<tr><th colspan="4">${title}</th></tr>${own.map(comparisonRow).join('')}`;
  return [
    `<div class="wide"><table class="figure"><caption>Figure ${figure.flow.figure}: ${text(figure.flow.title)}</caption>`,
    `<thead><tr><th><th>step<th>the figure<th>the packet</tr></thead>`,
    `<tbody>${rows('there', figure.request)}${rows('back', figure.reply)}</tbody></table></div>`,
    ...notes.map((note) => `<p class="quiet">${text(note)}</p>`),
  ].join('');
}

/** Stations in brackets are the run's own: the figure leaves them out. */
function comparisonRow({ number, text: says, passed, seen, extra, missing }: StepComparison): string {
  const shown = seen.map((station) => (extra.includes(station) ? `[${station}]` : station)).join(' > ');
  const found = passed ? shown : `did not reach ${missing ?? ''}`;
  return `<tr><td>${mark(passed)}</td><td>${text(number)}</td><td>${text(says)}</td><td>${text(found)}</td></tr>`;
}

function checkList(checks: readonly Check[]): string {
  if (checks.length === 0) return '';
  const items = checks.map(({ what, passed, expected, found, place }) => {
    const where = passed || place === undefined ? '' : ` <span class="quiet">${text(place.file)}:${place.line}</span>`;
    const wanted = passed ? `: ${value(expected)}` : `${where}<br>expected ${value(expected)}<br>found ${value(found)}`;
    return `<li>${mark(passed)} ${text(what)}${wanted}</li>`;
  });
  return `<ul class="checks">${items.join('')}</ul>`;
}

function value(said: string): string {
  return said.includes('\n') ? `<pre>${text(said)}</pre>` : `<code>${text(said)}</code>`;
}

function tableDetails({ stack, before, after }: TableRecord): string {
  const unchanged = before === after;
  const parts = [
    ...(after === '' ? ['<p>gone at the end</p>'] : [`<h4>at the end</h4><pre>${text(after)}</pre>`]),
    ...(unchanged || before === '' ? [] : [`<h4>before the first step</h4><pre>${text(before)}</pre>`]),
  ];
  const note = unchanged ? 'unchanged' : before === '' ? 'new' : 'changed';
  return `<details><summary>${text(stack)} <span class="quiet">${note}</span></summary>${parts.join('')}</details>`;
}
