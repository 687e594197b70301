import type { Page } from '../program/http-server.ts';

/** What cAdvisor shows on its web port: / leads to /containers/, which is the page of the whole machine. */
export const CADVISOR_PAGES: ReadonlyMap<string, Page> = new Map([
  ['/', { body: '<a href="/containers/">Temporary Redirect</a>.\n', type: 'text/html', redirect: '/containers/' }],
  [
    '/containers/',
    {
      body: `<!DOCTYPE html>
<html>
  <head><title>cAdvisor - /</title></head>
  <body>
    <h1>/</h1>
    <h2>Docker Containers</h2>
    <h2>Subcontainers</h2>
    <h2>Isolation</h2>
    <h2>Usage</h2>
  </body>
</html>
`,
    },
  ],
  ['/healthz', { body: 'ok' }],
]);
