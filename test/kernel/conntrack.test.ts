import { describe, expect, it } from 'vitest';
import { connectionOf, stateOf, untrack } from '../../sim/kernel/forwarding/conntrack/connection.ts';
import { enableConntrack } from '../../sim/kernel/forwarding/conntrack/hooks.ts';
import { ACCEPT, HOOK_PRIORITY } from '../../sim/kernel/forwarding/netfilter.ts';
import type { Lab } from '../bench.ts';
import { natLab } from './nat-lab.ts';
import { routerLab } from './router-lab.ts';

/* Entries, states and timeouts: reference lab 07, Linux 6.18. */

function tracking(sysctls: Record<string, number> = {}): Lab {
  const lab = natLab(sysctls);
  lab.exec('out', 'ip route add default via 198.51.100.1');
  enableConntrack(lab.stack('gw').net, 'test');
  return lab;
}

const table = (lab: Lab): string[] => lab.show('gw', 'conntrack').trimEnd().split('\n');

/** States of the packets that pass FORWARD, as a rule sees them. */
function forwardStates(lab: Lab): string[] {
  const states: string[] = [];
  lab.stack('gw').net.hooks.register('FORWARD', {
    name: 'filter',
    priority: HOOK_PRIORITY.filter,
    run(packet) {
      states.push(stateOf(packet));
      return ACCEPT;
    },
  });
  return states;
}

describe('tracking', () => {
  it('does not happen where nobody asks for it', () => {
    const lab = routerLab();
    lab.ping('a', '10.0.2.2');
    expect(lab.show('r', 'conntrack')).toBe('');
    const sent = lab.ping('a', '10.0.2.2');
    expect(sent.requestSteps.some(({ kind }) => kind === 'hook')).toBe(false);
  });

  it('is asked for once, however many ask', () => {
    const lab = tracking();
    enableConntrack(lab.stack('gw').net, 'test');
    const sent = lab.ping('in1', '198.51.100.2');
    expect(sent.requestSteps.filter(({ kind }) => kind === 'hook')).toHaveLength(1);
  });

  it('lists a ping as conntrack -L does', () => {
    const lab = tracking();
    lab.ping('in1', '198.51.100.2');
    const [line = ''] = table(lab);
    const id = /id=(\d+)/.exec(line)?.[1];
    expect(line).toBe(
      `icmp     1 29 src=10.0.1.2 dst=198.51.100.2 type=8 code=0 id=${id} src=198.51.100.2 dst=10.0.1.2 type=0 code=0 id=${id} mark=0 use=1`,
    );
  });

  it('gives the same rows as data', () => {
    const lab = tracking({ 'net.netfilter.nf_conntrack_acct': 1 });
    lab.udp('in1', '198.51.100.2:7', { source_port: 40201, size: 20 });
    expect(lab.world.snapshot(lab.stack('gw')).namespace.conntrack).toMatchObject([
      {
        ...{ protocol: 'udp', protonum: 17, flags: [], mark: 0, use: 1 },
        original: { src: '10.0.1.2', dst: '198.51.100.2', sport: 40201, dport: 7, packets: 1, bytes: 48 },
        reply: { src: '198.51.100.2', dst: '10.0.1.2', sport: 7, dport: 40201, packets: 1, bytes: 48 },
      },
    ]);
    expect(table(lab)[0]).toContain('sport=40201 dport=7 packets=1 bytes=48 src=198.51.100.2');
  });

  it('tells rules NEW, ESTABLISHED, RELATED', () => {
    const lab = tracking();
    const states = forwardStates(lab);
    lab.udp('in1', '198.51.100.2:7', { source_port: 40201 });
    lab.udp('in1', '198.51.100.2:7', { source_port: 40201 });
    lab.udp('in1', '198.51.100.2:9', { source_port: 40202 });
    expect(states).toEqual(['NEW', 'ESTABLISHED', 'ESTABLISHED', 'ESTABLISHED', 'NEW', 'RELATED']);
  });

  it('leaves alone what a rule in raw says is not to be tracked', () => {
    const lab = tracking();
    const states = forwardStates(lab);
    lab.stack('gw').net.hooks.register('PREROUTING', {
      name: 'raw',
      priority: HOOK_PRIORITY.raw,
      run(packet) {
        untrack(packet);
        return ACCEPT;
      },
    });
    expect(lab.udp('in1', '198.51.100.2:7').probe.replies).toHaveLength(1);
    expect(states).toEqual(['UNTRACKED', 'UNTRACKED']);
    expect(lab.show('gw', 'conntrack')).toBe('');
  });

  it('enters nothing for a packet that is dropped before it leaves', () => {
    const lab = tracking();
    lab.stack('gw').net.hooks.register('FORWARD', {
      name: 'filter',
      priority: HOOK_PRIORITY.filter,
      run: () => ({ verdict: 'drop', reason: 'kernel:NETFILTER_DROP', detail: 'policy' }),
    });
    const sent = lab.udp('in1', '198.51.100.2:7');
    expect(sent.drops).toMatchObject([{ reason: 'kernel:NETFILTER_DROP' }]);
    expect(lab.show('gw', 'conntrack')).toBe('');
  });

  it('of a connection to itself makes one entry: lo shows every packet twice', () => {
    const lab = tracking();
    expect(lab.ping('gw', '10.0.1.1').probe.replies).toHaveLength(1);
    expect(table(lab)).toHaveLength(1);
    expect(lab.udp('gw', '127.0.0.1:7').probe.replies).toHaveLength(1);
    expect(table(lab)).toHaveLength(2);
  });

  it('follows a mark that a rule sets on the connection', () => {
    const lab = tracking();
    lab.stack('gw').net.hooks.register('PREROUTING', {
      name: 'mangle',
      priority: HOOK_PRIORITY.mangle,
      run(packet) {
        const connection = connectionOf(packet);
        if (connection !== undefined) connection.mark = 42;
        return ACCEPT;
      },
    });
    lab.ping('in1', '198.51.100.2');
    expect(table(lab)[0]).toContain('mark=42 ');
  });
});

