import { beforeEach, describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import { LinuxProfile } from '../../sim/kernel/stack/linux-profile.ts';
import { GlobalSysctls, Sysctls } from '../../sim/kernel/sysctl.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { trueSize } from '../../sim/packet/true-size.ts';
import { LINUX_PROFILE, type StackProfile } from '../../sim/transport/profile.ts';
import { ReceiveBuffer } from '../../sim/transport/receive-buffer.ts';
import type { TcpListener } from '../../sim/transport/tcp/listener.ts';
import { ReceiveQueue } from '../../sim/transport/tcp/receive-queue.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { Lab } from '../bench.ts';
import { TcpPair } from '../transport/tcp-bench.ts';

/* What sockets hold is bounded. Numbers are those that Linux 6.18 showed, but where a test says how it set them. */

describe('what a packet takes of the memory of the kernel', () => {
  it('is 832, 1280 or 2304 bytes for what an Ethernet carries, then whole pages', () => {
    expect([29, 188, 225, 226, 528, 673, 674, 1500].map(trueSize)).toEqual([
      832, 832, 832, 1280, 1280, 1280, 2304, 2304,
    ]);
    expect([1697, 1698, 3745, 3746, 65535].map(trueSize)).toEqual([2304, 4352, 4352, 8448, 69888]);
  });
});

describe('the receive buffer of a UDP socket', () => {
  const host = (address: string, more = {}) => ({ kind: 'linux', interfaces: { eth0: { address } }, ...more });

  /** As many copies of a datagram of `size` bytes for port 7 of b as `count`, all in one moment. */
  function flood(count: number, size: number, sysctls = {}): Lab {
    const nodes = {
      a: host('10.0.0.1/24'),
      b: host('10.0.0.2/24', { services: [{ port: 7 }], sysctls }),
    };
    const lab = new Lab(nodes, [{ endpoints: ['a:eth0', 'b:eth0'] }]);
    lab.udp('a', '10.0.0.2:7', { size, timeout: '10ms' });
    const frame = must(
      lab
        .frames('b:eth0')
        .filter(({ direction }) => direction === 'in')
        .at(-1),
      'it came',
    ).bytes;
    const device = must(lab.stack('b').net.device('eth0'), 'b has eth0');
    for (let index = 0; index < count; index++) netifReceive(Packet.of(lab.world.ledger, frame), device);
    lab.run({ wait: '1ms' });
    return lab;
  }

  const overflows = (lab: Lab): number => lab.drops()['kernel:SOCKET_RCVBUFF@b'] ?? 0;

  it.each([
    [1, 256],
    [160, 256],
    [500, 166],
    [1472, 92],
  ])('of 212992 bytes holds of datagrams of %i bytes %i', (size, held) => {
    const lab = flood(300, size);
    expect(overflows(lab)).toBe(300 - held);
    expect(lab.counters('b')).toMatchObject({
      ...{ UdpInDatagrams: held + 1, UdpInErrors: 300 - held, UdpRcvbufErrors: 300 - held },
    });
  });

  it('follows net.core.rmem_default', () => {
    expect(overflows(flood(10, 1, { 'net.core.rmem_default': 2304 }))).toBe(8);
    expect(overflows(flood(10, 1472, { 'net.core.rmem_default': 2304 }))).toBe(9);
  });

  it('takes any datagram while it is empty', () => {
    const buffer = new ReceiveBuffer();
    expect([buffer.take(9000, 2304), buffer.take(832, 2304)]).toEqual([true, false]);
    buffer.give(9000);
    expect([buffer.take(832, 2304), buffer.take(1472, 2304), buffer.take(1, 2304)]).toEqual([true, true, false]);
  });

  it('is empty again once the program has read', () => {
    const lab = flood(300, 1);
    lab.udp('a', '10.0.0.2:7', { timeout: '10ms' });
    expect(overflows(lab)).toBe(44);
  });
});

/** Two ends whose TCP is bounded otherwise. */
function bounded(more: Partial<StackProfile['tcp']>): TcpPair {
  const tcp = { ...LINUX_PROFILE.tcp, segmentationOffload: false, synCookies: 'never' } as const;
  const profiles = [
    { ...LINUX_PROFILE, tcp },
    { ...LINUX_PROFILE, tcp: { ...tcp, ...more } },
  ] as const;
  return new TcpPair({ delay: ms(50) }, 1, profiles);
}

/** Time passes, and packets may be on their way at its end. */
function pass(pair: TcpPair, time: number): void {
  const until = pair.clock.now + time;
  while ((pair.clock.nextAt() ?? Number.POSITIVE_INFINITY) <= until) pair.clock.runNext();
}

function listen(pair: TcpPair, backlog?: number): { listener: TcpListener; accepted: TcpSocket[] } {
  const accepted: TcpSocket[] = [];
  const owner = { name: 's', place: pair.b.place };
  const options = backlog === undefined ? {} : { backlog };
  const listener = pair.b.tcp.listen(owner, 0, 80, (one) => accepted.push(one), options);
  if (typeof listener === 'string') throw new Error(listener);
  return { listener, accepted };
}

function connect(pair: TcpPair, count: number): { sockets: TcpSocket[]; errors: string[] } {
  const errors: string[] = [];
  const sockets = Array.from({ length: count }, () => {
    const socket = pair.a.tcp.open({ name: 'c', place: pair.a.place });
    socket.onError = ({ errno }) => errors.push(errno);
    socket.connect(pair.b.address, 80);
    return socket;
  });
  return { sockets, errors };
}

describe('the backlog of a listener', () => {
  it('is never more than net.core.somaxconn, which is what it is where the program does not say', () => {
    const pair = bounded({ largestBacklog: 3 });
    const { listener } = listen(pair, 100);
    expect(listener.backlog).toBe(3);
    connect(pair, 10);
    pass(pair, ms(80));
    // One more than the backlog is half open; nobody has told these ten yet that they are heard.
    expect(listener.halfOpen.size).toBe(4);
    expect(pair.ledger.drops.get('kernel:TCP_LISTEN_OVERFLOW')).toBe(6);
    expect(pair.b.tcp.counters).toMatchObject({ TcpExtListenDrops: 6, TcpExtListenOverflows: 0 });
    expect(listen(bounded({})).listener.backlog).toBe(4096);
  });

  it('that is full drops the last ACK of the handshake; with tcp_abort_on_overflow it is answered by a reset', () => {
    for (const resetsOnOverflow of [false, true]) {
      const pair = bounded({ resetsOnOverflow });
      const { listener, accepted } = listen(pair, 0);
      const { sockets, errors } = connect(pair, 1);
      pass(pair, ms(80));
      // The program has not come to it yet: its place is taken.
      const idle = pair.b.tcp.open({ name: 's', place: pair.b.place });
      listener.waiting.add(idle);
      pass(pair, ms(100));
      expect(accepted).toHaveLength(0);
      expect(pair.ledger.drops.get('kernel:TCP_LISTEN_OVERFLOW')).toBe(1);
      expect(pair.b.tcp.counters).toMatchObject({ TcpExtListenDrops: 1, TcpExtListenOverflows: 1 });
      expect(listener.halfOpen.size).toBe(resetsOnOverflow ? 0 : 1);
      listener.waiting.delete(idle);
      pair.run(seconds(3));
      expect(errors).toEqual(resetsOnOverflow ? ['ECONNRESET'] : []);
      // The SYN-ACK comes once more, and its ACK finds room.
      expect(accepted).toHaveLength(resetsOnOverflow ? 0 : 1);
      expect(sockets).toHaveLength(1);
    }
  });
});

describe('what is kept for nobody', () => {
  it('one connection more than tcp_max_orphans is reset when its program closes it', () => {
    const pair = bounded({ mostOrphans: 2 });
    const { accepted } = listen(pair);
    const { errors } = connect(pair, 4);
    pair.run(seconds(1));
    expect(accepted).toHaveLength(4);
    // Data that is on its way: each would stay until it is acknowledged.
    for (const one of accepted) one.write(new Uint8Array(10));
    for (const one of accepted) one.close();
    pass(pair, ms(1));
    expect(pair.b.tcp.counters.TcpExtTCPAbortOnMemory).toBe(2);
    expect(pair.b.tcp.connections()).toHaveLength(2);
    pair.run(seconds(1));
    // Behind their FIN comes a reset.
    expect(errors).toEqual(['EPIPE', 'EPIPE']);
    // And there is room again.
    expect(pair.b.tcp.connections()).toHaveLength(0);
  });

  it('of a closed connection beyond tcp_max_tw_buckets no record is left', () => {
    const pair = bounded({ mostRecords: 2 });
    const { accepted } = listen(pair);
    const { sockets } = connect(pair, 3);
    pair.run(seconds(1));
    for (const one of accepted) one.close();
    pair.run(seconds(1));
    for (const one of sockets) one.close();
    pair.run(seconds(1));
    expect(pair.b.tcp.records()).toHaveLength(2);
    expect(pair.b.tcp.counters.TcpExtTCPTimeWaitOverflow).toBeGreaterThanOrEqual(1);
    expect(pair.b.tcp.connections()).toHaveLength(0);
    pair.run(seconds(61));
    expect(pair.b.tcp.records()).toHaveLength(0);
  });
});

describe('what comes out of order', () => {
  let queue: ReceiveQueue;
  let pruned: number;

  beforeEach(() => {
    queue = new ReceiveQueue();
    pruned = 0;
  });

  const put = (start: number, length: number, room: number) =>
    queue.putEarly(start, new Uint8Array(length).fill(start), false, room, () => pruned++);

  it('makes the last go where there is no room for what comes before it, and is not kept where it is last itself', () => {
    // 832 for each single byte.
    for (const start of [10, 20, 30]) expect(put(start, 1, 3 * 832)).toBe('kept');
    expect(put(40, 1, 3 * 832)).toBe('no room');
    expect(queue.blocks.map(({ start }) => start)).toEqual([30, 20, 10]);
    expect(put(15, 1, 3 * 832)).toBe('kept');
    expect(pruned).toBe(1);
    // What was told of by SACK was taken back: it begins anew.
    expect(queue.blocks).toEqual([{ start: 15, end: 16 }]);
    expect(queue.advance(10, 1)).toEqual({ next: 11, fin: false });
    expect(queue.memory).toBe(2 * 832 + 1);
  });

  it('takes less room once pieces that touch are put together', () => {
    for (let start = 10; start < 50; start++) expect(put(start, 1, 3 * 832)).toBe('kept');
    expect(queue.memory).toBeLessThanOrEqual(3 * 832);
    expect(queue.advance(10, 1)).toEqual({ next: 50, fin: false });
    expect(queue.take(100)?.data).toEqual(Uint8Array.from({ length: 40 }, (_, index) => 10 + index));
  });

  it('in a connection is dropped by PROTO_MEM, and comes when it is sent again', () => {
    const pair = bounded({ largestBuffer: 8000 });
    const { accepted } = listen(pair);
    const { sockets } = connect(pair, 1);
    pair.run(seconds(1));
    const [client] = sockets as [TcpSocket];
    const received: number[] = [];
    const [server] = accepted as [TcpSocket];
    server.onData = (data) => received.push(...data);
    let lost = 0;
    pair.wire = { delay: ms(50), loses: (packet, from) => from === 'a' && packet.length > 1000 && lost++ === 0 };
    const sent = Uint8Array.from({ length: 14_000 }, (_, index) => index & 0xff);
    client.write(sent);
    pair.run(seconds(30));
    expect(pair.ledger.drops.get('kernel:PROTO_MEM')).toBeGreaterThan(0);
    expect(pair.b.tcp.counters.TcpExtTCPOFODrop).toBeGreaterThan(0);
    expect(Uint8Array.from(received)).toEqual(sent);
  });

  it('in order is put together too, however small the pieces are', () => {
    for (let index = 0; index < 5000; index++) queue.put(Uint8Array.of(index & 0xff), index + 1);
    expect(queue.unread).toBe(5000);
    expect(queue.take(10_000)).toEqual({ data: Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff), packet: 5000 });
  });
});

