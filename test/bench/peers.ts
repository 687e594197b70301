import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileC, compileNs3, type Ns3Build, ownBuild, PACKAGED, whyNoC, whyNoNs3 } from './compile.ts';
import type { Job } from './job.ts';
import { KernelChain, whyNoNamespaces } from './kernel-chain.ts';
import { type Began, type Measured, runJob, runProgram } from './run-job.ts';

/* Who is held against whom: the simulator, ns-3 and the kernel of this machine, at the same work. */

const ROUTERS = 8;

/** Somebody who does the work. `run` is told how to say that a process has begun. */
export interface Contender {
  readonly name: string;
  readonly run: (began: Began) => Promise<Measured>;
}

export interface Rival extends Contender {
  /** How many times as fast the simulator means to be. */
  readonly goal?: number;
}

/** The same work, done by the simulator and by others. */
export interface Contest {
  readonly title: string;
  readonly ours: Contender;
  readonly rivals: readonly Rival[];
}

/** Work that ns-3 does as well: its program and the words for it. */
interface SharedWork {
  readonly name: PeerName;
  readonly title: string;
  readonly job: Job;
  readonly program: string;
  readonly words: readonly string[];
  readonly goals: { readonly [build: string]: number };
}

export const PEER_NAMES = ['chain', 'capture', 'bridge', 'tcp', 'routes', 'kernel'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

export interface PeerPlan {
  readonly contests: readonly Contest[];
  /** What is left out, and why. */
  readonly skipped: readonly string[];
  /** The namespaces that the kernel's chain needs; made only while the contests run. */
  readonly kernel: KernelChain | undefined;
}

/** Compiles what is needed, and says what cannot be had. `share` is how much of the work is done, 0 to 1. */
export function planPeers(only: readonly PeerName[], share: number): PeerPlan {
  const skipped: string[] = [];
  const works = sharedWork(share).filter(({ name }) => only.includes(name));
  const builds = works.length === 0 ? [] : buildsOf(skipped);
  const kernel = only.includes('kernel') ? kernelChain(skipped) : undefined;
  const contests: Contest[] = works.map((work) => {
    return { title: work.title, ours: ourselves(work.job), rivals: builds.map((build) => ns3(work, build)) };
  });
  if (kernel !== undefined) contests.push(kernelContest(kernel, chainJob(share)));
  return { contests: contests.filter(({ rivals }) => rivals.length > 0), skipped, kernel };
}

function buildsOf(skipped: string[]): Ns3Build[] {
  const own = ownBuild(process.env.NS3LTO);
  if ('missing' in own) skipped.push(`ns-3 LTO: ${own.missing}`);
  const builds = 'missing' in own ? [PACKAGED] : [PACKAGED, own];
  return builds.filter((build) => {
    const why = whyNoNs3(build);
    if (why !== undefined) skipped.push(`${build.name}: ${why}`);
    return why === undefined;
  });
}

function kernelChain(skipped: string[]): KernelChain | undefined {
  const why = whyNoC() ?? whyNoNamespaces();
  if (why === undefined) return new KernelChain(ROUTERS);
  skipped.push(`Linux: ${why}`);
  return undefined;
}

const chainJob = (share: number): Job => ({ workload: 'chain', size: part(200_000, share), options: {} });

/** At least one of it. */
const part = (whole: number, share: number): number => Math.max(1, Math.round(whole * share));

function sharedWork(share: number): SharedWork[] {
  const chain = chainJob(share);
  const size = String(chain.size);
  const each = part(200, share);
  const bytes = part(100_000_000, share);
  // ns-3 looks at every route for every packet.
  const routes = [[1000, part(50_000, share)] as const, [10_000, part(10_000, share)] as const];
  return [
    { name: 'chain', title: 'chain', job: chain, program: 'chain', words: [size], goals: { 'ns-3': 8, 'ns-3 LTO': 4 } },
    {
      name: 'capture',
      title: 'chain with capture',
      job: { ...chain, options: { capture: true } },
      program: 'chain',
      words: [size, 'FOLDER/x'],
      goals: { 'ns-3': 8 },
    },
    {
      name: 'bridge',
      title: 'bridge',
      job: { workload: 'bridge', size: 32, options: { each } },
      program: 'bridge',
      words: ['32', String(each)],
      goals: { 'ns-3': 6 },
    },
    {
      name: 'tcp',
      title: 'tcp',
      job: { workload: 'tcp', size: bytes, options: { loss: false } },
      program: 'tcp',
      words: [String(bytes)],
      goals: { 'ns-3': 4 },
    },
    ...routes.map(
      ([count, packets]): SharedWork => ({
        name: 'routes',
        title: `routes ${count}`,
        job: { workload: 'routes', size: count, options: { packets } },
        program: 'routes',
        words: [String(count), String(packets)],
        goals: {},
      }),
    ),
  ];
}

const ourselves = (job: Job): Contender => ({ name: 'cutaway', run: (began) => runJob(job, [], began) });

function ns3({ title, program, words, goals }: SharedWork, build: Ns3Build): Rival {
  const path = compileNs3(program, build);
  const goal = goals[build.name];
  return {
    name: build.name,
    ...(goal === undefined ? {} : { goal }),
    async run(began) {
      const folder = mkdtempSync(join(tmpdir(), 'cutaway-bench-'));
      try {
        const given = words.map((word) => word.replace('FOLDER', folder));
        return await runProgram(`${build.name} ${title}`, path, given, began);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}

/** The chain as the kernel does it, on one CPU; and, to its advantage, with the reader on another. */
function kernelContest(kernel: KernelChain, job: Job): Contest {
  const program = compileC('chain');
  const { source, sink, sinkAddress, links } = kernel;
  const words = [source, sink, sinkAddress, String(job.size), String(links), '0'];
  const rival = (name: string, sinkCpu: number): Rival => ({
    name,
    goal: 2.5,
    run: (began) => runProgram(name, program, [...words, String(sinkCpu)], began),
  });
  const alone = rival('Linux', 0);
  return {
    title: 'chain',
    ours: ourselves(job),
    rivals: cpus().length < 2 ? [alone] : [alone, rival('Linux, sink on another CPU', 1)],
  };
}
