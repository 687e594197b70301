import { describe, expect, it } from 'vitest';
import { build } from './bench-world.ts';
import { chainTopology, flowOf } from './chain.ts';
import type { JobOptions, Tally, WorkloadName } from './job.ts';
import { Xorshift } from './random.ts';
import { randomPrefixes } from './routes.ts';
import { prepare } from './workloads.ts';

/** What a small run counts; it throws where the work was not done. */
async function run(workload: WorkloadName, size: number, options: JobOptions = {}): Promise<Tally> {
  const work = prepare({ workload, size, options });
  await work.run();
  return await work.tally();
}

describe('a workload does all of its work, and counts it as the peers do', () => {
  it('chain: nine links behind eight routers; the datagram that went ahead does not count', async () => {
    expect(await run('chain', 30)).toMatchObject({ packets: 30, hops: 270 });
    expect(await run('chain', 1, { routers: 1 })).toMatchObject({ packets: 1, hops: 2 });
  });

  it('chain with capture: each frame is written where it leaves and where it arrives, with ARP for each link', async () => {
    const { more } = await run('chain', 30, { capture: true, routers: 2 });
    // 30 datagrams and the first over three links, a request and a reply of ARP on each: both ends of the link see them.
    expect(more?.captured_frames).toBe(2 * 3 * (30 + 1 + 2));
    const [datagram, arp] = [14 + 20 + 8 + 100 + 16, 14 + 28 + 16];
    expect(more?.captured_bytes).toBe(2 * 3 * (24 + 31 * datagram + 2 * arp));
  });

  it('bridge: every ordered pair, over two cables', async () => {
    expect(await run('bridge', 4, { each: 5 })).toMatchObject({ packets: 60, hops: 120 });
  });

  it('trace: what the chain does', async () => {
    expect(await run('trace', 10)).toMatchObject(await run('chain', 10));
  });

  it('tcp: every byte arrives as it was sent, and ends; each frame that an interface sent is a hop', async () => {
    const clean = await run('tcp', 200_000);
    expect(clean.more).toMatchObject({ bytes: 200_000 });
    // SYN, ACK and FIN beside the segments of 1448 bytes; four links each way.
    expect(clean.packets).toBeGreaterThanOrEqual(Math.ceil(200_000 / 1448) + 3);
    expect(clean.hops).toBeGreaterThan(4 * clean.packets);
  });

  it('tcp with loss: the same bytes arrive, over more frames', async () => {
    const lossy = await run('tcp', 400_000, { loss: true });
    expect(lossy.more).toMatchObject({ bytes: 400_000 });
    expect(lossy.hops).toBeGreaterThan((await run('tcp', 400_000)).hops);
  });

  it('routes: random destinations within random prefixes all arrive', async () => {
    expect(await run('routes', 500, { packets: 40 })).toMatchObject({ packets: 40, hops: 80 });
  });

  it('nat: as many flows are tracked as there are, each with its answers', async () => {
    const { packets, hops, more } = await run('nat', 60, { packets: 40 });
    expect({ packets, hops, tracked: more?.tracked }).toEqual({ packets: 40, hops: 80, tracked: 60 });
  });

  it('rules: only the last one lets the datagrams pass', async () => {
    expect(await run('rules', 20, { packets: 10 })).toMatchObject({ packets: 10, hops: 20 });
    expect(await run('rules', 0, { packets: 10 })).toMatchObject({ packets: 10, hops: 20 });
  });

  it('containers: each of them, or so many, pings the gateway over two links, and is answered', async () => {
    expect(await run('containers', 3)).toMatchObject({ packets: 6, hops: 12 });
    expect(await run('containers', 3, { pings: 2 })).toMatchObject({ packets: 4, hops: 8 });
  });

  it('says what did not arrive, and why', async () => {
    const lossy = chainTopology(1);
    const world = build({ ...lossy, links: (lossy.links ?? []).map((link) => ({ ...link, loss: 100 })) });
    const work = flowOf(world, { size: 5, routers: 1, payload: 100, files: undefined });
    await work.run();
    expect(() => work.tally()).toThrow(/^0 of 5 packets arrived; dropped: /);
  });
});

describe('the routes that are drawn', () => {
  it('are all different, of many lengths, and none of a link or of no machine', () => {
    const { addresses, lengths } = randomPrefixes(5000, new Xorshift(1));
    const texts = Array.from(addresses, (address, index) => `${address}/${lengths[index]}`);
    expect(new Set(texts).size).toBe(5000);
    expect(new Set(lengths).size).toBe(8);
    const first = Array.from(addresses, (address) => address >>> 24);
    expect([Math.min(...first), Math.max(...first)]).toEqual([11, 223]);
    expect(first).not.toContain(127);
  });
});
