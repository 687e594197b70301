import { describe, expect, it } from 'vitest';
import type { JobOptions, Tally, WorkloadName } from './job.ts';
import { prepare } from './workloads.ts';

/** What a small run counts; it throws where the work was not done. */
function run(workload: WorkloadName, size: number, options: JobOptions = {}): Tally {
  const work = prepare({ workload, size, options });
  work.run();
  return work.tally();
}

describe('a workload does all of its work, and counts it as the peers do', () => {
  it('chain: nine links behind eight routers; the datagram that went ahead does not count', () => {
    expect(run('chain', 30)).toMatchObject({ packets: 30, hops: 270 });
    expect(run('chain', 1, { routers: 1 })).toMatchObject({ packets: 1, hops: 2 });
  });

  it('chain with capture: each frame is written where it leaves and where it arrives, with ARP for each link', () => {
    const { more } = run('chain', 30, { capture: true, routers: 2 });
    // 30 datagrams and the first over three links, a request and a reply of ARP on each: both ends of the link see them.
    expect(more?.captured_frames).toBe(2 * 3 * (30 + 1 + 2));
    const [datagram, arp] = [14 + 20 + 8 + 100 + 16, 14 + 28 + 16];
    expect(more?.captured_bytes).toBe(2 * 3 * (24 + 31 * datagram + 2 * arp));
  });

  it('bridge: every ordered pair, over two cables', () => {
    expect(run('bridge', 4, { each: 5 })).toMatchObject({ packets: 60, hops: 120 });
  });

  it('trace: what the chain does', () => {
    expect(run('trace', 10)).toMatchObject(run('chain', 10));
  });
});
