import { expect } from 'vitest';
import { type CommandFault, configure } from '../../sim/comware/command.ts';
import type { Comware } from '../../sim/comware/comware.ts';
import type { ComwareInterface } from '../../sim/comware/forwarding/interface.ts';
import type { NatSessionRow } from '../../sim/comware/nat-snapshot-rows.ts';
import { must } from '../../sim/core/assert.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { formatIpv4, parseIpv4 } from '../../sim/wire/address.ts';
import { put8, put16, put32, u8, u16 } from '../../sim/wire/bytes.ts';
import { checksum, pseudoHeader } from '../../sim/wire/checksum.ts';
import { ETHERTYPE_IPV4, putEthernet } from '../../sim/wire/ethernet.ts';
import { putIcmp } from '../../sim/wire/icmp.ts';
import { Ipv4Header, putIpv4 } from '../../sim/wire/ipv4.ts';
import { putUdp, udpChecksumHolds } from '../../sim/wire/udp.ts';
import { Lab } from '../bench.ts';
import { host } from './topologies.ts';

const ECHO = { services: [{ port: 7, name: 'echo' }] } as const;

/**
 * A device between an office (10.0.2.0/24, GE1/0/2), containers (172.20.0.0/24) and a provider (203.0.113.0/24,
 * GE1/0/1) whose router leads to `far`. `lines` is the device's NAT.
 */
export class NatLab extends Lab {
  constructor(lines: string | readonly string[] = '', more: object = {}) {
    const nodes = {
      dev: {
        kind: 'comware',
        interfaces: {
          'GE1/0/1': { address: '203.0.113.1/24' },
          'GE1/0/2': { address: '10.0.2.1/24' },
          'Virtual-Eth-Group0': { address: '172.20.0.1/24' },
        },
        routes: ['default via 203.0.113.9'],
        containers: { c1: ECHO, c2: ECHO },
        ...more,
      },
      out: {
        kind: 'linux',
        interfaces: { eth0: { address: '203.0.113.9/24' }, eth1: { address: '192.0.2.1/24' } },
        sysctls: { 'net.ipv4.ip_forward': 1 },
        ...ECHO,
      },
      far: host('192.0.2.7/24', '192.0.2.1'),
      a: host('10.0.2.2/24', '10.0.2.1'),
      b: host('10.0.2.3/24', '10.0.2.1'),
      office: { kind: 'bridge' },
      provider: { kind: 'bridge' },
    };
    const links = [
      ['dev:GE1/0/1', 'provider:p0'],
      ['out:eth0', 'provider:p1'],
      ['out:eth1', 'far:eth0'],
      ['dev:GE1/0/2', 'office:p0'],
      ['a:eth0', 'office:p1'],
      ['b:eth0', 'office:p2'],
    ];
    super(
      nodes,
      links.map((endpoints) => ({ endpoints })),
    );
    this.enter(...(typeof lines === 'string' ? lines.split('\n') : lines));
  }

  get comware(): Comware {
    return must(this.stack('dev').comware, 'dev is Comware');
  }

  /** Lines the device has to take. */
  enter(...lines: readonly string[]): void {
    expect(this.faults(...lines)).toEqual([]);
  }

  faults(...lines: readonly string[]): CommandFault[] {
    return configure(this.comware, lines.join('\n'));
  }

  interface(name: string): ComwareInterface {
    return must(this.comware.interface(name), name);
  }

  /** Sessions that are translated, `inside -> outside as global: state`, as short as the test likes them. */
  sessions(): string[] {
    return this.rows().map(
      ({ initiator, responder, state }) =>
        `${initiator.source}:${initiator.sourcePort}>${initiator.destination}:${initiator.destinationPort} ` +
        `${responder.source}:${responder.sourcePort}>${responder.destination}:${responder.destinationPort} ${state}`,
    );
  }

  rows(): readonly NatSessionRow[] {
    return must(this.world.snapshot(this.stack('dev')).comware, 'dev is Comware').nat.sessions;
  }

