import { Lab, type LabOptions, type LabTopology } from '../../sim/lab/lab.ts';

/** pc - gw - isp, in code: gw forwards and hides pc behind its own address. */
export const OFFICE: LabTopology = {
  nodes: {
    pc: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.0.2/24' } },
      routes: ['default via 10.0.0.1'],
    },
    gw: {
      kind: 'linux',
      interfaces: { lan: { address: '10.0.0.1/24' }, wan: { address: '203.0.113.2/29' } },
      sysctls: { 'net.ipv4.ip_forward': 1 },
      exec: ['iptables -t nat -A POSTROUTING -o wan -j MASQUERADE'],
    },
    isp: {
      kind: 'linux',
      interfaces: { eth0: { address: '203.0.113.1/29' } },
      services: [{ port: 53 }, { name: 'web', program: 'http', port: 80 }],
    },
  },
  links: [{ endpoints: ['pc:eth0', 'gw:lan'] }, { endpoints: ['gw:wan', 'isp:eth0'] }],
};

export function office(options: LabOptions = {}): Lab {
  return Lab.of(OFFICE, options);
}
