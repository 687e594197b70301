import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RunFailed } from './run-job.ts';

/* The programs of the peers: sources in test/bench/, what the compilers make of them in out/bench/peers/. */

const SOURCES = join('test', 'bench');
const PROGRAMS = join('out', 'bench', 'peers');

const MODULES = ['core', 'network', 'internet', 'csma', 'bridge', 'point-to-point', 'applications', 'traffic-control'];
const OPTIMISED = ['-std=c++17', '-O3', '-DNDEBUG', '-Wall'];

/** One build of ns-3: what it is called, and how a program is made with it. */
export interface Ns3Build {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** As Debian packages it: no pkg-config, whose files ask for more than is installed with them. */
export const PACKAGED: Ns3Build = {
  name: 'ns-3',
  before: OPTIMISED,
  after: ['-Wl,--no-as-needed', ...[...MODULES, 'stats'].map((module) => `-lns3-${module}`)],
};

/** A build of one's own, static, with link-time optimisation, in the folder that NS3LTO names; or why there is none. */
export function ownBuild(folder: string | undefined): Ns3Build | { readonly missing: string } {
  if (folder === undefined) return { missing: 'NS3LTO does not name a static build with -O3 and LTO' };
  const lib = join(folder, 'lib');
  const archive = (existsSync(lib) ? readdirSync(lib) : []).find((name) => /^libns3.*static.*\.a$/.test(name));
  if (archive === undefined) return { missing: `NS3LTO: there is no lib/libns3*-static-*.a in ${folder}` };
  const whole = ['-Wl,--whole-archive', join(lib, archive), '-Wl,--no-whole-archive'];
  return {
    name: 'ns-3 LTO',
    before: [...OPTIMISED, '-march=native', '-mtune=native', '-flto=2', '-w', `-I${join(folder, 'include')}`],
    after: [...whole, '-lsqlite3', '-lxml2', '-static-libstdc++', '-static-libgcc'],
  };
}

/** What keeps ns-3 from being compiled here, and what to install; undefined where nothing does. */
export function whyNoNs3(build: Ns3Build): string | undefined {
  if (!answers('g++')) return 'there is no g++: apt-get install g++ libns3-dev';
  if (build !== PACKAGED) return undefined;
  return compiles(build) ? undefined : 'g++ finds no ns-3: apt-get install libns3-dev';
}

/** What keeps the sender of the kernel's chain from being compiled here. */
export function whyNoC(): string | undefined {
  return answers('cc') ? undefined : 'there is no cc: apt-get install gcc libc6-dev';
}

/** Makes a program of ns-3, unless it is there and younger than its sources. */
export function compileNs3(name: string, { name: build, before, after }: Ns3Build): string {
  const folder = join(SOURCES, 'ns3');
  const source = join(folder, `${name}.cc`);
  const headers = readdirSync(folder).filter((file) => file.endsWith('.h'));
  const program = join(PROGRAMS, build.replaceAll(' ', '-'), name);
  const sources = [source, ...headers.map((header) => join(folder, header))];
  compile('g++', (output) => [...before, '-o', output, source, ...after], program, sources);
  return program;
}

export function compileC(name: string): string {
  const source = join(SOURCES, 'linux', `${name}.c`);
  const program = join(PROGRAMS, 'linux', name);
  compile('cc', (output) => ['-O2', '-Wall', '-Wextra', '-o', output, source], program, [source]);
  return program;
}

function compile(
  compiler: string,
  words: (output: string) => readonly string[],
  program: string,
  sources: readonly string[],
): void {
  const made = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (sources.every((source) => statSync(source).mtimeMs < made)) return;
  mkdirSync(dirname(program), { recursive: true });
  console.error(`${compiler} ${sources[0]}`);
  // Whoever ends it half way finds no half program the next time.
  const beside = `${program}.partial`;
  const { status, stderr } = spawnSync(compiler, words(beside), { encoding: 'utf8' });
  if (status !== 0) throw new RunFailed(`${compiler} ${sources[0]}: ${stderr}`);
  renameSync(beside, program);
}

/** Whether a program of nothing can be compiled and linked. */
function compiles({ before, after }: Ns3Build): boolean {
  const input = '#include "ns3/core-module.h"\nint main() { ns3::Simulator::Destroy(); }\n';
  const words = [...before, '-O0', '-x', 'c++', '-', '-x', 'none', '-o', '/dev/null', ...after];
  return spawnSync('g++', words, { input }).status === 0;
}

const answers = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
