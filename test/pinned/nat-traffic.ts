import { Chance } from '../../sim/core/chance.ts';
import { ms, ns, seconds } from '../../sim/core/time.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { ETHERTYPE_IPV4, putEthernet } from '../../sim/wire/ethernet.ts';
import { cut, icmpError, NatLab, packet } from '../comware/nat-lab.ts';
import { Digest, digestOf } from './digest.ts';

/** What may be configured at any moment; much of it is refused then, which is told as well. */
const LINES = [
  'nat address-group 1\naddress 203.0.113.20 203.0.113.22',
  'nat address-group 1\nport-range 2000 2003',
  'nat address-group 2\naddress 203.0.113.30 203.0.113.30',
  'acl basic 2000\nrule permit source 10.0.2.2 0',
  'acl advanced 3000\nrule permit tcp source 10.0.2.0 0.0.0.255 destination-port range 80 81\nrule permit icmp',
  'acl advanced 3001\nrule deny udp destination-port eq 9\nrule permit ip source 10.0.2.0 0.0.0.1',
  'interface GE1/0/1\nnat outbound',
  'interface GE1/0/1\nnat outbound 2000 address-group 1',
  'interface GE1/0/1\nnat outbound 3000 address-group 2 port-preserved',
  'interface GE1/0/1\nnat outbound 3001 address-group 1 no-pat reversible',
  'interface GE1/0/1\nnat outbound 2000 address-group 2 no-pat',
  'interface GE1/0/1\nnat server protocol tcp global 203.0.113.50 80 82 inside 10.0.2.2 8080',
  'interface GE1/0/1\nnat server protocol udp global current-interface 7 9 inside 10.0.2.2 10.0.2.4 7',
  'interface GE1/0/1\nnat server protocol icmp global 203.0.113.51 inside 10.0.2.3 acl 3001',
  'interface GE1/0/1\nnat server protocol 47 global 203.0.113.51 inside 10.0.2.3',
  'nat static outbound 10.0.2.4 203.0.113.77',
  'nat static outbound net-to-net 10.0.2.6 10.0.2.7 global 203.0.113.0 24',
  'interface GE1/0/1\nnat static enable',
  'interface GE1/0/2\nnat hairpin enable',
  'nat alg tftp',
  'undo nat alg icmp-error',
  'ip ttl-expires enable\nip unreachables enable',
  'interface GE1/0/1\nundo nat outbound 2000',
  'interface GE1/0/1\nundo nat server protocol tcp global 203.0.113.50 80 82',
  'undo nat static outbound 10.0.2.4',
  'undo acl advanced 3001',
  'nat address-group 1\nundo address 203.0.113.20 203.0.113.22',
];

const INSIDE = ['10.0.2.2', '10.0.2.2', '10.0.2.3', '10.0.2.4', '10.0.2.6'];
const OUTSIDE = ['203.0.113.200', '203.0.113.200', '192.0.2.7', '203.0.113.9'];
const GLOBAL = [
  '203.0.113.1',
  '203.0.113.50',
  '203.0.113.51',
  '203.0.113.20',
  '203.0.113.30',
  '203.0.113.77',
  '203.0.113.6',
];
const PORTS = [7, 9, 69, 80, 81, 82, 83, 1024, 1025, 2000, 2004, 5000, 65535];

/** A device with NAT that is changed while packets of every kind pass it in both directions. */
export function digestOfNat(seed: number): string {
  const chance = new Chance(seed, 'nat');
  const pick = <T>(from: readonly T[]): T => from[chance.below(from.length)] as T;
  const lab = new NatLab();
  for (const address of OUTSIDE) lab.neighbour('GE1/0/1', address);
  for (const address of INSIDE) lab.neighbour('GE1/0/2', address);
  const digest = new Digest();
  const configure = (): void => {
    for (const { message } of lab.faults('#', ...pick(LINES).split('\n'))) digest.text(message);
  };
  const some = (isOut: boolean): Uint8Array => {
    const [from, to] = isOut
      ? [pick(INSIDE), pick([...OUTSIDE, pick(GLOBAL)])]
      : [pick(OUTSIDE), pick([...GLOBAL, pick(INSIDE)])];
    const flags = pick(['S', 'SA', 'A', 'FA', 'R', 'PA']);
    const made = {
      ttl: pick([1, 64, 64, 64]),
      payload: new Uint8Array(pick([0, 8, 40])),
      identification: chance.below(4),
    };
    return packet(
      pick(['tcp', 'tcp', 'udp', 'udp', 'icmp', 'reply', '47']),
      `${from}:${pick(PORTS)}`,
      `${to}:${pick(PORTS)}`,
      flags,
      made,
    );
  };
  const put = (port: string, bytes: Uint8Array): void => {
    const device = lab.interface(port).port;
    if (device === undefined) return;
    const frame = new Uint8Array(14 + bytes.length);
    putEthernet(frame, 0, device.mac, 0x02aa00000001, ETHERTYPE_IPV4);
    frame.set(bytes, 14);
    netifReceive(Packet.of(lab.world.ledger, frame), device);
    lab.world.advance(ns(lab.world.clock.now + ms(1)));
  };
  for (let count = 0; count < 12; count++) configure();
  /** What has left so far, to be answered or complained about. */
  const left = (port: string): Uint8Array[] =>
    lab
      .frames(`dev:${port}`)
      .filter(({ direction, bytes }) => direction === 'out' && bytes[12] === 8 && bytes[13] === 0)
      .map(({ bytes }) => bytes.slice(14));
  for (let count = 0; count < 60; count++) {
    const isOut = chance.below(2) === 0;
    const port = isOut ? 'GE1/0/2' : 'GE1/0/1';
    switch (chance.below(8)) {
      case 0:
        configure();
        break;
      case 1: {
        const about = left(port).at(-1 - chance.below(3));
        if (about === undefined) break;
        const to = about.subarray(12, 16).join('.');
        put(
          port,
          icmpError(pick(isOut ? INSIDE : OUTSIDE), to, pick([3, 11]), pick([0, 1, 3]), about, pick([28, 28, 60])),
        );
        break;
      }
      case 2: {
        const pieces = cut(some(isOut), 16);
        if (chance.below(3) === 0) pieces.reverse();
        for (const piece of pieces) put(port, piece);
        break;
      }
      case 3:
        lab.world.advance(ns(lab.world.clock.now + pick([seconds(1), seconds(11), seconds(31), seconds(61)])));
        break;
      case 4:
      case 5: {
        // An answer to what left last: its ends change places.
        const about = left(port).at(-1 - chance.below(3));
        if (about === undefined || (about[9] !== 17 && about[9] !== 6)) break;
        const end = (address: number, at: number): string =>
          `${about.subarray(address, address + 4).join('.')}:${((about[at] ?? 0) << 8) | (about[at + 1] ?? 0)}`;
        put(port, packet(about[9] === 17 ? 'udp' : 'tcp', end(16, 22), end(12, 20), pick(['SA', 'A', 'FA', 'R'])));
        break;
      }
      default:
        put(port, some(isOut));
    }
  }
  lab.world.audit();
  digest.text(JSON.stringify(lab.rows())).text(JSON.stringify(lab.drops()));
  return `${digestOf(lab.world)}, told ${digest.value}`;
}
