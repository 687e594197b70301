import type { Errno } from '../core/errno.ts';
import { type Clock, cancel, type Timer } from '../core/events.ts';
import { type SimTime, seconds } from '../core/time.ts';
import type { Datagram, SendResult, SocketError } from '../transport/socket.ts';
import type { UdpSocket } from '../transport/udp.ts';
import type { Ipv4 } from '../wire/address.ts';
import { concat } from '../wire/bytes.ts';
import {
  parseTftp,
  TFTP_BLOCK,
  TFTP_DISK_FULL,
  TFTP_ILLEGAL,
  TFTP_UNKNOWN_TID,
  type TftpMessage,
  tftpAck,
  tftpData,
  tftpError,
} from '../wire/tftp.ts';

/** How long an answer is waited for, and how often a message is sent before the transfer is given up. */
const TIMEOUT = seconds(5);
const ATTEMPTS = 6;
/** After the last block the receiver stays this long, in case its last ACK is lost (RFC 1350, 6: "dallying"). */
const DALLY: SimTime = seconds(12);
/** What a receiver takes; a file of the simulation that is larger is a mistake. */
const LARGEST_FILE = 64 * 1024 * 1024;

/** Why a transfer ended before its end. */
export type TftpFailure =
  | { readonly kind: 'error'; readonly code: number; readonly text: string; readonly fromPeer: boolean }
  | { readonly kind: 'timeout' }
  /** The request could not even be sent. */
  | { readonly kind: 'refused'; readonly errno: Errno }
  | { readonly kind: 'socket'; readonly error: SocketError };

export interface TftpTransferOptions {
  readonly clock: Clock;
  /** Bound, and used for this transfer alone: its port is the transfer identifier. */
  readonly socket: UdpSocket;
  readonly peer: Ipv4;
  /** The peer's transfer identifier; with `request` the port that requests go to. */
  readonly port: number;
  /** What opens the transfer: a request of the client. The server has been asked, and begins with its first message. */
  readonly request: Uint8Array | undefined;
  /** The bytes to send, or undefined to receive. */
  readonly data: Uint8Array | undefined;
  /** Number of the packet that brought the request, for the server. */
  readonly cause: number;
  readonly onSent?: (result: SendResult) => void;
  /** The first message of the peer. */
  readonly onFirst?: (datagram: Datagram) => void;
  /** Called once: with the bytes that were sent or received, or with what went wrong. */
  readonly done: (data: Uint8Array, failure: TftpFailure | undefined) => void;
  /** The socket is closed: nothing more comes. */
  readonly ended?: () => void;
}

/**
 * One transfer of RFC 1350, either end: one block under way, each acknowledged, what is not answered is sent again.
 * Block numbers go on from 65535 with 0. A duplicate ACK never causes a block to be sent again, so that no block is
 * sent twice for ever ("Sorcerer's Apprentice", RFC 1123 4.2.3.1).
 */
export class TftpTransfer {
  readonly #options: TftpTransferOptions;
  /** The peer's transfer identifier, 0 while the client has not heard from it. */
  #tid: number;
  /** Of the block sent last, or of the block awaited. */
  #block: number;
  /** Where the block sent last ends in the data. */
  #offset = 0;
  readonly #received: Uint8Array[] = [];
  #receivedLength = 0;
  #message: Uint8Array = new Uint8Array(0);
  #attempts = 0;
  #timer: Timer | undefined;
  #heard = false;
  #finished = false;

  constructor(options: TftpTransferOptions) {
    this.#options = options;
    const { request, data, cause, port } = options;
    this.#tid = request === undefined ? port : 0;
    this.#block = data === undefined ? 1 : 0;
    options.socket.onDatagram = (datagram) => this.#receive(datagram);
    options.socket.onError = (error) => this.#fault(error);
    if (request !== undefined) this.#send(request, cause);
    else if (data !== undefined) this.#sendBlock(data, cause);
    else this.#send(tftpAck(0), cause);
  }

  /** Ends it without a word: its program was killed. */
  close(): void {
    this.#finished = true;
    cancel(this.#timer);
    this.#options.socket.close();
    this.#options.ended?.();
  }

  #send(message: Uint8Array, cause: number): void {
    this.#message = message;
    this.#attempts = 0;
    this.#transmit(cause);
  }

