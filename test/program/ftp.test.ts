import { describe, expect, it } from 'vitest';
import { seconds } from '../../sim/core/time.ts';
import { startFtpServer } from '../../sim/program/ftp-server.ts';
import { startTcpClient } from '../../sim/program/tcp-client.ts';
import { decodeUtf8, encodeUtf8 } from '../../sim/wire/utf8.ts';
import { StreamPair } from './stream-pair.ts';

function talk(...lines: string[]): string[] {
  const pair = new StreamPair(() => 3);
  startFtpServer(pair.server, { name: 'ftpd', address: 0, port: 21 }, 'Comware FTP service ready.');
  const target = { destination: 0x0a000002, port: 21, source: 0, sourcePort: 0, connectTimeout: undefined, socket: {} };
  const send = encodeUtf8(lines.map((line) => `${line}\r\n`).join(''));
  const result = startTcpClient(pair.client, { ...target, send, silence: seconds(5) }, () => {});
  pair.run();
  return decodeUtf8(result.received).split('\r\n').slice(0, -1);
}

describe('the control connection of FTP', () => {
  it('greets with its banner before anything is said', () => {
    expect(talk()).toEqual(['220 Comware FTP service ready.']);
  });

  it('lets one log in, look around and leave', () => {
    expect(talk('USER admin', 'PASS secret', 'SYST', 'pwd', 'NOOP', 'QUIT', 'NOOP')).toEqual([
      '220 Comware FTP service ready.',
      '331 Password required for admin.',
      '230 User admin logged in.',
      '215 UNIX Type: L8',
      '257 "/" is current directory.',
      '200 NOOP command successful.',
      '221 Goodbye.',
    ]);
  });

  it('refuses what it does not know, and what comes too early', () => {
    expect(talk('PWD', 'PASS x', 'USER', 'PORT 1,2,3,4,5,6', '').slice(1)).toEqual([
      '530 Please login with USER and PASS.',
      '503 Login with USER first.',
      '501 Syntax error in parameters.',
      '502 Command not implemented.',
      '500 Syntax error, command unrecognized.',
    ]);
  });

  it('closes on a line without end', () => {
    expect(talk('x'.repeat(600), 'NOOP').slice(1)).toEqual(['500 Line too long.']);
  });
});
