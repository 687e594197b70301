import { describe, expect, it, onTestFinished } from 'vitest';
import { openLab, openScenario } from '../../sim/app/library/open.ts';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { Lab } from '../../sim/lab/lab.ts';
import { CommandError, LabError, StormError, TopologyError } from '../../sim/lab/lab-error.ts';
import { hasTshark, needsTshark, TemporaryFolder, tsharkFields } from '../tools.ts';
import { OFFICE, office } from './offices.ts';

const DEVICE = `${PACKAGE_ROOT}topologies/whitepaper/separate-namespace.yaml`;

function thrown(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}

const messageOf = (act: () => unknown): string => thrown(act).message;

describe('a lab', () => {
  it('sends one flow after another, each telling its way and its end', () => {
    const lab = office();
    const ping = lab.ping('pc', '203.0.113.1');
    expect(ping.verdict).toBe('DELIVERED');
    expect(ping.ttl).toBe(63);
    expect(ping.there?.path).toContain('wan@gw');
    expect(lab.udp('pc', '203.0.113.1:53').received).toBe(1);
    expect(lab.tcp('pc', '203.0.113.1:80', { size: 3000 }).verdict).toBe('DELIVERED');
    expect(lab.tcp('pc', '203.0.113.1:81')).toMatchObject({ verdict: 'REJECTED', errors: [{ errno: 'ECONNREFUSED' }] });
    expect(lab.ping('pc', '203.0.113.1', { ttl: 1 }).errors).toMatchObject([
      { errno: 'EHOSTUNREACH', from: '10.0.0.1' },
    ]);
  });

  it('takes the name of a stack that has one address, and guesses nothing', () => {
    const lab = office();
    expect(lab.ping('pc', 'isp').to).toBe('203.0.113.1');
    expect(lab.udp('pc', 'isp:53').to).toBe('203.0.113.1');
    expect(messageOf(() => lab.ping('pc', 'gw'))).toBe(
      '"gw" has 2 addresses, write one of them: 10.0.0.1 (lan), 203.0.113.2 (wan)',
    );
    expect(messageOf(() => lab.ping('pc', 'ips'))).toBe('there is no "ips"; did you mean "isp"?');
    expect(messageOf(() => lab.ping('pcc', 'isp'))).toBe('there is no "pcc"; did you mean "pc"?');
    expect(messageOf(() => lab.ping('pc', '10.0.0.256'))).toBe('to: "10.0.0.256" is no IPv4 address');
    expect(messageOf(() => lab.ping('pc', ''))).toBe(
      'cannot send to "": write ADDRESS, ADDRESS:PORT, STACK or STACK:PORT',
    );
    expect(messageOf(() => lab.udp('pc', 'isp'))).toBe('udp needs a port: "isp:53"');
    expect(messageOf(() => lab.ping('pc', 'isp:53'))).toBe('icmp has no port: "isp:53"');
    expect(messageOf(() => lab.ping('pc', 'isp', { ttl: 0 }))).toBe(
      'ttl: expected a whole number from 1 to 255, found 0',
    );
    expect(messageOf(() => lab.udp('pc', 'isp:53', { size: 0.5 }))).toMatch('size: expected a whole number');
    expect(lab.udp('pc', 'isp:53').sent).toBe(1);
  });

  it('tells of a flow that was never sent nothing of the flows before it', () => {
    const lab = office();
    expect(lab.tcp('pc', 'isp:81').drops).toHaveLength(1);
    lab.exec('pc', 'ip route del default');
    const unsent = lab.ping('pc', 'isp');
    expect(unsent).toMatchObject({ verdict: 'REJECTED', errors: [{ errno: 'ENETUNREACH' }], drops: [], refusals: [] });
    expect([unsent.there, unsent.back]).toEqual([undefined, undefined]);
  });

  it('is changed by commands, and what a machine refuses is thrown in its words', () => {
    const lab = office();
    lab.exec(
      'gw',
      'iptables -A FORWARD -p udp -j DROP',
      '# a comment\n ip route add 198.51.100.0/24 via 203.0.113.1\n',
    );
    expect(lab.udp('pc', 'isp:53')).toMatchObject({ verdict: 'DROPPED', drops: [{ reason: 'kernel:NETFILTER_DROP' }] });
    expect(lab.ping('pc', 'isp').verdict).toBe('DELIVERED');
    expect(lab.table('gw', 'ip route')).toContain('198.51.100.0/24 via 203.0.113.1 dev wan');
    const error = thrown(() => lab.exec('gw', 'ip route add 198.51.100.0/24 via 203.0.113.1'));
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ on: 'gw', sentence: 'RTNETLINK answers: File exists' });
    expect(error.message).toBe('gw: ip route add 198.51.100.0/24 via 203.0.113.1: RTNETLINK answers: File exists');
    expect(thrown(() => lab.exec('gw', 'frobnicate'))).toBeInstanceOf(CommandError);
  });

  it('has its services switched, its cables pulled, its time moved on', () => {
    const lab = office();
    lab.stop('isp', 'web');
    expect(lab.tcp('pc', 'isp:80').errors[0]?.errno).toBe('ECONNREFUSED');
    lab.start('isp', 'web');
    expect(lab.tcp('pc', 'isp:80').verdict).toBe('DELIVERED');
    lab.link('isp:eth0', 'down');
    expect(lab.ping('pc', 'isp').verdict).toBe('REJECTED');
    lab.link('gw:wan', 'up');
    expect(lab.ping('pc', 'isp').verdict).toBe('DELIVERED');
    const before = lab.now;
    lab.advance('2m30s');
    lab.advance(5);
    expect(lab.now - before).toBe(150e9 + 5);
    expect(lab.rows('gw', 'conntrack')).toEqual([]);
    expect(messageOf(() => lab.stop('isp', 'wbe'))).toBe('isp has no service "wbe"; did you mean "web"?');
    expect(messageOf(() => lab.link('isp:eth9', 'up'))).toBe('no link ends at "isp:eth9"; did you mean "isp:eth0"?');
    expect(messageOf(() => lab.advance('soon'))).toBe('"soon" is no time span: write "5s", "50ms" or nanoseconds');
    expect(messageOf(() => lab.advance(-1))).toContain('"-1" is no time span');
  });

  it('configures a device, and hands on what Docker prints', () => {
    const lab = openLab(DEVICE);
    lab.configure('device-a', 'ip ttl-expires enable');
    expect(messageOf(() => lab.configure('device-a', 'ip ttl-expirse enable'))).toMatch(/^device-a: configure: /);
    expect(messageOf(() => lab.configure('host-b', 'ip ttl-expires enable'))).toContain('host-b is no Comware device');
    expect(lab.exec('device-a', 'docker ps')).toMatch(/^CONTAINER ID/);
    lab.stop('container3');
    expect(lab.stacks).not.toContain('device-a/container3');
    expect(messageOf(() => lab.ping('container3', '1.1.1.200'))).toBe(
      '"container3" is not running; it has to be started first',
    );
    lab.start('container3');
    expect(lab.ping('container3', '1.1.1.200').verdict).toBe('DELIVERED');
  });

  it('plays the steps of a scenario from now on, and holds them against what they expect', () => {
    const lab = office();
    lab.advance('3s');
    const report = lab.runScenario(`
name: both-ways
steps:
  - ping: { from: pc, to: 203.0.113.1, count: 2 }
    expect: { replies: 2 }
  - udp: { from: pc, to: 203.0.113.1:99 }
    expect: { replies: 1 }
expect:
  - show: route
    of: gw
    has: [10.0.0.0/24 dev lan proto kernel scope link src 10.0.0.1]
`);
    expect(report.name).toBe('both-ways');
    expect(report.steps.map((step) => [step.at, step.checks[0]?.passed])).toEqual([
      [3e9, true],
      [4_000_040_000, false],
    ]);
    expect(report.steps[1]?.checks[0]?.place).toMatchObject({ file: 'scenario.yaml', line: 7 });
    expect(report.tables[0]?.passed).toBe(true);
    expect(report.passed).toBe(false);
  });

  it('keeps a connection that a step holds open for the next', () => {
    const lab = office();
    lab.step({ tcp: { from: 'pc', to: '203.0.113.1:80', hold: '1h', name: 'kept' } });
    lab.exec('gw', 'iptables -I FORWARD -m conntrack --ctstate NEW -j DROP');
    expect(lab.tcp('pc', 'isp:80').verdict).toBe('DROPPED');
    const step = lab.step({
      tcp: { on: 'kept', send: 'GET / HTTP/1.0\r\n\r\n' },
      expect: { received_has: 'web on isp' },
    });
    expect(step.checks.map((check) => check.passed)).toEqual([true]);
    expect(messageOf(() => lab.step({ tcp: { on: 'kpet', send: '' } }))).toBe(
      'steps[0].tcp.on: error: no step before holds a connection "kpet" [UNKNOWN_NODE]\n   hint: did you mean "kept"?',
    );
  });

  it('refuses a scenario for another topology or another time', () => {
    const lab = office();
    lab.advance('2s');
    expect(messageOf(() => lab.runScenario('topology: x.yaml\nsteps: []\n'))).toBe(
      [
        'scenario.yaml:1:1: error: the lab has its topology already [UNKNOWN_KEY]',
        '    1 | topology: x.yaml',
        '      | ^^^^^^^^',
        '   hint: leave it out here, or run the whole file by openScenario(FILE)',
      ].join('\n'),
    );
    expect(messageOf(() => lab.runScenario({ steps: [{ at: '1s', wait: '1s' }] }))).toBe(
      'steps[0].at: error: it is 2.000000000 s already [BAD_VALUE]',
    );
    expect(messageOf(() => lab.runScenario('steps: ['))).toContain('[YAML_SYNTAX]');
  });

  it('shows tables, snapshots, frames and decisions as plain data', () => {
    const lab = office();
    const { there } = lab.ping('pc', 'isp');
    expect(lab.rows('gw', 'route')).toContainEqual(expect.objectContaining({ dst: '10.0.0.0/24', dev: 'lan' }));
    expect(lab.snapshot('pc').namespace.neigh).toMatchObject([{ dst: '10.0.0.1', state: ['REACHABLE'] }]);
    expect(messageOf(() => lab.table('gw', 'ip ruote'))).toContain('did you mean "ip route"?');
    expect(lab.exec('gw', 'ip route', 'sysctl net.ipv4.ip_forward')).toBe(
      `${lab.table('gw', 'ip route')}net.ipv4.ip_forward = 1\n`,
    );
    expect(messageOf(() => lab.exec('gw', 'ip addr show eth9'))).toBe(
      'gw: ip addr show dev eth9: Device "eth9" does not exist.',
    );
    expect(messageOf(() => lab.table('gw', 'display arp'))).toBe(
      '"display arp" is for Comware devices, and gw is none',
    );
    const [frame] = lab.capture('gw:wan').frames.filter(({ headers }) => headers[1]?.protocol === 'IPv4');
    expect(frame?.headers[1]?.fields).toMatchObject({ source: '203.0.113.2', destination: '203.0.113.1', ttl: 63 });
    expect(frame?.hex.slice(24, 28)).toBe('0800');
    expect(frame?.packet).toBe(there?.packet);
    expect(lab.steps(frame?.packet ?? 0).map((step) => step.kind)).toContain('route');
    expect(lab.steps(9999)).toEqual([]);
    expect(messageOf(() => lab.capture('gw:wna'))).toBe('no capture point "gw:wna"; did you mean "gw:wan"?');
    expect(lab.captures().map(({ point }) => point)).toEqual(['pc:eth0', 'gw:lan', 'gw:wan', 'isp:eth0']);
    expect(lab.sighting('10.0.0.2', 'gw:wan')).toBeUndefined();
    expect(lab.sighting('10.0.0.2', 'gw:lan')?.where).toBe('as sender in ARP');
    expect(() => lab.sighting('10.0.0.2', 'gw:wna')).toThrow(LabError);
  });

  it.skipIf(!hasTshark)(`gives captures as Wireshark reads them ${needsTshark}`, () => {
    const lab = office();
    const { there } = lab.ping('pc', 'isp');
    const folder = new TemporaryFolder();
    onTestFinished(() => folder.dispose());
    const fields = ['frame.interface_name', 'ip.src', 'frame.packet_id'];
    const request = (file: string): string[][] =>
      tsharkFields(file, fields).filter(([, , packet]) => packet === String(there?.packet));
    expect(request(folder.write('all.pcapng', lab.pcapng()))).toEqual(
      ['pc:eth0', 'gw:lan', 'gw:wan', 'isp:eth0'].map((point, index) => [
        ...[point, index < 2 ? '10.0.0.2' : '203.0.113.2', String(there?.packet)],
      ]),
    );
    expect(request(folder.write('wan.pcapng', lab.pcapng('gw:wan')))).toHaveLength(1);
    expect(() => lab.pcapng('gw:wna')).toThrow('did you mean "gw:wan"?');
  });

  it('answers in data that JSON carries whole', () => {
    const lab = office();
    lab.exec('gw', 'iptables -A FORWARD -j REJECT');
    const answers = [lab.udp('pc', 'isp:53'), lab.captures(), lab.snapshot('gw'), lab.step({ wait: '1s' })];
    for (const answer of answers) {
      const carried: unknown = JSON.parse(JSON.stringify(answer));
      expect(carried).toEqual(answer);
    }
  });

  it('gives the same answers to the same calls, to the byte', () => {
    const play = (seed: number): string => {
      const lab = Lab.of({ ...OFFICE, links: OFFICE.links?.map((link) => ({ ...link, jitter: '1ms' })) }, { seed });
      return JSON.stringify([lab.ping('pc', 'isp'), lab.tcp('pc', 'isp:80', { size: 9000 }), lab.captures(), lab.now]);
    };
    expect(play(1)).toBe(play(1));
    expect(play(1)).not.toBe(play(2));
  });
});

