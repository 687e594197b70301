import type { Errno } from '../core/errno.ts';
import type { Datagram } from '../transport/socket.ts';
import type { Ipv4 } from '../wire/address.ts';
import {
  parseTftp,
  TFTP_EXISTS,
  TFTP_ILLEGAL,
  TFTP_NOT_FOUND,
  TFTP_RRQ,
  type TftpRequest,
  tftpError,
} from '../wire/tftp.ts';
import { fromNetascii, toNetascii } from './netascii.ts';
import type { ProgramHost } from './program-host.ts';
import type { Service } from './service.ts';
import { TftpTransfer } from './tftp-transfer.ts';

export interface TftpServerOptions {
  /** How it is called in listings and traces. */
  readonly name: string;
  /** 0 listens on every address. */
  readonly address: Ipv4;
  readonly port: number;
  /** What it serves, and where it puts what it is sent. */
  readonly files: Map<string, Uint8Array>;
  /** A file that is there may be written again. */
  readonly overwrite: boolean;
}

/** A TFTP server (RFC 1350): each transfer on a port of its own. The errno when its port cannot be had. */
export function startTftpServer(host: ProgramHost, options: TftpServerOptions): Service | Errno {
  const owner = { name: options.name, place: host.place };
  const listener = host.udp.open(owner);
  const errno = listener.bind(options.address, options.port);
  if (errno !== undefined) return errno;
  const transfers = new Set<TftpTransfer>();
  let received = 0;
  listener.onDatagram = (datagram) => {
    received++;
    const request = parseTftp(datagram.payload);
    if (request?.kind === 'request') open(request, datagram);
    else if (request?.kind !== 'error') answer(datagram, TFTP_ILLEGAL, 'Illegal TFTP operation');
  };
  return {
    name: options.name,
    get received() {
      return received;
    },
    close: () => {
      listener.close();
      for (const transfer of transfers) transfer.close();
      transfers.clear();
    },
  };

  /** An error needs no transfer, but comes from a port of its own as any answer does. */
  function answer(datagram: Datagram, code: number, text: string): void {
    const socket = openSocket(datagram);
    const { source, sourcePort, packet } = datagram;
    socket?.sendTo(tftpError(code, text), source, sourcePort, { cause: packet });
    socket?.close();
  }

  /** Answers come from the address that was asked, unless that was a broadcast. */
  function openSocket(datagram: Datagram): ReturnType<typeof host.udp.open> | undefined {
    const socket = host.udp.open(owner);
    const refused = socket.bind(datagram.asked, 0);
    return refused === undefined ? socket : undefined;
  }

  function open(request: TftpRequest, datagram: Datagram): void {
    const { name, mode, opcode } = request;
    const file = options.files.get(name);
    if (mode !== 'octet' && mode !== 'netascii') answer(datagram, TFTP_ILLEGAL, `Unknown mode ${mode}`);
    else if (opcode === TFTP_RRQ && file === undefined) answer(datagram, TFTP_NOT_FOUND, 'File not found');
    else if (opcode !== TFTP_RRQ && file !== undefined && !options.overwrite) {
      answer(datagram, TFTP_EXISTS, 'File already exists');
    } else transfer(name, mode === 'netascii', opcode === TFTP_RRQ ? file : undefined, datagram);
  }

  function transfer(name: string, isText: boolean, file: Uint8Array | undefined, datagram: Datagram): void {
    const socket = openSocket(datagram);
    if (socket === undefined) return;
    const one: TftpTransfer = new TftpTransfer({
      clock: host.clock,
      socket,
      peer: datagram.source,
      port: datagram.sourcePort,
      request: undefined,
      data: file !== undefined && isText ? toNetascii(file) : file,
      cause: datagram.packet,
      done: (bytes, failure) => {
        if (file === undefined && failure === undefined) options.files.set(name, isText ? fromNetascii(bytes) : bytes);
      },
      ended: () => transfers.delete(one),
    });
    transfers.add(one);
  }
}
