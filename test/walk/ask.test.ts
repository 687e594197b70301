import { describe, expect, it } from 'vitest';
import { questionIn } from '../../sim/walk/ask.ts';
import { playOfFlow } from '../../sim/walk/reel.ts';
import { Tape } from '../../sim/walk/tape.ts';
import { reelOf, worked } from './reels.ts';

/* Walking ahead, every decision that is asked is asked where it is made. */

describe('a datagram to a port that nobody listens on', () => {
  const { topology } = reelOf('scenarios/whitepaper/fig11.yaml');
  const flow = { protocol: 'udp', destination: 0x010101c8, port: 9999 } as const;
  const tape = worked(new Tape({ topology, play: playOfFlow('closed', 'device-a/container3', flow, 1), changes: [] }));

  function kindsAsked(): string[] {
    const { index } = tape;
    const kinds: string[] = [];
    for (let stop = 0; stop < index.length; stop++) {
      const details = tape.details(stop);
      for (let from = index.first(stop); details !== undefined; ) {
        const asked = questionIn(tape, details, stop, from);
        if (asked === 'reading') tape.work();
        else if (asked === undefined) break;
        else {
          kinds.push(asked.question.step.kind);
          from = asked.order + 1;
        }
      }
    }
    return [...new Set(kinds)].sort();
  }

  it('is asked about on its way, and at the end who gets it', () => {
    expect(kindsAsked()).toEqual(['because', 'bridge', 'demultiplex', 'neighbour', 'route', 'rule']);
  });
});
