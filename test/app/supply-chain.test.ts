import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { CUTAWAY, OFFICE, OFFICE_LAB, PLAIN_ENVIRONMENT, temporaryFolder } from './cli.ts';

/* What comes with an installation, what it may do, and that no run speaks to anybody. */

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly peer?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, Locked>>;
};
const installed = Object.entries(packages).filter(([path]) => path !== '');
/** What a user gets: neither of the workshop alone, nor what only whoever tests with Vitest has. */
const shipped = installed.filter(([, one]) => one.dev !== true && one.peer !== true);

describe('what is installed', () => {
  it('is few packages at run time, and none of them runs a script when it is installed', () => {
    expect(shipped.map(([path]) => path.replace('node_modules/', '')).sort()).toEqual([
      'ip-address',
      'tinypool',
      'yaml',
      'zod',
    ]);
    expect(shipped.filter(([, one]) => one.hasInstallScript === true)).toEqual([]);
  });

  it('is pinned: a version and a sum for each, and no place where it must be had from', () => {
    const loose = installed.filter(
      ([, one]) => !/^\d+\.\d+\.\d+/.test(one.version ?? '') || one.integrity === undefined,
    );
    expect(loose.map(([path]) => path)).toEqual([]);
    expect(installed.filter(([, one]) => one.resolved !== undefined).map(([path]) => path)).toEqual([]);
  });
});

const NETWORK = /^(node:)?(net|http|https|http2|dns|dns\/promises|tls|dgram|inspector|quic)$/;
const PROCESSES = /^(node:)?(child_process|cluster)$/;

/** Every module that a file asks for, by whatever word. */
function asked(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/(?:\bfrom ?|\bimport ?\(? ?|require\(|getBuiltinModule\()['"]([^'"\n]+)['"]/g);
  return [...found].map(([, name = '']) => name);
}

function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name));
}

describe('the program', () => {
  it('asks for nothing that speaks to a network, in its source or as it is installed', () => {
    const files = [...filesBelow('sim', /\.tsx?$/), ...filesBelow('dist/bin', /\.js$/)];
    expect(files.length).toBeGreaterThan(500);
    const speaking = files.flatMap((file) =>
      asked(join(PACKAGE_ROOT, file)).flatMap((name) => (NETWORK.test(name) ? [`${file}: ${name}`] : [])),
    );
    expect(speaking).toEqual([]);
    const words = files.filter((file) =>
      /\b(fetch\(|new WebSocket\(|new EventSource\(|XMLHttpRequest)/.test(
        readFileSync(join(PACKAGE_ROOT, file), 'utf8'),
      ),
    );
    // Where there is a browser, the layout of Ink would fetch its WebAssembly, which it has with it as data.
    expect(words).toEqual(['dist/bin/walk-on-terminal.js']);
  });

  it('starts no other program, but for what its packages do: Commander for commands in files, which there are none of, and the size of a terminal', () => {
    const starting = [...filesBelow('sim', /\.tsx?$/), ...filesBelow('dist/bin', /\.js$/)].filter((file) =>
      asked(join(PACKAGE_ROOT, file)).some((name) => PROCESSES.test(name)),
    );
    expect(starting.sort()).toEqual(['dist/bin/ground.js', 'dist/bin/walk-on-terminal.js']);
  });

  it.each([
    ['run', OFFICE, '--report', 'r.html', '--junit', 'j.xml'],
    ['run', OFFICE, OFFICE.replace('linux/office', 'whitepaper/fig11'), '-j', '2'],
    ['explain', OFFICE],
    ['graph', OFFICE_LAB],
    ['walk', 'fig11', '--text'],
    ['figures', '11'],
  ])('opens no connection, asks for no name, starts no program: %s', (...words) => {
    const folder = temporaryFolder();
    // Ahead of everything, in threads too: each way out throws, and says so.
    const guard = folder.write(
      'guard.cjs',
      `for (const [module, names] of Object.entries({
         net: ['connect', 'createConnection', 'createServer'], tls: ['connect'], http: ['request', 'get'], https: ['request', 'get'],
         dns: ['lookup', 'resolve'], dgram: ['createSocket'], child_process: ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'],
       }))
         for (const name of names)
           require(module)[name] = () => { require('fs').writeSync(2, 'WAY OUT: ' + module + '.' + name + '\\n'); throw new Error('no way out'); };
       require('net').Socket.prototype.connect = () => { require('fs').writeSync(2, 'WAY OUT: connect\\n'); throw new Error('no way out'); };
       globalThis.fetch = () => { require('fs').writeSync(2, 'WAY OUT: fetch\\n'); throw new Error('no way out'); };`,
    );
    const { status, stderr } = spawnSync(process.execPath, ['--require', guard, CUTAWAY, ...words], {
      cwd: folder.path,
      encoding: 'utf8',
      env: { ...PLAIN_ENVIRONMENT, DEV: 'true', NODE_OPTIONS: '' },
      maxBuffer: 2 ** 28,
    });
    expect(stderr).not.toContain('WAY OUT');
    expect(status).toBe(0);
  });
});
