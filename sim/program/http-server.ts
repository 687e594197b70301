import type { Errno } from '../core/errno.ts';
import type { TcpSocket } from '../transport/tcp/socket.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { contentLength, type HttpFault, type HttpMessage, HttpReader, httpBytes, keepsAlive } from './http-message.ts';
import type { ProgramHost } from './program-host.ts';
import type { Service } from './service.ts';
import { TcpOutbox } from './tcp-outbox.ts';
import { startTcpServer, type TcpServerOptions } from './tcp-server.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly reason: string;
  /** Content-Length and Connection are the server's to add. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Answers a request; the method is GET or HEAD, the path begins with a slash and has no query. */
export type HttpSite = (path: string) => HttpAnswer | undefined;

/** An HTTP/1.1 server for GET and HEAD (RFC 9110, 9112): connections stay open until the client has enough. */
export function startHttpServer(host: ProgramHost, options: TcpServerOptions, site: HttpSite): Service | Errno {
  return startTcpServer(host, options, (socket) => serveHttp(socket, site));
}

function serveHttp(socket: TcpSocket, site: HttpSite): void {
  const outbox = new TcpOutbox(socket);
  const reader = new HttpReader(requestBody);
  let closing = false;
  socket.onData = (data) => {
    reader.push(data);
    // Requests may come one after the other without waiting; they are answered in their order.
    for (let message = reader.next(); message !== undefined && !closing; message = reader.next()) answer(message);
  };
  socket.onEnd = () => {
    if (!closing) outbox.close();
    closing = true;
  };

  function answer(message: HttpMessage | HttpFault): void {
    if ('status' in message) {
      send(plain(message.status, message.reason), false, false);
      return;
    }
    const [method = '', target = '', version = ''] = message.start.split(' ');
    const keep = keepsAlive(version, message.headers);
    const fault = faultOf(method, target, version, message.headers);
    const path = target.split('?')[0] ?? '';
    const found = fault === undefined ? (site(path) ?? plain(404, 'Not Found')) : plain(fault.status, fault.reason);
    send(found, method === 'HEAD', keep && fault === undefined);
  }

  function send({ status, reason, headers, body }: HttpAnswer, headOnly: boolean, keep: boolean): void {
    const all = {
      ...headers,
      'Content-Length': String(body.length),
      ...(keep ? {} : { Connection: 'close' }),
    };
    outbox.write(httpBytes(`HTTP/1.1 ${status} ${reason}`, all, headOnly ? new Uint8Array(0) : body));
    if (keep) return;
    closing = true;
    outbox.close();
  }
}

function faultOf(
  method: string,
  target: string,
  version: string,
  headers: ReadonlyMap<string, string>,
): HttpFault | undefined {
  if (!/^HTTP\/\d\.\d$/.test(version)) return { status: 400, reason: 'Bad Request' };
  if (!version.startsWith('HTTP/1.')) return { status: 505, reason: 'HTTP Version Not Supported' };
  if (version === 'HTTP/1.1' && !headers.has('host')) return { status: 400, reason: 'Bad Request' };
  if (!target.startsWith('/')) return { status: 400, reason: 'Bad Request' };
  return method === 'GET' || method === 'HEAD' ? undefined : { status: 405, reason: 'Method Not Allowed' };
}

/** A request has a body where it says how long it is (RFC 9112, 6.3). */
function requestBody(_start: string, headers: ReadonlyMap<string, string>): number | HttpFault {
  if (headers.has('transfer-encoding')) return { status: 501, reason: 'Not Implemented' };
  return contentLength(headers) ?? 0;
}

function plain(status: number, reason: string): HttpAnswer {
  return {
    status,
    reason,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: encodeUtf8(`${status} ${reason}\n`),
  };
}

export interface Page {
  readonly body: string;
  /** Default text/html for what begins with `<`, else text/plain. */
  readonly type?: string;
  /** Another path or URL: the answer is 307 Temporary Redirect. */
  readonly redirect?: string;
}

/** A site of fixed pages, by path. */
export function siteOf(pages: ReadonlyMap<string, Page>): HttpSite {
  return (path) => {
    const page = pages.get(path);
    if (page === undefined) return undefined;
    const type = page.type ?? (page.body.trimStart().startsWith('<') ? 'text/html' : 'text/plain');
    const headers = { 'Content-Type': `${type}; charset=utf-8` };
    const body = encodeUtf8(page.body);
    if (page.redirect === undefined) return { status: 200, reason: 'OK', headers, body };
    return { status: 307, reason: 'Temporary Redirect', headers: { ...headers, Location: page.redirect }, body };
  };
}
