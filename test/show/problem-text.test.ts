import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem, SourcePlace } from '../../sim/core/problem.ts';
import { problemJson, problemText } from '../../sim/show/problem-text.ts';

function at(text: string, column: number, length = 1, line = 12): SourcePlace {
  return { file: 'topologies/x.yaml', line, column, length, text };
}

/** The line of the source and the line of carets, without the margin. */
function excerptOf(place: SourcePlace): [string, string] {
  const [, source = '', caret = ''] = problemText({ code: 'BAD_VALUE', message: 'bad', place }).split('\n');
  return [source.slice(8), caret.slice(8)];
}

describe('a problem in a terminal', () => {
  it('names the place, marks it, and says what was meant', () => {
    const problem: Problem = {
      code: 'UNKNOWN_KEY',
      message: 'unknown key "adress"',
      hint: 'did you mean "address"?',
      place: at('        adress: 10.0.0.1/24', 9, 6),
    };
    expect(problemText(problem)).toBe(
      [
        'topologies/x.yaml:12:9: error: unknown key "adress" [UNKNOWN_KEY]',
        '   12 |         adress: 10.0.0.1/24',
        '      |         ^^^^^^',
        '   hint: did you mean "address"?',
      ].join('\n'),
    );
  });

  it('is one line where no place is known', () => {
    expect(problemText({ code: 'FILE_MISSING', message: 'there is no file x.yaml' })).toBe(
      'error: there is no file x.yaml [FILE_MISSING]',
    );
  });

  it('has a margin as wide as its line number', () => {
    const [, source, caret] = problemText({ code: 'COMMAND', message: 'm', place: at('a', 1, 1, 1234567) }).split('\n');
    expect([source, caret]).toEqual(['1234567 | a', '        | ^']);
  });

  it('marks an empty line, and the end of a line', () => {
    expect(problemText({ code: 'COMMAND', message: 'm', place: at('', 1) })).toContain('\n   12 |\n      | ^');
    expect(excerptOf(at('ab', 3))).toEqual(['ab', '  ^']);
  });

  it('keeps the caret under what it marks, behind a tab, wide characters and marks that combine', () => {
    expect(excerptOf(at('\tkey: x', 7))).toEqual(['    key: x', '         ^']);
    expect(excerptOf(at('内核: x', 5))).toEqual(['内核: x', '      ^']);
    expect(excerptOf(at('内核: x', 1, 2))).toEqual(['内核: x', '^^^^']);
    expect(excerptOf(at('e\u0301: 💡x', 7))).toEqual(['e\u0301: 💡x', '     ^']);
  });

  it('lets nothing of the file disturb the terminal', () => {
    expect(excerptOf(at('a: \u001b[31m\rx', 9))).toEqual(['a: \\x1b[31m\\x0dx', '           ^^^^']);
    const problem: Problem = {
      code: 'COMMAND',
      message: 'a\u001b[2Jb\nc',
      hint: '\u202eabc',
      place: at('\ud800\u009b', 1),
    };
    const text = problemText({ ...problem, place: { ...at('\ud800\u009b', 1), file: 'a\u0007.yaml' } });
    expect(text).toBe(
      [
        'a\\x07.yaml:12:1: error: a\\x1b[2Jb\\x0ac [COMMAND]',
        '   12 | \\ud800\\x9b',
        '      | ^^^^^^',
        '   hint: \\u202eabc',
      ].join('\n'),
    );
  });
});

describe('a long line', () => {
  const line = Array.from({ length: 100 }, (_, index) => `word${String(index).padStart(2, '0')}`).join(' ');

  it('is cut around the caret', () => {
    const [source, caret] = excerptOf(at(line, line.indexOf('word50') + 1, 6));
    expect(source).toMatch(/^….*word50.*…$/);
    expect(source).toHaveLength(120);
    expect(source.slice(caret.indexOf('^'), caret.length)).toBe('word50');
  });

  it('is cut at one side where the caret is near the other', () => {
    const [first] = excerptOf(at(line, 1, 6));
    expect(first).toMatch(/^word00.*…$/);
    const [last, caret] = excerptOf(at(line, line.length - 5, 6));
    expect(last).toMatch(/^….*word99$/);
    expect(last.slice(caret.indexOf('^'))).toBe('word99');
  });

  it('has no more carets than there is room for', () => {
    const [source, caret] = excerptOf(at(line, 8, 600));
    expect(caret.length).toBeLessThanOrEqual(source.length);
  });

  it('is shown whole up to 120 columns', () => {
    expect(excerptOf(at('x'.repeat(120), 120))).toEqual(['x'.repeat(120), `${' '.repeat(119)}^`]);
  });
});

describe('any place in any line', () => {
  const unit = fc.oneof(
    fc.constantFrom('\t', 'x', '内', '💡', '\u0301', '\u001b', '\ud800', ' '),
    fc.string({ unit: 'binary', maxLength: 1 }),
  );
  const place = fc
    .record({ units: fc.array(unit, { maxLength: 400 }), at: fc.nat(), length: fc.integer({ min: 1, max: 300 }) })
    .map(({ units, at: where, length }) => {
      const text = units.join('');
      return at(text, 1 + (where % (text.length + 1)), length);
    });

  it('is shown without control characters, with a caret', () => {
    fc.assert(
      fc.property(place, (one) => {
        const lines = problemText({ code: 'COMMAND', message: 'm', place: one }).split('\n');
        expect(lines).toHaveLength(3);
        for (const line of lines) expect(line).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}/u);
        expect(lines[2]).toMatch(/^ {6}\| *\^+$/);
        expect(lines[2]?.length).toBeLessThanOrEqual(8 + 121);
      }),
    );
  });
});

describe('a problem as JSON', () => {
  it('is flat, and leaves out what is not known', () => {
    expect(problemJson({ code: 'COMMAND', message: 'too many', hint: 'fewer', place: at('a: 1', 4) })).toEqual({
      severity: 'error',
      code: 'COMMAND',
      message: 'too many',
      hint: 'fewer',
      file: 'topologies/x.yaml',
      line: 12,
      column: 4,
      length: 1,
      text: 'a: 1',
    });
    expect(JSON.stringify(problemJson({ code: 'COMMAND', message: 'm' }))).toBe(
      '{"severity":"error","code":"COMMAND","message":"m"}',
    );
  });
});
