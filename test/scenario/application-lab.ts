import { Lab } from '../bench.ts';

/** Client a - router r - server b, which runs everything that listens; the far link has MTU 1400. `link` is between r and b. */
export function applicationLab(link: object = {}, services: readonly object[] = SERVICES, seed = 1): Lab {
  return new Lab(
    {
      a: { kind: 'linux', interfaces: { eth0: { address: '10.0.1.2/24' } }, routes: ['default via 10.0.1.1'] },
      r: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.1.1/24' }, eth1: { address: '10.0.2.1/24' } },
        sysctls: { 'net.ipv4.ip_forward': 1 },
      },
      b: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.2.2/24' } },
        routes: ['default via 10.0.2.1'],
        services,
      },
    },
    [{ endpoints: ['a:eth0', 'r:eth0'] }, { endpoints: ['b:eth0', 'r:eth1'], ...link }],
    seed,
  );
}

const SERVICES: readonly object[] = [
  { port: 7, program: 'echo' },
  { port: 7, program: 'echo', protocol: 'tcp' },
  { port: 9, program: 'sink', protocol: 'tcp', name: 'discard' },
  { port: 69, program: 'tftp', name: 'tftpd', files: { 'motd.txt': 'welcome\n', 'image.bin': { size: 3000 } } },
  { port: 21, program: 'ftp', name: 'ftpd', banner: 'b is ready.' },
  { port: 80, program: 'http', name: 'web' },
  { port: 8080, program: 'cadvisor', name: 'cadvisor' },
  { port: 5000, program: 'registry', name: 'registry', images: { 'tools/cadvisor:v1': null, busybox: { size: 10 } } },
];
