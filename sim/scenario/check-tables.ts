import { showTable } from '../show/table-of.ts';
import { compareTables } from '../whitepaper/compare-tables.ts';
import { CONTRADICTIONS } from '../whitepaper/data/contradictions.ts';
import { FIGURES } from '../whitepaper/figures.ts';
import type { World } from '../world/world.ts';
import type { Check } from './check.ts';
import { checkSightings } from './check-sightings.ts';
import type { Expectation, TableExpectation } from './expectation-schema.ts';
import { tablesOf } from './figure-tables.ts';

/** Holds the tables and captures of the end against what the scenario expects, and the tables against its figure. */
export function checkTables(world: World, expected: readonly Expectation[], figure: number | undefined): Check[] {
  const captures = world.captures?.captures() ?? [];
  const checks = expected.flatMap((one, index) => {
    const path = ['expect', index];
    return 'show' in one ? checkTable(world, one, path) : checkSightings(captures, one, path);
  });
  return [...checkFigure(world, figure), ...checks];
}

function checkTable(world: World, expected: TableExpectation, path: readonly (string | number)[]): Check[] {
  const { show, of, style, is, has = [], lacks = [] } = expected;
  const what = expected.name ?? `${show} of ${of}`;
  const stack = world.find(of);
  if (stack === undefined)
    return [{ what, passed: false, expected: 'a running stack', found: `${of} is not there`, path }];
  const found = showTable(world.snapshot(stack), show, style);
  const lines = linesOf(found);
  const checks: Check[] = [];
  if (is !== undefined) {
    checks.push({
      what,
      passed: sameText(is, found),
      expected: trimEnds(is),
      found: trimEnds(found),
      path: [...path, 'is'],
    });
  }
  for (const [index, line] of has.entries()) {
    const passed = lines.some((one) => squeeze(one) === squeeze(line));
    checks.push({ what, passed, expected: line, found, path: [...path, 'has', index] });
  }
  for (const [index, line] of lacks.entries()) {
    const passed = !lines.some((one) => squeeze(one) === squeeze(line));
    checks.push({ what, passed, expected: `no line ${line}`, found, path: [...path, 'lacks', index] });
  }
  return checks;
}

/**
 * Interfaces and routes of the figure beside the tables; the device is the only Comware node of the scenario. What the
 * paper is known to have wrong fails no scenario, as long as the run shows that contradiction.
 */
function checkFigure(world: World, number: number | undefined): Check[] {
  const figure = FIGURES.find((one) => one.number === number);
  if (figure === undefined) return [];
  return compareTables(figure, tablesOf(world)).flatMap((one): Check[] => {
    if (one.verdict === 'not said in the paper') return [];
    const what = `figure ${number}: ${one.text}`;
    const passed = one.verdict === 'agreed' || one.inc !== undefined;
    const note = one.inc === undefined ? '' : ` (${one.inc}: ${CONTRADICTIONS[one.inc]})`;
    return [{ what, passed, expected: one.text, found: `${one.run}${note}`, path: ['figure'] }];
  });
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function squeeze(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

function trimEnds(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

function sameText(a: string, b: string): boolean {
  return trimEnds(a) === trimEnds(b);
}
