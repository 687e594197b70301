import { CommanderError } from 'commander';
import { type FigureReport, reportFigure } from '../../figures/figure-report.ts';
import { CONTRADICTIONS } from '../../whitepaper/data/contradictions.ts';
import { FIGURES } from '../../whitepaper/figures.ts';
import { EvidenceRuns } from '../evidence.ts';
import { EXIT } from './exit.ts';
import { figureText, summaryText, unseenText } from './figures-text.ts';
import { withProgress } from './progress.ts';
import { paletteFor, print, refuse, say } from './terminal.ts';

/** Columns of the output where no terminal tells its own. */
const DEFAULT_WIDTH = 132;

export interface FiguresOptions {
  readonly json?: boolean;
}

/** `cutaway figures`: the white paper beside the runs of its scenarios. */
export async function compareFigures(words: readonly string[], options: FiguresOptions): Promise<void> {
  const numbers = words.map(figureNumber);
  const evidence = new EvidenceRuns();
  const all = [...FIGURES.map((one) => one.number), null];
  const wanted = numbers.length === 0 ? all : [...new Set(numbers)];
  const reports = await withProgress((progress) =>
    progress.each(wanted, 'figure', 'compared', (figure) => reportFigure(figure, evidence.run)),
  );
  if (evidence.problems.length > 0) {
    refuse(evidence.problems, options.json === true);
    return;
  }
  if (options.json === true) print(JSON.stringify(reports.map(plain), null, 2));
  else printReports(reports);
  for (const name of evidence.failed)
    say(`cutaway: ${name}: an expectation of this scenario failed (cutaway run tells which)`);
  process.exitCode = evidence.failed.length === 0 ? EXIT.passed : EXIT.failed;
}

function figureNumber(word: string): number {
  const known = FIGURES.map((one) => one.number);
  const number = Number(word);
  if (/^\d{1,2}$/.test(word) && known.includes(number)) return number;
  const message = `error: there is no figure '${word}' here; figures are ${known.join(', ')}`;
  say(message);
  throw new CommanderError(EXIT.usage, 'cutaway.unknownFigure', message);
}

function printReports(reports: readonly FigureReport[]): void {
  const palette = paletteFor(process.stdout, process.env);
  const width = process.stdout.columns ?? DEFAULT_WIDTH;
  print(reports.map((one) => figureText(one, width, palette)).join('\n'));
  if (reports.some((one) => one.figure === null)) print(`\n${unseenText(reports, width)}`.trimEnd());
  print(`\n${summaryText(reports)}`);
}

/** The report as `--json` gives it. */
function plain({ figure, rows, claims }: FigureReport): object {
  return {
    figure: figure?.number ?? null,
    rows: rows.map(({ kind, quote, text, run, verdict, inc }) => ({
      kind,
      paper: [quote, text].filter((one) => one !== '').join(' | '),
      run,
      verdict,
      ...(inc === undefined ? {} : { inc }),
    })),
    claims: claims.map(({ claim, verdict, evidence, incs }) => ({
      id: claim.id,
      verdict,
      evidence: [...evidence, ...incs.map((inc) => `${inc}: ${CONTRADICTIONS[inc]}`)],
    })),
  };
}
