import { describe, expect, it } from 'vitest';
import { type Change, ChangedRuns, type Yaml } from './changed-runs.ts';

/*
 * No verdict is a constant: what is taken out of a topology, a table or a configuration takes the verdict with it.
 */

function verdicts(changes: Readonly<Record<string, Change>>, ...ids: readonly string[]): Record<string, string> {
  const runs = new ChangedRuns(changes);
  try {
    return Object.fromEntries(ids.map((id) => [id, runs.claim(id).verdict]));
  } finally {
    runs.dispose();
  }
}

/** All of these hold as the files are, and are contradicted after the change. */
function expectFlip(changes: Readonly<Record<string, Change>>, ...ids: readonly string[]): void {
  const every = (verdict: string): Record<string, string> => Object.fromEntries(ids.map((id) => [id, verdict]));
  expect(verdicts({}, ...ids)).toEqual(every('holds'));
  expect(verdicts(changes, ...ids)).toEqual(every('contradicted'));
}

const device = (nodes: Yaml): Yaml => nodes['device-a'] ?? nodes.device;

/** Commands ahead of every other step. */
const firstExec =
  (on: string, ...commands: readonly string[]): Change =>
  (scenario) => {
    scenario.steps = [{ exec: { on, commands } }, ...(scenario.steps ?? [])];
  };

const firstConfigure =
  (lines: string): Change =>
  (scenario, nodes) => {
    const on = nodes.device === undefined ? 'device-a' : 'device';
    scenario.steps = [{ configure: { on, lines } }, ...(scenario.steps ?? [])];
  };

const withoutStep =
  (name: string): Change =>
  (scenario) => {
    scenario.steps = scenario.steps.filter((step: Yaml) => step.name !== name);
  };

describe('figure 6', () => {
  it('gets its Loop0 route contradicted by the mask, and by nothing known with another mask', () => {
    const route = 'connected route to 10.10.0.0/24';
    const rows = (address: string): unknown => {
      const runs = new ChangedRuns({
        fig06: (_, nodes) => {
          device(nodes).interfaces.LoopBack0.address = address;
        },
      });
      const found = runs.rows(6, route).map(({ verdict, inc }) => ({ verdict, inc }));
      runs.dispose();
      return found;
    };
    expect(rows('10.10.3.3/24')).toEqual([{ verdict: 'contradicted', inc: 'INC-01' }]);
    expect(rows('10.10.3.3/16')).toEqual([{ verdict: 'contradicted', inc: undefined }]);
    expect(rows('10.10.3.3/32')).toEqual([{ verdict: 'contradicted', inc: undefined }]);
    expect(rows('10.10.0.3/24')).toEqual([{ verdict: 'agreed', inc: undefined }]);
  });

  it('loses the route of an interface with its address, and the source with LoopBack0', () => {
    expectFlip({ fig06: firstConfigure('interface GE1/0/2\nundo ip address\n') }, 'CLM-35');
    expectFlip({ fig06: firstConfigure('interface LoopBack0\nundo ip address\n') }, 'CLM-32');
  });

  it('is nothing to a container with a namespace of its own', () => {
    expectFlip(
      {
        fig06: (scenario, nodes) => {
          scenario.steps = [];
          scenario.expect = undefined;
          device(nodes).containers = {};
        },
      },
      ...['CLM-23', 'CLM-32', 'CLM-34'],
    );
  });

  it('names interfaces that other figures name too (INC-02)', () => {
    const runs = new ChangedRuns({
      fig06: (_, nodes) => {
        const { interfaces } = device(nodes);
        device(nodes).interfaces = { 'Virtual-Eth-Group0': { address: '1.1.1.200/24' }, ...interfaces };
      },
    });
    const [eth1] = runs.rows(6, 'eth1 stands for GE1/0/1');
    runs.dispose();
    expect([eth1?.verdict, eth1?.inc, eth1?.run]).toEqual(['contradicted', 'INC-02', 'eth2 stands for GE1/0/1']);
  });
});

