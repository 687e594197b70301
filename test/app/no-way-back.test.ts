import { describe, expect, it } from 'vitest';
import { cutawayIn, temporaryFolder } from './cli.ts';

const LAB = `topology:
  nodes:
    a: { kind: linux, interfaces: { eth0: { address: 10.0.0.2/24 } }, routes: ["default via 10.0.0.1"] }
    r:
      kind: linux
      interfaces: { eth0: { address: 10.0.0.1/24 }, eth1: { address: 10.1.0.1/24 } }
      sysctls: { net.ipv4.ip_forward: 1 }
    b: { kind: linux, interfaces: { eth0: { address: 10.1.0.2/24 } }, services: [{ port: 7, name: echo }] }
  links:
    - endpoints: ["a:eth0", "r:eth0"]
    - endpoints: ["r:eth1", "b:eth0"]
`;

/** The last lines of a trace from a. */
function verdict(to: string): string[] {
  const folder = temporaryFolder();
  folder.write('lab.yaml', LAB);
  const { stdout } = cutawayIn(folder.path, ['trace', 'lab.yaml', '--from', 'a', '--to', to]);
  const lines = stdout.trimEnd().split('\n');
  return lines.slice(lines.findIndex((line) => /^(DROPPED|DELIVERED)/.test(line)));
}

describe('a host that has no route back', () => {
  it('got the request, and could not answer: the trace says so', () => {
    const because = '  because no route to 10.0.0.2; asked: local, main, default';
    expect(verdict('10.1.0.2')).toEqual([
      'DROPPED: it arrived, and the answer could not be sent',
      'not sent: ICMP echo reply to 10.0.0.2 at b: ENETUNREACH',
      because,
    ]);
    expect(verdict('10.1.0.2:7')).toEqual([
      'DROPPED: it arrived, and the answer could not be sent',
      'not sent: echo to 10.0.0.2 at b: ENETUNREACH',
      because,
    ]);
  });

  it('cannot even send the error it owes', () => {
    expect(verdict('10.1.0.2:9')).toEqual([
      'DROPPED at b: kernel:NO_SOCKET (UDP port 9 of 10.1.0.2)',
      '  because no UDP socket at 10.1.0.2:9; open: 0.0.0.0:7 echo',
      'not sent: ICMP error type 3 code 3 to 10.0.0.2 at b: ENETUNREACH',
      '  because no route to 10.0.0.2; asked: local, main, default',
    ]);
  });
});
