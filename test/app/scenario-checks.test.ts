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
});
