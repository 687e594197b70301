import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { addresses, deviceOf, deviceWith, docker, echo, names, stateOf } from './device.ts';

const policies = {
  never: echo,
  always: { ...echo, restart: 'always' },
  unless: { ...echo, restart: 'unless-stopped' },
  failing: { ...echo, restart: 'on-failure' },
};

function kinds(lab: Lab): string[] {
  return deviceOf(lab).boot.events.map(({ kind }) => kind);
}

/** A host at GE1/0/1 of the device. */
function withHost(containers: object, more: object = {}): Lab {
  return new Lab(
    {
      ...deviceWith(containers, more),
      host: { kind: 'linux', interfaces: { eth0: { address: '2.2.2.2/24' } }, routes: ['default via 2.2.2.1'] },
    },
    [{ endpoints: ['dev:GE1/0/1', 'host:eth0'] }],
  );
}

describe('the boot', () => {
  it('has the order of the whitepaper: Docker before the Comware container, the user last (CLM-01 to CLM-04)', () => {
    const lab = new Lab(deviceWith({ a: {} }));
    expect(kinds(lab)).toEqual([
      ...['power', 'service-manager', 'docker', 'comware-created', 'comware-started', 'configuration', 'cli'],
      'container',
    ]);
    expect(deviceOf(lab).boot.events.at(-2)?.text).toBe('<dev>');
    expect(lab.show('dev', 'boot')).toContain('docker start comware');
  });

  it('makes docker0, its leg and the two routes of the host, again at a reboot (CLM-59)', () => {
    const lab = new Lab(deviceWith({}));
    const before = lab.show('dev/host', 'route');
    lab.run({ reboot: { on: 'dev' } });
    expect(lab.show('dev/host', 'route')).toBe(before);
    expect(lab.ping('dev/host', '127.1.1.2').probe.replies).not.toEqual([]);
  });
});

describe('a reboot', () => {
  it('starts containers by their policy: always, and what was not stopped by hand (CLM-17)', () => {
    const lab = new Lab(deviceWith(policies));
    lab.run({ reboot: { on: 'dev' } });
    expect(names(lab)).toEqual(['unless', 'always']);
    expect(stateOf(lab, 'never')).toBe('exited 255');
    expect(addresses(lab)).toEqual(['never -', 'always 10.66.0.1', 'unless 10.66.0.2', 'failing -']);
    for (const address of ['10.66.0.1', '10.66.0.2']) {
      expect(lab.udp('dev/comware', `${address}:7`).probe.replies).toHaveLength(1);
    }
  });

  it('starts what was stopped by hand only with always', () => {
    const lab = new Lab(deviceWith(policies));
    lab.run({ stop: { on: 'always' } }, { stop: { on: 'unless' } }, { reboot: { on: 'dev' } });
    expect(names(lab)).toEqual(['always']);
  });

  it('has the device silent while it lasts, and the running configuration in force again after it', () => {
    const lab = withHost({ a: { ...echo, restart: 'always' } });
    lab.run({ configure: { on: 'dev', lines: 'interface LoopBack7\n ip address 7.7.7.7 32\nip unreachables enable' } });
    expect(lab.ping('host', '7.7.7.7', { count: 1 }).probe.replies).toHaveLength(1);
    const run = lab.run(
      { reboot: { on: 'dev', takes: '20s' } },
      { at: '10s', ping: { from: 'host', to: '7.7.7.7', count: 1, timeout: '4s' } },
      { at: '60s', ping: { from: 'host', to: '7.7.7.7', count: 1 } },
      { udp: { from: 'host', to: '10.66.0.1:7' } },
    );
    expect(run.outcomes.map(({ probe }) => probe?.replies.length)).toEqual([undefined, 0, 1, 1]);
    expect(lab.show('dev', 'addr')).toContain('7.7.7.7');
    expect(deviceOf(lab).comware.settings.unreachables).toBe(true);
  });

  it('waits before the next step, unless that one has a time of its own', () => {
    const lab = new Lab(deviceWith({ a: { restart: 'always' } }));
    const run = lab.run({ reboot: { on: 'dev', takes: '20s' } }, { ping: { from: 'a', to: '6.6.6.6', count: 1 } });
    expect(run.outcomes[1]?.at).toBe(20e9);
    expect(run.outcomes[1]?.probe?.replies).toHaveLength(1);
  });

  it('is refused while another one is under way', () => {
    const lab = new Lab(deviceWith({}));
    const run = lab.run({ at: '1s', reboot: { on: 'dev' } }, { at: '2s', reboot: { on: 'dev' } });
    expect(run.outcomes[1]?.refusal).toBe('dev is booting already');
  });

  it('loses no packet, whatever is under way (at every single event around it)', () => {
    for (let after = 0; after < 80; after += 1) {
      const lab = withHost({ a: { ...echo, restart: 'always' }, b: { network_mode: 'container:comware' } });
      const { world } = lab;
      for (const [from, to] of [
        ['a', 0x02020202],
        ['b', 0x02020202],
        ['host', 0x0a420001],
      ] as const) {
        const { net, place } = lab.stack(from);
        const socket = net.parts.udp.open({ name: 'test', place });
        socket.connect(to, 7);
        socket.send(new Uint8Array(3000));
      }
      for (let ran = 0; ran < after && world.clock.nextAt() !== undefined; ran++) world.clock.runNext();
      expect(deviceOf(lab).reboot(0 as never)).toBeUndefined();
      world.ledger.audit(world.held);
      lab.run({ wait: '60s' });
      expect(world.held).toBe(0);
    }
  });

  it('closes what was open: Comware and the host start with their own applications again', () => {
    const lab = new Lab(
      deviceWith(
        {},
        {
          applications: [{ name: 'own', port: 161 }],
          host: { services: [{ name: 'kubelet', port: 10250 }], exec: ['ip addr add 9.9.9.9/32 dev lo'] },
        },
      ),
    );
    for (let boot = 0; boot < 2; boot++) {
      expect(lab.udp('dev/host', '127.1.1.2:161').probe.replies).toHaveLength(1);
      expect(lab.udp('dev/host', '9.9.9.9:10250').path.at(-1)).toBe('Application@dev/host');
      lab.run({ reboot: { on: 'dev' } });
    }
    expect(lab.stack('dev/host').net.parts.udp.list()).toHaveLength(1);
    expect(lab.stack('dev').comware?.parts.udp.list()).toHaveLength(1);
  });
});

