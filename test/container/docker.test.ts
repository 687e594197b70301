import { describe, expect, it } from 'vitest';
import { plainOptions } from '../../sim/container/container.ts';
import type { DockerEngine } from '../../sim/container/docker-engine.ts';
import { must } from '../../sim/core/assert.ts';
import { formatIpv4 } from '../../sim/wire/address.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import { Lab } from '../bench.ts';

const echo = { services: [{ port: 7, name: 'echo' }] };

function nodesWith(containers: object, address = '10.66.0.3/29'): Record<string, unknown> {
  return {
    dev: {
      kind: 'comware',
      interfaces: { 'Virtual-Eth-Group0': { address }, LoopBack0: { address: '6.6.6.6/32' } },
      containers,
    },
  };
}

function dockerOf(lab: Lab): DockerEngine {
  const { node } = lab.stack('dev');
  if (node.kind !== 'comware') throw new Error('dev is Comware');
  return node.docker;
}

/** `name address` of each container, `-` while it does not run. */
function addresses(lab: Lab): string[] {
  return dockerOf(lab).containers.map(
    ({ options, address }) => `${options.name} ${address === undefined ? '-' : formatIpv4(address.address)}`,
  );
}

function refusalOf(lab: Lab, step: object): string | undefined {
  return lab.run(step).outcomes[0]?.refusal;
}

describe('the address pool', () => {
  it('gives the lowest free address, neither the gateway nor one that was asked for', () => {
    const lab = new Lab(
      nodesWith({
        a: {},
        fixed: { networks: { 'Virtual-Eth-Group0': { ipv4_address: '10.66.0.4' } } },
        b: {},
        c: {},
      }),
    );
    expect(addresses(lab)).toEqual(['a 10.66.0.1', 'fixed 10.66.0.4', 'b 10.66.0.2', 'c 10.66.0.5']);
  });

  it('has a free address again when a container stops: the next to start takes it (CLM-10)', () => {
    const lab = new Lab(nodesWith({ a: echo, b: echo, c: { ...echo, autostart: false } }));
    expect(addresses(lab)).toEqual(['a 10.66.0.1', 'b 10.66.0.2', 'c -']);
    lab.run({ stop: { on: 'a' } }, { start: { on: 'c' } }, { start: { on: 'a' } });
    expect(addresses(lab)).toEqual(['a 10.66.0.4', 'b 10.66.0.2', 'c 10.66.0.1']);
    // Who still knows the old address now talks to another container.
    lab.exec('b', 'ip neigh flush dev eth0');
    expect(lab.udp('b', '10.66.0.1:7').path.at(-1)).toBe('Application@dev/c');
    expect(lab.udp('b', '10.66.0.4:7').path.at(-1)).toBe('Application@dev/a');
  });

  it('keeps a fixed address for its owner over stop, start and restart', () => {
    const lab = new Lab(
      nodesWith({
        fixed: { networks: { 'Virtual-Eth-Group0': { ipv4_address: '10.66.0.1' } } },
        b: {},
        c: { autostart: false },
      }),
    );
    lab.run({ stop: { on: 'fixed' } }, { start: { on: 'c' } });
    expect(addresses(lab)).toEqual(['fixed -', 'b 10.66.0.2', 'c 10.66.0.4']);
    lab.run({ start: { on: 'fixed' } }, { restart: { on: 'fixed' } });
    expect(addresses(lab)[0]).toBe('fixed 10.66.0.1');
  });

  it('a client of the old address gets no answer after a stop, and finds nobody', () => {
    const lab = new Lab(nodesWith({ a: echo, b: echo }));
    expect(lab.udp('b', '10.66.0.1:7').probe.replies).toHaveLength(1);
    lab.run({ stop: { on: 'a' } });
    expect(lab.udp('b', '10.66.0.1:7').probe.replies).toEqual([]);
    // The client's kernel doubts the neighbour only once it is stale, used, and silent.
    lab.run({ wait: '60s' });
    expect(lab.udp('b', '10.66.0.1:7').probe.replies).toEqual([]);
    lab.run({ wait: '10s' });
    const asked = lab.udp('b', '10.66.0.1:7');
    expect(asked.drops.map(({ reason }) => reason)).toContain('kernel:NEIGH_FAILED');
    expect(lab.run({ start: { on: 'a' } }).outcomes[0]?.refusal).toBeUndefined();
    expect(lab.udp('b', '10.66.0.1:7').probe.replies).toHaveLength(1);
  });

  it('is exhausted: the start is refused, and succeeds when another one stops', () => {
    const lab = new Lab(nodesWith({ a: {}, b: {}, c: {}, d: {}, e: {}, f: { autostart: false } }));
    expect(addresses(lab).at(4)).toBe('e 10.66.0.6');
    expect(refusalOf(lab, { start: { on: 'f' } })).toBe(
      'no free address in 10.66.0.0/29, the subnet of Virtual-Eth-Group0',
    );
    lab.run({ stop: { on: 'c' } });
    expect(refusalOf(lab, { start: { on: 'f' } })).toBeUndefined();
    expect(addresses(lab).at(-1)).toBe('f 10.66.0.4');
  });

  it('refuses addresses that are no host of the subnet, or taken', () => {
    const refused = (...fixed: string[]): string[] => {
      const containers = Object.fromEntries(
        fixed.map((address, index) => [`f${index}`, { networks: { 'virtual-eth-group0': { ipv4_address: address } } }]),
      );
      const topology = topologySchema.parse({ topology: { nodes: nodesWith(containers) } });
      const { findings } = buildWorld(topology, { seed: 1, trace: false, capture: false });
      return findings.map(({ message, path }) => `${path.at(-1)}: ${message}`);
    };
    expect(refused('10.66.0.0', '10.66.0.7', '10.66.9.1')).toEqual([
      'f0: 10.66.0.0 is no host address of 10.66.0.0/29, the subnet of Virtual-Eth-Group0',
      'f1: 10.66.0.7 is no host address of 10.66.0.0/29, the subnet of Virtual-Eth-Group0',
      'f2: 10.66.9.1 is no host address of 10.66.0.0/29, the subnet of Virtual-Eth-Group0',
    ]);
    expect(refused('10.66.0.3', '10.66.0.5', '10.66.0.5')).toEqual([
      'f0: 10.66.0.3 is already in use on Virtual-Eth-Group0',
      'f2: 10.66.0.5 is already in use on Virtual-Eth-Group0',
    ]);
  });
});

