import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cutawayIn, temporaryFolder } from './cli.ts';

const TOPOLOGY = `topology:
  nodes:
    d:
      kind: comware
      interfaces: { Virtual-Eth-Group0: { address: 10.1.0.254/24 } }
      applications: [{ name: snmp, port: 161 }]
      containers: { web: { services: [{ name: echo, port: 7 }] } }
`;

/** What `run` says of a scenario with these steps; nothing may have been written. */
function saidOf(...steps: readonly string[]): string {
  const folder = temporaryFolder();
  folder.write('lab.yaml', TOPOLOGY);
  folder.write('s.yaml', `name: s\ntopology: lab.yaml\nsteps:\n${steps.map((step) => `  - ${step}\n`).join('')}`);
  const { status, stderr, stdout } = cutawayIn(folder.path, ['run', 's.yaml', '-o', 'results']);
  expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
  expect(existsSync(join(folder.path, 'results'))).toBe(false);
  return stderr;
}

const TWINS = `topology:
  nodes:
    left: { kind: comware, interfaces: { Virtual-Eth-Group0: { address: 10.1.0.254/24 } }, containers: { web: {}, db: {} } }
    right:
      kind: comware
      interfaces: { Virtual-Eth-Group0: { address: 10.2.0.254/24 } }
      containers: { web: {}, idle: { autostart: false } }
`;

describe('a name', () => {
  const said = (from: string): string => {
    const folder = temporaryFolder();
    folder.write('lab.yaml', TWINS);
    const { status, stderr } = cutawayIn(folder.path, ['trace', 'lab.yaml', '--from', from, '--to', '10.1.0.254']);
    return status === 0 ? 'sent' : stderr;
  };

  it('of a container may leave its device out where there is no other of that name', () => {
    expect(said('db')).toBe('sent');
    expect(said('left/web')).toBe('sent');
    expect(said('web')).toBe('error: "web" is a container of more than one device; write left/web or right/web\n');
  });

  it('of what is stopped, or is not there, is told apart', () => {
    expect(said('idle')).toBe('error: "idle" is not running; it has to be started first\n');
    expect(said('bd')).toBe('error: there is no "bd"; did you mean "db"?\n');
  });
});