  /** Drops of the device, by reason. */
  deviceDrops(): Record<string, number> {
    const own = Object.entries(this.drops()).filter(([key]) => key.endsWith('@dev/comware'));
    return Object.fromEntries(own.map(([key, count]) => [key.split('@')[0], count]));
  }

  /** A neighbour that answers nothing: what is sent to it stays what it is. */
  neighbour(port: string, address: string): void {
    this.comware.parts.arp.learn(this.interface(port), ipv4(address), 0x02aa00000001, true);
  }

  /** Puts an IP packet into a port, and gives the lines of what leaves by `to` for it. */
  inject(port: string, bytes: Uint8Array, to = port === 'GE1/0/2' ? 'GE1/0/1' : 'GE1/0/2'): string[] {
    const device = must(this.interface(port).port, port);
    const frame = new Uint8Array(14 + bytes.length);
    putEthernet(frame, 0, device.mac, 0x02aa00000001, ETHERTYPE_IPV4);
    frame.set(bytes, 14);
    const before = this.wire(to).length;
    netifReceive(Packet.of(this.world.ledger, frame), device);
    this.world.ledger.audit(this.world.held);
    this.run({ wait: '1ms' });
    return this.wire(to).slice(before);
  }

  /** IP packets that left by a port, a line each; a wrong checksum is told. */
  wire(port: string): string[] {
    return this.frames(`dev:${port}`)
      .filter(({ direction, bytes }) => direction === 'out' && u16(bytes, 12) === ETHERTYPE_IPV4)
      .map(({ bytes }) => packetLine(bytes.subarray(14)));
  }
}

export function ipv4(text: string): number {
  return must(parseIpv4(text), `${text} is an address`);
}

/** `203.0.113.1:1024`. */
function end(text: string): [number, number] {
  const [address = '', port = '0'] = text.split(':');
  return [ipv4(address), Number(port)];
}

export interface Made {
  readonly identification?: number;
  /** Fragment field. */
  readonly fragment?: number;
  readonly ttl?: number;
  readonly payload?: Uint8Array;
}

/** `tcp`, `udp`, `icmp` (echo request; the source's port is its identifier) or a number, from and to `ADDRESS:PORT`. */
export function packet(kind: string, from: string, to: string, flags = '', made: Made = {}): Uint8Array {
  const [source, sourcePort] = end(from);
  const [destination, destinationPort] = end(to);
  const payload = made.payload ?? new Uint8Array();
  const protocol = { tcp: 6, udp: 17, icmp: 1, reply: 1 }[kind] ?? Number(kind);
  const headerLength = protocol === 6 ? 20 : protocol === 17 || protocol === 1 ? 8 : 0;
  const length = headerLength + payload.length;
  const bytes = new Uint8Array(20 + length);
  bytes.set(payload, 20 + headerLength);
  if (protocol === 17) putUdp(bytes, 20, { sourcePort, destinationPort, length, source, destination });
  if (protocol === 6) {
    put16(bytes, 20, sourcePort);
    put16(bytes, 22, destinationPort);
    put32(bytes, 24, 1000);
    put8(bytes, 32, 0x50);
    put8(bytes, 33, flagBits(flags));
    put16(bytes, 36, checksum(bytes, 20, length, pseudoHeader(source, destination, 6, length)));
  }
  if (protocol === 1) {
    const type = kind === 'reply' ? 0 : 8;
    putIcmp(bytes, 20, length, { type, code: 0, word1: kind === 'reply' ? destinationPort : sourcePort, word2: 1 });
  }
  const { identification = 77, fragment = 0, ttl = 64 } = made;
  putIpv4(bytes, 0, { tos: 0, totalLength: 20 + length, identification, fragment, ttl, protocol, source, destination });
  return bytes;
}

