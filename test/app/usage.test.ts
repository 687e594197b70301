import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import {
  cutaway,
  cutawayIn,
  cutawayProcess,
  WHITEPAPER_TOPOLOGY as LAB,
  temporaryFolder,
  whitepaperScenario,
} from './cli.ts';

const HELP = '(cutaway --help lists the commands)\n';
const NEEDS = 'error: a topology needs --from STACK and --to ADDRESS[:PORT]\n';

describe('a command line that cannot be', () => {
  it.each([
    [
      'an unknown command',
      ['tarce'],
      `error: unknown command 'tarce', and no file of that name\n(Did you mean trace?)\n${HELP}`,
    ],
    [
      'a word like no command',
      ['frobnicate'],
      `error: unknown command 'frobnicate', and no file of that name\n${HELP}`,
    ],
    ['an unknown option', ['run', '--sed', '1'], `error: unknown option '--sed'\n(Did you mean --seed?)\n${HELP}`],
    ['no --from', ['trace', LAB], NEEDS],
    ['no --to', ['trace', LAB, '--from', 'router'], NEEDS],
    [
      'a TTL of 0',
      ['trace', LAB, '--from', 'router', '--to', '1.1.1.1', '--ttl', '0'],
      `error: option '--ttl <n>' argument '0' is invalid. write 1 to 255.\n${HELP}`,
    ],
    [
      'a name to send to',
      ['trace', LAB, '--from', 'router', '--to', 'host-b'],
      `error: option '--to <address[:port]>' argument 'host-b' is invalid. write ADDRESS or ADDRESS:PORT.\n${HELP}`,
    ],
    [
      'a port beyond 65535',
      ['trace', LAB, '--from', 'router', '--to', '1.1.1.1:65536'],
      `error: option '--to <address[:port]>' argument '1.1.1.1:65536' is invalid. write ADDRESS or ADDRESS:PORT.\n${HELP}`,
    ],
    [
      'a protocol that is not there',
      ['trace', LAB, '--from', 'router', '--to', '1.1.1.1', '--proto', 'sctp'],
      `error: option '--proto <protocol>' argument 'sctp' is invalid. Allowed choices are icmp, udp, tcp.\n${HELP}`,
    ],
    [
      'UDP without a port',
      ['trace', LAB, '--from', 'router', '--to', '1.1.1.1', '--proto', 'udp'],
      'error: udp needs a port: --to ADDRESS:PORT\n',
    ],
    [
      'ICMP with a port',
      ['trace', LAB, '--from', 'router', '--to', '1.1.1.1:7', '--proto', 'icmp'],
      'error: icmp has no port: --to ADDRESS\n',
    ],
    [
      'an unknown sender',
      ['trace', LAB, '--from', 'continer3', '--to', '1.1.1.1'],
      'error: there is no "continer3"; did you mean "container3"?\n',
    ],
    ['an unknown table', ['show', LAB, 'rotue'], 'error: there is no table "rotue"; did you mean "route"?\n'],
    ['an unknown stack', ['show', LAB, 'route', 'ruter'], 'error: there is no "ruter"; did you mean "router"?\n'],
    [
      'a stack like no other',
      ['show', LAB, 'route', 'zzz'],
      'error: there is no "zzz"; there are device-a, device-a/comware, device-a/host, device-a/container1, container1, ' +
        'device-a/container2, container2, device-a/container3, container3, router, host-b\n',
    ],
    [
      'an unknown style',
      ['show', LAB, 'route', '--style', 'cisco'],
      `error: option '--style <style>' argument 'cisco' is invalid. Allowed choices are linux, comware.\n${HELP}`,
    ],
    [
      'a time without a unit',
      ['show', LAB, 'route', '--at', '5'],
      `error: option '--at <time>' argument '5' is invalid. write a time such as 500ms or 5s.\n${HELP}`,
    ],
    [
      'a seed below 0',
      ['run', '--seed', '-1'],
      `error: option '--seed <n>' argument '-1' is invalid. write a whole number of 0 or more.\n${HELP}`,
    ],
    [
      'two ways to write',
      ['run', '--merge', '--pcap'],
      `error: option '--pcap' cannot be used with option '--merge'\n${HELP}`,
    ],
    [
      'an unknown schema',
      ['schema', 'topolgy'],
      'error: there is no schema "topolgy"; there are topology, scenario, trace, explain, diff, shard\n',
    ],
    ['nothing to check', ['check'], `error: missing required argument 'file'\n${HELP}`],
  ])('has %s', (_, args, message) => {
    expect(cutaway(...args)).toEqual({ status: 2, stdout: '', stderr: message });
  });
});

describe('help', () => {
  it.each(['run', 'trace', 'show', 'export', 'check', 'list', 'init', 'schema'])('is there for %s', (command) => {
    const { status, stdout, stderr } = cutaway(command, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: cutaway ${command}`));
    expect(cutaway('--help').stdout).toContain(`\n  ${command} `);
  });

  it('tells the version', () => {
    expect(cutaway('--version')).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
  });
});

describe('a process of its own', () => {
  const office = join(PACKAGE_ROOT, 'topologies', 'linux', 'office.yaml');
  const flow = ['--from', 'container3', '--to', '20.1.1.2'];

  it.each([
    [0, ['run', whitepaperScenario('fig09'), '--no-write']],
    [0, ['trace', LAB, ...flow]],
    [0, ['explain', LAB, ...flow]],
    [1, ['diff', LAB, '--set', 'router: net.ipv4.ip_forward=0', '--flow', 'container3 -> 203.0.113.10', '--exit-code']],
    [0, ['show', LAB, 'route', 'container3']],
    [0, ['graph', LAB, '--format', 'dot']],
    [0, ['export', office, '--format', 'netns']],
    [0, ['profile', LAB, '--wireshark', 'profile']],
    [0, ['figures', '9']],
    [4, ['check', 'nothing.yaml']],
    [0, ['list']],
    [0, ['init']],
    [2, ['schema', 'topolgy']],
    [0, ['--version']],
  ])('ends with %i and says the same: %j', (status, words) => {
    const [alone, resident] = [temporaryFolder().path, temporaryFolder().path];
    const told = cutawayProcess(alone, words);
    expect(told).toMatchObject({ status });
    expect(cutawayIn(resident, words)).toEqual(told);
    expect(readdirSync(resident)).toEqual(readdirSync(alone));
  });
});