describe('a scenario that does not fit its topology', () => {
  it('is refused before anything runs, with all that is wrong', () => {
    expect(
      saidOf(
        'exec: { on: web, commands: [ip route del defualt] }',
        'stop: { on: d, service: snmb }',
        'stop: { on: web, service: http }',
        'start: { on: d }',
        'ping: { from: wbe, to: 10.1.0.254 }',
        'udp: { from: web, to: 10.1.0.254 }',
      ),
    ).toBe(`s.yaml:4:33: error: any valid prefix is expected rather than "defualt". [COMMAND]
    4 |   - exec: { on: web, commands: [ip route del defualt] }
      |                                 ^^^^^^^^^^^^^^^^^^^^
   hint: did you mean "default"?
s.yaml:5:29: error: d has no service "snmb" [UNKNOWN_NODE]
    5 |   - stop: { on: d, service: snmb }
      |                             ^^^^
   hint: did you mean "snmp"?
s.yaml:6:31: error: web has no service "http" [UNKNOWN_NODE]
    6 |   - stop: { on: web, service: http }
      |                               ^^^^
   hint: there are echo
s.yaml:7:18: error: "d" is no container; to switch a service of it, name the service [MISSING_KEY]
    7 |   - start: { on: d }
      |                  ^
s.yaml:8:19: error: there is no "wbe" [UNKNOWN_NODE]
    8 |   - ping: { from: wbe, to: 10.1.0.254 }
      |                   ^^^
   hint: did you mean "web"?
s.yaml:9:27: error: udp needs a port: ADDRESS:PORT [BAD_VALUE]
    9 |   - udp: { from: web, to: 10.1.0.254 }
      |                           ^^^^^^^^^^
`);
  });

  it('expects something of each table it names', () => {
    const folder = temporaryFolder();
    folder.write('lab.yaml', TOPOLOGY);
    folder.write('s.yaml', 'name: s\ntopology: lab.yaml\nexpect:\n  - { show: route, of: web }\n');
    const { status, stderr } = cutawayIn(folder.path, ['run', 's.yaml', '--no-write']);
    expect(status).toBe(4);
    expect(stderr).toContain('s.yaml:4:5: error: nothing is expected of this table: add is, has or lacks [BAD_VALUE]');
  });

  it('may stop and start what is there', () => {
    const folder = temporaryFolder();
    folder.write('lab.yaml', TOPOLOGY);
    folder.write(
      's.yaml',
      `name: s
topology: lab.yaml
steps:
  - stop: { on: d, service: snmp }
  - udp: { from: web, to: "10.1.0.254:161", timeout: 1s }
    expect: { replies: 0, dropped: { reason: kernel:NO_SOCKET, at: d/comware } }
  - start: { on: d, service: snmp }
  - udp: { from: web, to: "10.1.0.254:161" }
    expect: { replies: 1 }
  - stop: { on: web }
  - ping: { from: d, to: 10.1.0.1, count: 1 }
    expect: { replies: 0, dropped: { reason: kernel:NO_TX_TARGET, at: d/host } }
  - start: { on: web }
  - ping: { from: d, to: 10.1.0.1, count: 1 }
    expect: { replies: 1, reply_ttl: 63 }
`,
    );
    const { status, stdout } = cutawayIn(folder.path, ['run', 's.yaml', '--quiet', '--no-write']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'PASSED  s\n' });
  });

  it('says that what Comware sends cannot be bound to an interface', () => {
    expect(
      saidOf(
        'ping: { from: d, to: 10.1.0.1, device: eth0 }',
        'tcp: { from: web, to: "10.1.0.254:7", device: eth0 }',
        'tcp: { from: d, to: "10.1.0.1:7", device: Virtual-Eth-Group0 }',
      ),
    ).toBe(`s.yaml:4:44: error: d is Comware, whose routes alone say by which interface it sends: leave device out [BAD_VALUE]
    4 |   - ping: { from: d, to: 10.1.0.1, device: eth0 }
      |                                            ^^^^
s.yaml:6:47: error: d is Comware, whose routes alone say by which interface it sends: leave device out [BAD_VALUE]
    6 |   - tcp: { from: d, to: "10.1.0.1:7", device: Virtual-Eth-Group0 }
      |                                               ^^^^^^^^^^^^^^^^^^
`);
  });

  it('names what of a step that connects, transfers or pulls does not fit', () => {
    expect(
      saidOf(
        'tcp: { from: web, to: "10.1.0.254", name: x }',
        'tcp: { on: long, send: x }',
        '{ tftp: { from: web, to: 10.1.0.254, get: x }, expect: { file: { at: web, is: x } } }',
        'pull: { on: d/hots, image: 2.2.2.2/cadvisor }',
      ),
    ).toBe(`s.yaml:4:27: error: tcp needs a port: ADDRESS:PORT [BAD_VALUE]
    4 |   - tcp: { from: web, to: "10.1.0.254", name: x }
      |                           ^^^^^^^^^^^^
s.yaml:4:47: error: only a connection that is held has a name: add hold, such as hold: 10s [MISSING_KEY]
    4 |   - tcp: { from: web, to: "10.1.0.254", name: x }
      |                                               ^
s.yaml:5:16: error: no step before holds a connection "long" [UNKNOWN_NODE]
    5 |   - tcp: { on: long, send: x }
      |                ^^^^
   hint: no step before holds one: hold: 10s, name: ...
s.yaml:6:74: error: "web" names no TFTP service [UNKNOWN_NODE]
    6 |   - { tftp: { from: web, to: 10.1.0.254, get: x }, expect: { file: { at: web, is: x } } }
      |                                                                          ^^^
s.yaml:7:17: error: there is no "d/hots" [UNKNOWN_NODE]
    7 |   - pull: { on: d/hots, image: 2.2.2.2/cadvisor }
      |                 ^^^^^^
   hint: did you mean "d/host"?
`);
  });

  it('reads files, URLs and image references before anything runs', () => {
    const said = saidOf(
      'tftp: { from: web, to: 10.1.0.254 }',
      'tftp: { from: web, to: 10.1.0.254, get: x, content: y }',
      'http: { from: web, get: "https://10.1.0.254/" }',
      'pull: { on: web, image: cadvisor }',
      '{ tftp: { from: web, to: 10.1.0.254, get: x }, expect: { file: { at: web } } }',
    );
    expect(said.match(/error: .*/g)).toEqual([
      'error: tftp needs a file: put: NAME or get: NAME [BAD_VALUE]',
      'error: content goes with put [BAD_VALUE]',
      'error: expected a URL of an address, such as http://192.0.2.1:8080/containers/; found "https://10.1.0.254/" [BAD_VALUE]',
      'error: expected REGISTRY[:PORT]/REPOSITORY[:TAG] with an address for the registry, such as 2.2.2.2/cadvisor:latest; found "cadvisor" [BAD_VALUE]',
      'error: nothing is expected of this file: add equals, is, size or absent [BAD_VALUE]',
    ]);
  });
});

describe('a service of a topology', () => {
  it('has the options of its program, and no others', () => {
    const folder = temporaryFolder();
    const services = [
      '{ port: 80, program: http, protocol: udp }',
      '{ port: 69, program: tftp, banner: hi }',
      '{ port: 69, program: htpp }',
      '{ port: 80, program: http, pages: { index: x } }',
      '{ port: 80, program: registry, images: { Cad: } }',
      '{ port: 7, program: echo, protocol: tcp }',
    ];
    const lines = services.map((service) => `        - ${service}\n`).join('');
    folder.write('lab.yaml', `topology:\n  nodes:\n    b:\n      kind: linux\n      services:\n${lines}`);
    const { status, stderr } = cutawayIn(folder.path, ['check', 'lab.yaml']);
    expect(status).toBe(4);
    expect(stderr.match(/^lab.*error: .*/gm)).toEqual([
      'lab.yaml:6:48: error: http speaks tcp [BAD_VALUE]',
      'lab.yaml:7:46: error: banner goes with program: ftp [BAD_VALUE]',
      'lab.yaml:8:32: error: expected one of "echo", "sink", "responder", "tftp", "ftp", "http", "cadvisor", "registry", found "htpp" [BAD_VALUE]',
      'lab.yaml:9:47: error: bad key "index": a path begins with / [BAD_VALUE]',
      'lab.yaml:10:52: error: bad key "Cad": expected REPOSITORY or REPOSITORY:TAG, such as cadvisor:latest [BAD_VALUE]',
    ]);
  });

  it('that cannot have its port says which, and why', () => {
    const folder = temporaryFolder();
    const services = '[{ port: 80, program: http }, { port: 80, program: cadvisor, name: other }]';
    folder.write('lab.yaml', `topology: { nodes: { b: { kind: linux, services: ${services} } } }\n`);
    const { stderr } = cutawayIn(folder.path, ['check', 'lab.yaml']);
    expect(stderr).toContain('other cannot listen on TCP port 80: EADDRINUSE');
  });
});