describe('a lab that cannot be', () => {
  it('is refused with all that is wrong, as the command line prints it', () => {
    const error = thrown(() =>
      Lab.fromYaml('topology:\n  nodes:\n    a: { kind: linus }\n    b: { kind: linux, adress: 1 }\n'),
    );
    expect(error).toBeInstanceOf(TopologyError);
    expect(error).toMatchObject({
      problems: [
        { code: 'BAD_VALUE', place: { file: 'topology.yaml', line: 3, column: 16, text: '    a: { kind: linus }' } },
        { code: 'UNKNOWN_KEY', place: { line: 4, column: 23 } },
      ],
    });
    expect(error.message.split('\n').slice(0, 4)).toEqual([
      'topology.yaml:3:16: error: expected one of "linux", "bridge", "comware", found "linus" [BAD_VALUE]',
      '    3 |     a: { kind: linus }',
      '      |                ^^^^^',
      '   hint: did you mean "linux"?',
    ]);
  });

  it('is refused for a file that is not there, for a scenario, and in code', () => {
    expect(messageOf(() => openLab('nowhere.yaml'))).toBe('error: nowhere.yaml: no such file [FILE_MISSING]');
    expect(messageOf(() => Lab.fromYaml('topology: x.yaml\n'))).toContain(
      'this is a scenario, and a topology is wanted',
    );
    const given = { nodes: { pc: { kind: 'linux' as const, routes: ['default via 10.0.0.1'] } } };
    expect(messageOf(() => Lab.of(given))).toMatch(/^nodes\.pc\.routes\[0\]: error: /);
    expect(messageOf(() => office({ seed: -1 }))).toBe('seed: expected a whole number, found -1');
  });

  it('stops when frames multiply', () => {
    const lab = Lab.of({
      nodes: {
        pc: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } } },
        a: { kind: 'bridge' },
        b: { kind: 'bridge' },
      },
      links: [{ endpoints: ['pc:eth0', 'a:p0'] }, { endpoints: ['a:p1', 'b:p1'] }, { endpoints: ['a:p2', 'b:p2'] }],
    });
    expect(thrown(() => lab.ping('pc', '10.0.0.2'))).toBeInstanceOf(StormError);
  }, 180_000);
});

describe('a scenario file', () => {
  it('is run whole, and leaves its lab to look around in', () => {
    const { lab, report } = openScenario(`${PACKAGE_ROOT}scenarios/linux/office.yaml`);
    expect(report.passed).toBe(true);
    expect(lab.now).toBe(report.ended);
    expect(lab.table('gw', 'conntrack')).toContain('src=192.168.7.');
  });

  it('has its topology read by whoever runs its text', () => {
    const text = 'name: x\ntopology: office.yaml\nsteps: [{ wait: 1s }]\n';
    expect(messageOf(() => Lab.fromScenario(text))).toBe(
      'the scenario names a topology file, office.yaml: give its text by the option "read"',
    );
    const topology = JSON.stringify({ topology: OFFICE });
    const { lab, report } = Lab.fromScenario(text, { read: () => topology, seed: 7 });
    expect([report.seed, lab.seed, lab.now]).toEqual([7, 7, 1e9]);
    const file = `${PACKAGE_ROOT}scenarios/linux/none.yaml`;
    expect(messageOf(() => openScenario(file))).toContain('[FILE_MISSING]');
  });
});
