import type { Limits } from './container.ts';

/** The limits that the device came with for each third-party container (whitepaper 3.7). */
export type Quota = Limits;

/**
 * What a container gets: what was asked for, but never more than the factory quota. A container that asked for nothing
 * gets the quota.
 */
export function clampLimits(asked: Limits, quota: Quota): Limits {
  return {
    memory: least(asked.memory, quota.memory),
    nanoCpus: least(asked.nanoCpus, quota.nanoCpus),
    cpuShares: least(asked.cpuShares, quota.cpuShares),
    cpuset: clampCpuset(asked.cpuset, quota.cpuset),
  };
}

function least(asked: number | undefined, quota: number | undefined): number | undefined {
  return asked === undefined ? quota : quota === undefined ? asked : Math.min(asked, quota);
}

/** CPUs outside the quota are left out; who asked for none of its CPUs gets all of them. */
function clampCpuset(asked: string | undefined, quota: string | undefined): string | undefined {
  if (asked === undefined || quota === undefined) return asked ?? quota;
  const allowed = new Set(parseCpuset(quota));
  const wanted = parseCpuset(asked) ?? [];
  const left = wanted.filter((cpu) => allowed.has(cpu));
  return left.length === wanted.length ? asked : left.length === 0 ? quota : left.join(',');
}

/** The CPUs that `0-3,7` lists; undefined for what is no such list. */
export function parseCpuset(text: string): number[] | undefined {
  const cpus = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first) return undefined;
    for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes of `512m`, `1G`, `1.5gb`, `64MiB`; undefined for anything else (docker/go-units RAMInBytes). */
export function parseMemory(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kmgt])i?b?|(b))?$/i.exec(text);
  const unit = UNITS[(match?.[2] ?? '').toLowerCase()];
  return match === null || unit === undefined ? undefined : Math.floor(Number(match[1]) * unit);
}

/** Thousand-millionths of a CPU of `1.5`; undefined for anything else. */
export function parseCpus(text: string): number | undefined {
  return /^(\d+\.?\d*|\.\d+)$/.test(text) ? Math.round(Number(text) * 1e9) : undefined;
}
