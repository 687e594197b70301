import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Container } from '../../sim/container/container.ts';
import { runDocker } from '../../sim/container/docker-apply.ts';
import { formatIpv4, type Ipv4, lastAddress } from '../../sim/wire/address.ts';
import type { DeviceNode } from '../../sim/world/world.ts';
import { Lab } from '../bench.ts';
import { addresses, deviceOf, deviceWith, dockerOf } from './device.ts';

const images = { echo: {} };

/** What a walk over all containers and all addresses says: the lowest that nobody on the bridge has. */
function lowestFree({ docker }: DeviceNode, self: Container): Ipv4 | undefined {
  const { networks, containers } = docker;
  const pool = networks.pool(self.options.network);
  if ('refused' in pool) return undefined;
  const others = containers.filter(
    (other) => other !== self && networks.shareBridge(other.network ?? other.options.network, pool.network),
  );
  const taken = new Set(others.flatMap(({ address, options }) => [address?.address, options.address]));
  for (const one of [pool.gateway.address, pool.prefix.network, lastAddress(pool.prefix)]) taken.add(one);
  for (let address = pool.range.network; address <= lastAddress(pool.range); address++) {
    if (!taken.has(address)) return address;
  }
  return undefined;
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const network = fc.constantFrom('Virtual-Eth-Group0', 'Virtual-Eth-Group1', 'virtual-eth-group0', 'low', 'high');

/** Lines of docker, and of configuration where they begin with `:`. */
const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(name, network).map(([one, where]) => `run -d --name ${one} --network ${where} echo`),
  },
  fc
    .tuple(name, fc.integer({ min: 1, max: 14 }), network)
    .map(([one, host, where]) => `run -d --name ${one} --network ${where} --ip 10.0.0.${host} echo`),
  { weight: 3, arbitrary: name.map((one) => `start ${one}`) },
  { weight: 3, arbitrary: name.map((one) => `stop ${one}`) },
  { weight: 2, arbitrary: name.map((one) => `rm -f ${one}`) },
  fc.constantFrom(
    'network create --ip-range 10.0.0.0/30 -o parent=Virtual-Eth-Group0 low',
    'network create --ip-range 10.0.0.8/29 -o parent=Virtual-Eth-Group0 high',
    'network create -o parent=Virtual-Eth-Group1 high',
    'network rm low',
    'network rm high',
    ':interface Virtual-Eth-Group0\n ip address 10.0.0.14 28',
    ':interface Virtual-Eth-Group0\n ip address 10.0.0.2 28',
    ':interface Virtual-Eth-Group0\n ip address 10.0.0.9 29',
    ':undo interface Virtual-Eth-Group1',
    ':interface Virtual-Eth-Group1\n ip address 10.1.0.1 29',
  ),
);

function check(device: DeviceNode, command: string): void {
  const { docker } = device;
  const target = /^(?:run -d --name|start) (\S+)/.exec(command)?.[1] ?? '';
  const before = docker.container(target);
  // Neither a second container of a name nor one that runs already gets an address.
  if (before !== undefined && (command.startsWith('run') || before.address !== undefined)) return;
  runDocker(docker, command);
  const container = docker.container(target);
  if (container === undefined || container.options.address !== undefined) return;
  expect(container.address?.address, command).toBe(lowestFree(device, container));
}

describe('the address of a container that asked for none', () => {
  it('law: is the lowest that no other one on its bridge has, whatever networks come and go', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const groups = {
          'Virtual-Eth-Group0': { address: '10.0.0.14/28' },
          'Virtual-Eth-Group1': { address: '10.1.0.1/29' },
        };
        const device = deviceOf(new Lab({ dev: { kind: 'comware', interfaces: groups, images } }));
        for (const one of lines) {
          if (one.startsWith(':')) device.configure(one.slice(1));
          else check(device, one);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is one that was kept for good on a network that is no more', () => {
    const lab = new Lab(deviceWith({}, { images }));
    for (const one of [
      'network create --ip-range 10.66.0.0/30 low',
      'create --name keeper --network low --ip 10.66.0.1 echo',
      'run -d --name a echo',
      'network rm low',
      'run -d --name b echo',
    ]) {
      runDocker(dockerOf(lab), one);
    }
    expect(addresses(lab)).toEqual(['keeper -', 'a 10.66.0.2', 'b 10.66.0.1']);
  });

  it('is of its own subnet, whatever another network was given back', () => {
    const groups = {
      'Virtual-Eth-Group0': { address: '10.0.0.14/28' },
      'Virtual-Eth-Group1': { address: '10.1.0.1/29' },
    };
    const lab = new Lab({ dev: { kind: 'comware', interfaces: groups, images } });
    for (const one of [
      'run -d --name c --network Virtual-Eth-Group0 echo',
      'run -d --name a --network Virtual-Eth-Group1 echo',
      'rm -f c',
      'run -d --name c --network Virtual-Eth-Group1 echo',
    ]) {
      runDocker(dockerOf(lab), one);
    }
    expect(addresses(lab)).toEqual(['a 10.1.0.2', 'c 10.1.0.3']);
  });

  it('is the next one for each of a thousand, and afterwards the first that was given back', () => {
    const containers = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c${index + 1}`, {}]));
    const lab = new Lab({
      dev: { kind: 'comware', interfaces: { 'Virtual-Eth-Group0': { address: '10.0.0.4/16' } }, containers, images },
    });
    const expected = Array.from({ length: 1000 }, (_, index) => 0x0a000000 + (index < 3 ? index + 1 : index + 2));
    expect(addresses(lab)).toEqual(expected.map((address, index) => `c${index + 1} ${formatIpv4(address)}`));
    for (const one of ['stop c700', 'stop c20', 'start c700', 'run -d --name new echo', 'start c20']) {
      runDocker(dockerOf(lab), one);
    }
    const given = addresses(lab);
    expect([given[699], given[1000], given[19]]).toEqual(['c700 10.0.0.21', 'new 10.0.2.189', 'c20 10.0.3.234']);
  });
});