describe('figures 7 and 8', () => {
  it('need the downloaded rules', () => {
    expectFlip({ fig07: firstExec('device-a/comware', 'ip rule add pref 1 lookup local') }, 'CLM-25', 'CLM-39');
  });

  it('need the default route out of vrfif0', () => {
    expectFlip({ fig08: firstExec('device-a/comware', 'ip route del default dev vrfif0') }, 'CLM-29', 'CLM-41');
  });

  it("need both listeners for Comware's to be preferred", () => {
    const alone: Change = (_, nodes) => {
      device(nodes).containers.container2.services = [];
    };
    expectFlip({ 'shared-conflict': alone }, 'CLM-26');
    expectFlip({ 'shared-conflict': withoutStep("Comware's application ends") }, 'CLM-38', 'CLM-26');
  });

  it('need a way back', () => {
    const announced: Change = (_, nodes) => {
      nodes['host-b'].routes.push('10.10.3.3/32 via 203.0.113.1');
      nodes.router.routes = ['10.10.3.3/32 via 2.2.2.1'];
    };
    expectFlip({ 'shared-no-return': announced }, 'CLM-29');
  });

  it('take the source that is set', () => {
    expectFlip({ 'shared-source': withoutStep('set the source') }, 'CLM-30');
    expectFlip({ 'shared-source': withoutStep('LoopBack0 loses its address') }, 'CLM-30');
  });

  it('have eth2 as long as there is an address', () => {
    expectFlip({ 'shared-address': withoutStep('take the address away') }, 'CLM-27');
  });
});

describe('figures 9 to 11', () => {
  it('need the Virtual-Eth-Group and its gateway', () => {
    expectFlip({ fig09: firstExec('container3', 'ip route del default') }, 'CLM-47', 'CLM-48');
    expectFlip({ fig09: firstExec('container3', 'ip addr add 1.1.1.1/24 dev eth0') }, 'CLM-46');
    expectFlip({ fig09: firstExec('container3', 'ip addr add 20.1.1.1/32 dev eth0') }, 'CLM-43');
    expectFlip({ 'virtual-eth-group': withoutStep('remove it') }, 'CLM-44');
    expectFlip({ 'virtual-eth-group': withoutStep('address it') }, 'CLM-45');
  });

  it('need the rule that steers to vrfif0', () => {
    const unsteered = firstExec(
      'device-a/comware',
      ...['icmp', 'tcp', 'udp'].map((protocol) => `ip rule del iif eth1 ipproto ${protocol} lookup 100`),
    );
    expectFlip({ fig10: unsteered }, 'CLM-50', 'CLM-51');
  });

  it('need both kinds of applications', () => {
    const onlyOne: Change = (_, nodes) => {
      device(nodes).applications = device(nodes).applications.filter((one: Yaml) => one.stack !== 'kernel');
    };
    expectFlip({ fig10: onlyOne }, 'CLM-51');
  });

  it('need one bridge between containers', () => {
    const apart: Change = (_, nodes) => {
      device(nodes).interfaces['Virtual-Eth-Group1'] = { address: '1.1.2.200/24' };
      for (const [name, one] of Object.entries<Yaml>(device(nodes).containers)) {
        one.networks = [name === 'container3' ? 'Virtual-Eth-Group1' : 'Virtual-Eth-Group0'];
      }
    };
    expectFlip({ fig10: apart }, 'CLM-49');
  });

  it("need routes, Comware's and the way back", () => {
    expectFlip({ fig11: firstConfigure('undo ip route-static 0.0.0.0 0\n') }, 'CLM-53', 'CLM-54');
    expectFlip({ fig11: firstExec('router', 'ip route del 1.1.1.0/24 via 20.1.1.1') }, 'CLM-52', 'CLM-54');
  });

  it('need NAT to hide a container', () => {
    const withoutNat: Change = (_, nodes) => {
      device(nodes).configuration = '#';
    };
    expectFlip({ 'container-nat': withoutNat }, 'CLM-54', 'CLM-55');
  });
});

