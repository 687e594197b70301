import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFilter } from '../../sim/filter/filter.ts';
import type { LinkType } from '../../sim/filter/layers.ts';
import { TemporaryFolder } from '../tools.ts';
import { anyExpression, anyMistake } from './any-expression.ts';
import { type Corpus, corpus } from './corpus.ts';
import { hasTcpdump, indexedPcap, needsTcpdump, tcpdumpPasses } from './tcpdump.ts';

/* The same expressions asked of the same frames, by tcpdump and by the filter. */

let folder: TemporaryFolder;
let frames: Corpus;
let files: { readonly [type in LinkType]: string };
beforeAll(() => {
  if (!hasTcpdump) return;
  folder = new TemporaryFolder();
  frames = corpus();
  files = {
    ether: folder.write('ether.pcap', indexedPcap(frames.ether, 'ether')),
    raw: folder.write('raw.pcap', indexedPcap(frames.raw, 'raw')),
  };
});
afterAll(() => folder?.dispose());

function passes(expression: string, linkType: LinkType): number[] | string {
  const compiled = compileFilter(expression);
  if ('problem' in compiled) return compiled.problem.message;
  return frames[linkType].flatMap((bytes, index) => (compiled.filter.test(bytes, linkType) ? [index] : []));
}

describe('beside tcpdump', () => {
  it.skipIf(!hasTcpdump)(
    `any expression lets the same frames pass, Ethernet and raw IP ${needsTcpdump}`,
    () => {
      fc.assert(
        fc.property(anyExpression, (expression) => {
          for (const linkType of ['ether', 'raw'] as const) {
            const theirs = tcpdumpPasses(files[linkType], expression);
            // What asks for an Ethernet header is refused by tcpdump on raw IP, and never true here.
            if (linkType === 'raw' && typeof theirs === 'string') continue;
            expect({ linkType, passes: passes(expression, linkType) }).toEqual({ linkType, passes: theirs });
          }
        }),
        { numRuns: 200 },
      );
    },
    600_000,
  );

  it.skipIf(!hasTcpdump).each([
    // Drawn once: a protocol beyond the byte that it has in a header.
    'not (! (port 80) and proto 0x800)',
    'proto 256',
    'ip6 proto 65536',
    'ether proto 0x10000',
    'ether proto 322',
    'not ether proto 4294967295',
    // Drawn too: what begins like an option of tcpdump's own.
    '-1 + ip[8] = 0',
  ])(`%s is what it is there ${needsTcpdump}`, (expression) => {
    for (const linkType of ['ether', 'raw'] as const) {
      const theirs = tcpdumpPasses(files[linkType], expression);
      if (linkType === 'ether' || typeof theirs !== 'string') expect(passes(expression, linkType)).toEqual(theirs);
    }
  });

  it.skipIf(!hasTcpdump)(
    `what tcpdump refuses is refused, and nothing else ${needsTcpdump}`,
    () => {
      fc.assert(
        fc.property(anyMistake, (expression) => {
          const theirs = typeof tcpdumpPasses(files.ether, expression) !== 'string';
          expect('filter' in compileFilter(expression)).toBe(theirs);
        }),
        { numRuns: 200 },
      );
    },
    600_000,
  );
});
