import { beforeEach, describe, expect, it } from 'vitest';
import { comwareSend } from '../../sim/comware/stack/sender.ts';
import type { PathMtuDiscovery, SendRequest, SendResult } from '../../sim/transport/socket.ts';
import { Ipv4Header } from '../../sim/wire/ipv4.ts';
import { ipv4, NatLab } from './nat-lab.ts';

/* What Comware's own stack sends, and what it refuses to. */

let lab: NatLab;

beforeEach(() => {
  lab = new NatLab(['ip route-static 10.66.0.0 16 NULL0', 'interface LoopBack0', 'ip address 9.9.9.9 32']);
  lab.neighbour('GE1/0/1', '203.0.113.9');
});

function send(to: string, length: number, more: Partial<SendRequest> = {}): SendResult {
  return comwareSend(lab.comware, {
    ...{ protocol: 99, source: 0, destination: ipv4(to), sourcePort: 0, destinationPort: 0, ttl: 0, tos: 0 },
    ...{ device: '', length, by: 'test', program: undefined, cause: 0, confirm: false },
    pathMtu: 'want',
    write: (bytes, offset) => bytes.fill(7, offset, offset + length),
    ...more,
  });
}

/** The header of the last packet that left by GE1/0/1. */
function sent(): Ipv4Header {
  const frame = lab.frames('dev:GE1/0/1').at(-1)?.bytes ?? new Uint8Array(34);
  return new Ipv4Header(frame, 14);
}

describe('a packet of its own', () => {
  it('goes with the address of the interface, TTL 255 and no DF, unless it is said otherwise', () => {
    expect(send('192.0.2.7', 10)).toMatchObject({ source: ipv4('203.0.113.1') });
    expect(sent()).toMatchObject({ totalLength: 30, ttl: 255, fragment: 0, tos: 0, protocol: 99 });
    send('192.0.2.7', 10, { ttl: 5, tos: 0x10, pathMtu: 'do', source: ipv4('9.9.9.9'), identification: 77 });
    expect(sent()).toMatchObject({
      ...{ ttl: 5, tos: 0x10, dontFragment: true, source: ipv4('9.9.9.9'), identification: 77 },
    });
  });

  it('to itself goes with the address that it is for, and to the host with its own on docker0', () => {
    expect(send('9.9.9.9', 10)).toMatchObject({ source: ipv4('9.9.9.9') });
    expect(send('127.1.1.1', 10)).toMatchObject({ source: ipv4('127.1.1.2') });
  });

  it.each<[PathMtuDiscovery, number, boolean]>([
    ['do', 1480, true],
    ['do', 1481, false],
    ['want', 1481, true],
    ['want', 65_515, true],
    ['want', 65_516, false],
  ])('with pathMtu %s may have %i bytes: %s', (pathMtu, length, maySend) => {
    const result = send('192.0.2.7', length, { pathMtu });
    expect('errno' in result ? result : 'sent').toEqual(maySend ? 'sent' : { errno: 'EMSGSIZE', mtu: 1500 });
  });

  it('to itself may be as long as a packet can be', () => {
    expect(send('9.9.9.9', 65_515, { pathMtu: 'do' })).toMatchObject({ source: ipv4('9.9.9.9') });
    expect(send('9.9.9.9', 65_516)).toEqual({ errno: 'EMSGSIZE', mtu: 0xffff });
  });
});

describe('what is not sent', () => {
  const why = (to: string, length = 10): unknown => {
    const result = send(to, length, { pathMtu: 'do' });
    return ['errno' in result ? result.errno : 'sent', lab.world.recorder?.refusals.at(-1)?.why];
  };

  it('says why: no route, a route into nothing, too long', () => {
    expect(why('10.66.1.1')).toEqual(['ENETUNREACH', '10.66.0.0/16 by NULL0 (FIB)']);
    expect(why('192.0.2.7', 2000)).toEqual(['EMSGSIZE', 'mtu 1500 towards 192.0.2.7']);
    lab.enter('#', 'undo ip route-static 0.0.0.0 0');
    expect(why('192.0.2.7')).toEqual(['ENETUNREACH', 'no route to 192.0.2.7; asked: FIB']);
  });
});

describe('what a connection asks of it', () => {
  it('is the source and the MTU of the way', () => {
    const { sender } = lab.comware.parts.udp;
    expect([
      sender.sourceFor(ipv4('192.0.2.7'), '', {} as never),
      sender.sourceFor(ipv4('9.9.9.9'), '', {} as never),
    ]).toEqual([ipv4('203.0.113.1'), ipv4('9.9.9.9')]);
    lab.enter('#', 'undo ip route-static 0.0.0.0 0');
    expect(sender.sourceFor(ipv4('192.0.2.7'), '', {} as never)).toBe('ENETUNREACH');
    expect([sender.isLocalAddress(ipv4('9.9.9.9')), sender.isLocalAddress(ipv4('9.9.9.8'))]).toEqual([true, false]);
  });
});