  #transmit(cause: number): void {
    const { clock, socket, peer, port, request, onSent } = this.#options;
    this.#attempts++;
    const result = socket.sendTo(this.#message, peer, this.#tid || port, { cause });
    onSent?.(result);
    cancel(this.#timer);
    if ('errno' in result && request !== undefined && !this.#heard) {
      this.#finish({ kind: 'refused', errno: result.errno });
      return;
    }
    this.#timer = clock.after(TIMEOUT, () => this.#expire(), undefined);
  }

  #expire(): void {
    if (this.#finished) this.close();
    else if (this.#attempts >= ATTEMPTS) this.#finish({ kind: 'timeout' });
    else this.#transmit(0);
  }

  #receive(datagram: Datagram): void {
    const { peer, socket, onFirst } = this.#options;
    const isPeer = datagram.source === peer && (this.#tid === 0 || datagram.sourcePort === this.#tid);
    const message = parseTftp(datagram.payload);
    if (!isPeer) {
      // It disturbs nobody but its sender. An error is never answered with an error.
      if (message?.kind === 'error') return;
      const error = tftpError(TFTP_UNKNOWN_TID, 'Unknown transfer ID');
      socket.sendTo(error, datagram.source, datagram.sourcePort, { cause: datagram.packet });
      return;
    }
    if (!this.#heard) onFirst?.(datagram);
    this.#heard = true;
    this.#tid = datagram.sourcePort;
    if (message === undefined || message.kind === 'request') {
      this.#refuse(TFTP_ILLEGAL, 'Illegal TFTP operation', datagram.packet);
    } else this.#handle(message, datagram.packet);
  }

  #handle(message: Exclude<TftpMessage, { kind: 'request' }>, cause: number): void {
    const { data } = this.#options;
    if (message.kind === 'error') {
      const { code, text } = message;
      if (!this.#finished) this.#finish({ kind: 'error', code, text, fromPeer: true });
    } else if (data === undefined && message.kind === 'data') this.#takeBlock(message.block, message.data, cause);
    else if (data !== undefined && message.kind === 'ack') this.#takeAck(data, message.block, cause);
    else this.#refuse(TFTP_ILLEGAL, 'Illegal TFTP operation', cause);
  }

  #takeAck(data: Uint8Array, block: number, cause: number): void {
    if (this.#finished || block !== this.#block) return;
    const wasLast = this.#message.length < 4 + TFTP_BLOCK && this.#options.request !== this.#message;
    if (wasLast) this.#finish(undefined);
    else this.#sendBlock(data, cause);
  }

  #sendBlock(data: Uint8Array, cause: number): void {
    this.#block = (this.#block + 1) & 0xffff;
    const start = this.#offset;
    this.#offset = Math.min(start + TFTP_BLOCK, data.length);
    this.#send(tftpData(this.#block, data.subarray(start, this.#offset)), cause);
  }

  #takeBlock(block: number, data: Uint8Array, cause: number): void {
    if (!this.#finished && block === this.#block) {
      this.#received.push(data);
      this.#receivedLength += data.length;
      this.#block = (block + 1) & 0xffff;
      if (this.#receivedLength > LARGEST_FILE) {
        this.#refuse(TFTP_DISK_FULL, 'Disk full or allocation exceeded', cause);
        return;
      }
      this.#send(tftpAck(block), cause);
      if (data.length < TFTP_BLOCK) this.#finish(undefined);
      return;
    }
    // The peer has not seen the ACK of the block before.
    const isBefore = ((block + 1) & 0xffff) === this.#block && this.#receivedLength + this.#received.length > 0;
    if (isBefore) this.#options.socket.sendTo(this.#message, this.#options.peer, this.#tid, { cause });
  }

  #refuse(code: number, text: string, cause: number): void {
    if (this.#finished) return;
    this.#options.socket.sendTo(tftpError(code, text), this.#options.peer, this.#tid, { cause });
    this.#finish({ kind: 'error', code, text, fromPeer: false });
  }

  #fault(error: SocketError): void {
    const { peer, port } = this.#options;
    if (this.#finished || error.destination !== peer || error.destinationPort !== (this.#tid || port)) return;
    // The stack knows the smaller MTU from now on: what is sent again is cut.
    if (error.errno !== 'EMSGSIZE') this.#finish({ kind: 'socket', error });
  }

  #finish(failure: TftpFailure | undefined): void {
    const { clock, data, done } = this.#options;
    this.#finished = true;
    cancel(this.#timer);
    if (data === undefined && failure === undefined) {
      this.#timer = clock.after(DALLY, () => this.#expire(), undefined);
    } else this.close();
    done(data ?? concat(this.#received), failure);
  }
}
