import type { Problem } from '../core/problem.ts';
import { testOf } from './compile.ts';
import type { FilterFault } from './fault.ts';
import type { Test } from './header-tests.ts';
import type { LinkType } from './layers.ts';
import { type FilterNames, NO_NAMES } from './names.ts';
import { parseFilter } from './parse.ts';
import { View } from './view.ts';

/** A filter expression of tcpdump, ready to be asked. */
export interface Filter {
  /** As it was written. */
  readonly text: string;
  /**
   * Whether it lets a frame pass. `wireLength` are the bytes that the frame had on the wire, where fewer of them were
   * captured. What asks for an Ethernet header is not true of raw IP.
   */
  test(frame: Uint8Array, linkType: LinkType, wireLength?: number): boolean;
}

/**
 * Compiles an expression of pcap-filter(7), as tcpdump takes it; an empty one lets everything pass. The problem's place
 * has the column. Models what libpcap 1.10 generates for Ethernet and raw IP, and its `vxlan` of later versions.
 */
export function compileFilter(
  text: string,
  names: FilterNames = NO_NAMES,
): { readonly filter: Filter } | { readonly problem: Problem } {
  const expression = parseFilter(text, names);
  if (expression !== undefined && 'message' in expression) return { problem: problemOf(text, expression) };
  if (expression === undefined) return { filter: { text, test: () => true } };
  const tests: { readonly [type in LinkType]: Test } = {
    ether: testOf(expression, 'ether'),
    raw: testOf(expression, 'raw'),
  };
  const test = (frame: Uint8Array, linkType: LinkType, wireLength = frame.length): boolean => {
    const view = new View(frame, wireLength);
    return tests[linkType](view) && !view.beyond;
  };
  return { filter: { text, test } };
}

/** The whole expression is one line, whatever blanks are in it. */
function problemOf(text: string, { message, at, length, hint }: FilterFault): Problem {
  const place = { file: 'filter expression', line: 1, column: at + 1, length, text: text.replaceAll(/[\r\n\t]/g, ' ') };
  return { code: 'FILTER', message, ...(hint === undefined ? {} : { hint }), place };
}
