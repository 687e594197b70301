import type { Direction } from './expression.ts';

/** What stands before a value: `udp dst port`. */
export interface Qualifiers {
  /** A protocol's word, `ether` for every word of the link layer, '' for none. */
  readonly protocol: string;
  readonly direction: Direction;
  readonly type: 'host' | 'net' | 'port' | 'portrange' | 'proto';
}