describe('what a container sees', () => {
  it('is lo and eth0, its address and two routes, and nothing of the device', () => {
    const lab = new Lab(nodesWith({ a: {} }));
    const devices = lab.stack('a').net.devices.map(({ name }) => name);
    expect(devices).toEqual(['lo', 'eth0']);
    expect(lab.show('a', 'route')).toBe(
      'default via 10.66.0.3 dev eth0\n10.66.0.0/29 dev eth0 proto kernel scope link src 10.66.0.1\n',
    );
    expect(lab.show('a', 'addr')).toContain('02:42:0a:42:00:01');
    expect(lab.show('a', 'rule')).not.toContain('lookup 100');
  });

  it('is lo alone with network none', () => {
    const lab = new Lab(nodesWith({ lonely: { network_mode: 'none' }, a: {} }));
    expect(addresses(lab)).toEqual(['lonely -', 'a 10.66.0.1']);
    expect(lab.stack('lonely').net.devices.map(({ name }) => name)).toEqual(['lo']);
    expect(lab.ping('lonely', '10.66.0.1').probe.sent[0]?.errno).toBe('ENETUNREACH');
    lab.run({ stop: { on: 'lonely' } }, { start: { on: 'lonely' } });
    expect(lab.ping('a', '10.66.0.3').probe.replies).toHaveLength(1);
  });

  it('starts with its commands run again, and its services', () => {
    const lab = new Lab(nodesWith({ a: { ...echo, exec: ['ip addr add 7.7.7.7/32 dev lo'] }, b: {} }));
    lab.run({ restart: { on: 'a' } });
    expect(lab.show('a', 'addr')).toContain('inet 7.7.7.7/32');
    expect(lab.udp('b', '10.66.0.1:7').probe.replies).toHaveLength(1);
  });
});

