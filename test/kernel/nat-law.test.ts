import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsOf } from './frame-lines.ts';
import { ipv4, masquerade, natLab } from './nat-lab.ts';

/* A masquerading router under random flows, beside a model of a few lines. */

type Flow =
  | { readonly kind: 'udp'; readonly host: 'in1' | 'in2'; readonly port: number; readonly to: string }
  | { readonly kind: 'ping'; readonly host: 'in1' | 'in2'; readonly to: string }
  | { readonly kind: 'wait' };

const host = fc.constantFrom('in1' as const, 'in2' as const);
const to = fc.constantFrom('198.51.100.2', '198.51.100.3');
const flow: fc.Arbitrary<Flow> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('udp' as const),
      host,
      to,
      port: fc.constantFrom(40000, 40001, 700, 500),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ping' as const), host, to }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'wait' as const }) },
);

const classOf = (port: number): readonly [number, number] =>
  port < 512 ? [1, 511] : port < 1024 ? [600, 1023] : [1024, 65535];

describe('flows through a masquerade', () => {
  it('answers reach who asked, no two tuples are alike, and a port is kept where it is free', () => {
    fc.assert(
      fc.property(fc.array(flow, { maxLength: 14 }), fc.nat(1000), (flows, seed) => {
        const lab = natLab({}, seed);
        lab.exec('out', 'ip addr add 198.51.100.3/24 dev eth0');
        masquerade(lab, 'gw', 'eth2');
        /** What each flow leaves as: `destination port`, by `host port destination`. */
        const model = new Map<string, string>();
        for (const one of flows) {
          if (one.kind === 'wait') {
            lab.run({ wait: '200s' });
            model.clear();
            continue;
          }
          const { probe } =
            one.kind === 'udp'
              ? lab.udp(one.host, `${one.to}:7`, { source_port: one.port })
              : lab.ping(one.host, one.to);
          expect(probe.replies).toMatchObject([{ from: ipv4(one.to), intact: true }]);
          if (one.kind === 'udp') checkPort(model, one, lab.show('gw', 'conntrack'));
        }
        checkDistinct(lab.show('gw', 'conntrack'));
        expect(faultsOf(lab)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

function checkPort(model: Map<string, string>, flow: Flow & { readonly kind: 'udp' }, table: string): void {
  const key = `${flow.host} ${flow.port} ${flow.to}`;
  const inside = flow.host === 'in1' ? '10.0.1.2' : '10.0.2.2';
  const line = table
    .split('\n')
    .find((one) => one.includes(`src=${inside} dst=${flow.to} sport=${flow.port} dport=7 `));
  const given = Number(/sport=7 dport=(\d+)/.exec(line ?? '')?.[1]);
  const known = model.get(key);
  const outside = `${flow.to} ${given}`;
  const isFree = (port: number): boolean => ![...model.values()].includes(`${flow.to} ${port}`);
  // What this source was given last, whatever it talks to (find_appropriate_src).
  const siblings = [...model].filter(([one]) => one.startsWith(`${flow.host} ${flow.port} `));
  const sibling = Number(siblings.at(-1)?.[1].split(' ')[1] ?? flow.port);
  if (known !== undefined) expect(outside).toBe(known);
  else if (isFree(sibling)) expect(given).toBe(sibling);
  else if (isFree(flow.port)) expect(given).toBe(flow.port);
  else expect(isFree(given)).toBe(true);
  const [least, most] = classOf(flow.port);
  expect(given >= least && given <= most).toBe(true);
  model.set(key, outside);
}

/** Every line holds two tuples; all of them differ. */
function checkDistinct(table: string): void {
  const tuples = table.split('\n').flatMap((line) => {
    const [protocol] = line.split(' ');
    return [...line.matchAll(/src=\S+ dst=\S+ (?:sport=\S+ dport=\S+|type=\S+ code=\S+ id=\S+)/g)].map(
      ([tuple]) => `${protocol} ${tuple}`,
    );
  });
  expect(new Set(tuples).size).toBe(tuples.length);
}
