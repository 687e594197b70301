import { describe, expect, it } from 'vitest';
import '../../sim/app/library/vitest.ts';
import { openLab } from '../../sim/app/library/open.ts';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import type { FlowAccount } from '../../sim/explain/account.ts';
import { office } from './offices.ts';

/** The message of the expectation that fails. */
function failure(expectation: () => void): string {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the expectation holds');
}

describe('flows', () => {
  it('that arrive are delivered, and say so when that was not expected', () => {
    const flow = office().ping('pc', 'isp');
    expect(flow).toBeDelivered();
    expect(flow).toBeAnswered();
    expect(flow).not.toBeRejected();
    expect(flow).not.toBeDroppedBy('kernel:NETFILTER_DROP');
    expect(failure(() => expect(flow).not.toBeDelivered())).toMatchInlineSnapshot(`
      "expected ping pc -> 203.0.113.1 not to be delivered

        there: Application@pc > Inet stack@pc > Kernel forwarding@pc > eth0@pc > lan@gw > Kernel forwarding@gw > wan@gw > eth0@isp > Kernel forwarding@isp > Inet stack@isp (DELIVERED)
        back: Inet stack@isp > Kernel forwarding@isp > eth0@isp > wan@gw > Kernel forwarding@gw > lan@gw > eth0@pc > Kernel forwarding@pc > Inet stack@pc > Application@pc (DELIVERED)
        DELIVERED, answered with TTL 63"
    `);
  });

  it('that die say where, by what, and by which rule', () => {
    const lab = office();
    lab.exec('gw', 'iptables -A FORWARD -p udp --dport 53 -j DROP');
    const flow = lab.udp('pc', 'isp:53');
    expect(flow).toBeDroppedBy('kernel:NETFILTER_DROP');
    expect(flow).toBeDroppedBy('kernel:NETFILTER_DROP', { at: 'gw' });
    expect(flow).not.toBeDroppedBy('kernel:NETFILTER_DROP', { at: 'isp' });
    expect(flow).not.toBeDroppedBy('kernel:IP_RPFILTER');
    expect(flow).not.toBeDelivered();
    expect(failure(() => expect(flow).toBeDelivered())).toMatchInlineSnapshot(`
      "expected udp pc -> 203.0.113.1:53 to be delivered

        there: Application@pc > Inet stack@pc > Kernel forwarding@pc > eth0@pc > lan@gw > Kernel forwarding@gw (DROPPED)
        DROPPED at gw: kernel:NETFILTER_DROP (filter FORWARD rule 1: -p udp -m udp --dport 53 -j DROP)
          decided by rule 1 of FORWARD in table filter: -A FORWARD -p udp -m udp --dport 53 -j DROP"
    `);
    expect(failure(() => expect(flow).toBeDroppedBy('kernel:NO_SOCKET', { at: 'isp' })).split('\n')[0]).toBe(
      'expected udp pc -> 203.0.113.1:53 to be dropped by kernel:NO_SOCKET at isp',
    );
  });

  it('whose answer dies are not delivered, though they arrived', () => {
    const lab = office();
    lab.exec('pc', 'iptables -A INPUT -j DROP');
    const flow = lab.ping('pc', 'isp');
    expect(flow).not.toBeDelivered();
    expect(flow).not.toBeAnswered();
    expect(flow).toBeDroppedBy('kernel:NETFILTER_DROP', { at: 'pc' });
    expect(failure(() => expect(flow).toBeAnswered())).toContain('DROPPED the answer, at pc: kernel:NETFILTER_DROP');
  });

  it('that are refused tell the errno', () => {
    const lab = office();
    const flow = lab.tcp('pc', 'isp:81');
    expect(flow).toBeRejected();
    expect(flow).toBeRejected('ECONNREFUSED');
    expect(flow).not.toBeRejected('EHOSTUNREACH');
    lab.exec('pc', 'ip route del default');
    const unsent = lab.ping('pc', 'isp');
    expect(unsent).toBeRejected('ENETUNREACH');
    expect(failure(() => expect(unsent).toBeDelivered())).toMatchInlineSnapshot(`
      "expected ping pc -> 203.0.113.1 to be delivered

        REJECTED: ENETUNREACH (Network is unreachable), said its own stack
          because no route to 203.0.113.1; asked: local, main, default"
    `);
  });

  it('traverse stations in their order, by box, device or place', () => {
    const flow = office().ping('pc', 'isp');
    expect(flow).toTraverse(['pc', 'gw', 'isp']);
    expect(flow).toTraverse(['pc', 'gw', 'isp'], { exactly: true });
    expect(flow).toTraverse(['lan@gw', 'Kernel forwarding@gw', 'wan']);
    expect(flow).toTraverse(['isp', 'wan@gw', 'lan', 'pc'], { back: true });
    expect(flow).not.toTraverse(['wan', 'lan']);
    expect(flow).not.toTraverse(['pc', 'isp'], { exactly: true });
    expect(flow).not.toTraverse(['pc', 'gw'], { exactly: true });
    expect(flow).not.toTraverse(['Comware stack']);
    expect(failure(() => expect(flow).toTraverse(['wan@gw', 'lan@gw'])).split('\n')[0]).toBe(
      'expected ping pc -> 203.0.113.1 to traverse wan@gw > lan@gw',
    );
  });

  it('may be compared inside of something else', () => {
    const lab = office();
    const flows: Record<string, FlowAccount> = { web: lab.tcp('pc', 'isp:80'), other: lab.tcp('pc', 'isp:81') };
    expect(flows).toEqual({ web: expect.toBeDelivered(), other: expect.toBeRejected('ECONNREFUSED') });
    expect(Object.values(flows)).not.toContainEqual(expect.toBeDroppedBy('kernel:NETFILTER_DROP'));
  });
});