describe('an entry of UDP', () => {
  it('lives 30 s unanswered, 30 s answered, 120 s as a stream that is older than 2 s', () => {
    const lab = tracking();
    lab.exec('gw', 'ip neigh replace 198.51.100.9 lladdr 02:00:00:00:00:99 dev eth2');
    lab.udp('in1', '198.51.100.9:5000', { source_port: 40200, timeout: '1ms' });
    expect(table(lab)[0]).toMatch(/^udp {6}17 29 src=10\.0\.1\.2 .* \[UNREPLIED\] src=198\.51\.100\.9 /);
    lab.udp('in1', '198.51.100.2:7', { source_port: 40201, timeout: '1ms' });
    expect(table(lab)[1]).toMatch(/^udp {6}17 29 src=.* dport=7 src=.* mark=0/);
    lab.udp('in1', '198.51.100.2:7', { source_port: 40202, count: 6, interval: '500ms', timeout: '1ms' });
    expect(table(lab)[2]).toMatch(/^udp {6}17 119 .* \[ASSURED\] mark=0/);
    lab.run({ wait: '40s' });
    expect(table(lab)).toHaveLength(1);
    expect(table(lab)[0]).toMatch(/^udp {6}17 \d\d .*sport=40202 .* \[ASSURED\]/);
  });

  it('obeys the timeouts that are set', () => {
    const lab = tracking({ 'net.netfilter.nf_conntrack_udp_timeout': 5 });
    lab.udp('in1', '198.51.100.2:7', { timeout: '1ms' });
    expect(table(lab)[0]).toMatch(/^udp {6}17 4 /);
    lab.run({ wait: '6s' });
    expect(lab.show('gw', 'conntrack')).toBe('');
  });
});

describe('a full table', () => {
  it('refuses newcomers when it may give nothing up', () => {
    const lab = tracking({ 'net.netfilter.nf_conntrack_max': 1 });
    lab.udp('in1', '198.51.100.2:7', { source_port: 40202, count: 6, interval: '500ms' });
    const sent = lab.udp('in1', '198.51.100.2:7', { source_port: 40203 });
    expect(sent.drops).toMatchObject([
      { reason: 'kernel:NETFILTER_DROP', detail: 'nf_conntrack: table full, dropping packet' },
    ]);
  });
});
