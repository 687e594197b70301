import { Lab } from '../bench.ts';

/**
 * Host a - router r - host b: a is 10.0.1.2 (MAC ..:0a), r 10.0.1.1 (01) and 10.0.2.1 (02), b 10.0.2.2 (0b). The far
 * link has MTU 1400. `sysctls` are the router's.
 */
export function routerLab(sysctls: Record<string, number> = {}): Lab {
  return new Lab(
    {
      a: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.1.2/24', mac: '02:00:00:00:00:0a' } },
        routes: ['default via 10.0.1.1'],
      },
      r: {
        kind: 'linux',
        interfaces: {
          eth0: { address: '10.0.1.1/24', mac: '02:00:00:00:00:01' },
          eth1: { address: '10.0.2.1/24', mac: '02:00:00:00:00:02', mtu: 1400 },
        },
        sysctls: { 'net.ipv4.ip_forward': 1, ...sysctls },
      },
      b: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.2.2/24', mac: '02:00:00:00:00:0b', mtu: 1400 } },
        routes: ['default via 10.0.2.1'],
        services: [{ port: 7, program: 'echo' }],
      },
    },
    [{ endpoints: ['a:eth0', 'r:eth0'] }, { endpoints: ['b:eth0', 'r:eth1'] }],
  );
}