describe('Docker', () => {
  it('keeps an address only if it was given', () => {
    const notGiven: Change = (scenario) => {
      for (const step of scenario.steps) {
        if (step.docker !== undefined) step.docker.run = step.docker.run.replace('--ip 1.1.1.50 ', '');
      }
    };
    expectFlip({ 'container-address': notGiven }, 'CLM-09');
    expectFlip({ 'container-address': withoutStep('another one starts') }, 'CLM-10', 'CLM-11');
  });

  it('restores what was saved, and starts what is to run', () => {
    expectFlip({ reboot: withoutStep('save with the containers') }, 'CLM-14', 'CLM-15', 'CLM-16');
    const never: Change = (scenario) => {
      scenario.steps[0].docker.run = 'run -d --name keeper app';
    };
    expectFlip({ reboot: never }, 'CLM-17');
    expectFlip({ 'no-flash': (_, nodes) => (device(nodes).flash = true) }, 'CLM-70');
  });

  it('cuts to the quota, and shares what it is told to', () => {
    expectFlip({ docker: (_, nodes) => (device(nodes).quota = {}) }, 'CLM-71');
    const apart: Change = (scenario) => {
      scenario.steps[0].docker.run = 'run -d --name shared app';
    };
    expectFlip({ docker: apart }, 'CLM-20');
    expectFlip({ docker: withoutStep('rm -f comware') }, 'CLM-08', 'CLM-69');
  });
});

describe('figures 12 to 14', () => {
  it('need route_localnet', () => {
    const off = firstExec('device-a/host', 'sysctl -w net.ipv4.conf.docker0.route_localnet=0');
    expectFlip({ fig12: off }, 'CLM-59');
    expectFlip({ fig13: off }, 'CLM-62');
  });

  it("need the host's SNAT", () => {
    const flushed = firstExec('device-a/host', 'iptables -t nat -F');
    expectFlip({ fig14: flushed }, 'CLM-63', 'CLM-64');
  });

  it('need the rule that leads what is marked to the host', () => {
    expectFlip({ 'host-inbound': firstExec('device-a/comware', 'ip rule del pref 80') }, 'CLM-63');
  });

  it("need the host's default route", () => {
    expectFlip({ fig12: firstExec('device-a/host', 'ip route del default') }, 'CLM-59', 'CLM-60');
    expectFlip({ fig14: firstExec('device-a/host', 'ip route del default') }, 'CLM-65');
  });
});

describe('FTP', () => {
  it('is answered by whoever listens', () => {
    expectFlip({ ftp: withoutStep("Comware's server is switched off") }, 'CLM-68');
    const onlyContainer: Change = (scenario, nodes) => {
      device(nodes).applications = [];
      scenario.steps = scenario.steps.filter((step: Yaml) => step.stop === undefined);
    };
    expectFlip({ ftp: onlyContainer }, 'CLM-67');
  });
});

describe('chapter 4', () => {
  const apart: Change = (scenario, nodes) => {
    for (const step of scenario.steps) {
      if (step.docker !== undefined) step.docker.run = step.docker.run.replace('--network container:comware ', '');
    }
    device(nodes).interfaces['Virtual-Eth-Group0'] = { address: '1.1.1.200/24' };
  };

  it('needs the TFTP server to share the address of the device', () => {
    expectFlip({ fig16: apart }, 'CLM-73', 'CLM-74');
    expectFlip({ tftpd: apart }, 'CLM-80');
  });

  it('has Comware silent on port 69 only as long as nobody serves there', () => {
    const served: Change = (_, nodes) => {
      device(nodes).containers = { early: { network_mode: 'container:comware', services: [{ port: 69 }] } };
    };
    expectFlip({ tftpd: served }, 'CLM-72');
  });

  it('needs the fixed address, and nobody who asks for the other one', () => {
    const floating: Change = (_, nodes) => {
      device(nodes).containers.cadvisor.networks = ['Virtual-Eth-Group0'];
    };
    expectFlip({ fig17: floating }, 'CLM-75');
    const asked: Change = (scenario) => {
      scenario.steps.push({ ping: { from: 'user', to: '10.10.10.10' } });
    };
    expectFlip({ fig17: asked }, 'CLM-76');
  });

  it('needs static NAT at the port', () => {
    expectFlip({ fig18: firstConfigure('interface GE1/0/1\nundo nat static enable\n') }, 'CLM-78', 'CLM-79');
  });

  it("needs Comware's way to the registry", () => {
    expectFlip({ fig18: firstConfigure('undo ip route-static 0.0.0.0 0\n') }, 'CLM-58', 'CLM-77');
  });
});
