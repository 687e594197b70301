import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'rolldown';
import { PACKAGE_ROOT } from './package-root.ts';

/*
 * Makes the command line as it is installed: dist/bin/, a handful of files instead of the hundreds that the compiler makes, for
 * most of the time of a short command went into finding and opening them. The library, dist/app/library/, stays as compiled.
 */

const APP = join(PACKAGE_ROOT, 'sim', 'app');

/** What a thread begins with keeps its name in the folder of all the others: `new URL('./NAME-worker.js', import.meta.url)`. */
const workers = readdirSync(APP, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('-worker.ts'))
  .map((file) => [basename(file, '.ts'), join(APP, file)] as const);

/** The licences of the packages that become part of the program, as they ask for. */
const licences: Plugin = {
  name: 'licences',
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []));
    const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []));
    const texts = [...folders].sort().map((folder) => `${packageName(folder)}\n\n${licenceOf(folder)}\n`);
    this.emitFile({ type: 'asset', fileName: 'LICENCES.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
  },
};

/**
 * Ink connects to a debugger by a web socket where the environment says DEV=true: for those who work on Ink. No run opens a
 * connection, whatever the environment says, and what could is no part of the program.
 */
const noDebugger: Plugin = {
  name: 'no debugger',
  load: (id) => (/[\\/]ink[\\/]build[\\/]devtools\.js$/.test(id) ? 'export {};\n' : undefined),
  // Lines stay where they are, and so does the map of them.
  transform: (code, id) =>
    /[\\/]ink[\\/]build[\\/]utils\.js$/.test(id)
      ? { code: code.replace("process.env['DEV'] === 'true'", 'false'), map: null }
      : undefined,
};

function packageName(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license: string;
  };
  return `${name} ${version} (${license})`;
}

function licenceOf(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
}

await build({
  input: { main: join(APP, 'cli', 'main.ts'), ...Object.fromEntries(workers) },
  platform: 'node',
  // Its threads begin with a file of its own.
  external: ['tinypool'],
  // React's other build measures itself all the time, and keeps what it measured.
  transform: { define: { 'process.env.NODE_ENV': "'production'" } },
  plugins: [licences, noDebugger],
  output: {
    dir: join(PACKAGE_ROOT, 'dist', 'bin'),
    cleanDir: true,
    sourcemap: true,
    comments: { jsdoc: false },
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: [
        // What --help takes, and what everything takes: all but IPv6, of which only expressions speak.
        {
          name: 'ground',
          test: /node_modules\/commander\/|sim\/(core|wire)\/(?!ipv6)|sim\/show\/table-names\.ts|sim\/app\/cli\/exit\.ts/,
          priority: 2,
        },
        // What every command takes that looks at a file.
        {
          name: 'simulator',
          test: /node_modules\/(zod|yaml)\/|sim\/(packet|link|transport|program|kernel|iproute2|iptables|comware|container|world|scenario)\//,
          priority: 1,
        },
      ],
    },
  },
});
