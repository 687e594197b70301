import { describe, expect, it } from 'vitest';
import {
  parseTftp,
  TFTP_BLOCK,
  TFTP_RRQ,
  TFTP_WRQ,
  tftpAck,
  tftpData,
  tftpError,
  tftpRequest,
} from '../../sim/wire/tftp.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe('TFTP (RFC 1350)', () => {
  it.each<[string, Uint8Array, string]>([
    ['a read request', tftpRequest(TFTP_RRQ, 'a/b', 'octet'), '\0\x01a/b\0octet\0'],
    ['a write request', tftpRequest(TFTP_WRQ, 'é', 'netascii'), '\0\x02\xc3\xa9\0netascii\0'],
    ['data', tftpData(0x1234, bytes('xyz')), '\0\x03\x12\x34xyz'],
    ['an acknowledgement', tftpAck(0xfffe), '\0\x04\xff\xfe'],
    ['an error', tftpError(0x0105, 'no'), '\0\x05\x01\x05no\0'],
  ])('%s is laid down byte by byte', (_, made, expected) => expect(made).toEqual(bytes(expected)));

  it.each<[string, object]>([
    ['\0\x01a/b\0octet\0', { kind: 'request', opcode: TFTP_RRQ, name: 'a/b', mode: 'octet' }],
    ['\0\x02n\0OCTET\0blksize\x001428\0', { kind: 'request', opcode: TFTP_WRQ, name: 'n', mode: 'octet' }],
    ['\0\x03\x12\x34xyz', { kind: 'data', block: 0x1234, data: bytes('xyz') }],
    ['\0\x03\0\x01', { kind: 'data', block: 1, data: bytes('') }],
    ['\0\x04\xff\xfe', { kind: 'ack', block: 0xfffe }],
    ['\0\x05\0\x01gone\0rest', { kind: 'error', code: 1, text: 'gone' }],
    ['\0\x05\0\x02no NUL', { kind: 'error', code: 2, text: 'no NUL' }],
    ['\0\x05\0\x02\0', { kind: 'error', code: 2, text: '' }],
  ])('%j is read', (text, expected) => expect(parseTftp(bytes(text))).toEqual(expected));

  it.each([
    '',
    '\0\x04\0',
    '\0\0\0\0',
    '\0\x06\0\0',
    '\x01\x03\0\x01',
    '\0\x01\0octet\0',
    '\0\x01abc',
    '\0\x01abc\0oct',
  ])('%j is no message of it', (text) => expect(parseTftp(bytes(text))).toBeUndefined());

  it('a block has 512 bytes at most', () => {
    expect(parseTftp(tftpData(1, new Uint8Array(TFTP_BLOCK)))).toMatchObject({ block: 1 });
    expect(parseTftp(tftpData(1, new Uint8Array(TFTP_BLOCK + 1)))).toBeUndefined();
    expect(TFTP_BLOCK).toBe(512);
  });
});
