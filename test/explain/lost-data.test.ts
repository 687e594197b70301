import { describe, expect, it } from 'vitest';
import { gist, lab, send } from './lab.ts';

/** pc - fw - r =(MTU 1300)= r2 - srv: a burst that r cannot pass on whole. `rules` are those of fw. */
function bottleneck(rules: readonly string[]): ReturnType<typeof lab> {
  const table = rules.length === 0 ? '' : `iptables: "*filter\\n${rules.join('\\n')}\\nCOMMIT\\n"`;
  const router = 'sysctls: { net.ipv4.ip_forward: 1 }';
  return lab(`
nodes:
  pc: { kind: linux, interfaces: { eth0: { address: 10.1.0.2/24 } }, routes: [default via 10.1.0.1] }
  fw:
    kind: linux
    interfaces: { a: { address: 10.1.0.1/24 }, b: { address: 10.2.0.1/24 } }
    routes: [default via 10.2.0.2]
    ${router}
    ${table}
  r:
    kind: linux
    interfaces: { b: { address: 10.2.0.2/24 }, c: { address: 10.3.0.1/24 } }
    routes: [10.1.0.0/24 via 10.2.0.1, 10.4.0.0/24 via 10.3.0.2]
    ${router}
  r2:
    kind: linux
    interfaces: { c: { address: 10.3.0.2/24 }, d: { address: 10.4.0.1/24 } }
    routes: [default via 10.3.0.1]
    ${router}
  srv:
    kind: linux
    interfaces: { eth0: { address: 10.4.0.2/24 } }
    routes: [default via 10.4.0.1]
    services: [{ program: echo, protocol: tcp, port: 80 }]
links:
  - endpoints: ["pc:eth0", "fw:a"]
  - endpoints: ["fw:b", "r:b"]
  - { endpoints: ["r:c", "r2:c"], mtu: 1300 }
  - endpoints: ["r2:d", "srv:eth0"]
`);
}

describe('data of a connection that never arrives', () => {
  const silent = ['-A FORWARD -p icmp -m icmp --icmp-type 3 -j DROP'];

  it('is lost although the last, short segment of its burst arrived, and the error about it is told of', () => {
    const account = send(bottleneck(silent), 'pc', '10.4.0.2:80', { protocol: 'tcp', size: 4000 });
    expect(account.stage).toBe('data');
    expect(gist(account)).toMatchObject({
      verdict: 'DROPPED',
      there: 'DROPPED',
      drops: [
        expect.stringMatching(/^request r kernel:PKT_TOO_BIG /),
        'error fw kernel:NETFILTER_DROP rule: -t filter -A FORWARD -p icmp -m icmp --icmp-type 3 -j DROP',
      ],
    });
  });

  it('is not lost where the error comes back: what is sent again is cut to fit', () => {
    const account = send(bottleneck([]), 'pc', '10.4.0.2:80', { protocol: 'tcp', size: 4000 });
    expect(account.stage).toBe('request');
    expect(account.verdict).toBe('DELIVERED');
  });
});
