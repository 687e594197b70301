import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { between, host } from './topologies.ts';

const segment = {
  nodes: {
    dev: { kind: 'comware', interfaces: { 'GE1/0/1': { address: '198.18.0.1/24' } } },
    switch: { kind: 'bridge' },
    a: host('198.18.0.2/24', '198.18.0.1'),
    b: host('198.18.0.3/24', '198.18.0.1'),
  },
  links: ['dev:GE1/0/1', 'a:eth0', 'b:eth0'].map((end, index) => ({ endpoints: [end, `switch:p${index}`] })),
};

/** `address type` of each entry of `display arp`. */
function entries(lab: Lab): string[] {
  const lines = lab
    .show('dev', 'neigh')
    .split('\n')
    .filter((line) => /^\d/.test(line));
  return lines.map((line) => {
    const words = line.trim().split(/ +/);
    return `${words[0]} ${words.at(-1)}`;
  });
}

describe("Comware's ARP", () => {
  it('learns from requests for its own address, and not from those for others', () => {
    const lab = new Lab(segment.nodes, segment.links);
    expect(lab.ping('a', '198.18.0.3').probe.replies).toHaveLength(1);
    expect(lab.frames('dev:GE1/0/1').length).toBeGreaterThan(0);
    expect(entries(lab)).toEqual([]);
    lab.ping('b', '198.18.0.1');
    expect(entries(lab)).toEqual(['198.18.0.3 D']);
  });

  it('forgets after 1200 seconds without ARP, not before', () => {
    const lab = new Lab(segment.nodes, segment.links);
    lab.ping('dev', '198.18.0.2');
    lab.run({ wait: '1190s' });
    expect(entries(lab)).toEqual(['198.18.0.2 D']);
    // The host's kernel asked back once, five seconds after it had answered: the entry counts from there.
    lab.run({ wait: '20s' });
    expect(entries(lab)).toEqual([]);
    expect(lab.ping('dev', '198.18.0.2').probe.replies).toHaveLength(5);
  });

  it('asks three times, a second apart, and then drops what waits', () => {
    const { nodes, links } = between();
    const lab = new Lab(nodes, links);
    const { drops, probe } = lab.ping('a', '10.0.2.99');
    const asked = lab.frames('dev:GE1/0/2').map(({ time, bytes }) => [bytes[13], Math.round(time / 1e9)]);
    expect(asked).toEqual([
      [6, 0],
      [6, 1],
      [6, 2],
    ]);
    expect(drops.map(({ reason, time }) => [reason, Math.round(time / 1e9)])).toEqual([['comware:ARP_FAILED', 3]]);
    expect(probe.replies).toEqual([]);
    expect(entries(lab)).not.toContain('10.0.2.99 I');
  });

  it('lets 64 packets wait, and drops the oldest of more', () => {
    const { nodes, links } = between();
    const lab = new Lab(nodes, links);
    lab.ping('a', '10.0.2.99', { count: 70, interval: '1ms' });
    expect(lab.drops()).toEqual({ 'comware:ARP_QUEUE_FULL@dev/comware': 6, 'comware:ARP_FAILED@dev/comware': 64 });
  });

  it('sends what waited, in order, when the answer comes', () => {
    const { nodes, links } = between({}, [{}, { delay: '400ms' }]);
    const lab = new Lab(nodes, links);
    const { probe } = lab.ping('a', '10.0.2.2', { count: 5, interval: '10ms' });
    expect(probe.replies.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is flushed with what waits when the port is shut, and when its cable is pulled', () => {
    for (const change of [
      { configure: { on: 'dev', lines: 'interface GE1/0/2\nshutdown' } },
      { link: { endpoint: 'dev:GE1/0/2', state: 'down' } },
    ]) {
      const { nodes, links } = between();
      const lab = new Lab(nodes, links);
      lab.ping('dev', '10.0.2.2');
      lab.run({ ping: { from: 'a', to: '10.0.2.99' } }, { at: '2500ms', ...change });
      expect(entries(lab)).toEqual(['10.0.1.2 D']);
      expect(lab.drops()).toEqual({ 'comware:QUEUE_PURGE@dev/comware': 1 });
    }
  });

  it('does not touch the kernel: its ports there have no neighbours', () => {
    const lab = new Lab(segment.nodes, segment.links);
    lab.ping('dev/comware', '198.18.0.2');
    expect(lab.show('dev/comware', 'neigh', 'linux')).not.toContain('198.18.0.2');
    expect(entries(lab)).toEqual(['198.18.0.2 D']);
  });
});
