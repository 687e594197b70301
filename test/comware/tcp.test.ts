import { describe, expect, it } from 'vitest';
import { seconds } from '../../sim/core/time.ts';
import { Lab } from '../bench.ts';
import { linesOf } from '../kernel/frame-lines.ts';
import { connect, type Peer, pass, Server } from '../kernel/tcp-lab.ts';
import { single } from './topologies.ts';

/* TCP of Comware's own stack: the same engine with a profile of its own, and who gets a segment that arrives. */

const DEVICE = '10.9.0.1';

function lab(): Lab {
  return new Lab(single.nodes, single.links);
}

/** Says `text` back to whoever connects. */
function echo({ socket }: Peer): void {
  socket.onData = (data) => socket.write(data);
  socket.onEnd = () => socket.close();
}

describe('a Comware listener', () => {
  it('is reached from outside: MSS and nothing else, 64 KB, TTL 255, DF clear', () => {
    const world = lab();
    new Server(world, 'dev', 21, {}, echo);
    const client = connect(world, 'far', DEVICE, 21);
    pass(world);
    client.write('USER');
    pass(world);
    expect(client.text).toBe('USER');
    client.socket.close();
    pass(world);
    expect(client.notes).toEqual(['connect', 'close']);
    const sent = linesOf(world, 'dev:GE1/0/1').filter((line) => line.includes('tcp 21>'));
    expect(sent[0]).toMatch(/10\.9\.0\.1>192\.168\.7\.77 len=44 ttl=255 id=n tcp 21>40001 SA mss=1460$/);
    expect(sent.slice(1).every((line) => / ttl=255 id=n tcp 21>40001 [FPA]+( 4)?$/.test(line))).toBe(true);
    expect(world.drops()).toEqual({});
  });

  it('is listed with its connection, as `display tcp` would', () => {
    const world = lab();
    new Server(world, 'dev', 21, {}, echo);
    connect(world, 'far', DEVICE, 21);
    pass(world);
    const table = world.show('dev', 'socket', 'comware');
    expect(table).toMatch(/tcp +0\.0\.0\.0:21 +0\.0\.0\.0:0 +LISTEN +comware +server/);
    expect(table).toMatch(/tcp +10\.9\.0\.1:21 +192\.168\.7\.77:40001 +ESTABLISHED +comware +server/);
  });

  it('is reached by a container on the device, and by a program of its own kernel', () => {
    const world = lab();
    new Server(world, 'dev', 21, {}, echo);
    const fromContainer = connect(world, 'dev/c1', DEVICE, 21);
    const fromKernel = connect(world, 'dev/comware', DEVICE, 21, 40002);
    pass(world);
    for (const client of [fromContainer, fromKernel]) client.write('hello');
    pass(world);
    expect([fromContainer.text, fromKernel.text]).toEqual(['hello', 'hello']);
  });
});

describe('a Comware client', () => {
  it('connects to a host, and to a program of its own kernel', () => {
    const world = lab();
    new Server(world, 'far', 80, {}, echo);
    new Server(world, 'dev/comware', 8080, {}, echo);
    const out = connect(world, 'dev', '192.168.7.77', 80, 0);
    const home = connect(world, 'dev', DEVICE, 8080, 0);
    pass(world);
    expect([out.notes, home.notes]).toEqual([['connect'], ['connect']]);
    out.write('out');
    home.write('home');
    pass(world);
    expect([out.text, home.text]).toEqual(['out', 'home']);
    out.socket.close();
    home.socket.close();
    pass(world, seconds(70));
    expect(world.show('dev', 'socket', 'comware')).not.toMatch(/ESTABLISHED|TIME_WAIT|FIN_WAIT/);
  });

  it('gives up after 75 s without an answer', () => {
    const world = lab();
    world.exec('router', 'ip route add blackhole 192.168.7.99/32');
    const client = connect(world, 'dev', '192.168.7.99', 80, 0);
    pass(world, seconds(200));
    expect(client.notes).toEqual(['ETIMEDOUT', 'close']);
  });

  it('is told of a closed port', () => {
    const world = lab();
    const client = connect(world, 'dev', '192.168.7.77', 81, 0);
    pass(world);
    expect(client.notes).toEqual(['ECONNREFUSED', 'close']);
  });
});

describe('a port that no Comware program has', () => {
  it('goes to the kernel, whose RST has TTL 64', () => {
    const world = lab();
    const client = connect(world, 'router', DEVICE, 99);
    pass(world);
    expect(client.notes).toEqual(['ECONNREFUSED', 'close']);
    expect(linesOf(world, 'dev:GE1/0/1').at(-1)).toMatch(/ ttl=64 DF id=0 tcp 99>40001 RA$/);
  });

  it('is the kernel program that listens there; opened by Comware meanwhile, the open connection stays where it is', () => {
    const world = lab();
    const kernel = new Server(world, 'dev/comware', 21, {}, echo);
    const before = connect(world, 'router', DEVICE, 21, 40001);
    pass(world);
    const comware = new Server(world, 'dev', 21, {}, echo);
    const after = connect(world, 'router', DEVICE, 21, 40002);
    pass(world);
    before.write('before');
    after.write('after');
    pass(world);
    expect([before.text, after.text]).toEqual(['before', 'after']);
    expect([kernel.accepted.length, comware.accepted.length]).toEqual([1, 1]);
    expect([kernel.peer.text, comware.peer.text]).toEqual(['', '']);
  });
});

describe('a large transfer without a window scale', () => {
  it("repeats nothing: the peer's window is full at 64 KB, and it does not announce it with every read", () => {
    const world = lab();
    new Server(world, 'far', 7, {}, echo);
    const { probe } = world.run({ tcp: { from: 'dev', to: '192.168.7.77:7', size: 200_000 } }).outcomes[0] ?? {};
    expect(probe?.errors).toEqual([]);
    expect(world.counters('far').TcpRetransSegs).toBeUndefined();
    expect(world.stack('dev').comware?.tcpCounters).toMatchObject({ TcpRetransSegs: 0, TcpExtTCPFastRetrans: 0 });
  });
});
