import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readDocument } from '../../sim/world/document.ts';
import { checkSchema } from '../../sim/world/document-schema.ts';

/** `line:column CODE message (hint)` of each problem; none where the text fits the schema. */
function complaints(schema: z.ZodType, text: string): string[] {
  const read = readDocument(text, 'lab.yaml');
  const result = 'problems' in read ? read : checkSchema(read.document, schema);
  if ('value' in result) return [];
  return result.problems.map(({ code, message, hint, place }) => {
    const where = `${place?.line}:${place?.column}`;
    return `${where} ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`;
  });
}

const linux = z.strictObject({
  kind: z.literal('linux'),
  address: z.string().optional(),
  mtu: z.int().min(68).max(65535).optional(),
  routes: z.array(z.string().min(1)).default([]),
});
const bridge = z.strictObject({ kind: z.literal('bridge'), ageing: z.number() });
const lab = z.strictObject({
  name: z.string(),
  nodes: z.record(
    z.string().regex(/^[a-z-]+$/, 'a name is small letters'),
    z.discriminatedUnion('kind', [linux, bridge]),
  ),
  links: z.array(z.strictObject({ state: z.enum(['up', 'down']), loss: z.number().max(100).optional() })).default([]),
});

describe('a document that fits', () => {
  it('becomes what the schema makes of it', () => {
    const read = readDocument('name: lab\nnodes: {a: {kind: linux}}\n', 'lab.yaml');
    const result = 'document' in read ? checkSchema(read.document, lab) : read;
    expect(result).toEqual({ value: { name: 'lab', nodes: { a: { kind: 'linux', routes: [] } }, links: [] } });
  });

  it('cannot be empty', () => {
    expect(complaints(lab, '# soon\n')).toEqual(['1:1 BAD_VALUE the document is empty']);
  });
});

describe('unknown keys', () => {
  it('are marked at the key, with what was meant', () => {
    expect(complaints(lab, 'name: lab\nnodes:\n  a:\n    kind: linux\n    adress: 10.0.0.1/24\n')).toEqual([
      '5:5 UNKNOWN_KEY unknown key "adress" (did you mean "address"?)',
    ]);
  });

  it('come with all keys allowed where none is close', () => {
    expect(complaints(lab, 'name: lab\nnodes: {}\nversion: 3\n')).toEqual([
      '3:1 UNKNOWN_KEY unknown key "version" (allowed keys: name, nodes, links)',
    ]);
    expect(complaints(z.strictObject({}), 'a: 1')).toEqual([
      '1:1 UNKNOWN_KEY unknown key "a" (no key is allowed here)',
    ]);
  });

  it('are not said to be missing, too, where they are misspelt', () => {
    expect(complaints(lab, 'nmae: lab\nnodes: {}\n')).toEqual([
      '1:1 UNKNOWN_KEY unknown key "nmae" (did you mean "name"?)',
    ]);
  });

  it('are not said to be a key that is there already', () => {
    expect(complaints(lab, 'name: lab\nnames: lab\nnodes: {}\n')[0]).toContain('(allowed keys: ');
  });

  it('are told by the enum of a record, and by any name an object has by nature', () => {
    const speeds = z.partialRecord(z.enum(['slow', 'fast']), z.number());
    expect(complaints(speeds, 'slwo: 1\nconstructor: 2\n')).toEqual([
      '1:1 UNKNOWN_KEY unknown key "slwo" (did you mean "slow"?)',
      '2:1 UNKNOWN_KEY unknown key "constructor" (allowed keys: slow, fast)',
    ]);
  });
});

describe('missing keys', () => {
  it('are named, and their parent is marked', () => {
    expect(complaints(lab, 'nodes:\n  b: {kind: bridge}\nlinks:\n  - loss: 1\n')).toEqual([
      '1:1 MISSING_KEY missing key "name"',
      '2:3 MISSING_KEY missing key "ageing" in "b"',
      '4:5 MISSING_KEY missing key "state" in item 1 (expected "up" or "down")',
    ]);
  });

  it('are those that tell a union apart, too', () => {
    expect(complaints(lab, 'name: lab\nnodes:\n  a: {}\n')).toEqual([
      '3:3 MISSING_KEY missing key "kind" in "a" (expected "linux" or "bridge")',
    ]);
    expect(complaints(lab, 'name: lab\nnodes:\n  a: {knid: linux}\n')).toEqual([
      '3:3 MISSING_KEY missing key "kind" in "a" (is "knid" meant to be it?)',
    ]);
    const either = z.strictObject({ to: z.union([z.string(), z.number()]) });
    expect(complaints(either, '{}')).toEqual(['1:1 MISSING_KEY missing key "to"']);
  });
});

