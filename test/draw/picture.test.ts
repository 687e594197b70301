import { describe, expect, it } from 'vitest';
import { seconds } from '../../sim/core/time.ts';
import { mergePictures } from '../../sim/draw/merge.ts';
import type { PictureDevice } from '../../sim/draw/picture.ts';
import { withoutIdleLoopbacks } from '../../sim/draw/picture.ts';
import { pictureOf } from '../../sim/draw/picture-of.ts';
import { worldOf } from './networks.ts';

const DEVICE = {
  topology: {
    nodes: {
      d: {
        kind: 'comware',
        interfaces: {
          'GE1/0/1': { address: '20.0.0.1/24' },
          LoopBack0: { address: '9.9.9.9/32' },
          'Virtual-Eth-Group0': { address: '1.1.1.254/24' },
        },
        containers: {
          own: { image: 'x', networks: ['Virtual-Eth-Group0'] },
          shared: { image: 'x', network_mode: 'container:comware' },
          idle: { image: 'x', network_mode: 'none', autostart: false },
        },
      },
      pc: { kind: 'linux', interfaces: { eth0: { address: '20.0.0.2/24' } } },
    },
    links: [{ endpoints: ['d:GE1/0/1', 'pc:eth0'], rate: '1gbit', delay: '5ms' }],
  },
};

function deviceNamed(devices: readonly PictureDevice[], id: string): PictureDevice | undefined {
  return devices.find((device) => device.id === id);
}

describe('the picture of a Comware device', () => {
  const picture = pictureOf(worldOf(DEVICE));
  const spaces = picture.nodes[0]?.spaces ?? [];
  const boxes = spaces.flatMap((space) => space.boxes);
  const devices = spaces.flatMap((space) => space.devices);

  it('has the namespaces that there are, and the containers that do not run', () => {
    expect(spaces.map(({ title, running }) => [title, running])).toEqual([
      ['d/comware', true],
      ['d/host', true],
      ['d/own', true],
      ['d/idle', false],
    ]);
  });

  it('has the boxes of the white paper, and who shares a namespace is an application in it', () => {
    expect(spaces[0]?.boxes.map(({ id }) => id)).toEqual([
      'Comware application@d',
      'Comware stack@d',
      'Comware forwarding@d',
      'Application@d/shared',
      'Inet stack@d/comware',
      'Kernel forwarding@d/comware',
    ]);
    expect(boxes.filter(({ kind }) => kind === 'bridge').map(({ id, device }) => [id, device?.addresses])).toEqual([
      ['Docker0 bridge@d/host', ['127.1.1.1/24']],
      ['TPA bridge@d/host', []],
    ]);
  });

  it('names what each device of the kernel stands for, and draws an interface once', () => {
    expect(deviceNamed(devices, 'eth1@d/comware')).toMatchObject({
      standsFor: 'GE1/0/1',
      kind: 'punt',
      addresses: ['20.0.0.1/24'],
    });
    expect(devices.filter(({ name }) => name === 'Loop0')).toHaveLength(1);
    expect(deviceNamed(devices, 'GE1/0/1@d')).toMatchObject({ owner: 'Comware', state: 'up', mtu: 1500 });
  });

  it('ties veth ends and cables to their devices', () => {
    expect(picture.wires.map(({ kind, ends }) => [kind, ...ends])).toEqual([
      ['cable', 'GE1/0/1@d', 'eth0@pc'],
      ['veth', 'eth0@d/comware', 'veth0@d/host'],
      ['veth', 'eth2@d/comware', 'veth1@d/host'],
      ['veth', 'veth2@d/host', 'eth0@d/own'],
    ]);
    expect(picture.wires[0]).toMatchObject({ rate: 1e9, delay: 5e6, plugged: true });
    expect(deviceNamed(devices, 'veth2@d/host')?.bridge).toBe('TPA bridge@d/host');
  });
});

describe('a picture shows the moment', () => {
  it('a container that was stopped is there without a namespace, and its pair is gone', () => {
    const world = worldOf(DEVICE);
    const node = world.nodes.get('d');
    if (node?.kind !== 'comware') throw new Error('a device');
    node.docker.stop('own');
    world.advance(seconds(20));
    const picture = pictureOf(world);
    expect(picture.nodes[0]?.spaces.find(({ title }) => title === 'd/own')?.running).toBe(false);
    expect(picture.wires.some(({ ends }) => ends.includes('eth0@d/own'))).toBe(false);
  });

  it('a program that came later stands with the others, above the stack', () => {
    const world = worldOf(DEVICE);
    const node = world.nodes.get('d');
    if (node?.kind !== 'comware') throw new Error('a device');
    node.docker.stop('shared');
    world.advance(seconds(20));
    const before = pictureOf(world);
    node.docker.start('shared');
    const boxes = mergePictures(before, pictureOf(world)).nodes[0]?.spaces[0]?.boxes ?? [];
    expect(boxes.map(({ kind }) => kind).slice(3)).toEqual(['application', 'stack', 'forwarding']);
    expect(boxes).toEqual(pictureOf(world).nodes[0]?.spaces[0]?.boxes);
  });

  it('a cable that was pulled out takes the carrier of its ports', () => {
    const world = worldOf(DEVICE);
    world.links[0]?.cable.setPlugged(false);
    const { nodes, wires } = pictureOf(world);
    expect(wires[0]?.plugged).toBe(false);
    expect(deviceNamed(nodes[1]?.spaces[0]?.devices ?? [], 'eth0@pc')?.state).toBe('no carrier');
  });
});

it('loopback interfaces are left out unless something is to be seen of them', () => {
  const picture = pictureOf(worldOf(DEVICE));
  const loopbacks = (used: string[]): string[] =>
    withoutIdleLoopbacks(picture, new Set(used)).nodes.flatMap(({ spaces }) =>
      spaces.flatMap(({ devices }) => devices.filter(({ kind }) => kind === 'loopback').map(({ id }) => id)),
    );
  expect(loopbacks([])).toEqual([]);
  expect(loopbacks(['lo@pc'])).toEqual(['lo@pc']);
});
