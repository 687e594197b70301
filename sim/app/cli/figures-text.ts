import type { FigureReport, JudgedClaim } from '../../figures/figure-report.ts';
import { pad } from '../../show/table.ts';
import { wrapText } from '../../show/wrap.ts';
import { CONTRADICTIONS, type IncId } from '../../whitepaper/data/contradictions.ts';
import type { FigureRow } from '../../whitepaper/row.ts';
import type { Palette } from './terminal.ts';

/** The columns of the table: what stands between the left edge and `width`, in columns of the terminal. */
interface Layout {
  readonly kind: number;
  readonly paper: number;
  readonly run: number;
  readonly verdict: number;
}

const GAP = '  ';

/** A figure as a person reads it: the paper and the run side by side, then the claims. `width` in terminal columns. */
export function figureText(report: FigureReport, width: number, palette: Palette): string {
  const { figure, rows, claims } = report;
  const title =
    figure === null ? 'Claims of no figure' : `Figure ${figure.number}  ${figure.title} (${figure.section})`;
  const lines = [palette.strong(title)];
  if (figure !== null) lines.push(palette.dim(`  ${figure.caption}`));
  const layout = layoutFor(width - GAP.length);
  if (rows.length > 0) lines.push(...cells(layout, ['', 'THE PAPER', 'THE RUN', 'VERDICT'], palette.dim, palette));
  for (const row of rows) lines.push(...rowLines(row, layout, palette));
  for (const claim of claims) lines.push(...claimLines(claim, width, palette));
  return `${lines.join('\n')}\n`;
}

/** What came of all of it, in one line. */
export function summaryText(reports: readonly FigureReport[]): string {
  const rows = reports.flatMap((one) => one.rows);
  const claims = reports.flatMap((one) => one.claims);
  const rowsOf = (verdict: FigureRow['verdict']): number => rows.filter((one) => one.verdict === verdict).length;
  const claimsOf = (verdict: JudgedClaim['verdict']): number => claims.filter((one) => one.verdict === verdict).length;
  const unexplained = rows.filter((one) => one.verdict === 'contradicted' && one.inc === undefined).length;
  const known = unexplained === 0 ? '' : ` (${unexplained} by nothing known)`;
  return (
    `${rowsOf('agreed')} rows agreed, ${rowsOf('contradicted')} contradicted${known}, ` +
    `${rowsOf('not said in the paper')} not said in the paper; ` +
    `${claimsOf('holds')} claims hold, ${claimsOf('contradicted')} contradicted, ` +
    `${claimsOf('outside the model')} outside the model`
  );
}

/** Contradictions of the paper that none of these runs shows: they are in its words alone. */
export function unseenText(reports: readonly FigureReport[], width: number): string {
  const seen = new Set(
    reports.flatMap(({ rows, claims }) => [...rows.map((one) => one.inc), ...claims.flatMap((one) => one.incs)]),
  );
  const unseen = Object.entries(CONTRADICTIONS).filter(([inc]) => !seen.has(inc as IncId));
  const lines = unseen.flatMap(([inc, sentence]) =>
    wrapText(`${inc}: ${sentence}`, width - 2).map((line) => `  ${line}`),
  );
  return lines.length === 0
    ? ''
    : `Contradictions in the paper's words alone, which no run shows\n${lines.join('\n')}\n`;
}

function layoutFor(width: number): Layout {
  const kind = 10;
  const verdict = 12;
  const rest = Math.max(40, width - kind - verdict - 3 * GAP.length);
  const paper = Math.floor(rest * 0.48);
  return { kind, paper, run: rest - paper, verdict };
}

function rowLines(row: FigureRow, layout: Layout, palette: Palette): string[] {
  const paper = row.quote === '' ? row.text : `${row.quote}\n${row.text}`;
  const run = row.inc === undefined ? row.run : `${row.run}\n${row.inc}: ${CONTRADICTIONS[row.inc]}`;
  const word = row.verdict === 'not said in the paper' ? 'not said' : row.verdict;
  const verdict = row.inc === undefined ? word : `${word}\n${row.inc}`;
  const colour = row.verdict === 'agreed' ? palette.good : row.verdict === 'contradicted' ? palette.bad : palette.dim;
  return cells(layout, [row.kind, paper, run, verdict], colour, palette);
}

/** One row of the table on as many lines as its longest cell needs. */
function cells(
  layout: Layout,
  texts: readonly [string, string, string, string],
  colour: (text: string) => string,
  palette: Palette,
): string[] {
  const widths = [layout.kind, layout.paper, layout.run, layout.verdict];
  const wrapped = texts.map((text, index) => wrapText(text, widths[index] ?? 0));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const [kind = '', paper = '', run = '', verdict = ''] = wrapped.map((lines) => lines[line] ?? '');
    const left = [palette.dim(pad(kind, layout.kind)), pad(paper, layout.paper), pad(run, layout.run)].join(GAP);
    return `${GAP}${verdict === '' ? left.trimEnd() : `${left}${GAP}${colour(verdict)}`}`;
  });
}

function claimLines(judged: JudgedClaim, width: number, palette: Palette): string[] {
  const { claim, verdict, evidence, incs } = judged;
  const colour = verdict === 'holds' ? palette.good : verdict === 'contradicted' ? palette.bad : palette.dim;
  const indented = (text: string): string[] => wrapText(text, width - 6).map((line) => `      ${line}`);
  return [
    `  ${palette.strong(claim.id)} ${colour(verdict)}`,
    ...indented(claim.quote),
    ...indented(claim.text),
    ...incs.flatMap((inc) => indented(`${inc}: ${CONTRADICTIONS[inc]}`)),
    ...evidence.flatMap((one) => indented(one).map(palette.dim)),
  ];
}
