import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { addresses, deviceWith, docker, dockerOf, echo } from './device.ts';

const images = { echo };

function twoGroups(containers: object = {}): Lab {
  return new Lab({
    dev: {
      kind: 'comware',
      interfaces: {
        'Virtual-Eth-Group0': { address: '10.0.0.254/24' },
        'Virtual-Eth-Group1': { address: '10.1.0.254/24' },
      },
      containers,
      images,
    },
  });
}

describe('networks of the user', () => {
  it('are the Virtual-Eth-Groups, host and none: Docker0 is offered to nobody', () => {
    const lab = twoGroups();
    const rows = docker(lab, 'network ls')
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/\s+/g, ' ').replace(/^[0-9a-f]{12} /, ''));
    expect(rows).toEqual([
      'NETWORK ID NAME DRIVER SCOPE',
      'Virtual-Eth-Group0 bridge local',
      'Virtual-Eth-Group1 bridge local',
      'host host local',
      'none null local',
    ]);
  });

  it('the only group is the default, and what bridge means', () => {
    const lab = new Lab(deviceWith({ a: {}, b: { network_mode: 'bridge' } }, { images }));
    docker(lab, 'run -d --name c echo');
    docker(lab, 'run -d --name d --network bridge echo');
    docker(lab, 'run -d --name e --network virtual-eth-group0 echo');
    expect(addresses(lab)).toEqual(['a 10.66.0.1', 'b 10.66.0.2', 'c 10.66.0.4', 'd 10.66.0.5', 'e 10.66.0.6']);
    expect(lab.udp('a', '10.66.0.5:7').probe.replies).toHaveLength(1);
  });

  it('with more than one group the network has to be named; with none there is no bridge', () => {
    const lab = twoGroups();
    expect(docker(lab, 'run -d echo')).toContain(
      '--network must be given: this device has Virtual-Eth-Group0, Virtual-Eth-Group1',
    );
    docker(lab, 'run -d --name x --network Virtual-Eth-Group1 echo');
    expect(addresses(lab)).toContain('x 10.1.0.1');
    const bare = new Lab({ dev: { kind: 'comware', images } });
    expect(docker(bare, 'run -d echo')).toContain('this device has no Virtual-Eth-Group');
  });

  it('come and go with the interface', () => {
    const lab = new Lab({ dev: { kind: 'comware', images } });
    lab.run({ configure: { on: 'dev', lines: 'interface Virtual-Eth-Group3\n ip address 10.3.0.9 28' } });
    docker(lab, 'run -d --name x echo');
    expect(addresses(lab)).toEqual(['x 10.3.0.1']);
    expect(JSON.parse(docker(lab, 'network inspect bridge'))).toMatchObject([
      {
        Name: 'Virtual-Eth-Group3',
        Driver: 'bridge',
        IPAM: { Config: [{ Subnet: '10.3.0.0/28', Gateway: '10.3.0.9' }] },
        Options: { 'com.docker.network.bridge.name': 'tpa-bridge3' },
      },
    ]);
    lab.run({ configure: { on: 'dev', lines: 'undo interface Virtual-Eth-Group3' } });
    expect(docker(lab, 'network inspect Virtual-Eth-Group3')).toContain('network Virtual-Eth-Group3 not found');
    expect(docker(lab, 'network ls')).not.toContain('Virtual');
  });

  it('inspect lists who is in them, with address and MAC', () => {
    const lab = new Lab(deviceWith({ a: {}, b: {} }));
    lab.run({ stop: { on: 'a' } });
    const [network] = JSON.parse(docker(lab, 'network inspect Virtual-Eth-Group0'));
    expect(Object.values(network.Containers)).toEqual([
      {
        Name: 'b',
        EndpointID: expect.stringMatching(/^[0-9a-f]{64}$/),
        MacAddress: '02:42:0a:42:00:02',
        IPv4Address: '10.66.0.2/29',
        IPv6Address: '',
      },
    ]);
  });
});

describe('docker network create', () => {
  it('is another name over the TPA bridge of a Virtual-Eth-Group, and perhaps a part of its pool', () => {
    const lab = new Lab(deviceWith({ a: {} }, { images }));
    expect(
      docker(lab, 'network create --subnet 10.66.0.0/29 --gateway 10.66.0.3 --ip-range 10.66.0.4/30 apps'),
    ).toMatch(/^[0-9a-f]{64}\n$/);
    docker(lab, 'run -d --name b --network apps echo');
    docker(lab, 'run -d --name c --network apps echo');
    docker(lab, 'run -d --name d echo');
    expect(addresses(lab)).toEqual(['a 10.66.0.1', 'b 10.66.0.4', 'c 10.66.0.5', 'd 10.66.0.2']);
    // The same bridge: they reach each other as neighbours.
    expect(lab.udp('a', '10.66.0.4:7').probe.replies).toHaveLength(1);
    docker(lab, 'run -d --name e --network apps echo');
    expect(docker(lab, 'run -d --name f --network apps echo')).toContain('no free address in 10.66.0.4/30');
    expect(docker(lab, 'run -d --name g --network apps --ip 10.66.0.1 echo')).toContain('already in use');
    const [network] = JSON.parse(docker(lab, 'network inspect apps'));
    expect(network.IPAM.Config).toEqual([{ Subnet: '10.66.0.0/29', IPRange: '10.66.0.4/30', Gateway: '10.66.0.3' }]);
  });

  it('is refused what the device cannot offer', () => {
    const lab = twoGroups();
    expect(docker(lab, 'network create x')).toContain('a parent must be given with -o parent=INTERFACE');
    expect(docker(lab, 'network create -o parent=Virtual-Eth-Group7 x')).toContain('is no Virtual-Eth-Group');
    expect(docker(lab, 'network create -o parent=Virtual-Eth-Group0 --subnet 9.9.9.0/24 x')).toContain(
      '9.9.9.0/24 is not the subnet of Virtual-Eth-Group0, which has 10.0.0.0/24',
    );
    expect(docker(lab, 'network create --subnet 10.1.0.0/24 --gateway 10.1.0.1 x')).toContain(
      'the gateway of a network',
    );
    expect(docker(lab, 'network create --subnet 10.1.0.0/24 --ip-range 10.2.0.0/28 x')).toContain('no matching subnet');
    expect(docker(lab, 'network create -d macvlan x')).toContain('could not find plugin macvlan');
    expect(docker(lab, 'network create bridge')).toContain('operation is not permitted on predefined bridge network');
    expect(docker(lab, 'network create host')).toContain('network with name host already exists');
    expect(docker(lab, 'network create --subnet 1.2.3 x')).toContain('invalid argument "1.2.3" for "--subnet" flag');
    expect(dockerOf(lab).networks.list()).toHaveLength(4);
  });

  it('is undone by rm, unless somebody is in it', () => {
    const lab = new Lab(deviceWith({}, { images }));
    docker(lab, 'network create apps');
    docker(lab, 'run -d --name a --network apps echo');
    expect(docker(lab, 'network rm apps')).toMatch(/network apps id [0-9a-f]{64} has active endpoints/);
    expect(docker(lab, 'network rm Virtual-Eth-Group0')).toContain('is a pre-defined network and cannot be removed');
    docker(lab, 'stop a');
    expect(docker(lab, 'network rm apps')).toBe('apps\n');
    expect(docker(lab, 'start a')).toContain('network apps not found');
  });
});
