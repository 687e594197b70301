import { withoutHidden } from '../core/hidden.ts';
import type { RunRecord } from './run-record.ts';

/**
 * What the script of a page needs, as JSON that may stand in an element of HTML: strings are written once, and numbers
 * stand for them.
 *
 * `{ strings, runs: [{ steps: [title], packets: [[number, title, step, look, dropped, points, rows]] }] }`, a point
 * being `[order, id, line, row]` and a row `[time, place, component, function, text, drop, changes...]`.
 */
export function pageData(runs: readonly RunRecord[]): string {
  const strings: string[] = [];
  const places = new Map<string, number>();
  const shared = (given: string): number => {
    const text = withoutHidden(given, '\uFFFD');
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, strings.length);
    return strings.push(text) - 1;
  };
  const data = runs.map(({ report, packets }) => ({
    steps: report.steps.map(({ title }) => shared(title)),
    packets: packets.map(({ number, title, step, look, dropped, points, rows }) => [
      ...[number, shared(title), step, shared(look), dropped ? 1 : 0],
      points.map(({ order, id, line, row }) => [order, shared(id), shared(line), row]),
      rows.map((row) => [
        ...[row.time, row.place, row.component, row.function, row.text].map(shared),
        row.isDrop ? 1 : 0,
        ...row.changes.map(shared),
      ]),
    ]),
  }));
  // Nothing in it may end the element, or begin a comment.
  return JSON.stringify({ strings, runs: data })
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