describe('bad values', () => {
  it('are marked at the value, in the words of YAML', () => {
    const text = [
      'name: 12',
      'nodes:',
      '  a: {kind: linux, mtu: 9000.5, routes: default}',
      '  b: {kind: linux, mtu: "1500", routes: [""]}',
      '  c: {kind: linux, mtu: 9, address: [x]}',
      '  d: {kind: bridge, ageing: }',
      '  e: linux',
      'links: {}',
    ];
    expect(complaints(lab, text.join('\n'))).toEqual([
      '1:7 BAD_VALUE expected a string, found the number 12 (put it in quotes)',
      '3:25 BAD_VALUE expected a whole number, found the number 9000.5',
      '3:41 BAD_VALUE expected a list, found a string',
      '4:25 BAD_VALUE expected a number, found a string (leave the quotes out)',
      '4:42 BAD_VALUE must not be empty',
      '5:25 BAD_VALUE expected at least 68, found 9',
      '5:37 BAD_VALUE expected a string, found a list',
      '6:21 BAD_VALUE expected a number, found nothing',
      '7:6 BAD_VALUE expected a map, found a string',
      '8:8 BAD_VALUE expected a list, found a map',
    ]);
  });

  it('come with the choices, and the one that was meant', () => {
    expect(complaints(lab, 'name: x\nnodes: {a: {kind: linx}}\nlinks: [{state: off}]\n')).toEqual([
      '2:19 BAD_VALUE expected "linux" or "bridge", found "linx" (did you mean "linux"?)',
      '3:17 BAD_VALUE expected "up" or "down", found "off"',
    ]);
  });

  it('may be keys', () => {
    expect(complaints(lab, 'name: x\nnodes:\n  Host_1: {kind: linux}\n')).toEqual([
      '3:3 BAD_VALUE bad key "Host_1": a name is small letters',
    ]);
  });

  it('have the sizes of lists and strings told', () => {
    const schema = z.strictObject({
      pair: z.tuple([z.string(), z.string()]),
      few: z.array(z.string()).max(1),
      word: z.string().max(3),
      four: z.string().length(4),
      address: z.ipv4(),
      step: z.number().multipleOf(8),
    });
    const text = 'pair: [a]\nfew: [a, b]\nword: long\nfour: abc\naddress: 10.0.0\nstep: 12\n';
    expect(complaints(schema, text)).toEqual([
      '1:7 BAD_VALUE expected at least 2 items, found 1',
      '2:6 BAD_VALUE expected at most 1 item, found 2',
      '3:7 BAD_VALUE expected at most 3 characters, found 4',
      '4:7 BAD_VALUE expected 4 characters, found 3',
      '5:10 BAD_VALUE expected an IPv4 address, found "10.0.0"',
      '6:7 BAD_VALUE expected a multiple of 8, found the number 12',
    ]);
  });

  it('are said only once, though an alias repeats them at the same place', () => {
    expect(complaints(z.record(z.string(), z.strictObject({ n: z.number() })), 'a: &a {n: x}\nb: {<<: *a}\n')).toEqual([
      '1:11 BAD_VALUE expected a number, found a string',
    ]);
  });
});

describe("a schema's own findings", () => {
  const schema = z.strictObject({
    delay: z.string().transform((value, context) => {
      if (/^\d+ms$/.test(value)) return Number.parseInt(value, 10);
      context.addIssue({ code: 'custom', message: `expected a time span such as 50ms, found "${value}"` });
      return z.NEVER;
    }),
    rate: z.string().regex(/bit$/, 'expected a rate such as 1gbit').optional(),
    lines: z
      .string()
      .superRefine((_, context) => {
        const params = { code: 'COMMAND', hint: 'see the manual', blockLine: 1 };
        context.addIssue({ code: 'custom', message: 'unknown command', params });
      })
      .optional(),
  });

  it('keep their message', () => {
    expect(complaints(schema, 'delay: 5\nrate: fast\n')).toEqual([
      '1:8 BAD_VALUE expected a string, found the number 5 (put it in quotes)',
      '2:7 BAD_VALUE expected a rate such as 1gbit',
    ]);
    expect(complaints(schema, 'delay: soon\n')).toEqual([
      '1:8 BAD_VALUE expected a time span such as 50ms, found "soon"',
    ]);
  });

  it('may name their code, hint and line within a block', () => {
    expect(complaints(schema, 'delay: 1ms\nlines: |\n  one\n  two\n')).toEqual([
      '4:3 COMMAND unknown command (see the manual)',
    ]);
  });
});

