import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { put8, put16, put32 } from '../../sim/wire/bytes.ts';
import { checksum, pseudoHeader } from '../../sim/wire/checksum.ts';
import { ETHERNET_LENGTH, ETHERTYPE_IPV4 } from '../../sim/wire/ethernet.ts';
import { IP_DF, putIpv4 } from '../../sim/wire/ipv4.ts';
import { putMac } from '../../sim/wire/mac.ts';
import type { Lab } from '../bench.ts';
import { deviceOf, ipv4, natLab } from './nat-lab.ts';

/** A segment, the fields that matter to a tracker. */
export interface Segment {
  /** Letters of SYN FIN RST ACK PSH URG. */
  readonly flags: string;
  readonly seq: number;
  readonly ack?: number;
  readonly window?: number;
  /** Bytes of data. */
  readonly length?: number;
  readonly options?: readonly number[];
  /** The checksum is wrong. */
  readonly broken?: boolean;
}

const FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32 };
const DATA = ETHERNET_LENGTH + 20;

/** MSS, SACK permitted, timestamps, window scale 7: what Linux offers. */
export const LINUX_SYN_OPTIONS: readonly number[] = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];

/** The client and the server of a tracked conversation; nobody is at home, the gateway only sees segments pass. */
export const CLIENT = '10.0.1.77';
export const SERVER = '198.51.100.77';

/** A gateway between two hosts that are played by hand: segments are put into its ports. */
export class Conversation {
  readonly lab: Lab;
  sourcePort = 40000;

  constructor(sysctls: Record<string, number> = {}) {
    this.lab = natLab(sysctls);
    this.lab.exec(
      'gw',
      `ip neigh replace ${CLIENT} lladdr 02:00:00:00:00:c1 dev eth0`,
      `ip neigh replace ${SERVER} lladdr 02:00:00:00:00:5e dev eth2`,
    );
  }

  /** What the client sends; the state of the packet after tracking. */
  client(segment: Segment, from: string = CLIENT): string {
    return this.#put('eth0', from, SERVER, this.sourcePort, 80, segment);
  }

  /** What the server sends, to `to`: the address it knows the client by. */
  server(segment: Segment, to: string = CLIENT, port: number = this.sourcePort): string {
    return this.#put('eth2', SERVER, to, 80, port, segment);
  }

  /** SYN, SYN-ACK, ACK; next in sequence are 1001 and 5001. The server knows the client by `outside`. */
  open(outside: string = CLIENT): void {
    const syn = { window: 64240, options: LINUX_SYN_OPTIONS };
    this.client({ flags: 'S', seq: 1000, ...syn });
    this.server({ flags: 'SA', seq: 5000, ack: 1001, ...syn, window: 65160 }, outside);
    this.client({ flags: 'A', seq: 1001, ack: 5001, window: 502 });
  }

  wait(time: string): void {
    this.lab.run({ wait: time });
  }

  /** `ESTABLISHED 432000 [ASSURED]` of each connection. */
  get state(): string {
    const { namespace } = this.lab.world.snapshot(this.lab.stack('gw'));
    return namespace.conntrack
      .map(({ state, timeout, flags }) => [state, timeout, ...flags.map((flag) => `[${flag}]`)].join(' '))
      .join(', ');
  }

  #put(
    device: string,
    from: string,
    to: string,
    sourcePort: number,
    destinationPort: number,
    segment: Segment,
  ): string {
    const bytes = frameOf(ipv4(from), ipv4(to), sourcePort, destinationPort, segment);
    const port = deviceOf(this.lab, 'gw', device);
    putMac(bytes, 0, port.mac);
    const packet = Packet.of(this.lab.world.ledger, bytes);
    netifReceive(packet, port);
    this.lab.world.audit();
    return packet.connectionInfo;
  }
}

/** An Ethernet frame with the segment; addresses of the frame are left to the caller. */
export function frameOf(
  source: number,
  destination: number,
  sourcePort: number,
  destinationPort: number,
  segment: Segment,
): Uint8Array {
  const { flags, seq, ack = 0, window = 64240, length = 0, options = [] } = segment;
  const headerLength = 20 + options.length;
  const bytes = new Uint8Array(DATA + headerLength + length);
  put16(bytes, 12, ETHERTYPE_IPV4);
  const fields = { tos: 0, totalLength: 20 + headerLength + length, identification: 1, fragment: IP_DF, ttl: 64 };
  putIpv4(bytes, ETHERNET_LENGTH, { ...fields, protocol: 6, source, destination });
  put16(bytes, DATA, sourcePort);
  put16(bytes, DATA + 2, destinationPort);
  put32(bytes, DATA + 4, seq);
  put32(bytes, DATA + 8, ack);
  put8(bytes, DATA + 12, (headerLength / 4) << 4);
  put8(
    bytes,
    DATA + 13,
    [...flags].reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0),
  );
  put16(bytes, DATA + 14, window);
  bytes.set(options, DATA + 20);
  const pseudo = pseudoHeader(source, destination, 6, headerLength + length);
  const sum = checksum(bytes, DATA, headerLength + length, pseudo);
  put16(bytes, DATA + 16, segment.broken === true ? sum ^ 1 : sum);
  return bytes;
}
