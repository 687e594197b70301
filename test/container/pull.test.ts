import { describe, expect, it } from 'vitest';
import { makeImage } from '../../sim/program/image.ts';
import { startRegistry } from '../../sim/program/registry.ts';
import { programHost } from '../../sim/world/world.ts';
import { Lab } from '../bench.ts';
import { deviceWith, docker, names } from './device.ts';

const images = {
  '2.2.2.2/cadvisor': { local: false, services: [{ name: 'cadvisor', port: 8080 }] },
  here: {},
};

/** The device, and a registry on GE1/0/1 that has two images. */
function lab(isRunning = true): Lab {
  const one = new Lab(
    {
      ...deviceWith({}, { images }),
      registry: { kind: 'linux', interfaces: { eth0: { address: '2.2.2.2/24' } }, routes: ['default via 2.2.2.1'] },
    },
    [{ endpoints: ['dev:GE1/0/1', 'registry:eth0'] }],
  );
  if (!isRunning) return one;
  const store = new Map(
    ['cadvisor:latest', 'plain:v2'].map((name) => [name, makeImage(name.split(':')[0] ?? '', 'latest', 5000)]),
  );
  startRegistry(programHost(one.world, one.stack('registry')), { name: 'registry', address: 0, port: 80 }, store);
  return one;
}

describe('docker pull', () => {
  it('asks the registry by way of Comware, and the image is there (CLM-58)', () => {
    const one = lab();
    expect(docker(one, 'images')).not.toContain('cadvisor');
    expect(docker(one, 'pull 2.2.2.2/cadvisor')).toMatch(
      /^latest: Pulling from cadvisor\n[0-9a-f]{12}: Pull complete\nDigest: sha256:[0-9a-f]{64}\nStatus: Downloaded newer image for 2.2.2.2\/cadvisor:latest\n$/,
    );
    expect(docker(one, 'images')).toContain('2.2.2.2/cadvisor   latest');
    expect(one.frames('registry:eth0').length).toBeGreaterThan(10);
    docker(one, 'run -d --name c 2.2.2.2/cadvisor');
    expect(one.udp('dev/comware', '10.66.0.1:8080').path.at(-1)).toBe('Application@dev/c');
  });

  it('fetches what no topology describes: a container of it runs no service', () => {
    const one = lab();
    expect(docker(one, 'pull 2.2.2.2/plain:v2')).toContain('Status: Downloaded');
    expect(docker(one, 'run -d --name p 2.2.2.2/plain:v2')).not.toContain('error');
    expect(one.stack('p').net.parts.udp.list()).toEqual([]);
  });

  it('fails without a route, without a registry, and of an image that it has not', () => {
    expect(docker(lab(false), 'pull 2.2.2.2/cadvisor')).toMatch(/error: .*connection refused/);
    expect(docker(lab(), 'pull 2.2.2.2/nothing')).toContain('not found');
    expect(docker(lab(), 'pull 9.9.9.9/cadvisor')).toContain('error: Error response from daemon: Get "http://9.9.9.9');
    expect(docker(lab(), 'pull nothing')).toContain('pull access denied for nothing:latest');
    expect(docker(lab(), 'pull here')).toBe('Status: Image is up to date for here:latest\n');
  });

  it('comes first where docker run names an image that is not on the device', () => {
    const one = lab();
    const printed = docker(one, 'run -d --name c 2.2.2.2/cadvisor');
    expect(printed).toContain("Unable to find image '2.2.2.2/cadvisor:latest' locally\nlatest: Pulling from cadvisor");
    expect(printed).toMatch(/\n[0-9a-f]{64}\n$/);
    expect(names(one)).toEqual(['c']);
    const failing = lab(false);
    expect(docker(failing, 'run -d --name c 2.2.2.2/cadvisor')).toContain('connection refused');
    expect(names(failing, true)).toEqual([]);
  });

  it('takes time, which an exec step does not give it', () => {
    const one = lab();
    const run = one.run({ exec: { on: 'dev', commands: ['docker pull 2.2.2.2/cadvisor'] } });
    expect(run.outcomes[0]?.refusal).toBe('pulling an image takes time: write it as a docker step');
  });
});
