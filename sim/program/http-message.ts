import { concat } from '../wire/bytes.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { LineReader } from './line-reader.ts';

/** Bounds of what is read: a line, the lines of a head, a body. */
const LONGEST_LINE = 8192;
const MOST_HEADERS = 100;
const LARGEST_BODY = 16 * 1024 * 1024;

export interface HttpMessage {
  /** `GET / HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly start: string;
  /** Names in lower case; of several with one name the values are joined by a comma (RFC 9110, 5.3). */
  readonly headers: ReadonlyMap<string, string>;
  /** The header lines as they came. */
  readonly lines: readonly string[];
  readonly body: Uint8Array;
}

/** Why what came is no message, with the status that says so. */
export interface HttpFault {
  readonly status: number;
  readonly reason: string;
}

/** How long the body of a message is: so many bytes, or all until the connection ends. */
type BodyLength = number | 'until the end';

/** Tells from the head how long the body is; a fault where it cannot be told. */
type BodyRule = (start: string, headers: ReadonlyMap<string, string>) => BodyLength | HttpFault;

/** Reads HTTP/1.1 messages (RFC 9112) from a stream, however it is cut. Not read: chunked bodies, which nobody here sends. */
export class HttpReader {
  readonly #lines = new LineReader(LONGEST_LINE);
  readonly #bodyRule: BodyRule;
  #start: string | undefined;
  #headers = new Map<string, string>();
  #headerLines: string[] = [];
  #headIsWhole = false;
  #length: BodyLength = 0;
  #body: Uint8Array[] = [];
  #bodyLength = 0;

  constructor(bodyRule: BodyRule) {
    this.#bodyRule = bodyRule;
  }

  push(data: Uint8Array): void {
    this.#lines.push(data);
  }

  /** A message has begun and is not whole. */
  get isInside(): boolean {
    return this.#start !== undefined || this.#lines.length > 0;
  }

  /** The next whole message, or what is wrong with it; undefined while more is needed. `ended`: nothing more comes. */
  next(ended = false): HttpMessage | HttpFault | undefined {
    if (!this.#headIsWhole) {
      const fault = this.#readHead();
      if (fault !== undefined) return fault;
      if (!this.#headIsWhole) return undefined;
    }
    return this.#readBody(ended);
  }

  #readHead(): HttpFault | undefined {
    for (;;) {
      const line = this.#lines.line();
      if (line === undefined) return undefined;
      if (typeof line !== 'string') {
        return this.#start === undefined
          ? { status: 414, reason: 'URI Too Long' }
          : { status: 431, reason: 'Request Header Fields Too Large' };
      }
      if (this.#start === undefined) {
        // A robust server passes over empty lines before a request (RFC 9112, 2.2).
        if (line !== '') this.#start = line;
      } else if (line === '') return this.#endHead(this.#start);
      else {
        const fault = this.#header(line);
        if (fault !== undefined) return fault;
      }
    }
  }

  #header(line: string): HttpFault | undefined {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return { status: 400, reason: 'Bad Request' };
    if (this.#headers.size >= MOST_HEADERS) return { status: 431, reason: 'Request Header Fields Too Large' };
    this.#headerLines.push(line);
    const key = name.toLowerCase();
    const before = this.#headers.get(key);
    this.#headers.set(key, before === undefined ? value : `${before}, ${value}`);
    return undefined;
  }

  #endHead(start: string): HttpFault | undefined {
    const length = this.#bodyRule(start, this.#headers);
    if (typeof length === 'object') return length;
    if (length !== 'until the end' && length > LARGEST_BODY) return { status: 413, reason: 'Content Too Large' };
    this.#length = length;
    this.#headIsWhole = true;
    return undefined;
  }

  #readBody(ended: boolean): HttpMessage | HttpFault | undefined {
    const limit = this.#length === 'until the end' ? LARGEST_BODY : this.#length;
    const part = this.#lines.take(limit - this.#bodyLength);
    if (part.length > 0) this.#body.push(part);
    this.#bodyLength += part.length;
    const isWhole = this.#length === 'until the end' ? ended : this.#bodyLength === this.#length;
    if (!isWhole) return undefined;
    const lines = this.#headerLines;
    const message = { start: this.#start ?? '', headers: this.#headers, lines, body: concat(this.#body) };
    this.#start = undefined;
    this.#headers = new Map();
    this.#headerLines = [];
    this.#headIsWhole = false;
    this.#body = [];
    this.#bodyLength = 0;
    return message;
  }
}

/** The number that Content-Length gives; undefined where there is none, a fault where it is no number. */
export function contentLength(headers: ReadonlyMap<string, string>): number | undefined | HttpFault {
  const text = headers.get('content-length');
  if (text === undefined) return undefined;
  // The same length said twice is one (RFC 9110, 8.6).
  const values = new Set(text.split(',').map((value) => value.trim()));
  const [only = ''] = values;
  return values.size === 1 && /^\d{1,12}$/.test(only) ? Number(only) : { status: 400, reason: 'Bad Request' };
}

/** Whether the connection goes on after this message (RFC 9112, 9.3). */
export function keepsAlive(version: string, headers: ReadonlyMap<string, string>): boolean {
  const options = (headers.get('connection') ?? '').toLowerCase().split(/\s*,\s*/);
  return version === 'HTTP/1.0' ? options.includes('keep-alive') : !options.includes('close');
}

/** The bytes of a message. */
export function httpBytes(start: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return concat([encodeUtf8(`${start}\r\n${lines.join('')}\r\n`), body]);
}
