import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TemporaryFolder } from '../tools.ts';
import { Browser, hasChromium, needsChromium } from './browser.ts';
import { cutawayIn, ndjson, whitepaperScenario } from './cli.ts';

/** A scenario whose texts would be markup if they could, and which loses a packet, a cable and an expectation. */
const NASTY = `
name: nasty
title: '</title><script>document.title = "caught"</script><!-- & "quotes"'
topology:
  topology:
    nodes:
      web:
        kind: linux
        interfaces: { eth0: { address: 10.0.0.1/24 } }
        services:
          - program: http
            port: 80
            pages: { /: { body: '</script><script>document.title = "caught"</script><img src="http://192.0.2.1/x.png"><!--' } }
      pc: { kind: linux, interfaces: { eth0: { address: 10.0.0.2/24 } } }
    links:
      - endpoints: ["web:eth0", "pc:eth0"]
        delay: 1ms
steps:
  - name: '<b>a page</b>'
    http: { from: pc, get: "http://10.0.0.1/" }
    expect: { status: 404 }
  - udp: { from: pc, to: "10.0.0.1:9", payload: x }
    expect: { error: ECONNREFUSED }
  - link: { endpoint: "pc:eth0", state: down }
  - ping: { from: pc, to: 10.0.0.1, count: 1 }
`;

interface Report {
  readonly name: string;
  readonly passed: boolean;
  readonly steps: readonly { readonly checks: readonly { readonly passed: boolean }[] }[];
  readonly packets: { readonly born: number };
}

const folder = new TemporaryFolder();
let html = '';
let again = '';
let reports: Report[] = [];

beforeAll(() => {
  folder.write('nasty.yaml', NASTY);
  const run = (page: string): string => {
    const args = ['run', whitepaperScenario('fig11'), 'nasty.yaml', '--no-write', '--json', '--report', page];
    return cutawayIn(folder.path, args).stdout;
  };
  reports = ndjson(run('page.html')) as unknown as Report[];
  run('again.html');
  html = readFileSync(join(folder.path, 'page.html'), 'utf8');
  again = readFileSync(join(folder.path, 'again.html'), 'utf8');
}, 120_000);

afterAll(() => folder.dispose());

describe('the page of a run', () => {
  it('is one file that asks nothing of anybody, the same each time', () => {
    expect(again).toBe(html);
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /<(link|script|img|iframe)[^>]*(src|href)="(?!data:,")|@import|url\(/,
    );
    expect(html).toContain(`content="default-src 'none';`);
  });

  it('holds nothing of the simulated world as markup', () => {
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(html).not.toMatch(/<img|<!--|<b>a page/);
    expect(html).toContain('&lt;b&gt;a page&lt;/b&gt;');
    const [, data = ''] = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html) ?? [];
    expect(Object.keys(JSON.parse(data))).toEqual(['strings', 'runs']);
  });

  it('says without a script what became of every scenario, step and expectation', () => {
    const verdicts = [...html.matchAll(/<section id="s\d+"[^>]* data-verdict="(\w+)"/g)].map(([, verdict]) => verdict);
    expect(verdicts).toEqual(reports.map(({ passed }) => (passed ? 'passed' : 'failed')));
    expect(verdicts).toEqual(['passed', 'failed']);
    const [, ...sections] = html.split('<section ');
    for (const [index, { steps }] of reports.entries()) {
      const failed = steps.flatMap(({ checks }) => checks.filter((check) => !check.passed));
      expect(sections[index]?.match(/<br>expected /g) ?? []).toHaveLength(failed.length);
    }
    expect(sections[1]).toMatch(/expected <code>404<\/code><br>found <code>200<\/code>/);
    expect(sections[0]).toContain('Figure 11: third-party application to a destination outside (north-south)');
    expect(sections[0]).toContain('# ip route\ndefault via 1.1.1.200 dev eth0');
  });

  it('draws a cable that was pulled out on the way', () => {
    expect(html).toMatch(/<path class="wire cable cut"/);
  });
});

