import { isLimitedBroadcast, isMulticast } from '../wire/address.ts';
import { u8, u16, u32 } from '../wire/bytes.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../wire/tcp.ts';
import type { SeenPacket } from './packets.ts';
import { ClientStream } from './stream.ts';

interface FlowBase {
  /** Of its first packet. */
  readonly time: bigint;
  readonly source: number;
  readonly destination: number;
}

/** Echo requests of one identifier. */
export interface EchoFlow extends FlowBase {
  readonly protocol: 'icmp';
  readonly identifier: number;
  readonly requests: { readonly time: bigint; readonly size: number }[];
}

/** Datagrams of whoever sent the first one. */
export interface DatagramFlow extends FlowBase {
  readonly protocol: 'udp';
  readonly sourcePort: number;
  readonly port: number;
  readonly datagrams: { readonly time: bigint; readonly bytes: Uint8Array; readonly size: number }[];
}

/** A connection that began in the capture: what its client sent. */
export interface ConnectionFlow extends FlowBase {
  readonly protocol: 'tcp';
  readonly sourcePort: number;
  readonly port: number;
  readonly stream: ClientStream;
}

export type SeenFlow = EchoFlow | DatagramFlow | ConnectionFlow;

/** A replay goes on for no longer: what is further away has the time of another clock, or a damaged one. */
const LONGEST = 30n * 86_400_000_000_000n;

/** Puts packets together to flows, and counts by its name what is none. */
export class FlowTable {
  readonly flows: SeenFlow[] = [];
  /** What cannot be replayed, with how many packets of it there were. */
  readonly leftOut = new Map<string, number>();
  readonly #known = new Map<string, SeenFlow>();
  #first: bigint | undefined;

  leaveOut(what: string): void {
    this.leftOut.set(what, (this.leftOut.get(what) ?? 0) + 1);
  }

  add(packet: SeenPacket): void {
    const { destination, protocol, time } = packet;
    this.#first ??= time;
    if (time - this.#first > LONGEST || this.#first - time > LONGEST) {
      this.leaveOut('times more than 30 days away from the first');
    } else if (isLimitedBroadcast(destination)) this.leaveOut('broadcasts');
    else if (isMulticast(destination)) this.leaveOut('multicasts');
    else if (protocol === 'icmp') this.#addIcmp(packet);
    else if (protocol === 'udp') this.#addUdp(packet);
    else this.#addTcp(packet);
  }

  #addIcmp({ time, source, destination, transport, transportLength }: SeenPacket): void {
    const type = u8(transport, 0);
    if (type !== 8) {
      // Answers are what the replay is to find out.
      if (type !== 0) this.leaveOut('ICMP other than echo (errors come from whoever has a reason)');
      return;
    }
    const identifier = u16(transport, 4);
    const key = `icmp ${source} ${destination} ${identifier}`;
    let flow = this.#known.get(key);
    if (flow?.protocol !== 'icmp') {
      flow = { protocol: 'icmp', time, source, destination, identifier, requests: [] };
      this.#keep(key, flow);
    }
    flow.requests.push({ time, size: Math.max(0, transportLength - 8) });
  }

  #addUdp({ time, source, destination, transport }: SeenPacket): void {
    const [sourcePort, port, length] = [u16(transport, 0), u16(transport, 2), u16(transport, 4)];
    if (port === 0 || sourcePort === 0) {
      this.leaveOut('UDP with port 0');
      return;
    }
    const key = `udp ${source}:${sourcePort} ${destination}:${port}`;
    let flow = this.#known.get(key);
    if (flow?.protocol !== 'udp') {
      // The other way is an answer.
      if (this.#known.has(`udp ${destination}:${port} ${source}:${sourcePort}`)) return;
      flow = { protocol: 'udp', time, source, destination, sourcePort, port, datagrams: [] };
      this.#keep(key, flow);
    }
    const size = Math.max(0, length - 8);
    flow.datagrams.push({ time, bytes: transport.subarray(8, 8 + size), size });
  }

  #addTcp(packet: SeenPacket): void {
    const { time, source, destination, transport } = packet;
    const [sourcePort, port] = [u16(transport, 0), u16(transport, 2)];
    if (port === 0 || sourcePort === 0) {
      this.leaveOut('TCP with port 0');
      return;
    }
    const flags = u8(transport, 13);
    const key = `tcp ${source}:${sourcePort} ${destination}:${port}`;
    const back = `tcp ${destination}:${port} ${source}:${sourcePort}`;
    const isOpening = (flags & (TCP_SYN | TCP_ACK | TCP_RST)) === TCP_SYN;
    const known = this.#known.get(key);
    if (isOpening && (known?.protocol !== 'tcp' || known.stream.isOver || !known.stream.begins(u32(transport, 4)))) {
      const stream = new ClientStream(u32(transport, 4), time);
      this.#keep(key, { protocol: 'tcp', time, source, destination, sourcePort, port, stream });
      return;
    }
    const other = this.#known.get(back);
    if (known?.protocol === 'tcp') this.#fromClient(known, packet);
    else if (other?.protocol === 'tcp') this.#fromServer(other, packet);
    else this.leaveOut('TCP connections that began before the capture');
  }

  #fromClient({ stream }: ConnectionFlow, { time, transport, transportLength }: SeenPacket): void {
    const header = (u8(transport, 12) >>> 4) * 4;
    const flags = u8(transport, 13);
    const size = Math.max(0, transportLength - header);
    if (size > 0) stream.data(u32(transport, 4), transport.subarray(header), size, time);
    if ((flags & TCP_RST) !== 0) stream.end('abort', time);
    else if ((flags & TCP_FIN) !== 0) stream.end('close', time);
  }

  #fromServer({ stream }: ConnectionFlow, { time, transport, transportLength }: SeenPacket): void {
    const header = (u8(transport, 12) >>> 4) * 4;
    if (transportLength > header) stream.answered(time);
  }

  #keep(key: string, flow: SeenFlow): void {
    this.#known.set(key, flow);
    this.flows.push(flow);
  }
}
