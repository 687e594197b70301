import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '../../sim/core/time.ts';
import { fromNetascii, toNetascii } from '../../sim/program/netascii.ts';
import type { Service } from '../../sim/program/service.ts';
import { startTftp, type TftpResult } from '../../sim/program/tftp-client.ts';
import { startTftpServer } from '../../sim/program/tftp-server.ts';
import { parseTftp, tftpAck, tftpData, tftpRequest } from '../../sim/wire/tftp.ts';
import { encodeUtf8 } from '../../sim/wire/utf8.ts';
import { DatagramPair, type Passage } from './datagram-pair.ts';

/* TFTP as RFC 1350 has it, between two hosts with nothing but loss, delay and duplicates between them. */

const SERVER = 0x0a000002;

interface Story {
  readonly pair: DatagramPair;
  readonly files: Map<string, Uint8Array>;
  readonly server: Service;
  transfer(options: { put?: Uint8Array; name?: string; mode?: 'octet' | 'netascii' }): TftpResult;
}

function story(passage?: Passage, overwrite = false): Story {
  const pair = new DatagramPair(passage);
  const files = new Map<string, Uint8Array>();
  const server = startTftpServer(pair.b, { name: 'tftpd', address: 0, port: 69, files, overwrite });
  if (typeof server === 'string') throw new Error(server);
  return {
    pair,
    files,
    server,
    transfer: ({ put, name = 'startup.cfg', mode = 'octet' }) => {
      const result = startTftp(pair.a, { destination: SERVER, source: 0, name, mode, put }, () => {});
      pair.run();
      expect(result.finished).toBe(true);
      return result;
    },
  };
}

/** Bytes that tell where they stand. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

/** `a WRQ startup.cfg octet`, `b ACK 0`, `a DATA 1 (512)`. */
function lines(pair: DatagramPair): string[] {
  return pair.sent.map(({ from, payload }) => {
    const message = parseTftp(payload);
    switch (message?.kind) {
      case 'request':
        return `${from} ${message.opcode === 1 ? 'RRQ' : 'WRQ'} ${message.name} ${message.mode}`;
      case 'data':
        return `${from} DATA ${message.block} (${message.data.length})`;
      case 'ack':
        return `${from} ACK ${message.block}`;
      case 'error':
        return `${from} ERROR ${message.code} ${message.text}`;
      default:
        return `${from} ?`;
    }
  });
}

describe('a transfer', () => {
  it('puts a file block by block, each acknowledged before the next', () => {
    const { pair, files, transfer } = story();
    const file = pattern(1300);
    expect(transfer({ put: file })).toMatchObject({ failure: undefined, verb: 'put' });
    expect(files.get('startup.cfg')).toEqual(file);
    expect(lines(pair)).toEqual([
      ...['a WRQ startup.cfg octet', 'b ACK 0', 'a DATA 1 (512)', 'b ACK 1', 'a DATA 2 (512)', 'b ACK 2'],
      ...['a DATA 3 (276)', 'b ACK 3'],
    ]);
  });

  it('takes place between two fresh ports; only the request goes to 69', () => {
    const { pair, transfer } = story();
    transfer({ put: pattern(10) });
    const [request, answer, ...rest] = pair.sent.map((one) => one.ports);
    expect(request?.[1]).toBe(69);
    expect(answer?.[0]).not.toBe(69);
    expect(answer?.[1]).toBe(request?.[0]);
    expect(rest).toEqual([[request?.[0], answer?.[0]], answer]);
  });

  it.each([0, 1, 511, 512, 513, 1024])(
    'carries %i bytes there and back, with an empty last block where needed',
    (size) => {
      const { files, transfer } = story();
      transfer({ put: pattern(size) });
      expect(files.get('startup.cfg')).toEqual(pattern(size));
      expect(transfer({}).file).toEqual(pattern(size));
    },
  );

  it('goes on with block 0 after block 65535', () => {
    const { files, transfer, pair } = story();
    files.set(
      'image.bin',
      new Uint8Array(65537 * 512 + 3).map((_, index) => index >> 9),
    );
    const { file } = transfer({ name: 'image.bin' });
    expect(Buffer.compare(file ?? new Uint8Array(), files.get('image.bin') as Uint8Array)).toBe(0);
    expect(lines(pair).slice(-4)).toEqual(['b DATA 1 (512)', 'a ACK 1', 'b DATA 2 (3)', 'a ACK 2']);
  });

  it('in netascii sends lines with CR LF and gives them back as they were', () => {
    const { pair, files, transfer } = story();
    const text = encodeUtf8('sysname A\n#\rend\n');
    transfer({ put: text, mode: 'netascii' });
    expect(files.get('startup.cfg')).toEqual(text);
    const data = pair.sent.map(({ payload }) => parseTftp(payload)).find((message) => message?.kind === 'data');
    expect(data).toMatchObject({ data: encodeUtf8('sysname A\r\n#\r\0end\r\n') });
    expect(transfer({ mode: 'netascii' }).file).toEqual(text);
  });

  it('netascii loses nothing (law)', () => {
    const bytes = fc.array(fc.constantFrom(0, 10, 13, 65, 255)).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(bytes, (file) => {
        expect(fromNetascii(toNetascii(file))).toEqual(file);
      }),
    );
  });
});