describe('the container layer', () => {
  const images = { app: { files: { '/etc/app.conf': 'port 80\n' }, services: [{ port: 80 }] } };
  const lab = (more: object = {}): Lab =>
    new Lab(deviceWith({ app: { image: 'app', restart: 'always' } }, { images, ...more }));
  const write = { write: { on: 'app', file: '/etc/app.conf', content: 'port 8080\n' } };
  const read = (one: Lab): string => docker(one, 'exec app cat /etc/app.conf');

  it('holds what is written at run time, and the image does not (CLM-12)', () => {
    const one = lab();
    expect(read(one)).toBe('port 80\n');
    one.run(write);
    expect(read(one)).toBe('port 8080\n');
    expect(docker(one, 'run -d --name other app')).not.toContain('error');
    expect(docker(one, 'exec other cat /etc/app.conf')).toBe('port 80\n');
    expect(docker(one, 'exec other cat /etc/none')).toBe('error: cat: /etc/none: No such file or directory');
  });

  it('stays over a restart of the container, as upstream Docker has it (INC-16), and goes with docker rm', () => {
    const one = lab();
    one.run(write, { restart: { on: 'app' } });
    expect(read(one)).toBe('port 8080\n');
    docker(one, 'rm -f app');
    docker(one, 'run -d --name app app');
    expect(read(one)).toBe('port 80\n');
  });

  it('is lost by a reboot without save: the container is what its image says (CLM-13)', () => {
    const one = lab();
    one.run(write, { save: { on: 'dev' } }, { reboot: { on: 'dev' } });
    expect(read(one)).toBe('port 80\n');
    expect(kinds(one)).not.toContain('archive');
  });

  it('is back after a reboot where save packed it, unpacked before any container starts (CLM-14 to CLM-16)', () => {
    const one = lab();
    one.run(write, { save: { on: 'dev', containers: true } });
    expect(one.world.snapshot(one.stack('dev')).device?.saved).toEqual({
      path: 'flash:/third-party/dockerfs.cpio.gz',
      containers: ['app'],
    });
    one.run({ write: { ...write.write, content: 'port 1\n' } }, { reboot: { on: 'dev' } });
    expect(read(one)).toBe('port 8080\n');
    expect(kinds(one).indexOf('archive')).toBeLessThan(kinds(one).indexOf('container'));
    expect(kinds(one)).toContain('archive');
  });

  it('cannot be saved without a flash (CLM-70)', () => {
    const one = lab({ flash: false });
    expect(one.run({ save: { on: 'dev', containers: true } }).outcomes[0]?.refusal).toContain('no disk or flash');
    expect(one.run({ save: { on: 'dev' } }).outcomes[0]?.refusal).toBeUndefined();
  });

  it('is written only by a container that runs', () => {
    const one = lab();
    one.run({ stop: { on: 'app' } });
    expect(one.run(write).outcomes[0]?.refusal).toBe('app is not running');
    expect(one.run({ write: { ...write.write, on: 'dev/host' } }).outcomes[0]?.refusal).toBe(
      'dev/host is no container',
    );
  });
});

describe('a restart policy', () => {
  it('starts a container again that failed, later and later, until it succeeds', () => {
    const twin = { network_mode: 'container:comware', ...echo };
    const lab = new Lab(deviceWith({ first: twin, second: { ...twin, restart: 'on-failure' } }));
    expect(stateOf(lab, 'second')).toBe('restarting 1');
    lab.run({ wait: '1s' });
    // 100, 200 and 400 ms after the failure before.
    expect(deviceOf(lab).docker.container('second')?.restarts).toBe(4);
    lab.run({ stop: { on: 'first' } }, { wait: '2s' });
    expect(stateOf(lab, 'second')).toBe('running 1');
    expect(lab.udp('dev/comware', '127.0.0.1:7').path.at(-1)).toBe('Application@dev/second');
  });

  it('gives up after so many retries', () => {
    const twin = { network_mode: 'container:comware', ...echo };
    const lab = new Lab(deviceWith({ first: twin, second: { ...twin, restart: 'on-failure:3' } }));
    lab.run({ wait: '60s' });
    expect(stateOf(lab, 'second')).toBe('exited 1');
    expect(deviceOf(lab).docker.container('second')?.restarts).toBe(3);
  });

  it('leaves alone what was stopped or killed by hand', () => {
    const lab = new Lab(deviceWith({ a: { restart: 'always' } }));
    expect(docker(lab, 'kill a')).toBe('a\n');
    lab.run({ wait: '60s' });
    expect(stateOf(lab, 'a')).toBe('exited 137');
  });
});
