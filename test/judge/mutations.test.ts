import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { TemporaryFolder } from '../tools.ts';

/*
 * Rules of the kernel broken on purpose, one at a time, in a copy of the simulator: the judge must see each of them, and
 * say where. It holds the copy against the stored runs of the kernel, so that root is not needed.
 */

interface Mutation {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly lab: string;
  /** What the judge says first. */
  readonly says: RegExp;
}

const MUTATIONS: readonly Mutation[] = [
  {
    what: 'a router that leaves the TTL alone',
    file: 'sim/kernel/forwarding/ip-forward.ts',
    from: 'header.decreaseTtl();',
    to: '',
    lab: '02-router',
    says: /ip\.ttl is 64, in the kernel 63/,
  },
  {
    what: 'ICMP errors that quote 8 bytes of data, as RFC 792 had it',
    file: 'sim/kernel/stack/icmp.ts',
    from: 'const ERROR_SIZE_MAX = 576;',
    to: 'const ERROR_SIZE_MAX = 56;',
    lab: '02-router',
    says: /ip\.length is 56, in the kernel/,
  },
  {
    what: 'ICMP errors with the TOS of data',
    file: 'sim/kernel/stack/icmp.ts',
    from: 'const INTERNET_CONTROL = 0xc0;',
    to: 'const INTERNET_CONTROL = 0x00;',
    lab: '02-router',
    says: /ip\.tos is 0x00, in the kernel 0xc0/,
  },
  {
    what: 'an ARP request every 1.2 s',
    file: 'sim/kernel/sysctl.ts',
    from: 'retrans_time_ms = 1000;',
    to: 'retrans_time_ms = 1200;',
    lab: '02-host-unreachable',
    says: /timing .* in the kernel/,
  },
  {
    what: 'a neighbour probed after 3 s of use',
    file: 'sim/kernel/sysctl.ts',
    from: 'delay_first_probe_time = 5;',
    to: 'delay_first_probe_time = 3;',
    lab: '01-bridge-pair',
    says: /timing .* in the kernel/,
  },
  {
    what: 'a bucket of 7 ICMP errors',
    file: 'sim/kernel/stack/icmp-rate-limit.ts',
    from: 'XRLIM_BURST_FACTOR = 6;',
    to: 'XRLIM_BURST_FACTOR = 7;',
    lab: '02-udp-closed',
    says: /only the simulator shows this frame/,
  },
  {
    what: 'a translated port out of its class',
    file: 'sim/kernel/forwarding/nat/unique-tuple.ts',
    from: '[600, 424]',
    to: '[1024, 64512]',
    lab: '07-nat-ports',
    says: /port/,
  },
];

describe('the judge', () => {
  const folder = new TemporaryFolder();
  let compiled: string;
  beforeAll(() => {
    compiled = compiledCopy(join(folder.path, 'compiled'));
  });
  afterAll(() => folder.dispose());

  it('finds the simulator as it is in agreement', () => {
    const judged = judge(compiled, [...new Set(MUTATIONS.map(({ lab }) => lab))]);
    expect(judged).toMatchObject({ status: 0 });
  });

  it.each(MUTATIONS)('sees $what', ({ what, file, from, to, lab, says }) => {
    const copy = join(folder.path, what.replaceAll(/\W+/g, '-'));
    for (const part of ['dist', 'test', 'package.json']) {
      cpSync(join(compiled, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(copy, 'node_modules'));
    // What the compiler makes of it says the same in the same words.
    const path = join(copy, 'dist', 'judge', file.replace(/\.ts$/, '.js'));
    const text = readFileSync(path, 'utf8');
    expect(text.split(from)).toHaveLength(2);
    writeFileSync(path, text.replace(from, to));
    const { status, stdout } = judge(copy, [lab]);
    expect(status).toBe(1);
    expect(stdout).toMatch(says);
  });
});

/** The judge with the simulator in it, as it is compiled, and its labs. */
function compiledCopy(copy: string): string {
  for (const part of ['sim', 'test/judge', 'package.json']) {
    cpSync(join(PACKAGE_ROOT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(copy, 'node_modules'));
  const compiler = join(copy, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', 'test/judge'], {
    cwd: copy,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  return copy;
}

function judge(root: string, labs: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  const files = labs.map((lab) => join('test', 'judge', 'labs', `${lab}.yaml`));
  const args = [join('dist', 'judge', 'test', 'judge', 'main.js'), '--golden', ...files];
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
}