describe('the Comware container', () => {
  it('is refused by every verb, and by its name', () => {
    const lab = new Lab(nodesWith({ a: {} }));
    const sentence = 'The Comware container cannot be managed by docker commands.';
    for (const verb of ['start', 'stop', 'restart']) {
      for (const on of ['comware', 'dev/comware']) expect(refusalOf(lab, { [verb]: { on } })).toBe(sentence);
    }
    const docker = dockerOf(lab);
    expect(docker.run(plainOptions('comware', 'none'), true)).toBe(sentence);
    expect(docker.containers.map(({ options }) => options.name)).toEqual(['a']);
    expect(lab.ping('a', '10.66.0.3').probe.replies.map(({ ttl }) => ttl)).toEqual([254]);
  });

  it('names that are taken or unknown, and networks that are not there, are refused', () => {
    const lab = new Lab(nodesWith({ a: {} }));
    const docker = dockerOf(lab);
    const run = (name: string, network: string) => docker.run(plainOptions(name, network), true);
    expect(run('a', 'none')).toContain('already in use');
    expect(run('x', 'Virtual-Eth-Group9')).toBe('network Virtual-Eth-Group9 not found');
    expect(run('y', 'LoopBack0')).toBe('network LoopBack0 not found');
    expect(docker.stop('nobody')).toBe('No such container: nobody');
    expect(docker.start('a')).toBeUndefined();
  });
});

describe('packets under way when a container stops', () => {
  it('are dropped where they wait, none is lost', () => {
    const lab = new Lab(nodesWith({ a: echo, b: echo }));
    lab.run(
      { ping: { from: 'b', to: '10.66.0.6', count: 5, interval: '100ms', timeout: '1s' } },
      { at: '250ms', stop: { on: 'b' } },
      { at: '260ms', ping: { from: 'a', to: '10.66.0.3' } },
    );
    expect(Object.keys(lab.drops())).toContain('kernel:QUEUE_PURGE@dev/b');
    expect(lab.world.held).toBe(0);
  });

  it('are counted at every single event around it', () => {
    // The reference run tells how many events there are; then the container stops after each of them in turn.
    for (let stopAfter = 0; stopAfter < 60; stopAfter++) {
      const lab = new Lab(nodesWith({ a: echo, b: echo }));
      const { world } = lab;
      const stack = lab.stack('b');
      const socket = must(stack.net.parts.udp.open({ name: 'test', place: stack.place }), 'a socket');
      socket.connect(0x0a420001, 7);
      socket.send(new Uint8Array(3000));
      for (let ran = 0; ran < stopAfter && world.clock.nextAt() !== undefined; ran++) world.clock.runNext();
      for (const name of ['a', 'b']) expect(dockerOf(lab).restart(name)).toBeUndefined();
      world.ledger.audit(world.held);
      lab.run({ wait: '40s' });
      expect(world.held).toBe(0);
    }
  });
});

describe('a Virtual-Eth-Group that goes away', () => {
  it('takes its bridge and the eth0 of its containers with it; they can be stopped, not started', () => {
    const lab = new Lab(nodesWith({ a: {}, b: {} }));
    lab.ping('a', '10.66.0.2');
    lab.run({ configure: { on: 'dev', lines: 'undo interface Virtual-Eth-Group0' } });
    expect(lab.stack('a').net.devices.map(({ name }) => name)).toEqual(['lo']);
    expect(lab.ping('a', '10.66.0.2').probe.sent[0]?.errno).toBe('ENETUNREACH');
    expect(refusalOf(lab, { stop: { on: 'a' } })).toBeUndefined();
    expect(refusalOf(lab, { start: { on: 'a' } })).toBe('network Virtual-Eth-Group0 not found');
  });
});
