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
  return stdout.trimEnd().split('\n').slice(-2);
}

describe('a host that has no route back', () => {
  it('got the request, and could not answer: the trace says so', () => {
    expect(verdict('10.1.0.2')).toEqual([
      'DELIVERED, no answer came back',
      'not sent: ICMP echo reply to 10.0.0.2 at b: ENETUNREACH',
    ]);
    expect(verdict('10.1.0.2:7')).toEqual([
      'DELIVERED, no answer came back',
      'not sent: echo to 10.0.0.2 at b: ENETUNREACH',
    ]);
  });

  it('cannot even send the error it owes', () => {
    expect(verdict('10.1.0.2:9')).toEqual([
      'DROPPED at b: kernel:NO_SOCKET (UDP port 9 of 10.1.0.2)',
      'not sent: ICMP error type 3 code 3 to 10.0.0.2 at b: ENETUNREACH',
    ]);
  });
});
