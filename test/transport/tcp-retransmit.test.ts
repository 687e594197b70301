import { describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import type { Packet } from '../../sim/packet/packet.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { TCP_FIN, TCP_PSH, TcpHeader } from '../../sim/wire/tcp.ts';
import { TcpPair } from './tcp-bench.ts';

/* What goes again does not go as it went: small segments are joined, a FIN that came early is reported. */

interface Talk {
  readonly pair: TcpPair;
  readonly client: TcpSocket;
  /** Flags and number of data bytes of what a sent. */
  readonly sent: string[];
  lossy: boolean;
  losesFin: boolean;
}

function talk(): Talk {
  const sent: string[] = [];
  const note = (packet: Packet, from: 'a' | 'b'): boolean => {
    const header = new TcpHeader(packet.bytes, packet.transportOffset);
    const length = packet.ip.totalLength - 20 - header.headerLength;
    const flags = `${(header.flags & TCP_FIN) === 0 ? '' : 'F'}${(header.flags & TCP_PSH) === 0 ? '' : 'P'}`;
    if (from === 'a') sent.push(`${flags}+${length}`);
    return from === 'a' && made.lossy && (length > 0 || (made.losesFin && (header.flags & TCP_FIN) !== 0));
  };
  const pair = new TcpPair({ loses: note });
  pair.b.tcp.listen({ name: 'server', place: pair.b.place }, 0, 80, () => {});
  const client = pair.a.tcp.open({ name: 'client', place: pair.a.place });
  const made: Talk = { pair, client, sent, lossy: false, losesFin: true };
  client.connect(pair.b.address, 80);
  pair.run(ms(10));
  return made;
}

describe('data and FIN that were both lost', () => {
  it('go again as one segment when the timer runs out', () => {
    const made = talk();
    made.lossy = true;
    made.client.write(Uint8Array.of(1, 2, 3));
    made.client.end();
    made.pair.run(seconds(2));
    expect(made.sent.slice(2, 4)).toEqual(['P+3', 'F+0']);
    expect(made.sent.slice(5)).toContain('FP+3');
    made.lossy = false;
    made.pair.run(seconds(3));
    expect(must(made.pair.a.tcp.connections()[0], 'the client').state).toBe('FIN_WAIT2');
  });
});

describe('a FIN that came before its data', () => {
  it('has a number, which is reported', () => {
    const made = talk();
    made.lossy = true;
    made.client.write(Uint8Array.of(1, 2, 3));
    made.pair.run(ms(5));
    made.losesFin = false;
    made.client.end();
    made.pair.run(ms(5));
    const server = must(made.pair.b.tcp.connections()[0], 'the server');
    expect(server.received.blocks).toEqual([{ start: (server.rcvNxt + 3) >>> 0, end: (server.rcvNxt + 4) >>> 0 }]);
  });

  it('shows that what was sent long before it is lost: that goes again at once (RACK)', () => {
    const made = talk();
    made.lossy = true;
    made.losesFin = false;
    made.client.write(Uint8Array.of(1, 2, 3));
    made.pair.run(ms(5));
    made.client.end();
    made.pair.run(ms(5));
    expect(made.sent.slice(2)).toEqual(['P+3', 'F+0', 'P+3']);
  });
});
