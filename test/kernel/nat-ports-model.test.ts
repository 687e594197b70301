import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Lab } from '../bench.ts';
import { masquerade, natLab } from './nat-lab.ts';

/*
 * `-j MASQUERADE --to-ports 40000-40002` beside a model that is a list of who has which port towards whom: a flow keeps the one
 * it has, a new one gets one that is free, its own if that is one of the three, and dies where none is.
 */

const PORTS = [40000, 40001, 40002];

interface Flow {
  readonly host: 'in1' | 'in2';
  readonly port: number;
  readonly to: string;
}

interface Known extends Flow {
  readonly given: number;
}

type Model = { known: Known[] };
type Step = fc.Command<Model, Lab>;

const INSIDE = { in1: '10.0.1.2', in2: '10.0.2.2' };

/** The port that a flow was given, as `conntrack -L` tells it; undefined where it has no entry. */
function givenTo(lab: Lab, { host, port, to }: Flow): number | undefined {
  const line = lab
    .show('gw', 'conntrack')
    .split('\n')
    .find((one) => one.includes(`src=${INSIDE[host]} dst=${to} sport=${port} dport=7 `));
  const found = /sport=7 dport=(\d+)/.exec(line ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

const send = (flow: Flow): Step => ({
  check: () => true,
  run: (model, lab) => {
    const { host, port, to } = flow;
    const { replies } = lab.udp(host, `${to}:7`, { source_port: port }).probe;
    const known = model.known.find((one) => one.host === host && one.port === port && one.to === to);
    const given = givenTo(lab, flow);
    const taken = model.known.filter((one) => one.to === to).map((one) => one.given);
    if (known !== undefined) expect([replies.length, given]).toEqual([1, known.given]);
    else if (taken.length === PORTS.length) expect([replies.length, given]).toEqual([0, undefined]);
    else {
      expect(replies).toHaveLength(1);
      expect(PORTS.filter((one) => !taken.includes(one))).toContain(given);
      model.known.push({ ...flow, given: given ?? 0 });
    }
    expect(lab.show('gw', 'conntrack').trimEnd().split('\n').filter(Boolean)).toHaveLength(model.known.length);
  },
  toString: () => `${flow.host}:${flow.port} sends to ${flow.to}`,
});

const wait: Step = {
  check: () => true,
  run: (model, lab) => {
    lab.run({ wait: '200s' });
    model.known = [];
  },
  toString: () => 'all age',
};

it('law: three ports are given out to three flows towards each destination, and to a fourth when one has aged', () => {
  const flow = fc.record({
    host: fc.constantFrom('in1' as const, 'in2' as const),
    port: fc.constantFrom(40000, 40001, 40002, 5000, 700),
    to: fc.constantFrom('198.51.100.2', '198.51.100.3'),
  });
  const commands = fc.commands([flow.map(send), flow.map(send), flow.map(send), flow.map(send), fc.constant(wait)], {
    maxCommands: 14,
  });
  fc.assert(
    fc.property(commands, fc.nat(100), (steps, seed) => {
      const lab = natLab({}, seed);
      lab.exec('out', 'ip addr add 198.51.100.3/24 dev eth0');
      masquerade(lab, 'gw', 'eth2', { ports: [40000, 40002] });
      fc.modelRun(() => ({ model: { known: [] }, real: lab }), steps);
    }),
    { numRuns: 20 },
  );
});
