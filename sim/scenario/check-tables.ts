import { showTable } from '../show/table-of.ts';
import { FIGURE_9 } from '../whitepaper/figures.ts';
import type { World } from '../world/world.ts';
import type { Check } from './check.ts';
import { checkSightings } from './check-sightings.ts';
import type { Expectation, TableExpectation } from './expectation-schema.ts';

/** Holds the tables of the end against what the scenario expects, and against figure 9 where it replays that. */
export function checkTables(world: World, expected: readonly Expectation[], figure: number | undefined): Check[] {
  const captures = world.captures?.captures() ?? [];
  const checks = expected.flatMap((one, index) => {
    const path = ['expect', index];
    return 'show' in one ? checkTable(world, one, path) : checkSightings(captures, one, path);
  });
  return figure === 9 ? [...checkFigure9(world), ...checks] : checks;
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

/** Statements of figure 9 beside the tables; the device is the only Comware node of the scenario. */
function checkFigure9(world: World): Check[] {
  const comware = world.stacks().find((stack) => stack.net.place.role === 'comware' && stack.comware === undefined);
  return FIGURE_9.map((fact): Check => {
    const stack = fact.of === 'comware' ? comware : world.find(fact.of);
    const found = stack === undefined ? 'it is not there' : showTable(world.snapshot(stack), fact.show, 'linux');
    const line = linesOf(found).find((one) => squeeze(one).startsWith(fact.line));
    return {
      what: `figure 9, ${fact.number}: ${fact.text}`,
      passed: line !== undefined,
      expected: fact.line,
      found: line === undefined ? found : squeeze(line),
      path: ['figure'],
    };
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