describe('what is refused', () => {
  it('a file that is not there', () => {
    const { transfer } = story();
    expect(transfer({ name: 'nothing' })).toMatchObject({ failure: 'Error code 1: File not found', file: undefined });
  });

  it('a file that is there already, unless the server may overwrite', () => {
    const { transfer, files } = story();
    transfer({ put: pattern(5) });
    expect(transfer({ put: pattern(9) }).failure).toBe('Error code 6: File already exists');
    expect(files.get('startup.cfg')).toHaveLength(5);
    const other = story(undefined, true);
    other.transfer({ put: pattern(5) });
    expect(other.transfer({ put: pattern(9) }).failure).toBeUndefined();
    expect(other.files.get('startup.cfg')).toHaveLength(9);
  });

  it('what is no request, or asks for an unknown mode', () => {
    const { pair } = story();
    const socket = pair.a.udp.open({ name: 'test', place: pair.a.place });
    socket.sendTo(tftpAck(3), SERVER, 69);
    socket.sendTo(tftpRequest(1, 'x', 'mail'), SERVER, 69);
    socket.sendTo(Uint8Array.of(0, 1, 0x78), SERVER, 69);
    pair.run();
    expect(lines(pair).slice(3)).toEqual([
      'b ERROR 4 Illegal TFTP operation',
      'b ERROR 4 Unknown mode mail',
      'b ERROR 4 Illegal TFTP operation',
    ]);
  });
});

describe('on a bad path', () => {
  it('a lost message is sent again after five seconds', () => {
    let sent = 0;
    const { transfer, pair, files } = story(() => (++sent === 3 ? [] : [10]));
    expect(transfer({ put: pattern(600) }).failure).toBeUndefined();
    expect(files.get('startup.cfg')).toEqual(pattern(600));
    // The receiver's timer runs as well: both ends say again what they said last.
    expect(lines(pair).slice(2, 6)).toEqual(['a DATA 1 (512)', 'b ACK 0', 'a DATA 1 (512)', 'b ACK 1']);
  });

  it('gives up when nobody answers: six requests, thirty seconds', () => {
    const { transfer, pair } = story(() => []);
    expect(transfer({})).toMatchObject({ failure: 'Transfer timed out.', took: 30e9 });
    expect(lines(pair)).toEqual(Array(6).fill('a RRQ startup.cfg octet'));
  });

  it("sends no block twice because an ACK came twice (no Sorcerer's Apprentice)", () => {
    const { transfer, pair } = story((payload) => (parseTftp(payload)?.kind === 'ack' ? [10, 15] : [10]));
    transfer({ put: pattern(2000) });
    expect(lines(pair).filter((line) => line.startsWith('a DATA'))).toHaveLength(4);
  });

  it('the last ACK may be lost: the receiver waits to give it again', () => {
    let lost = false;
    const { transfer, pair } = story((payload) => {
      const message = parseTftp(payload);
      if (lost || message?.kind !== 'ack' || message.block !== 1) return [10];
      lost = true;
      return [];
    });
    expect(transfer({ put: pattern(100) }).failure).toBeUndefined();
    expect(lines(pair).slice(-3)).toEqual(['b ACK 1', 'a DATA 1 (100)', 'b ACK 1']);
  });

  it('a stranger to the transfer gets ERROR 5 and disturbs nothing', () => {
    const { pair, files } = story();
    const result = startTftp(pair.a, { destination: SERVER, source: 0, name: 'f', put: pattern(5000) }, () => {});
    const stranger = pair.b.udp.open({ name: 'stranger', place: pair.b.place });
    pair.clock.after(
      ms(0.03),
      () => {
        const client = pair.a.udp.list()[0];
        stranger.sendTo(tftpData(1, pattern(512)), 0x0a000001, client?.localPort ?? 0);
      },
      undefined,
    );
    pair.run();
    expect(result.failure).toBeUndefined();
    expect(files.get('f')).toEqual(pattern(5000));
    expect(lines(pair).filter((line) => line.includes('ERROR'))).toEqual(['a ERROR 5 Unknown transfer ID']);
  });

  it('loss, duplicates and reordering change no byte (law)', () => {
    const copies = fc.constantFrom([10], [10], [10], [], [10, 12], [10, 3_000_000], [6_000_000]);
    fc.assert(
      fc.property(fc.array(copies), fc.nat(3000), fc.boolean(), (fates, size, isPut) => {
        let next = 0;
        const { transfer, files } = story(() => fates[next++] ?? [10], true);
        const file = pattern(size);
        if (!isPut) files.set('startup.cfg', file);
        const result = transfer(isPut ? { put: file } : {});
        if (result.failure !== undefined) return;
        expect(files.get('startup.cfg')).toEqual(file);
        expect(result.file).toEqual(file);
      }),
    );
  });

  it('a server that is stopped says nothing more, and leaves no socket', () => {
    const { pair, server } = story();
    const result = startTftp(pair.a, { destination: SERVER, source: 0, name: 'f', put: pattern(5000) }, () => {});
    pair.clock.after(ms(0.05), () => server.close(), undefined);
    pair.run();
    expect(result.failure).toBe('Transfer timed out.');
    expect(pair.b.udp.list()).toEqual([]);
  });

  it('every socket of a transfer is closed in the end', () => {
    const { pair, transfer } = story();
    transfer({ put: pattern(1) });
    expect(pair.a.udp.list()).toEqual([]);
    expect(pair.b.udp.list().map((socket) => socket.localPort)).toEqual([69]);
  });
});
