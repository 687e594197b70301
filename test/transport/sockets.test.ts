import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';
import { EventQueue } from '../../sim/core/events.ts';
import { PingTable } from '../../sim/transport/ping.ts';
import { COMWARE_PROFILE, LINUX_PROFILE, type StackProfile } from '../../sim/transport/profile.ts';
import type { IpSender, QueuedDatagram, SendRequest, SendResult, SocketOwner } from '../../sim/transport/socket.ts';
import { type UdpSocket, UdpTable } from '../../sim/transport/udp.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { IcmpHeader } from '../../sim/wire/icmp.ts';
import { UdpHeader, udpChecksumHolds } from '../../sim/wire/udp.ts';

const ip = (text: string): number => parseIpv4(text) ?? Number.NaN;
const OURS = ip('10.0.0.1');
const OURS_TOO = ip('10.0.0.2');
const PEER = ip('10.9.9.9');
const OTHER = ip('10.8.8.8');

/** An IP layer with two addresses that keeps what it was asked to send. */
class Sender implements IpSender {
  readonly requests: SendRequest[] = [];
  hasRoute = true;

  send(request: SendRequest): SendResult {
    this.requests.push(request);
    return { packet: this.requests.length, source: request.source || OURS };
  }

  whyNotTo(): undefined {
    return undefined;
  }

  sourceFor(): number | 'ENETUNREACH' {
    return this.hasRoute ? OURS : 'ENETUNREACH';
  }

  isLocalAddress(address: number): boolean {
    return address === OURS || address === OURS_TOO;
  }
}

const owner = (name: string): SocketOwner => ({ name, place: { node: 'host', role: 'linux', title: 'host' } });

function table(profile: StackProfile = LINUX_PROFILE, seed = 1): UdpTable {
  return new UdpTable(new Sender(), profile, new Chance(seed));
}

function bound(sockets: UdpTable, name: string, address: number, port: number, device = ''): UdpSocket {
  const socket = sockets.open(owner(name), { device });
  expect([name, socket.bind(address, port)]).toEqual([name, undefined]);
  return socket;
}

const datagram: QueuedDatagram = {
  source: PEER,
  sourcePort: 1,
  destination: OURS,
  destinationPort: 53,
  asked: OURS,
  ttl: 64,
  tos: 0,
  payload: new Uint8Array(0),
  packet: 1,
  cost: 832,
};

describe('binding UDP ports', () => {
  it('one port on two addresses is no conflict; a second time, or beside the wildcard, it is', () => {
    const sockets = table();
    bound(sockets, 'first', OURS, 53);
    bound(sockets, 'second', OURS_TOO, 53);
    expect(sockets.open(owner('again')).bind(OURS, 53)).toBe('EADDRINUSE');
    expect(sockets.open(owner('wildcard')).bind(0, 53)).toBe('EADDRINUSE');
    bound(sockets, 'another port', 0, 54);
    expect(sockets.open(owner('beside the wildcard')).bind(OURS, 54)).toBe('EADDRINUSE');
    expect(sockets.list().map((socket) => socket.owner.name)).toEqual(['first', 'second', 'another port']);
  });

  it('only own addresses can be bound, and only once', () => {
    const sockets = table();
    expect(sockets.open(owner('stranger')).bind(PEER, 53)).toBe('EADDRNOTAVAIL');
    expect(bound(sockets, 'twice', OURS, 53).bind(OURS, 54)).toBe('EINVAL');
  });

  it('a closed socket leaves its port, and its neighbour stays', () => {
    const sockets = table();
    const first = bound(sockets, 'first', OURS, 53);
    const second = bound(sockets, 'second', OURS_TOO, 53);
    first.close();
    expect(sockets.lookup(PEER, 1, OURS, 53, '')).toBeUndefined();
    expect(sockets.lookup(PEER, 1, OURS_TOO, 53, '')).toBe(second);
    bound(sockets, 'third', OURS, 53);
  });

  it.each([LINUX_PROFILE, COMWARE_PROFILE])('free ports of $name lie in its range, both ends included', (profile) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const sockets = table(profile, seed);
        const ports = Array.from({ length: 50 }, () => bound(sockets, 'client', 0, 0).localPort);
        const [low, high] = profile.ephemeralPorts;
        expect(ports.every((port) => low <= port && port <= high)).toBe(true);
        expect(new Set(ports).size).toBe(ports.length);
      }),
      { numRuns: 50 },
    );
  });

  it('the ranges of the two stacks do not meet: they share addresses', () => {
    expect(COMWARE_PROFILE.ephemeralPorts[1]).toBeLessThan(LINUX_PROFILE.ephemeralPorts[0]);
  });

  it('every port of the range is given out, each once, and then none', () => {
    const sockets = table({ ...LINUX_PROFILE, ephemeralPorts: [40000, 40009] });
    const ports = Array.from({ length: 10 }, () => bound(sockets, 'client', 0, 0).localPort);
    expect(ports.sort()).toEqual(Array.from({ length: 10 }, (_, index) => 40000 + index));
    expect(sockets.open(owner('late')).bind(0, 0)).toBe('EADDRINUSE');
    expect(sockets.open(owner('late')).sendTo(new Uint8Array(1), PEER, 7)).toEqual({ errno: 'EADDRINUSE', mtu: 0 });
  });
});

