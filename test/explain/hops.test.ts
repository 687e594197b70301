import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Leg } from '../../sim/explain/account.ts';
import { changesText } from '../../sim/explain/header-text.ts';
import type { Hop } from '../../sim/explain/hops.ts';
import type { Layer } from '../../sim/explain/layers.ts';
import { chain, lab, send } from './lab.ts';

/** Hops as `PLACE IN>OUT: CHANGES`, MACs left out. */
function story(leg: Leg | undefined): string[] {
  return (leg?.hops ?? []).map(({ place, deviceIn, deviceOut, changes }) => {
    const text = changesText(changes.filter((change) => change.layer !== 'Ethernet'));
    return `${place} ${deviceIn}>${deviceOut}: ${text}`;
  });
}

const MASQUERADE = ['iptables: |', '  *nat', '  -A POSTROUTING -o eth1 -j MASQUERADE', '  COMMIT'].join('\n');

describe('the hops of a flow', () => {
  it('show what a router and its NAT change, there and back', () => {
    const account = send(chain({ r: MASQUERADE }), 'a', '10.1.0.2:7', { sourcePort: 5000 });
    expect(story(account.there)).toEqual(['a >eth0: ', 'r eth0>eth1: TTL 64>63  src 10.0.0.2>10.1.0.1', 'b eth0>: ']);
    expect(story(account.back)).toEqual(['b >eth0: ', 'r eth1>eth0: TTL 64>63  dst 10.1.0.1>10.0.0.2', 'a eth0>: ']);
    const [change] = account.there?.hops[1]?.changes.filter(({ field }) => field === 'source') ?? [];
    expect(account.there?.hops[1]?.changes.find(({ layer, field }) => layer === 'IPv4' && field === 'source')).toEqual({
      layer: 'IPv4',
      quoted: false,
      field: 'source',
      before: '10.0.0.2',
      after: '10.1.0.1',
      by: 'source 10.0.0.2:5000 -> 10.1.0.1:5000',
    });
    expect(change?.layer).toBe('Ethernet');
  });

  it('show the packet that an error quotes translated back', () => {
    const account = send(chain({ r: MASQUERADE }), 'a', '10.1.0.2:9');
    expect(account.verdict).toBe('REJECTED');
    const [, router] = story(account.back);
    expect(router).toContain('quoted src 10.1.0.1>10.0.0.2');
  });

  it('show a packet cut into pieces, and put together again', () => {
    const r = `exec: ["ip link set eth1 mtu 600"]`;
    const account = send(chain({ r, b: 'exec: ["ip link set eth0 mtu 600"]' }), 'a', '10.1.0.2:7', {
      size: 900,
      df: 'dont',
    });
    expect(account.verdict).toBe('DELIVERED');
    expect(
      account.there?.hops[1]?.changes.filter(({ layer }) => layer === 'IPv4').map(({ field, by }) => [field, by]),
    ).toEqual([
      ['ttl', 'TTL 64 -> 63'],
      ['flags', 'fragment, data 0 to 576, more follow'],
      ['length', 'fragment, data 0 to 576, more follow'],
    ]);
    expect(account.there?.steps.some((step) => step.kind === 'reassemble')).toBe(true);
  });

  it('show nothing at a bridge, which is one hop with its ports', () => {
    const world = lab(`
nodes:
  a: { kind: linux, interfaces: { eth0: { address: 10.0.0.2/24 } } }
  b: { kind: linux, interfaces: { eth0: { address: 10.0.0.3/24 } } }
  sw: { kind: bridge }
links:
  - endpoints: ["a:eth0", "sw:p1"]
  - endpoints: ["b:eth0", "sw:p2"]
`);
    const [, bridge] = send(world, 'a', '10.0.0.3').there?.hops ?? [];
    expect(bridge).toMatchObject({ place: 'sw', boxes: ['sw'], deviceIn: 'p1', deviceOut: 'p2', changes: [] });
    expect(bridge?.headersIn).toEqual(bridge?.headersOut);
  });
});

/** Headers with changes made to them. */
function changed(headers: readonly Layer[], hops: readonly Hop[]): Layer[] {
  let layers = headers.map((layer) => ({ ...layer, fields: { ...layer.fields } as Record<string, string | number> }));
  for (const { changes } of hops) {
    for (const { layer, quoted, field, after } of changes) {
      layers = layers.map((one) =>
        one.protocol === layer && one.quoted === quoted
          ? {
              ...one,
              fields: { ...one.fields, [field]: typeof one.fields[field] === 'number' ? Number(after) : after },
            }
          : one,
      );
    }
  }
  return layers;
}

describe('law: header changes', () => {
  it('made one after the other to the headers as sent give the headers as received', () => {
    const flow = fc.record({
      protocol: fc.constantFrom('icmp', 'udp', 'tcp'),
      size: fc.integer({ min: 0, max: 1200 }),
      ttl: fc.integer({ min: 3, max: 255 }),
      masquerades: fc.boolean(),
    });
    fc.assert(
      fc.property(flow, ({ protocol, size, ttl, masquerades }) => {
        const world = chain(masquerades ? { r: MASQUERADE } : {});
        const port = protocol === 'icmp' ? '' : protocol === 'tcp' ? ':80' : ':7';
        const account = send(world, 'a', `10.1.0.2${port}`, { protocol, size, ttl } as object);
        expect(account.verdict).toBe('DELIVERED');
        for (const leg of [account.there, account.back]) {
          const hops = leg?.hops ?? [];
          const received = hops.at(-1)?.headersIn;
          expect(received).toBeDefined();
          expect(changed(hops[0]?.headersOut ?? [], hops)).toEqual(received);
        }
      }),
      { numRuns: 25 },
    );
  });
});
