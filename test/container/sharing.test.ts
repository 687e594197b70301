import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { addresses, deviceOf, deviceWith, docker, echo, names, stateOf } from './device.ts';

const images = { tftpd: { services: [{ name: 'tftpd', port: 69 }] }, echo };

describe('a container that shares the namespace of Comware', () => {
  it('is made by the command of the whitepaper, and sees ethX, Loop0 and vrfif0 (CLM-20, CLM-23, CLM-80)', () => {
    const lab = new Lab(deviceWith({}, { images }));
    expect(docker(lab, 'docker run -d --name tftpd --network container:comware tftpd')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(lab.stack('tftpd').net).toBe(lab.stack('dev/comware').net);
    for (const device of ['eth1', 'Loop0', 'vrfif0']) expect(lab.show('dev/tftpd', 'addr')).toContain(device);
    expect(lab.show('dev/tftpd', 'addr')).toBe(lab.show('dev/comware', 'addr'));
    expect(names(lab)).toEqual(['tftpd']);
  });

  it('answers on the kernel of that namespace, from a place of its own', () => {
    const lab = new Lab(deviceWith({ shared: { network_mode: 'container:comware', ...echo }, apart: {} }));
    const asked = lab.udp('dev/comware', '6.6.6.6:7');
    expect(asked.probe.replies).toHaveLength(1);
    expect(asked.path.at(-1)).toBe('Application@dev/shared');
    expect(asked.path).toContain('Inet stack@dev/comware');
    expect(lab.ping('shared', '6.6.6.6').path[0]).toBe('Application@dev/shared');
  });

  it('starts and stops without a change to the namespace; only its own sockets close', () => {
    const lab = new Lab(
      deviceWith({ a: { network_mode: 'container:comware', ...echo }, b: { network_mode: 'container:comware' } }),
    );
    const { net } = lab.stack('dev/comware');
    const before = lab.show('dev/comware', 'addr') + lab.show('dev/comware', 'route');
    lab.run({ ping: { from: 'b', to: '6.6.6.6', count: 5, interval: '1s' } }, { at: '1500ms', stop: { on: 'a' } });
    expect(lab.world.find('dev/a')).toBeUndefined();
    expect(net.parts.udp.list()).toEqual([]);
    expect(lab.stack('dev/comware').net).toBe(net);
    expect(lab.show('dev/comware', 'addr') + lab.show('dev/comware', 'route')).toBe(before);
    expect(lab.udp('b', '127.0.0.1:7').probe.errors[0]?.errno).toBe('ECONNREFUSED');
    lab.run({ start: { on: 'a' } });
    expect(lab.udp('b', '127.0.0.1:7').path.at(-1)).toBe('Application@dev/a');
  });

  it('a ping of a container that stops hears nothing more', () => {
    const lab = new Lab(deviceWith({ a: { network_mode: 'container:comware' } }));
    const run = lab.run(
      { ping: { from: 'a', to: '6.6.6.6', count: 3, interval: '1s', timeout: '1s' } },
      { at: '500ms', stop: { on: 'a' } },
      { at: '10s', ping: { from: 'dev/comware', to: '6.6.6.6', count: 1 } },
    );
    expect(lab.stack('dev/comware').net.parts.ping.list()).toEqual([]);
    expect(run.outcomes[0]?.probe?.replies.length).toBeLessThan(3);
  });

  it('a port that is taken ends the second one, with the reason in its log', () => {
    const lab = new Lab(deviceWith({ a: { network_mode: 'container:comware', ...echo } }, { images }));
    docker(lab, 'create --name b --network container:comware echo');
    expect(docker(lab, 'start b')).toBe('b\n');
    expect(stateOf(lab, 'b')).toBe('exited 1');
    expect(docker(lab, 'logs b')).toContain('EADDRINUSE');
    docker(lab, 'stop a');
    docker(lab, 'start b');
    expect(lab.udp('dev/comware', '127.0.0.1:7').path.at(-1)).toBe('Application@dev/b');
  });
});

describe('a container that shares the namespace of another', () => {
  const pair = { a: echo, b: { network_mode: 'container:a', services: [{ port: 8, name: 'second' }] } };

  it('has its interfaces and address, and is met at the same address', () => {
    const lab = new Lab(deviceWith({ ...pair, c: {} }));
    expect(addresses(lab)).toEqual(['a 10.66.0.1', 'b -', 'c 10.66.0.2']);
    expect(lab.udp('c', '10.66.0.1:7').path.at(-1)).toBe('Application@dev/a');
    expect(lab.udp('c', '10.66.0.1:8').path.at(-1)).toBe('Application@dev/b');
    expect(lab.show('b', 'route')).toBe(lab.show('a', 'route'));
  });

  it('keeps running with lo alone when that one stops, and joins the new one only when it is restarted', () => {
    const lab = new Lab(deviceWith({ ...pair, c: {} }));
    lab.run({ stop: { on: 'a' } });
    expect(lab.stack('b').net.devices.map(({ name }) => name)).toEqual(['lo']);
    expect(lab.ping('b', '10.66.0.2').probe.sent[0]?.errno).toBe('ENETUNREACH');
    expect(lab.udp('b', '127.0.0.1:8', { source_port: 5000 }).probe.replies).toHaveLength(1);
    lab.run({ start: { on: 'a' } });
    expect(lab.stack('b').net).not.toBe(lab.stack('a').net);
    lab.run({ restart: { on: 'b' } });
    expect(lab.stack('b').net).toBe(lab.stack('a').net);
    expect(lab.udp('c', '10.66.0.1:8').probe.replies).toHaveLength(1);
  });

  it('the last one to leave takes the namespace away', () => {
    const lab = new Lab(deviceWith(pair));
    const { net } = lab.stack('a');
    lab.run({ stop: { on: 'a' } });
    expect(net.dead).toBe(false);
    lab.run({ stop: { on: 'b' } });
    expect(net.dead).toBe(true);
    expect(lab.world.held).toBe(0);
  });

  it('needs that one to be there, and to run', () => {
    const lab = new Lab(deviceWith({ a: {}, x: { autostart: false } }, { images }));
    expect(docker(lab, 'run -d --network container:nobody echo')).toContain('No such container: nobody');
    expect(docker(lab, 'run -d --network container:x echo')).toContain(
      'cannot join network namespace of a non running container: container /x is created',
    );
    expect(docker(lab, 'run -d --name me --network container:me echo')).toContain('cannot join own network namespace');
  });

  it('joins Comware through a container that has joined it', () => {
    const lab = new Lab(
      deviceWith({
        openr: { network_mode: 'container:comware' },
        second: { network_mode: 'container:openr', ...echo },
      }),
    );
    expect(lab.stack('second').net).toBe(lab.stack('dev/comware').net);
    expect(lab.udp('openr', '127.0.0.1:7').path.at(-1)).toBe('Application@dev/second');
    lab.run({ stop: { on: 'openr' } });
    expect(lab.ping('second', '6.6.6.6').probe.replies.length).toBeGreaterThan(0);
  });
});

describe('a container in the namespace of the host', () => {
  it('sees docker0 and no physical port (CLM-57), and reaches Comware over the Docker0 bridge', () => {
    const lab = new Lab(deviceWith({ h: { network_mode: 'host', ...echo } }));
    expect(lab.stack('h').net).toBe(lab.stack('dev/host').net);
    expect(lab.stack('h').net.devices.map(({ kind }) => kind)).not.toContain('physical');
    const asked = lab.ping('h', '127.1.1.2');
    expect(asked.path[0]).toBe('Application@dev/h');
    expect(asked.probe.replies[0]?.ttl).toBe(254);
    lab.run({ stop: { on: 'h' } });
    expect(lab.ping('dev/host', '127.1.1.2').probe.replies).not.toEqual([]);
  });
});

describe('the Comware container', () => {
  it('is in the other instance: no list of the user has it, every verb is refused, and it forwards on (CLM-06 to 08, 69)', () => {
    const lab = new Lab(deviceWith({ a: {} }, { images }));
    const sentence = 'The Comware container cannot be managed by docker commands.';
    for (const line of [
      ...['start comware', 'stop comware', 'restart comware', 'kill comware', 'rm comware', 'rm -f comware'],
      ...['pause comware', 'unpause comware', 'exec -it comware bash', 'rename comware x', 'update -m 1g comware'],
      ...['run -d --name comware echo', 'create --name=comware echo', 'attach comware', 'cp comware:/etc/passwd .'],
    ]) {
      expect([line, docker(lab, line)]).toEqual([line, expect.stringContaining(sentence)]);
    }
    expect(names(lab, true)).toEqual(['a']);
    expect(docker(lab, 'inspect comware')).toBe('error: Error: No such object: comware');
    const { instances } = lab.world.snapshot(lab.stack('dev')).device ?? {};
    expect(instances?.comware.containers.map(({ name, state }) => `${name} ${state}`)).toEqual(['comware running']);
    expect(instances?.user.containers.map(({ name }) => name)).toEqual(['a']);
    expect(lab.ping('a', '10.66.0.3').probe.replies.map(({ ttl }) => ttl)).toEqual([254]);
    expect(deviceOf(lab).instance.state).toBe('running');
  });
});

describe('the Guest Shell', () => {
  it('never shares when started by its own command, and may when run by docker (CLM-05, CLM-21)', () => {
    const lab = new Lab(deviceWith({ a: {} }));
    expect(docker(lab, 'guestshell start')).toBe('');
    expect(lab.stack('guestshell').net).not.toBe(lab.stack('dev/comware').net);
    expect(addresses(lab)).toEqual(['a 10.66.0.1', 'guestshell 10.66.0.2']);
    docker(lab, 'guestshell stop');
    expect(names(lab)).toEqual(['a']);
    expect(docker(lab, 'docker run -d --name gs --network container:comware guestshell')).not.toContain('error');
    expect(lab.stack('gs').net).toBe(lab.stack('dev/comware').net);
  });

  it("is passed as a third-party container's traffic is (CLM-22)", () => {
    const lab = new Lab(deviceWith({ a: {} }));
    docker(lab, 'guestshell start');
    const of = (from: string) => lab.ping(from, '6.6.6.6').path.map((station) => station.replace(`dev/${from}`, 'X'));
    expect(of('guestshell')).toEqual(of('a'));
    expect(of('a').length).toBeGreaterThan(3);
  });

  it('starts without any Virtual-Eth-Group too, with lo alone', () => {
    const lab = new Lab({ dev: { kind: 'comware' } });
    expect(docker(lab, 'guestshell stop')).toBe('error: Guest Shell is not running.');
    expect(docker(lab, 'guestshell start')).toBe('');
    expect(lab.stack('guestshell').net.devices.map(({ name }) => name)).toEqual(['lo']);
  });
});

describe('TCP of a container that stops', () => {
  /** Opens a listener in one place and connects to it from another; gives what the client was told. */
  function connected(lab: Lab, server: string, client: string, address: number): string[] {
    const told: string[] = [];
    const there = lab.stack(server);
    const here = lab.stack(client);
    there.net.parts.tcp.listen({ name: 'server', place: there.place }, 0, 80, (socket) => {
      socket.onData = () => socket.write(new Uint8Array(10));
      socket.onEnd = () => socket.close();
    });
    const socket = here.net.parts.tcp.open({ name: 'client', place: here.place });
    socket.onConnect = () => {
      told.push('connected');
      socket.write(new Uint8Array(10));
    };
    socket.onData = (data) => told.push(`${data.length} bytes`);
    socket.onEnd = () => told.push('end');
    socket.onError = ({ errno }) => told.push(errno);
    expect(socket.connect(address, 80)).toBeUndefined();
    lab.run({ wait: '1s' });
    return told;
  }

  it('ends with FIN in a namespace that stays, and its port refuses', () => {
    const lab = new Lab(deviceWith({ a: { network_mode: 'container:comware' }, b: {} }));
    const told = connected(lab, 'a', 'dev/comware', 0x7f000001);
    expect(told).toEqual(['connected', '10 bytes']);
    lab.run({ stop: { on: 'a' } }, { wait: '1s' });
    expect(told).toEqual(['connected', '10 bytes', 'end']);
    expect(lab.stack('dev/comware').net.parts.tcp.listeners()).toEqual([]);
  });

  it('is silent for good when the device is switched off: what is left of it sends nothing', () => {
    const lab = new Lab(deviceWith({ a: {}, b: { restart: 'always' } }));
    const told = connected(lab, 'a', 'b', 0x0a420001);
    expect(told).toEqual(['connected', '10 bytes']);
    lab.run({ reboot: { on: 'dev' } }, { wait: '300s' });
    expect(lab.world.held).toBe(0);
  });
});