describe('values that fit no branch of a union', () => {
  const verbs = z.array(
    z.union([
      z.strictObject({
        at: z.string().optional(),
        ping: z.strictObject({ to: z.string(), count: z.int().optional() }),
      }),
      z.strictObject({ at: z.string().optional(), udp: z.strictObject({ to: z.string() }) }),
      z.strictObject({ at: z.string().optional(), wait: z.string() }),
    ]),
  );

  it('are judged by the branch that was meant', () => {
    expect(complaints(verbs, '- udp: {}\n  at: 5\n- ping: {to: x, cuont: 3}\n- wait: []\n')).toEqual([
      '1:3 MISSING_KEY missing key "to" in "udp"',
      '2:7 BAD_VALUE expected a string, found the number 5 (put it in quotes)',
      '3:17 UNKNOWN_KEY unknown key "cuont" (did you mean "count"?)',
      '4:9 BAD_VALUE expected a string, found a list',
    ]);
  });

  it('are judged by the branch that was meant also beside a key that it has not', () => {
    expect(complaints(verbs, '- udp: {to: x}\n  extra: 1\n')).toEqual([
      '2:3 UNKNOWN_KEY unknown key "extra" (allowed keys: at, udp)',
    ]);
  });

  it('are told all branches where none was meant', () => {
    expect(complaints(verbs, '- wiat: 5s\n- at: 5s\n- frobnicate: 1\n')).toEqual([
      '1:3 UNKNOWN_KEY unknown key "wiat" (did you mean "wait"?)',
      '2:3 MISSING_KEY missing one of the keys "ping", "udp", "wait" in item 2',
      '3:3 UNKNOWN_KEY unknown key "frobnicate" (allowed keys: at, ping, udp, wait)',
      '3:3 MISSING_KEY missing one of the keys "ping", "udp", "wait" in item 3',
    ]);
  });

  it('are told all types where they have none of them', () => {
    const schema = z.union([z.literal('none'), z.literal('all'), z.strictObject({ reason: z.string() })]);
    expect(complaints(schema, '5')).toEqual(['1:1 BAD_VALUE expected "none" or "all" or a map, found the number 5']);
    expect(complaints(schema, 'non')).toEqual([
      '1:1 BAD_VALUE expected "none" or "all" or a map, found "non" (did you mean "none"?)',
    ]);
    expect(complaints(schema, 'reasn: x')).toEqual(['1:1 UNKNOWN_KEY unknown key "reasn" (did you mean "reason"?)']);
  });

  it('prefer the branch of their own type, also one in another', () => {
    const address = z.string().refine((value) => value.includes('/'), 'expected ADDRESS/LENGTH');
    const schema = z.union([address, z.array(z.union([address, z.null()])).min(1)]);
    expect(complaints(schema, '10.0.0.1')).toEqual(['1:1 BAD_VALUE expected ADDRESS/LENGTH']);
    expect(complaints(schema, '[10.0.0.1, 5]')).toEqual([
      '1:2 BAD_VALUE expected ADDRESS/LENGTH',
      '1:12 BAD_VALUE expected a string or nothing, found the number 5',
    ]);
    expect(complaints(schema, '{}')).toEqual(['1:1 BAD_VALUE expected a string or a list, found a map']);
  });

  it('are judged by the literal they carry', () => {
    const schema = z.union([bridge, linux]);
    expect(complaints(schema, 'kind: linux\nmtu: x\nroutes: x\n')).toEqual([
      '2:6 BAD_VALUE expected a number, found a string',
      '3:9 BAD_VALUE expected a list, found a string',
    ]);
  });
});
