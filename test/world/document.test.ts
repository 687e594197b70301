import { describe, expect, it } from 'vitest';
import type { Problem } from '../../sim/core/problem.ts';
import { readDocument, type SourceDocument } from '../../sim/world/document.ts';

function read(text: string): SourceDocument {
  const result = readDocument(text, 'lab.yaml');
  if ('problems' in result) throw new Error(result.problems.map((problem) => problem.message).join('; '));
  return result.document;
}

function problems(text: string): readonly Problem[] {
  const result = readDocument(text, 'lab.yaml');
  return 'problems' in result ? result.problems : [];
}

/** `CODE line:column+length` of each problem. */
function marks(text: string): string[] {
  return problems(text).map(({ code, place }) => `${code} ${place?.line}:${place?.column}+${place?.length}`);
}

describe('reading a document', () => {
  it('gives plain data of the core schema, with string keys', () => {
    const document = read('1: 0o17\nyes: no\n~: [null, true, 1.5, 0x10, "7"]\n');
    expect(document.value).toEqual({ '1': 15, yes: 'no', '~': [null, true, 1.5, 16, '7'] });
  });

  it('reads an empty file, and one of comments alone, as nothing', () => {
    expect(read('').value).toBeNull();
    expect(read('# nothing yet\n').value).toBeNull();
    expect(read('').place([], 'value')).toEqual({ file: 'lab.yaml', line: 1, column: 1, length: 1, text: '' });
  });

  it('does not count a byte order mark as a column', () => {
    expect(read('\ufeffname: lab\n').place(['name'], 'key')).toMatchObject({ line: 1, column: 1, text: 'name: lab' });
  });

  it('keeps keys that every JavaScript object seems to have', () => {
    const document = read('constructor: 1\ntoString: 2\nhasOwnProperty: 3\n');
    expect(document.value).toEqual({ constructor: 1, toString: 2, hasOwnProperty: 3 });
    expect(document.has(['valueOf'])).toBe(false);
  });

  it('refuses the one key that cannot be kept', () => {
    expect(marks('a: 1\n__proto__: {x: 1}\n')).toEqual(['BAD_VALUE 2:1+9']);
  });

  it('expands anchors, and merge keys without overriding what is given', () => {
    const document = read('base: &base {mtu: 1500, up: true}\neth0:\n  <<: *base\n  mtu: 9000\n"<<": plain\n');
    expect(document.value).toEqual({
      base: { mtu: 1500, up: true },
      eth0: { mtu: 9000, up: true },
      '<<': 'plain',
    });
  });

  it('takes the earlier of several merged maps first', () => {
    const document = read('a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n');
    expect(document.valueAt(['c'])).toEqual({ x: 1, y: 2 });
  });

  it('lets an alias mean the last anchor of its name before it', () => {
    expect(read('a: &x {b: &x 1}\nc: *x\n').valueAt(['c'])).toBe(1);
  });
});

