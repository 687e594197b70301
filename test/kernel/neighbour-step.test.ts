import { expect, it } from 'vitest';
import { ZERO } from '../../sim/core/time.ts';
import { Neighbour } from '../../sim/kernel/forwarding/neighbour.ts';
import { EthernetPort } from '../../sim/link/ethernet-port.ts';

it('the step that tells of a neighbour is the same one until its state or its MAC is another', () => {
  const device = new EthernetPort({ name: 'eth0', mac: 0x02_00_00_00_00_01, mtu: 1500 });
  const neighbour = new Neighbour(device, 0x0a000002, undefined, ZERO, ZERO);
  neighbour.state = 'INCOMPLETE';
  const common = { kind: 'neighbour', nextHop: '10.0.0.2', device: 'eth0' };
  expect(neighbour.step).toEqual({ ...common, state: 'INCOMPLETE', mac: '' });
  neighbour.state = 'REACHABLE';
  neighbour.mac = 0x02_00_00_00_00_02;
  const reachable = neighbour.step;
  expect(reachable).toEqual({ ...common, state: 'REACHABLE', mac: '02:00:00:00:00:02' });
  expect(neighbour.step).toBe(reachable);
  neighbour.mac = 0x02_00_00_00_00_03;
  expect(neighbour.step).toEqual({ ...common, state: 'REACHABLE', mac: '02:00:00:00:00:03' });
  neighbour.state = 'STALE';
  expect(neighbour.step).toEqual({ ...common, state: 'STALE', mac: '02:00:00:00:00:03' });
});
