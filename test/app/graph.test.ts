import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasDot, needsDot } from '../tools.ts';
import { cutaway, cutawayIn, WHITEPAPER_TOPOLOGY as LAB, temporaryFolder } from './cli.ts';

const OFFICE = join(LAB, '..', '..', 'linux', 'office.yaml');

function graph(...args: string[]): ReturnType<typeof cutaway> {
  return cutaway('graph', ...args);
}

/** What stands in an SVG as text. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
}

interface Drawn {
  readonly flow: { readonly there: readonly { station: string }[]; readonly back: readonly { station: string }[] };
}

describe('graph', () => {
  it('draws every node, namespace and address as text', () => {
    const { status, stdout, stderr } = graph(LAB);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(textsOf(stdout)).toEqual(
      expect.arrayContaining([
        ...['device-a', 'comware', 'host', 'container3', 'router', 'host-b'],
        ...['1.1.1.3/24', '20.1.1.1/24', 'for GE1/0/1', '203.0.113.10/24', 'TPA bridge  tpa-bridge0', 'Comware stack'],
      ]),
    );
    expect(stdout).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" class="cw"/);
    expect(stdout).toContain('@media (prefers-color-scheme: dark)');
    expect(stdout.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|<script/);
  });

  it('lays the way that trace tells over it, there and back', () => {
    const args = ['--path', 'container3 -> 203.0.113.10'];
    const drawn = JSON.parse(graph(LAB, ...args, '--json').stdout) as Drawn;
    const traced = cutaway('trace', LAB, '--from', 'container3', '--to', '203.0.113.10', '--json').stdout;
    const ways = [...traced.matchAll(/"(?:path|replyPath)":(\[[^\]]*\])/g)].map(([, list = '[]']) => JSON.parse(list));
    const { there, back } = drawn.flow;
    const stations = (points: Drawn['flow']['there']) =>
      points.flatMap(({ station }) => (station === '' ? [] : [station]));
    expect(ways).toContainEqual(stations(there));
    expect(ways).toContainEqual(stations(back));
    const svg = graph(LAB, ...args).stdout;
    expect(svg.match(/<path class="way (there|back)" d="M[^"]*C/g)).toHaveLength(2);
    expect(textsOf(svg)).toContain('device-a/container3 -&gt; 203.0.113.10 (icmp): DELIVERED');
    expect(textsOf(svg).filter((text) => /TTL 64 -&gt; 63/.test(text))).toHaveLength(2);
  });

  it('marks where a packet died, and what translated it', () => {
    const dropped = textsOf(graph(LAB, '--path', 'container3 -> 1.1.1.200:9999').stdout);
    expect(dropped).toContain('12 ✕');
    expect(dropped.join('\n')).toMatch(/DROPPED kernel:NO_SOCKET: no socket wants it/);
    const translated = textsOf(graph(OFFICE, '--path', 'pc1,203.0.113.1:80/tcp').stdout);
    expect(translated).toEqual(expect.arrayContaining(['SNAT', 'DNAT']));
    expect(translated.join('\n')).toMatch(/source 192\.168\.7\.11:(\d+) -&gt; 203\.0\.113\.2:\1/);
  });

  it('draws a refusal without a way', () => {
    const { status, stdout } = graph(OFFICE, '--path', 'sw -> 10.0.0.1');
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/<path class="way there" d="M[^"]*C/);
    expect(textsOf(stdout).join('\n')).toMatch(/REJECTED[\s\S]*ENETUNREACH/);
  });

  it('writes to a file, whole or not at all', () => {
    const folder = temporaryFolder();
    const { status, stdout } = cutawayIn(folder.path, ['graph', OFFICE, '-o', 'pictures/office.svg']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(readFileSync(join(folder.path, 'pictures', 'office.svg'), 'utf8')).toBe(graph(OFFICE).stdout);
    expect(cutawayIn(folder.path, ['graph', OFFICE, '--path', 'nobody -> 1.2.3.4', '-o', 'b.svg']).status).toBe(2);
    expect(existsSync(join(folder.path, 'b.svg'))).toBe(false);
    expect(cutawayIn(folder.path, ['graph', OFFICE, '-o', '.'])).toMatchObject({ status: 2, stdout: '' });
  });

  it('says what is wrong with a path', () => {
    expect(graph(OFFICE, '--path', 'nobody -> 1.2.3.4').stderr).toMatch(/--path: .*nobody/);
    for (const path of ['pc1', 'pc1 -> x', 'pc1 -> 1.2.3.4:80/icmp', 'pc1 -> 1.2.3.4/tcp']) {
      expect(graph(OFFICE, '--path', path)).toMatchObject({ status: 2, stdout: '' });
    }
  });

  it.skipIf(!hasDot)(`is read by Graphviz ${needsDot}`, () => {
    for (const args of [[LAB], [OFFICE], [LAB, '--path', 'container3 -> 1.1.1.200:9999']]) {
      const input = graph(...args, '--format', 'dot').stdout;
      const { status, stdout, stderr } = spawnSync('dot', ['-Tsvg'], { input, encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('>Kernel forwarding<');
    }
  });

  it('is a flowchart of Mermaid: every line one that its grammar knows', () => {
    const text = graph(LAB, '--format', 'mermaid', '--path', 'container3 -> 1.1.1.200:9999').stdout;
    const id = 'n\\d+';
    const label = '"[^"]*"';
    const grammar = new RegExp(
      [
        'flowchart LR',
        ' +classDef \\w+ [\\w:#,. -]+',
        ` +subgraph s\\d+\\[${label}\\]`,
        ' +end',
        ` +${id}\\[${label}\\]:::\\w+`,
        ` +${id} (---|-\\.-)(\\|${label}\\|)? ${id}`,
        ` +${id} ==>\\|${label}\\| ${id}`,
        ' +linkStyle [\\d,]+ stroke:#\\w+,stroke-width:3px',
        ` +class ${id} dropped`,
        ' +%% .*',
      ]
        .map((line) => `(?:${line})`)
        .join('|'),
    );
    const lines = text.trimEnd().split('\n');
    expect(lines.filter((line) => !new RegExp(`^(?:${grammar.source})$`).test(line))).toEqual([]);
    expect(text).toContain('["eth0<br/>1.1.1.3/24"]');
    expect(text).toMatch(/==>\|"12 DROPPED kernel:NO#95;SOCKET"\|/);
  });
});
