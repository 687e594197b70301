import { describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { stationsOf } from '../../sim/packet/stations.ts';
import { compareFlow, type FlowComparison } from '../../sim/whitepaper/compare.ts';
import { FIGURE_FLOWS } from '../../sim/whitepaper/figures.ts';
import { Lab, type Sent } from '../bench.ts';
import { single } from '../comware/topologies.ts';

function compare(id: string, sent: Sent): FlowComparison {
  const flow = must(
    FIGURE_FLOWS.find((one) => one.id === id),
    `flow ${id}`,
  );
  return compareFlow(flow, stationsOf(sent.requestSteps), stationsOf(sent.replySteps));
}

/** `number: passed`, or what is missing, of each step of the request. */
function verdicts({ request }: FlowComparison): string[] {
  return request.map((step) => `${step.number}: ${step.passed ? 'passed' : `missing ${step.missing}`}`);
}

function device(): Lab {
  return new Lab(single.nodes, single.links);
}

describe('figure 11 beside a run', () => {
  it("passes on a topology that is not the paper's, and lists what the run adds", () => {
    const lab = device();
    const compared = compare('11', lab.ping('c4', '192.168.7.77'));
    expect(compared.passed).toBe(true);
    expect(compared.request.find(({ number }) => number === '3')?.extra).toEqual([
      'Kernel forwarding@dev/comware',
      'vrfif0@dev/comware',
    ]);
    expect(compare('11-inbound', lab.udp('far', '172.20.0.2:7')).request.map(({ passed }) => passed)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('fails at the port when the route is gone, and says what is missing', () => {
    const lab = device();
    lab.run({ configure: { on: 'dev', lines: 'undo ip route-static 0.0.0.0 0' } });
    const compared = compare('11', lab.ping('c4', '192.168.7.77'));
    expect(compared.passed).toBe(false);
    expect(verdicts(compared)).toEqual([
      '1: passed',
      '2: passed',
      '3: passed',
      '4: passed',
      '5: missing physical interface',
    ]);
    expect(compared.reply.every(({ passed }) => !passed)).toBe(true);
  });

  it('fails earlier when the downloaded default is gone, and at once when the container cannot send', () => {
    const lab = device();
    lab.exec('dev/comware', 'ip route del default dev vrfif0 table 100');
    expect(verdicts(compare('11', lab.ping('c4', '192.168.7.77')))).toEqual([
      '1: passed',
      '2: passed',
      '3: missing Comware stack',
      '4: missing Comware forwarding',
      '5: missing physical interface',
    ]);
    lab.exec('c4', 'ip route del default');
    expect(verdicts(compare('11', lab.ping('c4', '192.168.7.77')))[0]).toBe('1: missing Application');
  });
});

describe('figure 10 beside a run', () => {
  it("has no step 5 when Comware's stack supports the application", () => {
    const compared = compare('10', device().udp('c1', '172.20.0.1:161'));
    expect(compared.passed).toBe(true);
    expect(compared.request.map(({ number }) => number)).toEqual(['1', '2', '3', '4']);
  });

  it('has step 5 when the application is on the kernel', () => {
    const compared = compare('10', device().udp('c1', '172.20.0.1:50051'));
    expect(compared.passed).toBe(true);
    expect(compared.request.map(({ number }) => number)).toEqual(['1', '2', '3', '4', '5']);
    expect(compared.request.at(-1)?.seen).toEqual(['Comware application@dev']);
  });

  it('fails at step 5 when nobody listens, and at step 3 when the rule is gone', () => {
    const lab = device();
    expect(verdicts(compare('10', lab.udp('c1', '172.20.0.1:9', { timeout: '1s' }))).at(-1)).toBe(
      '5: missing Comware application',
    );
    lab.exec('dev/comware', 'ip rule del iif eth1 ipproto udp lookup 100');
    const compared = compare('10', lab.udp('c1', '172.20.0.1:50051'));
    expect(compared.passed).toBe(false);
    expect(verdicts(compared)[2]).toBe('3: missing vrfif0');
  });

  it('between containers fails for two that are not on one bridge', () => {
    const lab = device();
    expect(compare('10-containers', lab.ping('c1', '172.20.0.3')).passed).toBe(true);
    expect(compare('10-containers', lab.ping('c1', '192.168.7.77')).passed).toBe(false);
  });
});

it('every step of a figure has its sentence, its words and a way', () => {
  for (const flow of FIGURE_FLOWS) {
    for (const step of [...flow.request, ...flow.reply]) {
      expect([flow.id, step.quote !== '' && step.text !== '' && step.ways.every((way) => way.length > 0)]).toEqual([
        flow.id,
        true,
      ]);
    }
  }
});
