import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourcePlace } from '../../sim/core/problem.ts';
import { readDocument, type SourceDocument } from '../../sim/world/document.ts';

const SAMPLE = `# a lab
name: lab
base: &base {mtu: 1500, up: true}
topology:
  nodes:
    host-a:
      <<: *base
      kind: linux
      routes: ["default via 10.0.0.1", '10.0.0.0/8']
    device-a:
      kind: comware
      configuration: |
        interface GE1/0/1
         ip address 10.0.0.1 24
      note: >-
        folded
        text
  links:
    - endpoints: ["host-a:eth0", "device-a:GE1/0/1"]
      delay: 5ms
    - *base
`;

/** Pieces that a YAML parser has to think about. */
const PIECES = [
  '\t',
  '\r\n',
  '\r',
  '\n',
  ':',
  ': ',
  '- ',
  '? ',
  '&a ',
  '*a',
  '*base',
  '!!str ',
  '!x ',
  '|',
  '>',
  '"',
  "'",
];
const MORE = [
  '[',
  ']',
  '{',
  '}',
  ',',
  '#',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  '\ufeff',
  '\0',
  '\ud800',
  '💡',
  '<<: ',
  '@',
  '`',
];
const piece = fc.constantFrom(...PIECES, ...MORE);

/** The sample with some places cut out and replaced. */
const mutated = fc
  .array(fc.record({ at: fc.nat(SAMPLE.length), cut: fc.nat(8), put: fc.oneof(piece, fc.string({ maxLength: 3 })) }), {
    maxLength: 4,
  })
  .map((edits) => edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), SAMPLE));

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  fc.array(fc.oneof(piece, fc.string({ maxLength: 2 }))).map((parts) => parts.join('')),
  mutated,
);

function expectWithin(text: string, place: SourcePlace | undefined): void {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  const line = lines[(place?.line ?? 0) - 1];
  expect(line?.replace(/\r$/, '')).toBe(place?.text);
  expect(place?.column).toBeGreaterThanOrEqual(1);
  expect(place?.column).toBeLessThanOrEqual((place?.text.length ?? 0) + 1);
  expect(place?.length).toBeGreaterThanOrEqual(1);
  const room = (place?.text.length ?? 0) + 1 - (place?.column ?? 0);
  expect(place?.length).toBeLessThanOrEqual(Math.max(1, room));
}

/** Every path of the data, and one that leads on from each into nothing. */
function* paths(value: unknown, path: (string | number)[] = []): Generator<(string | number)[]> {
  yield path;
  yield [...path, 'no such key', 3];
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* paths(item, [...path, index]);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* paths(item, [...path, key]);
  }
}

function expectPlacesWithin(text: string, document: SourceDocument): void {
  for (const path of paths(document.value)) {
    expectWithin(text, document.place(path, 'key'));
    expectWithin(text, document.place(path, 'value'));
    for (const line of [-1, 0, 1, 2, 50]) expectWithin(text, document.placeInBlock(path, line, line, 5));
  }
}

describe('any text at all', () => {
  it('is read or refused, never thrown at, and everything about it is placed within the file', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const result = readDocument(text, 'any.yaml');
        if ('document' in result) expectPlacesWithin(text, result.document);
        else {
          expect(result.problems.length).toBeGreaterThan(0);
          for (const problem of result.problems) expectWithin(text, problem.place);
        }
      }),
      { numRuns: 300000, interruptAfterTimeLimit: 200000 },
    );
  });

  it('gives its problems in file order', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const result = readDocument(text, 'any.yaml');
        const problems = 'problems' in result ? result.problems : [];
        const keys = problems.map(({ place }) => (place?.line ?? 0) * 1e6 + (place?.column ?? 0));
        expect(keys).toEqual(keys.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('plain data written as JSON', () => {
  it('is read back as it was, each scalar marked where it stands', () => {
    // Keys that collide as strings, and __proto__, are no plain data.
    const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('"__proto__"'));
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value, null, 2);
        const result = readDocument(text, 'data.json');
        if ('problems' in result) {
          expect(text).toMatch(/[\x7f-\x9f\ufffe\uffff]/);
          return;
        }
        expect(JSON.parse(JSON.stringify(result.document.value))).toEqual(JSON.parse(JSON.stringify(value)));
        for (const path of paths(value)) {
          const found = result.document.valueAt(path);
          if (found === undefined || (typeof found === 'object' && found !== null)) continue;
          const { text: line, column, length } = result.document.place(path, 'value');
          expect(JSON.parse(line.slice(column - 1, column - 1 + length))).toEqual(found);
        }
      }),
    );
  });
});
