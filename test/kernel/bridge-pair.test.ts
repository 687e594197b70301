import { expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';

/* Two hosts on a learning switch: the frames that Linux 6.18 sent in the same network, without its IGMP reports. */

function pair(): Lab {
  const host = (address: string, mac: string): object => ({
    kind: 'linux',
    interfaces: { eth0: { address, mac: `02:00:00:00:01:${mac}` } },
  });
  return new Lab({ a: host('10.0.0.1/24', '0a'), sw: { kind: 'bridge' }, b: host('10.0.0.2/24', '0b') }, [
    { endpoints: ['a:eth0', 'sw:p1'] },
    { endpoints: ['b:eth0', 'sw:p2'] },
  ]);
}

const PING = [
  '0a>ff who-has 10.0.0.2 tell 10.0.0.1 (00)',
  '0b>0a 10.0.0.2 is-at 0b tell 10.0.0.1 (0a)',
  '0a>0b 10.0.0.1>10.0.0.2 len=84 ttl=64 DF id=n echo request 1',
  '0b>0a 10.0.0.2>10.0.0.1 len=84 ttl=64 id=n echo reply 1',
  '0a>0b 10.0.0.1>10.0.0.2 len=84 ttl=64 DF id=n echo request 2',
  '0b>0a 10.0.0.2>10.0.0.1 len=84 ttl=64 id=n echo reply 2',
];

it('every frame leaves the switch as it came in; no ARP frame is padded', () => {
  const lab = pair();
  lab.ping('a', '10.0.0.2', { count: 2 });
  for (const point of ['a:eth0', 'sw:p1', 'sw:p2', 'b:eth0']) expect(linesOf(lab, point, { arp: true })).toEqual(PING);
  const bytes = (point: string): (readonly number[])[] => lab.frames(point).map((frame) => [...frame.bytes]);
  expect(bytes('b:eth0')).toEqual(bytes('a:eth0'));
  expect(lab.frames('a:eth0').map((frame) => frame.bytes.length)).toEqual([42, 42, 98, 98, 98, 98]);
  expect(faultsOf(lab)).toEqual([]);
});

it('the bridge device itself sees the broadcast and nothing else', () => {
  const lab = pair();
  lab.ping('a', '10.0.0.2', { count: 2 });
  expect(linesOf(lab, 'sw:br0', { arp: true })).toEqual(PING.slice(0, 1));
});

it('requests are 1 s apart from send to send', () => {
  const lab = pair();
  const { probe } = lab.ping('a', '10.0.0.2', { count: 3 });
  expect(probe.sent.map((sent) => sent.at)).toEqual([0, 1e9, 2e9]);
});

it('5 s after its reply b verifies a, whom it knows from a request only; a has had a reply and does not ask', () => {
  const lab = pair();
  lab.ping('a', '10.0.0.2', { count: 2 });
  expect(lab.show('b', 'neigh')).toContain('DELAY');
  lab.run({ wait: '8s' });
  expect(linesOf(lab, 'a:eth0', { arp: true }).slice(PING.length)).toEqual([
    '0b>0a who-has 10.0.0.1 tell 10.0.0.2 (00)',
    '0a>0b 10.0.0.1 is-at 0a tell 10.0.0.2 (0b)',
  ]);
  expect(Math.floor((lab.frames('b:eth0').at(-1)?.time ?? 0) / 1e6)).toBe(5000);
  expect(lab.show('b', 'neigh')).toContain('REACHABLE');
});

it('the other way round needs no ARP', () => {
  const lab = pair();
  lab.ping('a', '10.0.0.2');
  const before = lab.frames('a:eth0').length;
  lab.ping('b', '10.0.0.1');
  expect(linesOf(lab, 'a:eth0', { arp: true }).slice(before)).toEqual([
    '0b>0a 10.0.0.2>10.0.0.1 len=84 ttl=64 DF id=n echo request 1',
    '0a>0b 10.0.0.1>10.0.0.2 len=84 ttl=64 id=n echo reply 1',
  ]);
});

it('the switch has learnt each host on its port', () => {
  const lab = pair();
  lab.ping('a', '10.0.0.2');
  const learnt = lab
    .show('sw', 'fdb')
    .split('\n')
    .filter((line) => !line.includes('permanent'));
  expect(learnt.map((line) => line.trim()).filter((line) => line !== '')).toEqual([
    '02:00:00:00:01:0a dev p1 master br0',
    '02:00:00:00:01:0b dev p2 master br0',
  ]);
});