/** An ICMP error that quotes the first `quoted` bytes of a packet. */
export function icmpError(
  from: string,
  to: string,
  type: number,
  code: number,
  about: Uint8Array,
  quoted = 28,
): Uint8Array {
  const quote = about.subarray(0, quoted);
  const bytes = new Uint8Array(28 + quote.length);
  bytes.set(quote, 28);
  putIcmp(bytes, 20, 8 + quote.length, { type, code, word1: 0, word2: 0 });
  putIpv4(bytes, 0, {
    tos: 0,
    totalLength: bytes.length,
    identification: 5,
    fragment: 0,
    ttl: 64,
    protocol: 1,
    source: ipv4(from),
    destination: ipv4(to),
  });
  return bytes;
}

/** Cuts a packet into fragments with `size` bytes of data each. */
export function cut(whole: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const header = new Ipv4Header(whole, 0);
  for (let at = 20; at < whole.length; at += size) {
    const data = whole.subarray(at, at + size);
    const piece = new Uint8Array(20 + data.length);
    piece.set(whole.subarray(0, 20));
    piece.set(data, 20);
    const view = new Ipv4Header(piece, 0);
    view.totalLength = piece.length;
    view.fragment = (header.fragment & 0x4000) | (at + size < whole.length ? 0x2000 : 0) | ((at - 20) / 8);
    view.writeChecksum();
    pieces.push(piece);
  }
  return pieces;
}

const FLAGS = 'FSRPA';

function flagBits(text: string): number {
  return [...text].reduce((bits, flag) => bits | (1 << FLAGS.indexOf(flag)), 0);
}

function flagText(bits: number): string {
  return [...FLAGS].filter((_flag, index) => (bits & (1 << index)) !== 0).join('');
}

/** `tcp 10.0.2.2:5000>203.0.113.9:80 S`, `icmp 3/3 A>B [udp A:p>B:q]`. */
export function packetLine(bytes: Uint8Array): string {
  const ip = new Ipv4Header(bytes, 0);
  const bad = checksum(bytes, 0, ip.headerLength) === 0 ? '' : ' BAD IP CHECKSUM';
  return transportLine(bytes.subarray(0, ip.totalLength), ip, true) + bad;
}

function transportLine(bytes: Uint8Array, ip: Ipv4Header, isWhole: boolean): string {
  const at = ip.headerLength;
  const length = bytes.length - at;
  const [from, to] = [formatIpv4(ip.source), formatIpv4(ip.destination)];
  if (ip.fragmentOffset > 0) return `piece ${ip.fragmentOffset} ${from}>${to}`;
  const holds = isWhole && !ip.isFragment;
  if (![1, 6, 17].includes(ip.protocol)) return `${ip.protocol} ${from}>${to}`;
  const ports = `${from}:${u16(bytes, at)}>${to}:${u16(bytes, at + 2)}`;
  const pseudo = pseudoHeader(ip.source, ip.destination, ip.protocol, length);
  if (ip.protocol === 6) {
    const bad = holds && checksum(bytes, at, length, pseudo) !== 0 ? ' BAD TCP CHECKSUM' : '';
    return `tcp ${ports}${length < 14 ? '' : ` ${flagText(u8(bytes, at + 13))}`}${bad}`;
  }
  if (ip.protocol === 17) {
    const bad = holds && !udpChecksumHolds(bytes, at, length, ip.source, ip.destination) ? ' BAD UDP CHECKSUM' : '';
    return `udp ${ports}${bad}`;
  }
  const bad = holds && checksum(bytes, at, length) !== 0 ? ' BAD ICMP CHECKSUM' : '';
  const [type, code] = [u8(bytes, at), u8(bytes, at + 1)];
  if (type === 8) return `echo ${from}>${to} id ${u16(bytes, at + 4)}${bad}`;
  if (type === 0) return `reply ${from}>${to} id ${u16(bytes, at + 4)}${bad}`;
  const quote = bytes.subarray(at + 8);
  const quoted = new Ipv4Header(quote, 0);
  const header = checksum(quote, 0, quoted.headerLength) === 0 ? '' : ' BAD IP CHECKSUM';
  const isAll = quote.length === quoted.totalLength;
  return `icmp ${type}/${code} ${from}>${to} [${transportLine(quote, quoted, isAll)}${header}]${bad}`;
}
