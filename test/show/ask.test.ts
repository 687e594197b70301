import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTopology } from '../../sim/app/sources.ts';
import { seconds } from '../../sim/core/time.ts';
import { readQuestion, tablesOfStack } from '../../sim/show/ask/ask.ts';
import { isMisunderstood } from '../../sim/show/ask/question.ts';
import { TABLE_NAMES } from '../../sim/show/table-names.ts';
import type { World } from '../../sim/world/world.ts';

function open(file: string): World {
  const opened = openTopology(file, { seed: 1, trace: false, capture: false });
  if ('problems' in opened) throw new Error(`${file} does not build`);
  return opened.world;
}

/** The command as it was understood, or why it was not. */
function understood(what: string): string {
  const question = readQuestion(what);
  return isMisunderstood(question) ? `${question.problem}; ${question.hint}` : question.command;
}

describe('what is asked for', () => {
  it.each([
    ['ip r', 'ip route'],
    ['ip  -j   ro sh table all', 'ip -j route show table all'],
    ['sudo ip a', 'ip addr'],
    ['ip a s eth0', 'ip addr show dev eth0'],
    ['ip -s -s l', 'ip -s link'],
    ['ip -4 -br address', 'ip -br -4 addr'],
    ['ip n', 'ip neigh'],
    ['ip ru', 'ip rule'],
    ['bridge -j f s br br0', 'bridge -j fdb show br br0'],
    ['iptables -nvL', 'iptables -t filter -L -v -n'],
    ['iptables -t nat -L POSTROUTING -n -v --line-numbers', 'iptables -t nat -L POSTROUTING -v -n --line-numbers'],
    ['iptables-save -c', 'iptables-save -c'],
    ['conntrack -L -p udp', 'conntrack -L -p udp'],
    ['ss -lntu', 'ss -tuln'],
    ['ss --tcp -n --all', 'ss -tna'],
    ['dis ip rou ver', 'display ip routing-table verbose'],
    ['display int br', 'display interface brief'],
    ['disp cur', 'display current-configuration'],
    ['docker container ls --all', 'docker ps -a'],
    ['route-n', 'route -n'],
  ])('%s', (what, command) => expect(understood(what)).toBe(command));

  it.each([
    ['rout', 'there is no table "rout"; did you mean "route"?'],
    ['ip ruote', 'ip: there is no object "ruote"; did you mean "ip route"?'],
    ['ipp route', 'there is no table "ipp route"; did you mean "ip route"?'],
    ['ip route add default via 1.1.1.1', 'ip route add is not a table; write ip route show'],
    ['ip route show tabel 100', 'ip route show: "tabel" is not understood; did you mean "table"?'],
    ['ip route show table', 'ip route show: "table" takes a value; undefined'],
    [
      'display ip interface brif',
      'there is no "display ip interface brif"; did you mean "display ip interface brief"?',
    ],
    ['display nat session brief', 'display nat session brief is not made; write "display nat session verbose"'],
    ['iptables -L', 'iptables -L'],
    ['iptables -L -v', 'iptables -L asks for names; write -n as well: there is no DNS'],
    ['iptables -t natt -nL', 'iptables: there is no table "natt"; there are mangle, raw, nat, filter'],
    ['ss -tl', 'ss asks for the names of services; write -n as well, as in "ss -tuln"'],
    [
      'sysctl -w net.ipv4.ip_forward=1',
      'sysctl shows all with -a, or what it is given; write "sysctl net.ipv4.ip_forward"',
    ],
    ['docker network inspekt', 'docker network inspekt shows no table; did you mean "docker network inspect"?'],
    ['bridge fbd', 'bridge: there is no object "fbd"; did you mean "bridge fdb"?'],
  ])('%s is told what is wrong with it', (what, answer) => expect(understood(what)).toBe(answer));

  it('whatever is typed is understood or refused, and text and rows speak of the same', () => {
    const world = open('topologies/linux/office.yaml');
    const [first] = world.stacks();
    if (first === undefined) throw new Error('no stack');
    const snapshot = world.snapshot(first);
    const word = fc.constantFrom(
      ...[
        'ip',
        'route',
        'show',
        '-j',
        'addr',
        'table',
        'all',
        '-n',
        'ss',
        '-tuln',
        'iptables',
        '-L',
        'dev',
        'eth0',
        '',
      ],
      ...['display', 'arp', 'docker', 'ps', '-a', 'conntrack', 'bridge', 'fdb', 'nstat', '-z', 'sysctl', '\u0007'],
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const question = readQuestion(words.join(' '));
        if (isMisunderstood(question)) return question.problem !== '';
        question.refusal?.(snapshot);
        return typeof question.text(snapshot) === 'string' && question.rows(snapshot) !== undefined;
      }),
    );
  });
});