describe('what is wrong with the syntax', () => {
  it('is reported all at once, in file order', () => {
    expect(marks('a:\n\tb: 1\nc: "\\q"\nd: @x\n')).toEqual([
      'YAML_SYNTAX 2:1+1',
      'YAML_SYNTAX 3:5+1',
      'YAML_SYNTAX 4:4+1',
    ]);
  });

  it('names both places of a key given twice', () => {
    const [problem, ...others] = problems('nodes:\n  a: 1\n  b: 2\n  a: 3\n');
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      code: 'KEY_TWICE',
      message: 'key "a" is given twice',
      place: { line: 4, column: 3 },
    });
    expect(problem?.hint).toBe('it is given first at line 2, column 3');
  });

  it('takes 1 and "1" for the same key', () => {
    expect(marks('1: a\n"1": b\n')).toEqual(['KEY_TWICE 2:1+3']);
  });

  it('points at the second document of a file', () => {
    expect(marks('a: 1\n---\nb: 2\n---\nc: 3\n')).toEqual(['YAML_SYNTAX 2:1+3']);
    expect(marks('a: 1\n...\n')).toEqual([]);
  });

  it('has the right column in a CRLF file, and no \\r in the line', () => {
    const [problem] = problems('a: 1\r\nb: "\\q"\r\nc: 2\r\n');
    expect(problem?.place).toEqual({ file: 'lab.yaml', line: 2, column: 5, length: 1, text: 'b: "\\q"' });
  });

  it('is placed behind the last thing written where the rest is missing', () => {
    expect(problems('a: [1, 2\n\n\n')[0]?.place).toMatchObject({ line: 1, column: 9, text: 'a: [1, 2' });
  });

  it('includes characters that YAML does not allow', () => {
    const [first, second] = problems('a: "x\0y"\nb: \u001b[31m\n');
    expect(first).toMatchObject({
      message: 'the character U+0000 is not allowed in YAML',
      place: { line: 1, column: 6 },
    });
    expect(second).toMatchObject({
      message: 'the character U+001B is not allowed in YAML',
      place: { line: 2, column: 4 },
    });
    expect(marks('a: \ud800\n')).toEqual(['YAML_SYNTAX 1:4+1']);
  });

  it('includes keys that are lists or maps, unknown tags, and the rules of YAML 1.1', () => {
    expect(marks('? [a, b]\n: c\n')).toEqual(['YAML_SYNTAX 1:3+1']);
    expect(marks('a: !node {}\n')).toEqual(['YAML_SYNTAX 1:4+5']);
    expect(marks('a: !!binary aGk=\n')).toEqual(['YAML_SYNTAX 1:4+8']);
    expect(marks('%YAML 1.1\n---\na: yes\n')).toEqual(['YAML_SYNTAX 1:1+9']);
  });

  it.each([
    ['flow lists', '['.repeat(100_000)],
    ['flow maps', '{a: '.repeat(100_000)],
    ['block lists', '- '.repeat(100_000)],
    ['explicit keys', '? '.repeat(100_000)],
    ['block maps', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('stops at %s nested without end', (_, text) => {
    const [problem, ...others] = problems(text);
    expect(problem).toMatchObject({ code: 'YAML_SYNTAX', message: 'nested deeper than 100 levels' });
    expect(others).toEqual([]);
  });

  it('does not forbid nesting that a file may have', () => {
    expect(problems(`${'['.repeat(90)}${']'.repeat(90)}`)).toEqual([]);
  });
});

describe('aliases', () => {
  it('are refused where they would grow without bound, at the alias that does it', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [index, name] of [...'bcdefghijk'].entries()) {
      lines.push(`${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(', ')}]`);
    }
    const [problem, ...others] = problems(lines.join('\n'));
    expect(problem?.code).toBe('YAML_ALIASES');
    expect(problem?.place).toMatchObject({ line: 5, length: 2 });
    expect(others).toEqual([]);
  });

  it('are refused where they nest without bound, one inside the other', () => {
    const lines = [
      'a0: &a0 {}',
      ...Array.from({ length: 200 }, (_, index) => `a${index + 1}: &a${index + 1} {x: *a${index}}`),
    ];
    expect(marks(lines.join('\n'))[0]).toBe('YAML_ALIASES 100:15+4');
  });

  it('are refused inside what they stand for', () => {
    expect(marks('a: &a [*a]\n')).toEqual(['YAML_ALIASES 1:8+2']);
    expect(marks('a: &a\n  <<: *a\n')).toEqual(['YAML_ALIASES 2:7+2']);
  });

  it('are refused without an anchor before them', () => {
    expect(marks('a: *later\nb: &later 1\n')).toEqual(['YAML_ALIASES 1:4+6']);
  });

  it('may bring in maps only by a merge key', () => {
    expect(marks('a: &a 1\nb: {<<: *a}\n')).toEqual(['BAD_VALUE 2:5+2']);
  });
});