describe('a name that nothing has', () => {
  const flow = office().ping('pc', 'isp');

  it('is told, whether the expectation is negated or not', () => {
    const wrong = 'kernel:NETFILTR_DROP' as 'kernel:NETFILTER_DROP';
    const misspelt: [() => void, string][] = [
      [
        () => expect(flow).not.toBeDroppedBy(wrong),
        'toBeDroppedBy: there is no drop reason "kernel:NETFILTR_DROP"; did you mean "kernel:NETFILTER_DROP"?',
      ],
      [
        () => expect(flow).not.toBeDroppedBy('kernel:NETFILTER_DROP', { at: 'gww' }),
        'toBeDroppedBy: there is no "gww"; did you mean "gw"?',
      ],
      [() => expect(flow).not.toTraverse(['wna@gw']), 'toTraverse: there is no station "wna"; did you mean "wan"?'],
      [() => expect(flow).not.toTraverse(['wan@gww']), 'toTraverse: there is no "gww"; did you mean "gw"?'],
      [
        () => expect(flow).not.toBeRejected('refused'),
        'toBeRejected: "refused" is no errno such as ECONNREFUSED or EHOSTUNREACH',
      ],
      [
        () => expect('a flow').not.toBeDelivered(),
        'toBeDelivered: expected what lab.ping(), udp(), tcp() or send() answers, found string',
      ],
      [
        () => expect(office()).not.toBeDelivered(),
        'toBeDelivered: expected what lab.ping(), udp(), tcp() or send() answers, found a Lab',
      ],
      [
        () => expect(office().stack('gw')).not.toHaveRoute('default vai 10.0.0.1'),
        'toHaveRoute: no route has the word "vai"; did you mean "via"?',
      ],
      [() => expect(office().stack('gw')).not.toHaveRule(''), 'toHaveRule: what rule? The line is empty'],
      [() => expect({}).not.toHaveRoute('default'), 'toHaveRoute: expected lab.stack(NAME), found object'],
      [
        () => expect(office()).not.toHaveSeen('10.0.0.1', 'gw:wna'),
        'no capture point "gw:wna"; did you mean "gw:wan"?',
      ],
      [() => expect(office()).not.toHaveSeen('10.0.0', 'gw:wan'), '"10.0.0" is no IPv4 address'],
    ];
    for (const [expectation, message] of misspelt) expect(failure(expectation)).toBe(message);
  });

  it('cannot be told of an account that comes from JSON, which is judged all the same', () => {
    const carried: unknown = JSON.parse(JSON.stringify(flow));
    expect(carried).toBeDelivered();
    expect(carried).toTraverse(['pc', 'gw', 'isp'], { exactly: true });
    expect(carried).not.toTraverse(['nowhere']);
    expect(carried).toEqual(flow);
  });
});