describe('the rows of -j', () => {
  it('are the text of the command, and what --json gives', () => {
    const world = open('topologies/linux/office.yaml');
    world.advance(seconds(1));
    for (const stack of world.stacks()) {
      const snapshot = world.snapshot(stack);
      for (const command of [
        'ip -j route',
        'ip -j addr',
        'ip -j -s link',
        'ip -j rule',
        'ip -j neigh',
        'bridge -j fdb',
        'bridge -j link',
      ]) {
        const question = readQuestion(command);
        if (isMisunderstood(question)) throw new Error(question.problem);
        expect(JSON.parse(question.text(snapshot))).toEqual(JSON.parse(JSON.stringify(question.rows(snapshot))));
      }
    }
  });
});

describe('a device of Comware', () => {
  const world = open('topologies/whitepaper/separate-namespace.yaml');
  const [device] = world.stacks();
  if (device === undefined) throw new Error('no stack');
  const snapshot = world.snapshot(device);

  it('has tables of its own and of Docker, each with a name and a number of rows', () => {
    const tables = tablesOfStack(snapshot);
    expect(tables).toContainEqual({ command: 'display ip routing-table', name: 'route', rows: 14 });
    expect(tables).toContainEqual({ command: 'docker ps -a', name: 'docker', rows: 3 });
    for (const { name } of tables)
      expect(TABLE_NAMES.map((one) => one.replace(' -', '-').replace(' ', '-'))).toContain(name);
  });

  it('inspects networks with the keys of Docker', () => {
    const question = readQuestion('docker network inspect Virtual-Eth-Group0');
    if (isMisunderstood(question)) throw new Error(question.problem);
    const [network] = JSON.parse(question.text(snapshot)) as [Record<string, unknown>];
    // As `docker network inspect` of Docker 20.10 and later orders them.
    expect(Object.keys(network)).toEqual([
      ...['Name', 'Id', 'Created', 'Scope', 'Driver', 'EnableIPv6', 'IPAM', 'Internal', 'Attachable', 'Ingress'],
      ...['ConfigFrom', 'ConfigOnly', 'Containers', 'Options', 'Labels'],
    ]);
    expect(Object.values(network.Containers as object)).toContainEqual({
      Name: 'container3',
      EndpointID: expect.stringMatching(/^[0-9a-f]{64}$/),
      MacAddress: '02:42:01:01:01:03',
      IPv4Address: '1.1.1.3/24',
      IPv6Address: '',
    });
    expect(readQuestion('docker network inspect nosuch')).toMatchObject({ command: 'docker network inspect nosuch' });
  });

  it('is what its current configuration says: read again, it changes nothing', () => {
    for (const name of ['separate-namespace', 'cadvisor-nat-server', 'cadvisor-nat', 'host-applications']) {
      const again = open(`topologies/whitepaper/${name}.yaml`);
      const [own] = again.stacks();
      if (own?.node.kind !== 'comware') throw new Error('no device');
      const before = again.snapshot(own).comware;
      expect(own.node.configure((before?.configuration ?? []).join('\n'))).toEqual([]);
      expect(again.snapshot(own).comware).toEqual(before);
    }
  });
});
