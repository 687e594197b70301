import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { headersAt } from './frames.ts';
import { between, single } from './topologies.ts';

const SMALL = {
  interfaces: { 'GE1/0/1': { address: '10.0.1.1/24' }, 'GE1/0/2': { address: '10.0.2.1/24', mtu: 600 } },
};

describe('fragments', () => {
  it('are made by Comware for a port with a small MTU, each with one TTL less', () => {
    const { nodes, links } = between(SMALL);
    const lab = new Lab(nodes, links);
    const { probe, request } = lab.ping('a', '10.0.2.2', { size: 1400, df: 'dont' });
    expect(probe.replies.map(({ ttl, length, intact }) => [ttl, length, intact])).toEqual([[63, 1400, true]]);
    const pieces = headersAt(lab, 'dev:GE1/0/2', request);
    expect(
      pieces.map(({ fragmentOffset, totalLength, moreFragments, ttl }) => [
        fragmentOffset,
        totalLength,
        moreFragments,
        ttl,
      ]),
    ).toEqual([
      [0, 596, true, 63],
      [576, 596, true, 63],
      [1152, 276, false, 63],
    ]);
  });

  it('are cut again where the next MTU is smaller still', () => {
    const { nodes, links } = between(SMALL);
    const lab = new Lab(nodes, links);
    const { probe, request } = lab.ping('a', '10.0.2.2', { size: 4000 });
    expect(probe.replies.map(({ length }) => length)).toEqual([4000]);
    const pieces = headersAt(lab, 'dev:GE1/0/2', request);
    expect(pieces.reduce((sum, { totalLength }) => sum + totalLength - 20, 0)).toBe(4008);
    expect(Math.max(...pieces.map(({ totalLength }) => totalLength))).toBeLessThanOrEqual(600);
    expect(pieces.map(({ identification }) => identification)).toEqual(pieces.map(() => pieces[0]?.identification));
  });

  it('are put together by Comware for its own echo reply', () => {
    const { nodes, links } = between();
    const lab = new Lab(nodes, links);
    const { probe, replySteps } = lab.ping('a', '10.0.1.1', { size: 4000 });
    expect(probe.replies.map(({ ttl, length }) => [ttl, length])).toEqual([[255, 4000]]);
    expect(replySteps.length).toBeGreaterThan(0);
    expect(lab.ping('dev', '10.0.2.2', { size: 4000 }).probe.replies.map(({ length }) => length)).toEqual(
      Array.from({ length: 5 }, () => 4000),
    );
  });

  it('reach Comware and its kernel from a container, and a host outside', () => {
    const lab = new Lab(single.nodes, single.links);
    expect(lab.ping('c2', '172.20.0.1', { size: 4000 }).probe.replies.map(({ ttl }) => ttl)).toEqual([254]);
    expect(lab.ping('c2', '192.168.7.77', { size: 4000 }).probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
    expect(lab.ping('far', '172.20.0.3', { size: 4000 }).probe.replies.map(({ ttl }) => ttl)).toEqual([62]);
    for (const port of [161, 50051]) {
      const { probe } = lab.udp('c2', `172.20.0.1:${port}`, { size: 4000 });
      expect([port, probe.replies.map(({ length, intact }) => [length, intact])]).toEqual([port, [[4000, true]]]);
    }
    expect(lab.udp('router', '10.9.0.1:50051', { size: 4000 }).probe.replies).toHaveLength(1);
  });

  it('that stay alone are dropped after 30 seconds', () => {
    const { nodes, links } = between({}, [{ loss: 20 }, {}]);
    const lab = new Lab(nodes, links, 3);
    lab.ping('a', '10.0.1.1', { size: 8000, count: 5 });
    lab.run({ wait: '31s' });
    expect(lab.drops()['comware:FRAGMENT_TIMEOUT@dev/comware']).toBeGreaterThan(0);
    expect(lab.world.held).toBe(0);
  });
});