describe('who gets a UDP datagram', () => {
  it('the socket that matches most: connected before bound to the address before wildcard', () => {
    const profile = table();
    // Ports may be shared by sockets that are connected apart, once they are bound to different addresses.
    const address = bound(profile, 'address', OURS, 53);
    const connected = bound(profile, 'connected', OURS_TOO, 53);
    expect(connected.connect(PEER, 9)).toBeUndefined();
    expect(profile.lookup(PEER, 9, OURS_TOO, 53, 'eth0')).toBe(connected);
    expect(profile.lookup(PEER, 10, OURS_TOO, 53, 'eth0')).toBeUndefined();
    expect(profile.lookup(OTHER, 9, OURS_TOO, 53, 'eth0')).toBeUndefined();
    expect(profile.lookup(PEER, 9, OURS, 53, 'eth0')).toBe(address);
    expect(profile.lookup(PEER, 9, OURS, 54, 'eth0')).toBeUndefined();
  });

  it('a wildcard socket takes what comes to any address', () => {
    const sockets = table();
    const any = bound(sockets, 'any', 0, 53);
    expect([OURS, OURS_TOO].map((address) => sockets.lookup(PEER, 1, address, 53, 'eth0'))).toEqual([any, any]);
  });

  it('a socket of one device takes nothing from another', () => {
    const sockets = table();
    const eth0 = bound(sockets, 'eth0', 0, 53, 'eth0');
    expect(sockets.lookup(PEER, 1, OURS, 53, 'eth0')).toBe(eth0);
    expect(sockets.lookup(PEER, 1, OURS, 53, 'eth1')).toBeUndefined();
  });

  it('a broadcast goes to the one that is bound to no address', () => {
    const sockets = table();
    const broadcast = ip('255.255.255.255');
    const any = bound(sockets, 'any', 0, 67);
    bound(sockets, 'address', OURS, 68);
    expect(sockets.lookup(PEER, 1, broadcast, 67, 'eth0')).toBe(any);
    expect(sockets.lookup(PEER, 1, broadcast, 68, 'eth0')).toBeUndefined();
  });

  it('one that is connected hears its peer alone, of any address that is connected to', () => {
    const sockets = table();
    const socket = bound(sockets, 'connected', 0, 53);
    expect([socket.connect(PEER, 9), socket.localAddress]).toEqual([undefined, OURS]);
    const heard = (source: number, port: number, to: number) => sockets.lookup(source, port, to, 53, '') === socket;
    expect([heard(PEER, 9, OURS), heard(PEER, 9, OURS_TOO), heard(PEER, 8, OURS)]).toEqual([true, false, false]);
    expect(heard(OTHER, 9, OURS)).toBe(false);
    socket.close();
    expect([heard(PEER, 9, OURS), sockets.list()]).toEqual([false, []]);
  });

  it('what no port was found for is connected to nothing', () => {
    const sockets = table({ ...LINUX_PROFILE, ephemeralPorts: [40000, 40000] });
    bound(sockets, 'the only one', 0, 40000);
    const late = sockets.open(owner('late'));
    expect([late.connect(PEER, 9), late.remotePort]).toEqual(['EADDRINUSE', 0]);
  });

  it('the program sees it in an event of its own, and not once it has closed', () => {
    const clock = new EventQueue();
    const seen: string[] = [];
    const socket = bound(table(), 'server', 0, 53);
    socket.onDatagram = (one) => seen.push(`packet ${one.packet}`);
    socket.receive(clock, datagram);
    expect(seen).toEqual([]);
    clock.runNext();
    expect(seen).toEqual(['packet 1']);
    socket.receive(clock, datagram);
    socket.close();
    clock.runNext();
    expect(seen).toEqual(['packet 1']);
  });
});

