import { beforeEach, describe, expect, it } from 'vitest';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { put16, put32 } from '../../sim/wire/bytes.ts';
import { ETHERTYPE_IPV4, putEthernet } from '../../sim/wire/ethernet.ts';
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST, putIcmp } from '../../sim/wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, putIpv4 } from '../../sim/wire/ipv4.ts';
import type { Lab } from '../bench.ts';
import { deviceOf, ipv4 } from './nat-lab.ts';
import { connect, pass, Server, tcpLab } from './tcp-lab.ts';

/*
 * ICMP errors from somebody who sees nothing of what he complains about (RFC 5927). What teaches a host anything, and what
 * does not, was seen on Linux 6.18 with errors sent by a raw socket.
 */

const A = ipv4('10.0.1.2');
const B = ipv4('10.0.2.2');
const ROUTER = ipv4('10.0.1.1');

let lab: Lab;
let socket: TcpSocket;

beforeEach(() => {
  lab = tcpLab();
  const server = new Server(lab, 'b', 80);
  ({ socket } = connect(lab, 'a', '10.0.2.2', 80));
  pass(lab);
  expect(server.accepted).toHaveLength(1);
});

/** The eight bytes behind a's header that an error quotes. */
function segment(sequence: number): Uint8Array {
  const bytes = new Uint8Array(8);
  put16(bytes, 0, 40001);
  put16(bytes, 2, 80);
  put32(bytes, 4, sequence);
  return bytes;
}

function echo(type: number): Uint8Array {
  const bytes = new Uint8Array(8);
  putIcmp(bytes, 0, 8, { type, code: 0, word1: 5, word2: 1 });
  return bytes;
}

/** Into a's port: an error about a packet of a's to b, from the router as it says. */
function complain(type: number, code: number, info: number, protocol: number, quoted: Uint8Array): void {
  const eth0 = deviceOf(lab, 'a', 'eth0');
  const frame = new Uint8Array(14 + 20 + 8 + 28);
  putEthernet(frame, 0, eth0.mac, 0x020000000099, ETHERTYPE_IPV4);
  const header = { tos: 0, identification: 0, fragment: 0, ttl: 64 };
  putIpv4(frame, 14, { ...header, totalLength: 56, protocol: PROTOCOL_ICMP, source: ROUTER, destination: A });
  putIpv4(frame, 42, { ...header, totalLength: 28, protocol, source: A, destination: B });
  frame.set(quoted, 62);
  putIcmp(frame, 34, 36, { type, code, word1: info >>> 16, word2: info & 0xffff });
  netifReceive(Packet.of(lab.world.ledger, frame), eth0);
  pass(lab);
}

const learnt = () => lab.stack('a').net.parts.pathMtu.mtuOf(B);
const inFlight = (): number => lab.stack('a').net.parts.tcp.connections()[0]?.sndUna ?? 0;

describe('fragmentation needed', () => {
  it('is believed about what a connection has in flight, and not about any other number', () => {
    complain(3, 4, 600, PROTOCOL_TCP, segment(inFlight() + 1_000_000));
    expect(learnt()).toBeUndefined();
    expect(lab.counters('a')).toMatchObject({ TcpExtOutOfWindowIcmps: 1 });
    expect(lab.counters('a')).not.toHaveProperty('IcmpInErrors');
    complain(3, 4, 600, PROTOCOL_TCP, segment(inFlight()));
    expect(learnt()).toBe(600);
    expect(socket.state).toBe('ESTABLISHED');
  });

  it('is believed about an echo reply, which the kernel sends, and about a request only while a ping is running', () => {
    complain(3, 4, 600, PROTOCOL_ICMP, echo(ICMP_ECHO_REQUEST));
    complain(3, 4, 600, PROTOCOL_ICMP, echo(3));
    expect(learnt()).toBeUndefined();
    complain(3, 4, 700, PROTOCOL_ICMP, echo(ICMP_ECHO_REPLY));
    expect(learnt()).toBe(700);
    lab.stack('a').net.parts.ping.open({ name: 'ping', place: lab.stack('a').place });
    complain(3, 4, 600, PROTOCOL_ICMP, echo(ICMP_ECHO_REQUEST));
    expect(learnt()).toBe(600);
  });
});

describe('an error of our own', () => {
  it('is no longer than the path to whom it is for', () => {
    lab.udp('b', '10.0.1.2:9', { size: 1000, timeout: '1s' });
    complain(3, 4, 552, PROTOCOL_ICMP, echo(ICMP_ECHO_REPLY));
    lab.udp('b', '10.0.1.2:9', { size: 1000, timeout: '1s' });
    const errors = lab
      .frames('a:eth0')
      .filter(({ direction, bytes }) => direction === 'out' && bytes[23] === PROTOCOL_ICMP);
    expect(errors.map(({ bytes }) => bytes.length - 14)).toEqual([576, 552]);
  });
});

describe('a redirect', () => {
  it('leads nothing away that is not in flight', () => {
    const other = ipv4('10.0.1.9');
    lab.exec('a', 'ip neigh replace 10.0.1.9 lladdr 02:00:00:00:00:99 dev eth0');
    const { pathMtu } = lab.stack('a').net.parts;
    complain(5, 1, other, PROTOCOL_TCP, segment(inFlight() + 1_000_000));
    complain(5, 1, other, PROTOCOL_ICMP, echo(ICMP_ECHO_REQUEST));
    expect(pathMtu.gatewayOf(B)).toBeUndefined();
    complain(5, 1, other, PROTOCOL_TCP, segment(inFlight()));
    expect(pathMtu.gatewayOf(B)).toBe(other);
  });
});
