import { type Errno, strerror } from '../core/errno.ts';
import { cancel, type Timer } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import { formatIpv4 } from '../wire/address.ts';
import { contentLength, type HttpFault, type HttpMessage, HttpReader, httpBytes, keepsAlive } from './http-message.ts';
import { newProbe } from './probe.ts';
import type { ProgramHost } from './program-host.ts';
import { TcpConnection, type TcpProbe, type TcpTarget } from './tcp-connection.ts';

/** An answer, or why there is none: `reset`, `ended` before it was whole, `late`, or bytes that are no HTTP. */
export type HttpOutcome =
  | { readonly response: HttpResponse }
  | { readonly failure: 'broken' | 'ended' | 'late' | 'garbage'; readonly errno: Errno | undefined };

export interface HttpResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: ReadonlyMap<string, string>;
  /** The header lines as they came. */
  readonly lines: readonly string[];
  readonly body: Uint8Array;
}

/** A client's connection to an HTTP server: one request after the other. */
export class HttpConnection {
  readonly #host: ProgramHost;
  readonly #authority: string;
  readonly #agent: string;
  readonly #silence: SimTime;
  readonly #connection: TcpConnection;
  readonly #reader = new HttpReader((start, headers) => responseBody(this.#method, start, headers));
  #method = 'GET';
  #answer: ((outcome: HttpOutcome) => void) | undefined;
  #timer: Timer | undefined;
  #over: HttpOutcome | undefined;

  constructor(
    host: ProgramHost,
    options: {
      readonly target: TcpTarget;
      readonly probe: TcpProbe;
      readonly agent: string;
      readonly silence: SimTime;
    },
  ) {
    const { target, probe, agent, silence } = options;
    this.#host = host;
    this.#agent = agent;
    this.#silence = silence;
    this.#authority = authorityOf(target);
    this.#connection = new TcpConnection(host, agent.split('/')[0] ?? agent, target, probe, {
      connected: () => this.#listen(),
      data: (data) => {
        this.#reader.push(data);
        this.#listen();
        this.#read(false);
      },
      ended: () => this.#read(true),
      failed: (errno) => this.#end({ failure: 'broken', errno }),
    });
    if (probe.error !== undefined) this.#over = { failure: 'broken', errno: probe.error };
  }

  /** Asks; `answer` is called once, never from inside. The one before must have been answered. */
  request(method: 'GET' | 'HEAD', path: string, accept: string, answer: (outcome: HttpOutcome) => void): void {
    this.#method = method;
    this.#answer = answer;
    if (this.#over !== undefined) {
      this.#host.clock.after(0 as SimTime, () => this.#end(this.#over as HttpOutcome), undefined);
      return;
    }
    const headers = { Host: this.#authority, 'User-Agent': this.#agent, Accept: accept };
    this.#connection.write(httpBytes(`${method} ${path} HTTP/1.1`, headers, new Uint8Array(0)));
    if (this.#connection.probe.connected) this.#listen();
  }

  close(): void {
    cancel(this.#timer);
    this.#connection.close();
  }

  #listen(): void {
    cancel(this.#timer);
    this.#timer = this.#host.clock.after(
      this.#silence,
      () => this.#end({ failure: 'late', errno: undefined }),
      undefined,
    );
  }

  #read(ended: boolean): void {
    const message = this.#reader.next(ended);
    const outcome = message === undefined ? undefined : outcomeOf(message);
    if (outcome !== undefined) {
      cancel(this.#timer);
      const answer = this.#answer;
      this.#answer = undefined;
      if (ended || !isReusable(outcome)) this.#over ??= { failure: 'ended', errno: undefined };
      answer?.(outcome);
    } else if (ended) this.#end({ failure: 'ended', errno: undefined });
  }

  #end(outcome: HttpOutcome): void {
    cancel(this.#timer);
    this.#over ??= outcome;
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(outcome);
  }
}

function isReusable(outcome: HttpOutcome): boolean {
  return 'response' in outcome && keepsAlive('HTTP/1.1', outcome.response.headers);
}

/** The Host header: the port only where it is not HTTP's own. */
function authorityOf({ destination, port }: TcpTarget): string {
  return port === 80 ? formatIpv4(destination) : `${formatIpv4(destination)}:${port}`;
}

function outcomeOf(message: HttpMessage | HttpFault): HttpOutcome {
  const [, status, reason = ''] =
    /^HTTP\/1\.[01] ([1-5]\d\d)(?: (.*))?$/.exec('start' in message ? message.start : '') ?? [];
  if (status === undefined || !('start' in message)) return { failure: 'garbage', errno: undefined };
  const { headers, lines, body } = message;
  return { response: { status: Number(status), reason, headers, lines, body } };
}

/** How long the body of a response is (RFC 9112, 6.3). */
function responseBody(
  method: string,
  start: string,
  headers: ReadonlyMap<string, string>,
): number | 'until the end' | HttpFault {
  const status = Number(start.split(' ')[1]);
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  if (headers.has('transfer-encoding')) return { status: 501, reason: 'Not Implemented' };
  return contentLength(headers) ?? 'until the end';
}

export interface HttpClientOptions extends TcpTarget {
  readonly path: string;
  /** How long the server may be silent once connected. */
  readonly silence: SimTime;
}

export interface HttpResult extends TcpProbe {
  readonly kind: 'http';
  readonly url: string;
  response: HttpResponse | undefined;
  /** What curl prints when there is none: `curl: (7) Failed to connect to 1.1.1.3 port 80 ...`. */
  failure: string | undefined;
  took: SimTime;
}

/** `curl http://ADDRESS[:PORT]/PATH`: one GET; a redirect is told, not followed. */
export function startHttpGet(
  host: ProgramHost,
  options: HttpClientOptions,
  done: (result: HttpResult) => void,
): HttpResult {
  const { destination, port, path, silence } = options;
  const result: HttpResult = {
    ...newProbe('http', host.flavour, { destination, port, size: 0 }),
    ...{ connected: false, error: undefined, closed: false, firstData: { there: 0, back: 0 } },
    url: `http://${authorityOf(options)}${path}`,
    response: undefined,
    failure: undefined,
    took: 0 as SimTime,
  };
  const started = host.clock.now;
  const connection = new HttpConnection(host, { target: options, probe: result, agent: 'curl/8.14.1', silence });
  connection.request('GET', path, '*/*', (outcome) => {
    result.took = (host.clock.now - started) as SimTime;
    if ('response' in outcome) result.response = outcome.response;
    else result.failure = curlText(result, outcome);
    connection.close();
    result.finished = true;
    done(result);
  });
  return result;
}

/** As curl words it. */
function curlText(result: HttpResult, { failure, errno }: Exclude<HttpOutcome, { response: HttpResponse }>): string {
  const { connected, destination, port, took } = result;
  const after = Math.floor(took / 1e6);
  if (!connected) {
    const where = `Failed to connect to ${formatIpv4(destination)} port ${port} after ${after} ms`;
    return errno === 'ETIMEDOUT'
      ? `curl: (28) ${where}: Timeout was reached`
      : `curl: (7) ${where}: Could not connect to server`;
  }
  switch (failure) {
    case 'broken':
      return `curl: (56) Recv failure: ${errno === undefined ? 'unknown' : strerror(errno)}`;
    case 'ended':
      return 'curl: (52) Empty reply from server';
    case 'late':
      return `curl: (28) Operation timed out after ${after} milliseconds with 0 bytes received`;
    case 'garbage':
      return 'curl: (1) Received HTTP/0.9 when not allowed';
  }
}
