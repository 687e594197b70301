import { describe, expect, it } from 'vitest';
import { checkScenario } from '../../sim/scenario/check-scenario.ts';
import { reportScenario } from '../../sim/scenario/report.ts';
import { runScenario } from '../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { checkTopology } from '../../sim/world/check.ts';
import type { Finding } from '../../sim/world/finding.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import type { World } from '../../sim/world/world.ts';
import { deviceWith, echo } from './device.ts';

const OPTIONS = { seed: 1, trace: true, capture: false };

function lineOf({ path, message, hint }: Finding): string {
  const where = path.slice(path.indexOf('dev') + 1).join('/');
  return `${where}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** What is wrong with a topology: what the check finds, else what the machines refuse. */
function findings(containers: object, more: object = {}): string[] {
  const topology = topologySchema.parse({ topology: { nodes: deviceWith(containers, more) } });
  const found = checkTopology(topology);
  return (found.length > 0 ? found : buildWorld(topology, OPTIONS).findings).map(lineOf);
}

function world(more: object = {}): World {
  const images = { tftpd: { services: [{ name: 'tftpd', port: 69 }] } };
  const nodes = deviceWith({ a: echo }, { images, ...more });
  return buildWorld(topologySchema.parse({ topology: { nodes } }), OPTIONS).world;
}

function scenarioOf(steps: readonly object[]) {
  return scenarioSchema.parse({ name: 'lab', topology: 'none', steps });
}

describe('containers of a topology', () => {
  it('may share, in the order in which they start', () => {
    expect(
      findings({ a: {}, b: { network_mode: 'container:a' }, c: { network_mode: 'container:comware' }, d: {} }),
    ).toEqual([]);
    expect(findings({ a: { network_mode: 'container:b' }, b: {} })).toEqual([
      'containers/a/network_mode: b does not run yet when a joins its namespace (list b first, without autostart: false)',
    ]);
    expect(findings({ a: { network_mode: 'container:x' }, b: { network_mode: 'container:b' } })).toEqual([
      'containers/a/network_mode: there is no container "x" on this device (containers are comware, b)',
      'containers/b/network_mode: a container cannot join its own namespace',
    ]);
    expect(findings({ a: { network_mode: 'none', networks: ['Virtual-Eth-Group0'] } })).toEqual([
      'containers/a/network_mode: network_mode and networks cannot be combined',
    ]);
    expect(() => findings({ a: { network_mode: 'macvlan' } })).toThrow('expected none, host, bridge');
  });

  it('name images that are there', () => {
    const images = { tftpd: {}, 'far:v1': { local: false } };
    expect(
      findings({ a: { image: 'tftp' }, b: { image: 'tftpd:latest' }, c: { image: 'guestshell' } }, { images }),
    ).toEqual(['containers/a/image: there is no image "tftp" on this device (images are tftpd, far:v1)']);
    expect(findings({ a: { image: 'far:v1' } }, { images })).toEqual([
      'containers/a/image: image "far:v1" is not on the device: it has to be pulled before a can be made',
    ]);
    expect(findings({ a: { image: 'only/shown:v3', ...echo } }, { images })).toEqual([]);
    expect(findings({ a: { image: 'only/shown:v3' } })).toEqual([]);
  });

  it('get the services of their image, unless they list their own', () => {
    const images = { app: { services: [{ port: 80, name: 'web' }] } };
    const topology = topologySchema.parse({
      topology: { nodes: deviceWith({ a: { image: 'app' }, b: { image: 'app', ...echo } }, { images }) },
    });
    const { services } = buildWorld(topology, OPTIONS).world;
    expect(services.of('dev/a').map(({ name }) => name)).toEqual(['web']);
    expect(services.of('dev/b').map(({ name }) => name)).toEqual(['echo']);
  });

  it('do not publish ports: Comware translates', () => {
    expect(findings({ a: { ports: ['80:80'] } })[0]).toContain('nat server');
    expect(findings({ a: { ports: [80], network_mode: 'host' } })).toEqual([]);
  });

  it('whose service finds its port taken are told of, unless they try again', () => {
    const twin = { network_mode: 'container:comware', ...echo };
    expect(findings({ a: twin, b: twin })).toEqual([
      'containers/b/services: echo cannot listen on UDP port 7: EADDRINUSE',
    ]);
    expect(findings({ a: twin, b: { ...twin, restart: 'always' } })).toEqual([]);
    expect(findings({ a: twin }, { applications: [{ port: 7, name: 'own', stack: 'kernel' }] })).toEqual([
      'containers/a/services: echo cannot listen on UDP port 7: EADDRINUSE',
    ]);
    // Two stacks, two tables: the kernel does not know of Comware's own listener (INC-13).
    expect(findings({ a: twin }, { applications: [{ port: 7, name: 'own' }] })).toEqual([]);
  });

  it('have commands of their own, and of docker, that are told of when refused', () => {
    expect(findings({ a: { exec: ['ip route del 9.9.9.9'] } })[0]).toMatch(/^containers\/a\/exec\/0: RTNETLINK/);
    expect(findings({}, { exec: ['docker run nope'] })[0]).toContain("exec/0: Unable to find image 'nope:latest'");
    expect(findings({}, { host: { exec: ['ip route del 9.9.9.9'] } })[0]).toMatch(/^host\/exec\/0: /);
  });

  it('are limited and restarted in words of Compose', () => {
    const topology = topologySchema.parse({
      topology: {
        nodes: deviceWith(
          { a: { mem_limit: '1g', cpus: 2, restart: 'on-failure:2' }, b: { restart: false } },
          { quota: { memory: '256m' } },
        ),
      },
    });
    const node = buildWorld(topology, OPTIONS).world.nodes.get('dev');
    if (node?.kind !== 'comware') throw new Error('dev is Comware');
    const [a, b] = node.docker.containers;
    expect(a?.options.limits).toMatchObject({ memory: 2 ** 28, nanoCpus: 2e9 });
    expect(a?.options.restart).toEqual({ name: 'on-failure', retries: 2 });
    expect(b?.options.restart.name).toBe('no');
    expect(() => findings({ a: { restart: 'often' } })).toThrow('expected a restart policy');
    expect(() => findings({ a: { mem_limit: 'much' } })).toThrow('expected an amount of memory');
  });
});

describe('steps of a scenario', () => {
  const check = (...steps: object[]): string[] =>
    checkScenario(scenarioOf(steps), world()).map(({ path, message }) => `${path.slice(1).join('/')}: ${message}`);

  it('may name containers that an earlier command makes', () => {
    expect(
      check(
        { docker: { on: 'dev', run: 'run -d --name new --network container:comware tftpd' } },
        { exec: { on: 'dev', commands: ['docker create --name other tftpd', 'guestshell start'] } },
        { udp: { from: 'new', to: '1.1.1.1:69' } },
        { start: { on: 'dev/other' } },
        { stop: { on: 'new', service: 'tftpd' } },
        { write: { on: 'new', file: '/x' } },
        { ping: { from: 'guestshell', to: '1.1.1.1' } },
      ),
    ).toEqual([]);
  });

  it('are refused before anything runs where nobody can do them', () => {
    expect(
      check(
        { docker: { on: 'dev', run: 'rum x' } },
        { docker: { on: 'a', run: 'ps' } },
        { exec: { on: 'dev', commands: ['docker ps --bad'] } },
        { reboot: { on: 'dev/host' } },
        { save: { on: 'nobody' } },
        { write: { on: 'nobody', file: 'x' } },
        { docker: { on: 'dev', run: 'run --bad' }, expect: { error_has: 'unknown flag' } },
      ),
    ).toEqual([
      '0/docker/run: docker: unknown command: docker rum; did you mean "docker run"?',
      '1/docker/on: "a" is no Comware device',
      '2/exec/commands/0: unknown flag: --bad',
      '3/reboot/on: "dev/host" is no Comware device',
      '4/save/on: "nobody" is no Comware device',
      '5/write/on: there is no "nobody"',
    ]);
  });

  it('are held against what a command printed, or how it was refused', () => {
    const made = world();
    const scenario = scenarioOf([
      { docker: { on: 'dev', run: 'ps -a' }, expect: { output_has: ['a', 'Up Less than'], output_lacks: 'comware' } },
      { docker: { on: 'dev', run: 'ps' }, expect: { output_has: 'nobody' } },
      { docker: { on: 'dev', run: 'stop comware' }, expect: { error_has: 'cannot be managed' } },
      { docker: { on: 'dev', run: 'stop a' }, expect: { error_has: 'cannot be managed' } },
      { docker: { on: 'dev', run: 'stop nobody' } },
    ]);
    const report = reportScenario(made, scenario, runScenario(made, scenario));
    expect(report.steps.map(({ checks, refusal }) => [...checks.map(({ passed }) => passed), refusal])).toEqual([
      [true, true, true, undefined],
      [false, undefined],
      [true, undefined],
      [false, undefined],
      ['Error response from daemon: No such container: nobody'],
    ]);
    expect(report.steps[0]?.output).toContain('CONTAINER ID');
    expect(report.passed).toBe(false);
  });

  it('read the tables of Docker and of the boot', () => {
    const made = world();
    const scenario = scenarioSchema.parse({
      name: 'tables',
      topology: 'none',
      steps: [{ docker: { on: 'dev', run: 'stop a' } }],
      expect: [
        { show: 'docker-network', of: 'dev', lacks: ['docker0'] },
        { show: 'boot', of: 'dev', has: ['0.000000 <dev>'] },
        { show: 'docker-image', of: 'dev', lacks: ['comware'] },
      ],
    });
    expect(reportScenario(made, scenario, runScenario(made, scenario)).passed).toBe(true);
  });
});
