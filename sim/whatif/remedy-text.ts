import type { NoRemedyNeeded, Remedy, RemedyReport } from './remedies.ts';

/** What would have let a flow pass, in words: changes as the options --set and --remove of `diff` take them. */
export function remedyLines(report: RemedyReport | NoRemedyNeeded): string[] {
  if ('passed' in report || 'notSent' in report) return [];
  const { remedies, further, pair, runs, exhausted } = report;
  const tried = `sent again ${runs} ${runs === 1 ? 'time' : 'times'}, each with one change`;
  if (remedies.length > 0) {
    return [`what would have let it pass (${tried}):`, ...remedies.map((remedy) => `  ${remedy.text}`)];
  }
  const lines = [
    `no single change that was tried lets it pass (${tried}${exhausted ? '; not everything was tried' : ''})`,
  ];
  if (pair !== undefined) return [...lines, 'two together do:', `  ${pair.text}`];
  return further === undefined ? lines : [...lines, ...furtherLines(further)];
}

function furtherLines({ text, after }: Remedy): string[] {
  const end = after.reason === '' ? after.verdict : `${after.verdict} at ${after.at}: ${after.reason}`;
  return ['this gets it furthest:', `  ${text}`, `  then ${end}${after.detail === '' ? '' : ` (${after.detail})`}`];
}

/** The same as data. */
export function remedyRecord(report: RemedyReport | NoRemedyNeeded | undefined) {
  if (report === undefined || 'passed' in report || 'notSent' in report) return undefined;
  const { remedies, further, pair, runs, exhausted } = report;
  return {
    ...{ runs, exhausted, remedies: remedies.map(recordOf) },
    ...(further === undefined ? {} : { further: recordOf(further) }),
    ...(pair === undefined ? {} : { pair: recordOf(pair) }),
  };
}

function recordOf({ kind, text, after }: Remedy) {
  const { verdict, reason, at, detail } = after;
  return { kind, text, after: { verdict, reason, at, detail } };
}