describe('places', () => {
  const document = read(
    [
      'common: &common {mtu: 1500}',
      'nodes:',
      '  host-a:',
      '    <<: *common',
      '    routes: [default, 10.0.0.0/8]',
      '    kind:',
      '  host-b: *common',
      'links:',
      '  - endpoints: "a"',
      '  -',
    ].join('\n'),
  );
  const at = (path: (string | number)[], part: 'key' | 'value'): string => {
    const { line, column, length } = document.place(path, part);
    return `${line}:${column}+${length}`;
  };

  it('are those of the key and of the value', () => {
    expect(at(['nodes', 'host-a', 'routes'], 'key')).toBe('5:5+6');
    expect(at(['nodes', 'host-a', 'routes'], 'value')).toBe('5:13+21');
    expect(at(['nodes', 'host-a', 'routes', 1], 'value')).toBe('5:23+10');
    expect(at(['links', 0, 'endpoints'], 'value')).toBe('9:16+3');
  });

  it('mark a block map at its first key, a block list at its first dash', () => {
    expect(at(['nodes'], 'value')).toBe('3:3+6');
    expect(at(['links'], 'value')).toBe('9:3+1');
    expect(at([], 'value')).toBe('1:1+6');
  });

  it('mark an empty value at its key', () => {
    expect(at(['nodes', 'host-a', 'kind'], 'value')).toBe('6:5+4');
  });

  it('follow aliases and merge keys to where the value is written', () => {
    expect(at(['nodes', 'host-b'], 'value')).toBe('7:11+7');
    expect(at(['nodes', 'host-b', 'mtu'], 'value')).toBe('1:23+4');
    expect(at(['nodes', 'host-a', 'mtu'], 'key')).toBe('1:18+3');
  });

  it('fall back to the key of the last thing on the way', () => {
    expect(at(['nodes', 'host-a', 'address', 0], 'value')).toBe('3:3+6');
    expect(at(['nodes', 'host-a', 'address', 0], 'key')).toBe('3:3+6');
    expect(at(['links', 7], 'value')).toBe('8:1+5');
    expect(at(['nowhere'], 'key')).toBe('1:1+6');
  });

  it('count columns in a line with a tab or a Chinese name as editors do', () => {
    expect(read('a:\t{内核: "x"}').place(['a', '内核'], 'value')).toMatchObject({ column: 9, length: 3 });
  });
});

describe('places in embedded text', () => {
  const text = [
    'device:',
    '  configuration: |',
    '    interface GE1/0/1',
    '',
    '     ip adress 10.0.0.1 24',
    '  title: "a|b"',
  ];

  it('are those of the line in the file', () => {
    for (const ending of ['\n', '\r\n']) {
      const document = read(text.join(ending));
      const path = ['device', 'configuration'];
      expect(document.placeInBlock(path, 0, 0, 9)).toMatchObject({ line: 3, column: 5, length: 9, text: text[2] });
      expect(document.placeInBlock(path, 1, 4, 9)).toMatchObject({ line: 4, column: 1, length: 1, text: '' });
      expect(document.placeInBlock(path, 2, 4, 6)).toMatchObject({ line: 5, column: 9, length: 6, text: text[4] });
    }
  });

  it('stay within the block', () => {
    const document = read(text.join('\n'));
    expect(document.placeInBlock(['device', 'configuration'], 99, 99, 99)).toMatchObject({ line: 5, length: 1 });
  });

  it('honour comments, indentation indicators and aliases', () => {
    const document = read('a: &a |2- # why\n\n   x\n  y\nb: *a\n');
    expect(document.value).toEqual({ a: '\n x\ny', b: '\n x\ny' });
    expect(document.placeInBlock(['b'], 1, 1, 1)).toMatchObject({ line: 3, column: 4 });
    expect(document.placeInBlock(['b'], 2, 0, 1)).toMatchObject({ line: 4, column: 3 });
  });

  it('are the whole value where that is no literal block', () => {
    const document = read('a: >\n  folded\n  text\nb: "x\\ny"\n');
    expect(document.placeInBlock(['a'], 1, 0, 1)).toMatchObject({ line: 1, column: 4 });
    expect(document.placeInBlock(['b'], 1, 0, 1)).toMatchObject({ line: 4, column: 4, length: 6 });
    expect(document.placeInBlock(['c'], 1, 0, 1)).toMatchObject({ line: 1, column: 1 });
  });
});
