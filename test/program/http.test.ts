import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../sim/core/time.ts';
import { type HttpResult, startHttpGet } from '../../sim/program/http-client.ts';
import { type Page, siteOf, startHttpServer } from '../../sim/program/http-server.ts';
import { startTcpClient } from '../../sim/program/tcp-client.ts';
import { decodeUtf8, encodeUtf8 } from '../../sim/wire/utf8.ts';
import { StreamPair } from './stream-pair.ts';

/* HTTP/1.1 over a stream that is cut wherever it pleases. */

const TARGET = {
  ...{ destination: 0x0a000002, port: 80, source: 0, sourcePort: 0 },
  ...{ connectTimeout: undefined, socket: {}, silence: seconds(10) },
};

const PAGES = new Map<string, Page>([
  ['/', { body: '', redirect: '/containers/' }],
  ['/containers/', { body: '<html>容器 cAdvisor</html>' }],
  ['/long', { body: 'line of text\n'.repeat(1000) }],
]);

function pairWithSite(piece?: () => number): StreamPair {
  const pair = new StreamPair(piece);
  expect(startHttpServer(pair.server, { name: 'httpd', address: 0, port: 80 }, siteOf(PAGES))).toBeTypeOf('object');
  return pair;
}

function get(pair: StreamPair, path: string): HttpResult {
  const result = startHttpGet(pair.client, { ...TARGET, path }, () => {});
  pair.run();
  expect(result.finished).toBe(true);
  return result;
}

/** What the server says to these bytes. */
function say(pair: StreamPair, text: string): string {
  const result = startTcpClient(pair.client, { ...TARGET, send: encodeUtf8(text) }, () => {});
  pair.run();
  return decodeUtf8(result.received);
}

describe('a page', () => {
  it('is fetched with its status, type and body', () => {
    const { response, url } = get(pairWithSite(), '/containers/');
    expect(url).toBe('http://10.0.0.2/containers/');
    expect(response).toMatchObject({ status: 200, reason: 'OK' });
    expect(response?.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(decodeUtf8(response?.body ?? new Uint8Array())).toBe('<html>容器 cAdvisor</html>');
  });

  it('that moved says where to, and is not followed', () => {
    const { response } = get(pairWithSite(), '/');
    expect(response?.status).toBe(307);
    expect(response?.headers.get('location')).toBe('/containers/');
  });

  it('that is not there is 404', () => {
    expect(get(pairWithSite(), '/nothing').response).toMatchObject({ status: 404, reason: 'Not Found' });
  });

  it('is asked for as curl asks', () => {
    const pair = pairWithSite();
    get(pair, '/long');
    expect(decodeUtf8(Uint8Array.from(pair.log.toServer))).toBe(
      'GET /long HTTP/1.1\r\nHost: 10.0.0.2\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n\r\n',
    );
  });

  it('is the same however the stream is cut (law)', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.integer({ min: 1, max: 700 })),
        fc.constantFrom(...PAGES.keys()),
        (pieces, path) => {
          const pair = pairWithSite(() => pieces.next().value);
          const { response } = get(pair, path);
          expect(decodeUtf8(response?.body ?? new Uint8Array())).toBe(PAGES.get(path)?.body);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a connection', () => {
  it('carries one request after the other, answered in their order, until the client says close', () => {
    const answer = say(
      pairWithSite(),
      'GET /nothing HTTP/1.1\r\nHost: a\r\n\r\nHEAD /long HTTP/1.1\r\nHost: a\r\n\r\nGET /containers/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    expect([...answer.matchAll(/^HTTP\/1.1 (.*)\r$/gm)].map(([, status]) => status)).toEqual([
      '404 Not Found',
      '200 OK',
      '200 OK',
    ]);
    expect(answer).toContain('Content-Length: 13000\r\n\r\nHTTP/1.1');
    expect(answer).toContain('Connection: close\r\n');
  });

  it.each([
    ['GET / HTTP/1.1\r\n\r\n', '400 Bad Request'],
    ['GET\r\n\r\n', '400 Bad Request'],
    ['GET / HTTP/1.1\r\nno colon\r\n\r\n', '400 Bad Request'],
    ['GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', '400 Bad Request'],
    ['GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\n', '400 Bad Request'],
    ['GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n', '413 Content Too Large'],
    ['GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', '501 Not Implemented'],
    ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi', '405 Method Not Allowed'],
    ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', '505 HTTP Version Not Supported'],
    [`GET /${'x'.repeat(9000)}`, '414 URI Too Long'],
    [`GET / HTTP/1.1\r\nx: ${'x'.repeat(9000)}`, '431 Request Header Fields Too Large'],
    [
      `GET / HTTP/1.1\r\n${Array.from({ length: 101 }, (_, n) => `x${n}: y\r\n`).join('')}`,
      '431 Request Header Fields Too Large',
    ],
  ])('is closed with a reason after %j', (request, status) => {
    const answer = say(pairWithSite(), request);
    expect(answer.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
  });

  it('survives any bytes (law)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const pair = pairWithSite(() => 7);
        const result = startTcpClient(pair.client, { ...TARGET, send: Uint8Array.from([...bytes, 10, 10]) }, () => {});
        pair.run();
        expect(result.finished).toBe(true);
      }),
    );
  });
});

describe('no page', () => {
  it('where nobody listens', () => {
    expect(get(new StreamPair(), '/')).toMatchObject({
      connected: false,
      error: 'ECONNREFUSED',
      failure: 'curl: (7) Failed to connect to 10.0.0.2 port 80 after 0 ms: Could not connect to server',
    });
  });

  it.each([
    ['nothing', '', 'curl: (52) Empty reply from server'],
    ['other words', '220 ready\r\n\r\n', 'curl: (1) Received HTTP/0.9 when not allowed'],
  ])('where the server says %s', (_, words, failure) => {
    const pair = new StreamPair();
    pair.server.tcp.listen({ name: 'x', place: pair.server.place }, 0, 80, (socket) => {
      socket.write(encodeUtf8(words));
      socket.close();
    });
    expect(get(pair, '/').failure).toBe(failure);
  });
});
