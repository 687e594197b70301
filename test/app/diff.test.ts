import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffSchema } from '../../sim/app/cli/diff-schema.ts';
import { cutaway, WHITEPAPER_TOPOLOGY } from './cli.ts';

const OFFICE = join(import.meta.dirname, '..', '..', 'topologies', 'linux', 'office.yaml');
const OFFICE_SCENARIO = join(import.meta.dirname, '..', '..', 'scenarios', 'linux', 'office.yaml');
const NO_MASQUERADE = ['--remove', 'gw: iptables -t nat -A POSTROUTING -o wan -j MASQUERADE'];
const WEB = ['--flow', 'pc1 -> 203.0.113.1:80/tcp'];

describe('cutaway diff', () => {
  it('tells which flow changed fate, what decided, and where the ways part', () => {
    const { status, stdout, stderr } = cutaway('diff', OFFICE, '--set', 'gw: net.ipv4.ip_forward=0', ...WEB);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(2)).toEqual([
      'changed fate: 1',
      '  pc1 -> 203.0.113.1:80/tcp',
      '    before  DELIVERED, answered with TTL 63',
      '    after   DROPPED kernel:IP_INADDRERRORS at gw: net.ipv4.ip_forward = 0',
      '    their ways there part after Kernel forwarding@gw',
      '      before  to wan@gw: TTL 64 -> 63',
      '      after   ends there: net.ipv4.ip_forward = 0',
      'unchanged: 0 of 1 flows',
      '',
    ]);
  });

  it('says the same in JSON, which keeps to its published schema', () => {
    const { status, stdout } = cutaway('diff', OFFICE, ...NO_MASQUERADE, ...WEB, '--json');
    expect(status).toBe(0);
    const document = diffSchema.parse(JSON.parse(stdout));
    expect(document.after.changes).toEqual([{ verb: 'remove', line: NO_MASQUERADE[1] }]);
    expect(document.changed[0]?.after.outcome).toMatchObject({ verdict: 'DROPPED', reason: 'ENETUNREACH', at: 'isp' });
    const text = cutaway('diff', OFFICE, ...NO_MASQUERADE, ...WEB).stdout;
    expect(text).toContain(`DROPPED ENETUNREACH at isp: ${document.changed[0]?.after.outcome.decidedBy}`);
    const schema = JSON.parse(cutaway('schema', 'diff').stdout) as { properties: object };
    expect(Object.keys(schema.properties)).toEqual(Object.keys(document));
  });

  it('makes changes in the order in which they are given', () => {
    const there = ['--set', 'link gw:wan down', '--set', 'link gw:wan up'];
    expect(cutaway('diff', OFFICE, ...there, ...WEB).stdout).toContain('unchanged: 1 of 1 flows');
    const gone = ['--set', 'isp: listen tcp 81', '--remove', 'isp: listen tcp 81'];
    expect(cutaway('diff', OFFICE, ...gone, '--flow', 'pc1 -> isp:81/tcp').stdout).toContain('unchanged: 1 of 1 flows');
    const back = ['--remove', 'isp: listen tcp 80', '--set', 'isp: listen tcp 80'];
    expect(cutaway('diff', OFFICE, ...back, ...WEB).stdout).toContain('unchanged: 1 of 1 flows');
  });

  it('ends with 1 where something changed only if it is asked to', () => {
    expect(cutaway('diff', OFFICE, OFFICE, ...WEB, '--exit-code').status).toBe(0);
    expect(cutaway('diff', OFFICE, ...NO_MASQUERADE, ...WEB).status).toBe(0);
    expect(cutaway('diff', OFFICE, ...NO_MASQUERADE, ...WEB, '--exit-code').status).toBe(1);
  });

  it('takes the steps of a scenario for flows', () => {
    const { status, stdout } = cutaway('diff', OFFICE_SCENARIO, '--set', 'gw: net.ipv4.ip_forward=0');
    expect(status).toBe(0);
    expect(stdout).toContain('pc1 -> to the outside');
    expect(stdout).toContain('after   DROPPED kernel:IP_INADDRERRORS at gw: net.ipv4.ip_forward = 0');
  });

  it('says how many flows the limit left out', () => {
    const { stderr, stdout } = cutaway('diff', WHITEPAPER_TOPOLOGY, WHITEPAPER_TOPOLOGY, '--limit', '3');
    expect(stdout).toContain('unchanged: 3 of 3 flows');
    expect(stderr).toMatch(/^\d+ more flows were not sent: --limit \d+ compares all/);
  });

  it('refuses what it cannot do, and shows where it is wrong', () => {
    const wrong = cutaway('diff', OFFICE, '--set', 'gw: ip route add 10.0.0.0/8 via nowhere');
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('gw: ip route add 10.0.0.0/8 via nowhere');
    expect(wrong.stderr).toContain('^^^^^^^');
    expect(cutaway('diff', OFFICE).status).toBe(2);
    expect(cutaway('diff', OFFICE, OFFICE_SCENARIO).stderr).toContain('compare two of a kind');
    expect(cutaway('diff', OFFICE, OFFICE, '--flow', 'nobody -> isp').stderr).toContain('neither network has');
    expect(cutaway('diff', OFFICE, OFFICE, '--flow', 'pc1').status).toBe(2);
    expect(cutaway('diff', 'missing.yaml', OFFICE).status).toBe(4);
    const json = cutaway('diff', OFFICE, '--remove', 'pc9', '--json');
    expect(json.status).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ problems: [{ message: '"pc9" is no node and no container' }] });
  });
});
