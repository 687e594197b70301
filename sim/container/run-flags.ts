import { type Ipv4, parseIpv4 } from '../wire/address.ts';
import { type Limits, NEVER, type RestartPolicy, UNLIMITED } from './container.ts';
import type { Flag, ParsedFlags } from './docker-flags.ts';
import { nameOf } from './docker-flags.ts';
import { parseCpus, parseCpuset, parseMemory } from './limits.ts';
import { parseRestartPolicy } from './restart-policy.ts';

const SWITCHES = [
  ['detach', 'd'],
  ['interactive', 'i'],
  ['tty', 't'],
  ['rm'],
  ['privileged'],
  ['init'],
  ['read-only'],
  ['publish-all', 'P'],
] as const;

const VALUES = [
  ['name'],
  ['network'],
  ['net'],
  ['ip'],
  ['restart'],
  ['memory', 'm'],
  ['memory-swap'],
  ['cpus'],
  ['cpu-period'],
  ['cpu-quota'],
  ['cpu-shares', 'c'],
  ['cpuset-cpus'],
  ['cpuset-mems'],
  ['cpuset-shared'],
  ['sysctl'],
  ['env', 'e'],
  ['volume', 'v'],
  ['publish', 'p'],
  ['hostname', 'h'],
  ['label', 'l'],
  ['user', 'u'],
  ['workdir', 'w'],
  ['entrypoint'],
  ['cap-add'],
  ['cap-drop'],
  ['device'],
  ['log-driver'],
  ['log-opt'],
  ['ulimit'],
  ['pid'],
  ['pull'],
] as const;

/** Flags that would change what happens on the network, and do not here. */
const UNMODELLED = ['ip6', 'mac-address', 'link', 'network-alias', 'net-alias', 'dns', 'add-host', 'expose'] as const;

/** Flags of `docker run` and `docker create`. INC-22: every spelling of the CPU limits is taken. */
export const RUN_FLAGS: readonly Flag[] = [
  ...SWITCHES.map(([long, short]) => ({ long, takes: false, ...(short === undefined ? {} : { short }) })),
  ...VALUES.map(([long, short]) => ({ long, takes: true, ...(short === undefined ? {} : { short }) })),
  ...UNMODELLED.map((long) => ({ long, takes: true, unmodelled: true as const })),
];

/** What the flags of `docker run` come to. */
export interface RunFlags {
  readonly name: string | undefined;
  readonly network: string;
  readonly address: Ipv4 | undefined;
  readonly restart: RestartPolicy;
  readonly limits: Limits;
  readonly sysctls: readonly (readonly [string, number])[];
  readonly environment: readonly string[];
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
  readonly detach: boolean;
  readonly remove: boolean;
}

/** Reads the values of the flags; the sentence of a refusal. */
export function readRunFlags({ values }: ParsedFlags): RunFlags | string {
  const last = (name: string): string | undefined => values.get(name)?.at(-1);
  const all = (name: string): readonly string[] => values.get(name) ?? [];
  const restartText = last('restart');
  const restart = restartText === undefined ? NEVER : parseRestartPolicy(restartText);
  if (restart === undefined)
    return `invalid restart policy: unknown policy '${restartText}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`;
  const ip = last('ip');
  const address = ip === undefined ? undefined : parseIpv4(ip);
  if (ip !== undefined && address === undefined) return `invalid argument "${ip}" for "--ip" flag: invalid IP address`;
  const limits = readLimits(last);
  if (typeof limits === 'string') return limits;
  const sysctls = readSysctls(all('sysctl'));
  if (typeof sysctls === 'string') return sysctls;
  return {
    name: last('name'),
    network: last('network') ?? last('net') ?? 'default',
    address,
    restart,
    limits,
    sysctls,
    environment: all('env'),
    volumes: all('volume'),
    ports: [...all('publish'), ...(last('publish-all') === 'true' ? ['all'] : [])],
    detach: last('detach') === 'true',
    remove: last('rm') === 'true',
  };
}

function readLimits(last: (name: string) => string | undefined): Limits | string {
  const limits: { -readonly [Key in keyof Limits]: Limits[Key] } = { ...UNLIMITED };
  const memory = last('memory');
  if (memory !== undefined) {
    limits.memory = parseMemory(memory);
    if (limits.memory === undefined) return invalid('memory', memory, 'invalid size');
  }
  const cpus = last('cpus');
  const quota = last('cpu-quota');
  if (cpus !== undefined) limits.nanoCpus = parseCpus(cpus);
  else if (quota !== undefined) limits.nanoCpus = shareOf(quota, last('cpu-period') ?? '100000');
  if (cpus !== undefined && limits.nanoCpus === undefined) {
    return invalid('cpus', cpus, `failed to parse ${cpus} as a rational number`);
  }
  if (quota !== undefined && cpus === undefined && limits.nanoCpus === undefined) {
    return invalid('cpu-quota', quota, 'invalid syntax');
  }
  const shares = last('cpu-shares') ?? last('cpuset-shared');
  if (shares !== undefined) limits.cpuShares = Number(shares);
  if (shares !== undefined && !/^\d{1,9}$/.test(shares)) return invalid('cpu-shares', shares, 'invalid syntax');
  limits.cpuset = last('cpuset-cpus');
  if (limits.cpuset !== undefined && parseCpuset(limits.cpuset) === undefined) {
    return `invalid cpuset.cpus: ${limits.cpuset}`;
  }
  return limits;
}

/** `--cpu-quota` microseconds of every `--cpu-period`. */
function shareOf(quota: string, period: string): number | undefined {
  if (!/^\d{1,9}$/.test(quota) || !/^[1-9]\d{0,8}$/.test(period)) return undefined;
  return Math.round((Number(quota) / Number(period)) * 1e9);
}

function invalid(long: string, value: string, why: string): string {
  const flag = RUN_FLAGS.find((one) => one.long === long);
  return `invalid argument "${value}" for "${flag === undefined ? `--${long}` : nameOf(flag)}" flag: ${why}`;
}

/** IPv6 is off in this world, so settings of it are taken and mean nothing. */
function readSysctls(texts: readonly string[]): (readonly [string, number])[] | string {
  const sysctls: (readonly [string, number])[] = [];
  for (const text of texts) {
    const match = /^([a-z0-9_.-]+)=(-?\d+)$/i.exec(text);
    if (match === null) return `invalid argument "${text}" for "--sysctl" flag: expected KEY=NUMBER`;
    if (!match[1]?.startsWith('net.ipv6.')) sysctls.push([match[1] ?? '', Number(match[2])]);
  }
  return sysctls;
}