describe('tables', () => {
  it('have routes, in the words of ip route or by the keys of ip -j route', () => {
    const gw = office().stack('gw');
    expect(gw).toHaveRoute('10.0.0.0/24 dev lan proto kernel scope link src 10.0.0.1');
    expect(gw).toHaveRoute('10.0.0.0/24 src 10.0.0.1');
    expect(gw).toHaveRoute({ dst: '10.0.0.0/24', dev: 'lan' });
    expect(gw).toHaveRoute({ dst: expect.stringMatching(/^203\./) });
    expect(gw).toHaveRoute('local 10.0.0.1 dev lan table local');
    expect(gw).toHaveRoute({ type: 'local', dst: '10.0.0.1', table: 'local' });
    expect(gw).not.toHaveRoute('local 10.0.0.1 dev lan');
    expect(gw).not.toHaveRoute('10.0.0.0/24 dev wan');
    expect(gw).not.toHaveRoute('10.0.0.0/24 via 10.0.0.1');
    expect(gw).not.toHaveRoute({ dst: '10.0.0.0/24', dev: 'wan' });
    expect(failure(() => expect(gw).toHaveRoute('default via 203.0.113.1 dev wan'))).toBe(
      [
        'expected gw to have the route default via 203.0.113.1 dev wan',
        '',
        '  10.0.0.0/24 dev lan proto kernel scope link src 10.0.0.1',
        '  203.0.113.0/29 dev wan proto kernel scope link src 203.0.113.2',
      ].join('\n'),
    );
    gw.exec('ip route add default via 203.0.113.1 metric 7');
    expect(gw).toHaveRoute('0.0.0.0/0 via 203.0.113.1 dev wan');
    expect(failure(() => expect(gw).not.toHaveRoute({ dst: 'default' })).split('\n')[0]).toBe(
      'expected gw not to have the route {"dst":"default"}',
    );
  });

  it('have neighbours, rules and connections', () => {
    const lab = office();
    const [pc, gw] = [lab.stack('pc'), lab.stack('gw')];
    expect(failure(() => expect(pc).toHaveNeighbour('10.0.0.1'))).toBe(
      'expected pc to have the neighbour 10.0.0.1\n\n  it has no neighbours',
    );
    lab.udp('pc', 'isp:53');
    expect(pc).toHaveNeighbour('10.0.0.1 REACHABLE');
    expect(pc).toHaveNeighbour({ dst: '10.0.0.1', state: ['REACHABLE'] });
    expect(pc).not.toHaveNeighbour('10.0.0.1 FAILED');
    gw.exec('ip rule add from 10.0.0.0/24 lookup 100 pref 50');
    expect(gw).toHaveRule('50: from 10.0.0.0/24 lookup 100');
    expect(gw).toHaveRule('from 10.0.0.0/24');
    expect(gw).toHaveRule({ priority: 50 });
    expect(gw).not.toHaveRule('51: from 10.0.0.0/24');
    expect(gw).toHaveConntrack('udp src=10.0.0.2 dst=203.0.113.1 dport=53 src=203.0.113.1 dst=203.0.113.2');
    expect(gw).toHaveConntrack({ protocol: 'udp', reply: { dst: '203.0.113.2' } });
    expect(gw).not.toHaveConntrack('udp dst=203.0.113.1 src=10.0.0.2 dport=53 [UNREPLIED]');
  });

  it('of Comware have its own columns', () => {
    const device = openLab(`${PACKAGE_ROOT}topologies/whitepaper/separate-namespace.yaml`).stack('device-a');
    expect(device).toHaveRoute('0.0.0.0/0 Static 60 0 20.1.1.2 GE1/0/1');
    expect(device).toHaveRoute({ destination: '0.0.0.0/0', nextHop: '20.1.1.2' });
    expect(device).not.toHaveRoute('0.0.0.0/0 Static 60 0 20.1.1.3 GE1/0/1');
  });
});

describe('a capture point', () => {
  it('has seen an address, or tells what it has seen', () => {
    const lab = office();
    lab.ping('pc', 'isp');
    expect(lab).toHaveSeen('10.0.0.2', 'gw:lan');
    expect(lab).toHaveSeen('203.0.113.2', 'gw:wan', { direction: 'out' });
    expect(lab).not.toHaveSeen('10.0.0.2', 'gw:wan');
    expect(failure(() => expect(lab).toHaveSeen('10.0.0.2', 'gw:wan'))).toBe(
      [
        'expected the lab to have seen 10.0.0.2 at gw:wan',
        '',
        '  4 packets were captured there',
        '  203.0.113.2 -> 203.0.113.1',
        '  203.0.113.1 -> 203.0.113.2',
      ].join('\n'),
    );
    expect(failure(() => expect(lab).not.toHaveSeen('10.0.0.2', 'gw:lan', { direction: 'in' }))).toMatch(
      /^expected the lab not to have seen 10\.0\.0\.2 at gw:lan \(in\)\n\n {2}packet \d+ at 0\.0000\d+ s, as sender in ARP$/,
    );
  });
});
