import { expect, it } from 'vitest';
import { reportScenario } from '../../sim/scenario/report.ts';
import { runScenario } from '../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';

const ESCAPE = String.fromCharCode(27);

it('what a connection brought is shown shortened, and moves no terminal', () => {
  const nodes = {
    a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } } },
    b: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.0.2/24' } },
      services: [{ program: 'echo', protocol: 'tcp', port: 7 }],
    },
  };
  const topology = topologySchema.parse({ topology: { nodes, links: [{ endpoints: ['a:eth0', 'b:eth0'] }] } });
  const { world } = buildWorld(topology, { seed: 1, trace: true, capture: false });
  const scenario = scenarioSchema.parse({
    name: 'printed',
    topology: 'none',
    steps: [
      { tcp: { from: 'a', to: '10.0.0.2:7', send: `${ESCAPE}[2Jx` }, expect: { received: `${ESCAPE}[2Jx` } },
      { tcp: { from: 'a', to: '10.0.0.2:7', send: 'long ', size: 5000 }, expect: { received_size: 5000 } },
      { tcp: { from: 'a', to: '10.0.0.2:7', send: 'x\n', size: 1000 }, expect: { received_size: 1000 } },
    ],
  });
  const { passed, steps } = reportScenario(world, scenario, runScenario(world, scenario));
  expect(passed).toBe(true);
  const [first, second, third] = steps.map((step) => step.probe?.output ?? []);
  expect(first?.[1]).toBe('.[2Jx');
  expect(second?.[1]).toMatch(/^(long ){40}\.\.\. \(5000 characters\)$/);
  expect([third?.length, third?.at(-1)]).toEqual([101, '... (501 lines)']);
});