describe('sending by UDP', () => {
  it('an unbound socket gets a port, and lays down a datagram whose checksum holds', () => {
    const sender = new Sender();
    const socket = new UdpTable(sender, LINUX_PROFILE, new Chance(1)).open(owner('client'));
    socket.sendTo(Uint8Array.of(1, 2, 3), PEER, 7);
    const request = sender.requests[0];
    expect(request).toMatchObject({ destination: PEER, destinationPort: 7, sourcePort: socket.localPort, length: 11 });
    const bytes = new Uint8Array(20).fill(0xa5);
    request?.write(bytes, 4, OURS, PEER);
    expect(new UdpHeader(bytes, 4)).toMatchObject({ sourcePort: socket.localPort, destinationPort: 7, length: 11 });
    expect(udpChecksumHolds(bytes, 4, 11, OURS, PEER)).toBe(true);
    expect([...bytes.subarray(12, 15)]).toEqual([1, 2, 3]);
  });

  it('65507 bytes are the most that fit', () => {
    const socket = table().open(owner('client'));
    expect(socket.sendTo(new Uint8Array(65508), PEER, 7)).toEqual({ errno: 'EMSGSIZE', mtu: 0 });
    expect(socket.sendTo(new Uint8Array(65507), PEER, 7)).toEqual({ packet: 1, source: OURS });
  });

  it('connect takes the address the route gives, and fails without a route', () => {
    const sockets = table();
    const socket = sockets.open(owner('client'));
    expect([socket.connect(PEER, 7), socket.localAddress]).toEqual([undefined, OURS]);
    (sockets.sender as Sender).hasRoute = false;
    expect(sockets.open(owner('client')).connect(PEER, 7)).toBe('ENETUNREACH');
  });
});

describe('ping sockets', () => {
  it('have identifiers of their own, none of them 0', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const sockets = new PingTable(new Sender(), LINUX_PROFILE, new Chance(seed));
        const identifiers = Array.from({ length: 30 }, () => sockets.open(owner('ping'))?.identifier ?? 0);
        expect(new Set(identifiers).size).toBe(30);
        expect(identifiers.every((one) => one >= 1 && one <= 0xffff)).toBe(true);
      }),
    );
  });

  it('run out after 65535, until one closes', () => {
    const sockets = new PingTable(new Sender(), LINUX_PROFILE, new Chance(1));
    const all = Array.from({ length: 0xffff }, () => sockets.open(owner('ping')));
    expect(all.includes(undefined)).toBe(false);
    expect(sockets.open(owner('late'))).toBeUndefined();
    all[7]?.close();
    expect(sockets.open(owner('late'))?.identifier).toBe(all[7]?.identifier);
  });

  it('get the replies to their identifier, at the address they are bound to', () => {
    const sockets = new PingTable(new Sender(), LINUX_PROFILE, new Chance(1));
    const socket = sockets.open(owner('ping'));
    if (socket === undefined) throw new Error('no identifier');
    expect(sockets.lookup(socket.identifier, OURS)).toBe(socket);
    expect(sockets.lookup(socket.identifier ^ 1, OURS)).toBeUndefined();
    expect(socket.bind(PEER)).toBe('EADDRNOTAVAIL');
    expect(socket.bind(OURS_TOO)).toBeUndefined();
    expect([sockets.lookup(socket.identifier, OURS), sockets.lookup(socket.identifier, OURS_TOO)]).toEqual([
      undefined,
      socket,
    ]);
    socket.close();
    expect(sockets.lookup(socket.identifier, OURS_TOO)).toBeUndefined();
  });

  it('send echo requests with their identifier; the sequence number wraps at 16 bits', () => {
    const sender = new Sender();
    const socket = new PingTable(sender, LINUX_PROFILE, new Chance(1)).open(owner('ping'), { ttl: 3, pathMtu: 'do' });
    socket?.sendEcho(PEER, 65537, Uint8Array.of(9, 9));
    const request = sender.requests[0];
    expect(request).toMatchObject({ protocol: 1, destination: PEER, ttl: 3, pathMtu: 'do', length: 10 });
    const bytes = new Uint8Array(10);
    request?.write(bytes, 0, OURS, PEER);
    const { type, identifier, sequence } = new IcmpHeader(bytes, 0);
    expect([type, identifier, sequence]).toEqual([8, socket?.identifier, 1]);
  });
});
