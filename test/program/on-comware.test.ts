import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';

/*
 * Programs on a Comware device: its own clients and servers, containers behind it, and one that shares its namespace.
 */

function device(containers: object = {}, applications: readonly object[] = []): Lab {
  return new Lab(
    {
      dev: {
        kind: 'comware',
        interfaces: {
          'GE1/0/7': { address: '10.7.0.1/24' },
          LoopBack0: { address: '10.99.0.1/32' },
          'Virtual-Eth-Group0': { address: '10.50.0.1/24' },
        },
        applications,
        containers,
      },
      near: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.7.0.2/24' } },
        routes: ['10.50.0.0/24 via 10.7.0.1', '10.99.0.1/32 via 10.7.0.1'],
        services: [
          { port: 69, program: 'tftp', name: 'tftpd', files: { 'new.cfg': { size: 1500 } } },
          { port: 80, program: 'registry', images: { cadvisor: null } },
          { port: 8000, program: 'http', name: 'web' },
        ],
      },
    },
    [{ endpoints: ['dev:GE1/0/7', 'near:eth0'] }],
  );
}

const TFTPD = { network_mode: 'container:comware', services: [{ port: 69, program: 'tftp', name: 'tftpd' }] };

describe("Comware's own programs", () => {
  it("TFTP puts and gets a file at a host, by Comware's stack", () => {
    const lab = device();
    const run = lab.run(
      { tftp: { from: 'dev', to: '10.7.0.2', put: 'startup.cfg', size: 5000 } },
      { tftp: { from: 'dev', to: '10.7.0.2', get: 'new.cfg' } },
    );
    expect(run.outcomes.map(({ probe }) => probe)).toMatchObject([
      { failure: undefined, size: 5000 },
      { failure: undefined, file: expect.objectContaining({ length: 1500 }) },
    ]);
    expect(lab.frames('near:eth0')[2]?.bytes[22]).toBe(255);
  });

  it("FTP and HTTP answer on the device's addresses", () => {
    const lab = device({}, [
      { port: 21, program: 'ftp', name: 'ftp', banner: 'Comware FTP service ready.' },
      { port: 80, program: 'http', name: 'http', stack: 'kernel' },
    ]);
    const run = lab.run(
      { tcp: { from: 'near', to: '10.7.0.1:21', send: 'QUIT\r\n' } },
      { http: { from: 'near', get: 'http://10.99.0.1/' } },
    );
    const [ftp, http] = run.outcomes.map(({ probe }) => probe);
    expect(ftp).toMatchObject({ kind: 'tcp', connected: true });
    expect(ftp?.kind === 'tcp' && String.fromCharCode(...ftp.received)).toBe(
      '220 Comware FTP service ready.\r\n221 Goodbye.\r\n',
    );
    expect(http).toMatchObject({ kind: 'http', response: { status: 200 } });
    // Who speaks shows in the TTL: Comware's stack, or the kernel beside it.
    expect(ftp?.replies[0]?.ttl).toBe(255);
    expect(http?.replies[0]?.ttl).toBe(64);
  });

  it('tracert asks with 40 bytes, one probe after the other, from one port', () => {
    const lab = device();
    const { outcomes } = lab.run({ traceroute: { from: 'dev', to: '10.7.0.2' } });
    const result = outcomes[0]?.probe;
    expect(result).toMatchObject({ kind: 'traceroute', flavour: 'Comware', hops: [{ ttl: 1 }] });
    const probes = lab.frames('near:eth0').filter(({ direction, bytes }) => direction === 'in' && bytes[23] === 17);
    expect(probes.map(({ bytes }) => bytes.length - 14)).toEqual([40, 40, 40]);
    expect(new Set(probes.map(({ bytes }) => (bytes[34] ?? 0) * 256 + (bytes[35] ?? 0))).size).toBe(1);
    expect(probes.map(({ bytes }) => (bytes[36] ?? 0) * 256 + (bytes[37] ?? 0))).toEqual([33434, 33435, 33436]);
  });
});

describe('containers', () => {
  it('fetch and pull through the device', () => {
    const run = device({ c: {} }).run(
      { http: { from: 'c', get: 'http://10.7.0.2:8000/' } },
      { pull: { on: 'c', image: '10.7.0.2/cadvisor' } },
    );
    expect(run.outcomes.map(({ probe }) => probe)).toMatchObject([
      { response: { status: 200 }, failure: undefined },
      { failure: undefined, connected: true },
    ]);
  });

  it('serve from their own namespace, and stop serving when they stop', () => {
    const lab = device({ c: { services: [{ port: 8080, program: 'cadvisor' }] } });
    const address = lab.stack('c').net.parts.tcp.sender;
    expect(address.isLocalAddress(0x0a320002)).toBe(true);
    const run = lab.run(
      { tcp: { from: 'near', to: '10.50.0.2:8080', hold: '1h', name: 'open' } },
      { http: { from: 'near', get: 'http://10.50.0.2:8080/containers/' } },
      { restart: { on: 'c' } },
      { tcp: { on: 'open', send: 'GET / HTTP/1.1\r\n\r\n' } },
      { http: { from: 'near', get: 'http://10.50.0.2:8080/' } },
    );
    expect(run.outcomes[1]?.probe).toMatchObject({ response: { status: 200 } });
    expect(run.outcomes[3]?.probe).toMatchObject({ closed: true });
    expect(run.outcomes[4]?.probe).toMatchObject({ response: { status: 307 } });
  });

  it("that share Comware's namespace serve at the device's addresses, to the device itself too (CLM-74)", () => {
    const lab = device({ tftpd: TFTPD });
    const content = 'sysname near\n';
    const run = lab.run(
      { tftp: { from: 'near', to: '10.7.0.1', put: 'near.cfg', content, size: 3000 } },
      { tftp: { from: 'dev', to: '10.7.0.1', put: 'dev.cfg', content: 'sysname dev\n', size: 2500 } },
    );
    expect(run.outcomes.map(({ probe }) => probe)).toMatchObject([{ failure: undefined }, { failure: undefined }]);
    const files = lab.world.services.of('dev/tftpd')[0]?.files;
    expect([...(files ?? [])].map(([name, file]) => [name, file.length])).toEqual([
      ['near.cfg', 3000],
      ['dev.cfg', 2500],
    ]);
  });
});