describe('in a browser, the page of a run', () => {
  it.skipIf(!hasChromium)(
    `moves packets, and neither complains nor asks a network ${needsChromium}`,
    async () => {
      const browser = new Browser();
      try {
        await browser.open(pathToFileURL(join(folder.path, 'page.html')).href);
        const ask = <T>(expression: string): Promise<T> => browser.evaluate<T>(expression);
        const place = (): Promise<[string, string]> =>
          ask(`[document.querySelector('#s0 .player').dataset.place, document.querySelector('#s0 .now').textContent]`);
        // Pictures are there, with their boxes.
        expect(await ask(`document.querySelectorAll('section svg.cw').length`)).toBe(2);
        expect(await ask(`document.querySelector('#s0 svg').getBoundingClientRect().height > 200`)).toBe(true);
        // No text of the picture is wider than what it stands in.
        const wide = `[...document.querySelectorAll('svg.cw g[class^="on-"]')].flatMap((group) => {
          const rects = [...group.ownerSVGElement.querySelectorAll('rect[data-id]')];
          const rect = rects[[...group.ownerSVGElement.querySelectorAll('g[class^="on-"]')].indexOf(group)].getBBox();
          return [...group.querySelectorAll('text')].filter((text) => {
            const own = text.getBBox();
            return own.x < rect.x || own.x + own.width > rect.x + rect.width;
          }).map((text) => text.textContent);
        })`;
        expect(await ask(wide)).toEqual([]);
        // Stepping moves the packet through the stations that the report tells of.
        await ask(`document.querySelector('#s0 .player').focus()`);
        const moved: string[] = [];
        await ask(`(() => { const list = document.querySelector('#s0 select[name=packet]');
          list.value = list.options[2].value; list.dispatchEvent(new Event('change')); })()`);
        for (let count = 0; count < 60; count++) {
          await browser.press('ArrowRight');
          const [at] = await place();
          if (at !== moved.at(-1)) moved.push(at);
        }
        const stations = moved.filter((id) => !/^veth/.test(id));
        expect(stations.slice(0, 4)).toEqual([
          'Application@device-a/container3',
          'Inet stack@device-a/container3',
          'Kernel forwarding@device-a/container3',
          'eth0@device-a/container3',
        ]);
        expect(stations.at(-1)).toBe('Inet stack@host-b');
        const dot = `document.querySelector('#s0 .dot').getBoundingClientRect().x`;
        const end = await ask<number>(dot);
        await browser.press('Home');
        expect(await ask(`document.querySelector('#s0 .dot')`)).toBe(null);
        await browser.press('ArrowRight');
        expect(await ask<number>(dot)).not.toBe(end);
        // It plays by itself, and stops.
        await ask(`document.querySelector('#s0 .play').click()`);
        await ask(`new Promise((done) => setTimeout(done, 1500))`);
        expect(await ask<number>(`Number(document.querySelector('#s0 .player').dataset.at)`)).toBeGreaterThan(0);
        await ask(`document.querySelector('#s0 .play').click()`);
        // A drop is marked, and the trace tells why.
        await ask(`document.querySelector('#s1').scrollIntoView()`);
        await ask(`new Promise((done) => { const look = () =>
          document.querySelector('#s1 select') === null ? setTimeout(look, 20) : done(); look(); })`);
        const lost = `(() => { const list = document.querySelector('#s1 select[name=packet]');
          list.value = [...list.options].find((one) => one.textContent.includes('\\u2715')).value;
          list.dispatchEvent(new Event('change')); document.querySelector('#s1 .player').focus(); })()`;
        await ask(lost);
        await browser.press('End');
        expect(await ask(`document.querySelector('#s1 .dot circle').classList.contains('dropped')`)).toBe(true);
        expect(await ask(`document.querySelector('#s1 .trace .drop').textContent`)).toMatch(/^DROP \w+:[A-Z_]+: /);
        expect(await ask(`document.title`)).toBe('Cutaway: 1 of 2 scenarios passed');
        expect(browser.complaints).toEqual([]);
        expect(browser.requests).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    120_000,
  );
});
