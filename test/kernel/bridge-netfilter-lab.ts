import { Lab } from '../bench.ts';

/**
 * A Docker host as in reference lab 05, without its rules: c1 172.17.0.2 (a1) and c2 172.17.0.3 (a2) by veth1 (11) and
 * veth2 (12) on docker0 172.17.0.1 (10), the host 192.0.2.10 on eth0 (13), ext 192.0.2.20 (a3).
 */
export function dockerHost(...exec: readonly string[]): Lab {
  const mac = (last: string): string => `02:00:00:00:00:${last}`;
  const container = (address: string, last: string) => ({
    kind: 'linux',
    interfaces: { eth0: { address, mac: mac(last) } },
    routes: ['default via 172.17.0.1'],
    services: [{ port: 7, program: 'echo' }],
  });
  return new Lab(
    {
      c1: container('172.17.0.2/16', 'a1'),
      c2: container('172.17.0.3/16', 'a2'),
      host: {
        kind: 'linux',
        interfaces: {
          eth0: { address: '192.0.2.10/24', mac: mac('13') },
          veth1: { mac: mac('11') },
          veth2: { mac: mac('12') },
          docker0: { kind: 'bridge', ports: ['veth1', 'veth2'], address: '172.17.0.1/16', mac: mac('10') },
        },
        sysctls: { 'net.ipv4.ip_forward': 1, 'net.bridge.bridge-nf-call-iptables': 1 },
        exec: [...exec],
      },
      ext: {
        kind: 'linux',
        interfaces: { eth0: { address: '192.0.2.20/24', mac: mac('a3') } },
        routes: ['default via 192.0.2.10'],
        services: [{ port: 7, program: 'echo' }],
      },
    },
    [
      { endpoints: ['c1:eth0', 'host:veth1'] },
      { endpoints: ['c2:eth0', 'host:veth2'] },
      { endpoints: ['ext:eth0', 'host:eth0'] },
    ],
  );
}

/** `-t nat -A PREROUTING` for the published port 8080 of c1, as Docker writes it without its proxy. */
export const PUBLISH = [
  'iptables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
  'iptables -t nat -A PREROUTING -p udp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
] as const;