describe('the settings', () => {
  it('are what the stack goes by at once', () => {
    const sysctls = new Sysctls();
    const { tcp, receiveBuffer } = new LinuxProfile(sysctls);
    expect([tcp.largestBacklog, tcp.resetsOnOverflow, tcp.mostOrphans, tcp.mostRecords]).toEqual([
      4096,
      false,
      131072,
      131072,
    ]);
    expect(receiveBuffer).toBe(212992);
    const written = [
      ...[sysctls.write('net.core.somaxconn', 5), sysctls.write('net.ipv4.tcp_abort_on_overflow', 1)],
      ...[sysctls.write('net.ipv4.tcp_max_orphans', 6), sysctls.write('net.ipv4.tcp_max_tw_buckets', 7)],
      sysctls.write('net.ipv4.tcp_rmem', [4096, 8192, 9000]),
    ];
    expect(written).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(new GlobalSysctls().tcp_max_orphans).toBe(131072);
    expect([tcp.largestBacklog, tcp.resetsOnOverflow, tcp.mostOrphans, tcp.mostRecords, tcp.largestBuffer]).toEqual([
      ...[5, true, 6, 7, 9000],
    ]);
    expect(sysctls.write('net.core.nothing', 1)).toBe('ENOENT');
    expect(sysctls.write('net.core', 1)).toBe('ENOENT');
  });
});
