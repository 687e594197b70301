import { describe, expect, it } from 'vitest';
import { ms } from '../../sim/core/time.ts';
import type { TcpResult } from '../../sim/program/tcp-client.ts';
import { Lab } from '../bench.ts';
import { tcpLines } from '../kernel/tcp-lines.ts';

/* What the programs at both ends of a TCP connection do, by the options of the tcp verb and of the service `responder`. */

function labWith(service: object): Lab {
  return new Lab(
    {
      a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } } },
      b: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.0.2/24' } },
        services: [{ program: 'responder', port: 80, ...service }],
      },
    },
    [{ endpoints: ['a:eth0', 'b:eth0'] }],
  );
}

interface Talk {
  readonly result: TcpResult;
  /** Flags and lengths of every segment behind the handshake, as a sees them. */
  readonly segments: readonly string[];
  /** Milliseconds from the SYN to each segment with data. */
  readonly writtenAt: readonly number[];
}

function talk(service: object, client: object): Talk {
  const lab = labWith(service);
  const run = lab.run({ tcp: { from: 'a', to: '10.0.0.2:80', ...client } }, { wait: '5s' });
  const lines = tcpLines(lab, 'a:eth0', { 167772161: 'a', 167772162: 'b' });
  const start = lines[0]?.at ?? 0;
  const data = lines.filter(({ text }) => text.includes('+'));
  return {
    result: run.outcomes[0]?.probe as TcpResult,
    segments: lines.slice(3).map(({ text }) => text.replace(/ (ack|win)=.*/, '').replace(/ \d+\+/, ' +')),
    writtenAt: data.map(({ at }) => Math.floor((at - start) / 1e6)),
  };
}

/** Who sent the first FIN or RST, and which. */
function firstEnd({ segments }: Talk): string | undefined {
  return segments.find((line) => /^. \S*[FR]/.test(line))?.replace(/ \+?\d+$/, '');
}

const ANSWER = { read: 100, size: 300 };

describe('who ends the connection', () => {
  it.each([
    ['the client, as soon as it has its answer', ANSWER, { size: 100, read: 300, finish: 'close' }, 'a FA'],
    ['the client at once, which then reads on', ANSWER, { size: 100 }, 'a FA'],
    ['the server, when its answer is written', { ...ANSWER, finish: 'close' }, { size: 100, finish: 'wait' }, 'b FA'],
    ['the client, by a reset', ANSWER, { size: 100, read: 300, finish: 'abort' }, 'a RA'],
    ['the server, by a reset', { ...ANSWER, finish: 'abort' }, { size: 100, finish: 'wait' }, 'b RA'],
    [
      'the client, which leaves the answer unread',
      ANSWER,
      { size: 100, read: 0, linger: '100ms', finish: 'close' },
      'a RA',
    ],
  ])('%s', (_, service, client, end) => {
    expect(firstEnd(talk(service, client))).toBe(end);
  });

  it('is told to the program: the answer is whole unless it was not read', () => {
    expect(talk(ANSWER, { size: 100 }).result).toMatchObject({ connected: true, closed: true, error: undefined });
    expect(talk(ANSWER, { size: 100 }).result.received).toHaveLength(300);
    expect(talk(ANSWER, { size: 100, read: 0, linger: '100ms', finish: 'close' }).result.received).toHaveLength(0);
    expect(talk({ ...ANSWER, finish: 'abort' }, { size: 100, finish: 'wait' }).result.error).toBe('ECONNRESET');
  });
});

/** In ms: being woken takes a program a moment. */
const inTens = (time: number): number => Math.floor(time / 10) * 10;

describe('the pace', () => {
  it('is that of the writes: pieces with a pause between them', () => {
    const { writtenAt, result } = talk({}, { pause: '50ms', size: 30, chunk: 10, gap: '20ms' });
    expect(writtenAt.map(inTens)).toEqual([50, 70, 90]);
    expect(result.took).toBeGreaterThan(ms(90));
  });

  it('is that of question and answer, round by round', () => {
    const service = { read: 10, size: 20, rounds: 3, delay: '100ms' };
    const { writtenAt, result } = talk(service, { size: 10, read: 20, rounds: 3, gap: '200ms', finish: 'close' });
    expect(writtenAt.map(inTens)).toEqual([0, 100, 300, 400, 600, 700]);
    expect(result.received).toHaveLength(60);
  });

  it('of a server that reads late leaves the window to fill', () => {
    const { segments, result } = talk(
      { pause: '2s', receive_buffer: 8192 },
      { size: 20_000, finish: 'close', read: 0 },
    );
    expect(result.error).toBeUndefined();
    expect(segments.filter((line) => line.startsWith('a')).length).toBeGreaterThan(3);
  });

  it('has no Nagle in it where TCP_NODELAY says so', () => {
    const service = { pause: '1s' };
    const client = { size: 200, chunk: 10, gap: '1ms', finish: 'close', read: 0 };
    const nagle = talk(service, client).writtenAt.length;
    expect(talk(service, { ...client, nodelay: true }).writtenAt).toHaveLength(20);
    expect(nagle).toBeLessThan(20);
  });
});

describe('an error', () => {
  it('while the program sleeps is found out when it wakes', () => {
    const service = { read: 0, finish: 'close' };
    const { result } = talk(service, { pause: '100ms', size: 10, linger: '300ms', read: 0, finish: 'close' });
    expect(result.error).toBe('EPIPE');
    expect(result.took).toBeGreaterThan(ms(390));
  });
});
