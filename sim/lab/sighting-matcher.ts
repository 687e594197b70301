import { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';
import { type MatchResult, verdictOn } from './match-result.ts';

export interface SightingOptions {
  /** As the device sees it: `in` is received. */
  readonly direction?: 'in' | 'out';
}

/** A packet at the capture point carried the address: in its IP header, in ARP, or in what an ICMP error quotes. */
export function toHaveSeen(
  received: unknown,
  address: string,
  point: string,
  { direction }: SightingOptions = {},
): MatchResult {
  if (!(received instanceof Lab)) throw new LabError(`toHaveSeen: expected a lab, found ${typeof received}`);
  const found = received.sighting(address, point, direction);
  const claim = `to have seen ${address} at ${point}${direction === undefined ? '' : ` (${direction})`}`;
  return verdictOn('the lab', claim, found !== undefined, () => {
    if (found !== undefined) return `  packet ${found.packet} at ${(found.time / 1e9).toFixed(6)} s, ${found.where}`;
    const frames = received
      .capture(point)
      .frames.filter((frame) => direction === undefined || frame.direction === direction);
    const pairs = frames.flatMap(({ headers }) => {
      const ip = headers.find((layer) => layer.protocol === 'IPv4')?.fields;
      return ip === undefined ? [] : [`${ip.source} -> ${ip.destination}`];
    });
    return [`  ${frames.length} packets were captured there`, ...new Set(pairs)].join('\n  ');
  });
}
