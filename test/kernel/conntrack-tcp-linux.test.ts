import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { enableConntrack } from '../../sim/kernel/forwarding/conntrack/hooks.ts';
import { Conversation, LINUX_SYN_OPTIONS, type Segment } from './tcp-segments.ts';

/* Random segments, and what a real kernel made of each: conntrack-tcp-linux.txt says how they were taken. */

interface Step {
  readonly text: string;
  readonly side: 'c' | 's';
  readonly segment: Segment;
  readonly info: string;
  readonly entry: string;
}

const file = readFileSync(new URL('conntrack-tcp-linux.txt', import.meta.url), 'utf8');

/** Each connection with its port. */
const connections = file
  .split(/^# port /m)
  .slice(1)
  .map((block) => {
    const [port = '', ...lines] = block.trimEnd().split('\n');
    return { port: Number(port), steps: lines.map(readStep) };
  });

function readStep(text: string): Step {
  const [left = '', right = ''] = text.split(' >');
  const [side, flags = '', ...numbers] = left.split(' ');
  const [seq = 0, ack = 0, window = 0, length = 0, options = 0] = numbers.map(Number);
  const [info = '', ...entry] = right.trim().split(' ');
  return {
    text,
    side: side === 's' ? 's' : 'c',
    segment: {
      ...{ flags: flags.replace('-', ''), seq, ack, window, length },
      options: options === 0 ? [] : LINUX_SYN_OPTIONS,
    },
    info,
    entry: entry.join(' '),
  };
}

const INFOS: Readonly<Record<string, string>> = { invalid: 'INVALID', new: 'NEW' };

/** The kernel's clock ran a little between the segments: its timeouts may be two seconds less. */
function withoutTimeout(entry: string): { readonly words: string; readonly timeout: number } {
  const timeout = Number(/ (\d+)/.exec(entry)?.[1] ?? 0);
  return { words: entry.replace(/ \d+/, ''), timeout };
}

describe('every segment of a random connection', () => {
  it.each(connections)('of port $port is judged as Linux judges it', ({ port, steps }) => {
    const talk = new Conversation();
    enableConntrack(talk.lab.stack('gw').net, 'test');
    talk.sourcePort = port;
    for (const { text, side, segment, info, entry } of steps) {
      const given = side === 'c' ? talk.client(segment) : talk.server(segment);
      const mine = withoutTimeout(talk.state);
      const linux = withoutTimeout(entry);
      expect([text, INFOS[given] ?? 'ESTABLISHED', mine.words]).toEqual([text, info, linux.words]);
      expect(Math.abs(mine.timeout - linux.timeout)).toBeLessThanOrEqual(2);
    }
  });
});
