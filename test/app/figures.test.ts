import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { CLAIMS } from '../../sim/whitepaper/claims.ts';
import { CONTRADICTIONS } from '../../sim/whitepaper/data/contradictions.ts';
import { cutawayIn } from './cli.ts';

interface Report {
  readonly figure: number | null;
  readonly rows: readonly {
    readonly kind: string;
    readonly paper: string;
    readonly run: string;
    readonly verdict: string;
    readonly inc?: string;
  }[];
  readonly claims: readonly { readonly id: string; readonly verdict: string; readonly evidence: readonly string[] }[];
}

function figures(...args: readonly string[]): ReturnType<typeof cutawayIn> {
  return cutawayIn(tmpdir(), ['figures', ...args]);
}

function json(...args: readonly string[]): Report[] {
  const { status, stdout } = figures(...args, '--json');
  expect(status).toBe(0);
  return JSON.parse(stdout) as Report[];
}

describe('cutaway figures --json', () => {
  const reports = json();
  const rows = reports.flatMap((one) => one.rows);
  const claims = reports.flatMap((one) => one.claims);

  it('has every figure, and null for the claims of none, with these keys and no other', () => {
    expect(reports.map((one) => one.figure)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, null]);
    for (const one of reports) expect(Object.keys(one)).toEqual(['figure', 'rows', 'claims']);
    for (const row of rows) {
      expect(Object.keys(row).filter((key) => key !== 'inc')).toEqual(['kind', 'paper', 'run', 'verdict']);
    }
    for (const claim of claims) expect(Object.keys(claim)).toEqual(['id', 'verdict', 'evidence']);
  });

  it('has every claim once, each with evidence', () => {
    expect(claims.map((one) => one.id).sort()).toEqual(CLAIMS.map((one) => one.id));
    expect(claims.filter((one) => one.evidence.length === 0)).toEqual([]);
  });

  it('decides at least 60 of them', () => {
    const words = ['holds', 'contradicted', 'outside the model'];
    expect(claims.filter((one) => !words.includes(one.verdict))).toEqual([]);
    expect(claims.filter((one) => one.verdict !== 'outside the model').length).toBeGreaterThanOrEqual(60);
  });

  it('says of each row what came of it, and contradicts only what the paper is known to have wrong', () => {
    const words = ['agreed', 'contradicted', 'not said in the paper'];
    expect(rows.filter((row) => !words.includes(row.verdict))).toEqual([]);
    expect(rows.filter((row) => row.verdict === 'contradicted' && row.inc === undefined)).toEqual([]);
    expect(rows.filter((row) => row.inc !== undefined && !(row.inc in CONTRADICTIONS))).toEqual([]);
    expect(rows.filter((row) => row.verdict !== 'not said in the paper' && !/[\u4e00-\u9fff]/.test(row.paper))).toEqual(
      [],
    );
  });

  it('takes single figures', () => {
    expect(json('9', '12').map((one) => one.figure)).toEqual([9, 12]);
  });
});

describe('cutaway figures', () => {
  it('prints the paper beside the run, in columns, without colours where there is no terminal', () => {
    const { status, stdout } = figures('9');
    expect(status).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('Figure 9  third-party containers with network namespaces of their own (3.5.2)');
    expect(stdout).toContain('第三方容器与 Comware 不共享网络命名空间时网络互通原理图');
    expect(stdout).toMatch(/^ {2}CLM-48 holds$/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+ rows agreed, \d+ contradicted, \d+ not said/);
  });

  it('refuses a figure that is not there, and lists those that are', () => {
    const { status, stdout, stderr } = figures('15');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain("there is no figure '15' here; figures are 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18");
  });
});
