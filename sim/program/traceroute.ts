import { type Errno, strerror } from '../core/errno.ts';
import { cancel, type Timer } from '../core/events.ts';
import { type SimTime, seconds } from '../core/time.ts';
import type { SocketError } from '../transport/socket.ts';
import type { UdpSocket } from '../transport/udp.ts';
import type { Ipv4 } from '../wire/address.ts';
import { ICMP_DEST_UNREACH } from '../wire/icmp.ts';
import { newProbe, type ProbeResult } from './probe.ts';
import type { ProgramHost } from './program-host.ts';

export interface TracerouteOptions {
  readonly destination: Ipv4;
  /** 0 lets the stack choose. */
  readonly source: Ipv4;
  readonly firstTtl: number;
  readonly maxHops: number;
  readonly probesPerHop: number;
  /** Destination port of the first probe; each further one has the next. */
  readonly port: number;
  /** Bytes of the whole packet. */
  readonly size: number;
  /** How long an answer is waited for. */
  readonly wait: SimTime;
  /** Probes under way at once. */
  readonly simultaneous: number;
  /** One source port for all, as BSD's traceroute and Comware's have it, or one for each probe, as Linux has it. */
  readonly oneSocket: boolean;
}

/** What `traceroute` (Linux, 2.1) and Comware's `tracert` do when not told otherwise. */
export function tracerouteDefaults(flavour: 'Linux' | 'Comware'): Omit<TracerouteOptions, 'destination' | 'source'> {
  const both = { firstTtl: 1, maxHops: 30, probesPerHop: 3, port: 33434, wait: seconds(5) };
  if (flavour === 'Comware') return { ...both, size: 40, simultaneous: 1, oneSocket: true };
  return { ...both, size: 60, simultaneous: 16, oneSocket: false };
}

/** Who answered one probe: undefined while nobody has, and for good when nobody does. */
interface HopAnswer {
  readonly from: Ipv4;
  readonly roundTrip: SimTime;
  /** `!N`, `!H`, `!X` ... where it is not the plain way to say "time exceeded" or "nobody listens on that port". */
  readonly mark: string;
}

export interface Hop {
  readonly ttl: number;
  readonly answers: (HopAnswer | undefined)[];
}

export interface TracerouteResult extends ProbeResult {
  readonly kind: 'traceroute';
  readonly maxHops: number;
  readonly hops: Hop[];
  /** What the tool prints when it cannot send: `Network is unreachable`. */
  failure: string | undefined;
}

/** IP and UDP headers. */
const HEADERS = 28;

/**
 * Finds the routers on the way: UDP to ports nobody listens on, with a TTL that grows hop by hop. Not modelled: the
 * shorter waiting that traceroute 2.1 does once it knows the round trip.
 */
export function startTraceroute(
  host: ProgramHost,
  options: TracerouteOptions,
  done: (result: TracerouteResult) => void,
): TracerouteResult {
  const { destination, size, maxHops } = options;
  const result: TracerouteResult = {
    ...newProbe('traceroute', host.flavour, { destination, port: options.port, size }),
    maxHops,
    hops: [],
    failure: undefined,
  };
  new Traceroute(host, options, result, done).start();
  return result;
}

/** A probe under way. */
interface Pending {
  readonly index: number;
  readonly sentAt: SimTime;
  readonly timer: Timer;
  readonly socket: UdpSocket;
}

class Traceroute {
  readonly #host: ProgramHost;
  readonly #options: TracerouteOptions;
  readonly #result: TracerouteResult;
  readonly #done: (result: TracerouteResult) => void;
  readonly #pending = new Map<number, Pending>();
  #common: UdpSocket | undefined;
  #next = 0;
  /** The first hop that is the destination, or cannot be passed. */
  #lastHop: number;

  constructor(
    host: ProgramHost,
    options: TracerouteOptions,
    result: TracerouteResult,
    done: (result: TracerouteResult) => void,
  ) {
    this.#host = host;
    this.#options = options;
    this.#result = result;
    this.#done = done;
    this.#lastHop = options.maxHops;
  }

  start(): void {
    this.#fill();
  }

  #ttlOf(index: number): number {
    return this.#options.firstTtl + Math.floor(index / this.#options.probesPerHop);
  }

  /** Sends until as many probes are under way as may be. */
  #fill(): void {
    while (this.#pending.size < this.#options.simultaneous && this.#ttlOf(this.#next) <= this.#lastHop) {
      const refused = this.#send(this.#next++);
      if (refused !== undefined) {
        this.#result.failure = strerror(refused);
        // A line is printed once there is something to print in it.
        const { hops } = this.#result;
        while (hops.at(-1)?.answers.every((answer) => answer === undefined) === true) hops.pop();
        this.#finish();
        return;
      }
    }
    if (this.#pending.size === 0) this.#finish();
  }

  #send(index: number): Errno | undefined {
    const { clock } = this.#host;
    const { destination, port, size, wait, probesPerHop } = this.#options;
    const ttl = this.#ttlOf(index);
    const hop = this.#result.hops.at(-1);
    if (hop?.ttl !== ttl) this.#result.hops.push({ ttl, answers: new Array(probesPerHop).fill(undefined) });
    const socket = this.#socketFor(ttl, index);
    if (typeof socket === 'string') return this.#refused(index, socket, 0);
    const sent = socket.sendTo(
      payloadOf(Math.max(0, size - HEADERS), this.#host.flavour),
      destination,
      (port + index) & 0xffff,
    );
    if ('errno' in sent) return this.#refused(index, sent.errno, sent.mtu, sent.died);
    this.#result.source = sent.source;
    this.#result.sent.push({ sequence: index + 1, at: clock.now, packet: sent.packet, errno: undefined, mtu: 0 });
    const timer = clock.after(wait, () => this.#end(index), undefined);
    this.#pending.set(index, { index, sentAt: clock.now, timer, socket });
    return undefined;
  }

  #refused(index: number, errno: Errno, mtu: number, packet = 0): Errno {
    this.#result.sent.push({ sequence: index + 1, at: this.#host.clock.now, packet, errno, mtu });
    return errno;
  }

  #socketFor(ttl: number, index: number): UdpSocket | Errno {
    const { oneSocket, source } = this.#options;
    const options = { ttl, pathMtu: 'dont', broadcast: false } as const;
    const owner = { name: 'traceroute', place: this.#host.place };
    const socket = this.#host.udp.open(owner, options);
    // One source port for all probes: a socket's TTL is fixed, so each takes over the port of the one before.
    const localPort = oneSocket ? (this.#common?.localPort ?? 0) : 0;
    if (oneSocket) this.#common?.close();
    const { destination, port } = this.#options;
    // traceroute(8) connects each socket, so that an error about what was sent elsewhere is not taken for its own.
    const errno = socket.bind(source, localPort) ?? (oneSocket ? undefined : socket.connect(destination, port + index));
    if (errno !== undefined) return errno;
    if (oneSocket) this.#common = socket;
    socket.onError = (error) => this.#answered(oneSocket ? (error.destinationPort - port) & 0xffff : index, error);
    socket.onDatagram = (datagram) => {
      const { source: from, packet, ttl: arrived } = datagram;
      const which = oneSocket ? (datagram.sourcePort - port) & 0xffff : index;
      if (from === destination) this.#reached(which, { from, packet, ttl: arrived, mark: '', ends: true });
    };
    return socket;
  }

  #answered(index: number, error: SocketError): void {
    const { offender, type, code, packet, mtu, errno } = error;
    const pending = this.#pending.get(index);
    if (pending === undefined) return;
    const sequence = index + 1;
    this.#result.errors.push({ sequence, at: this.#host.clock.now, packet, errno, type, code, from: offender, mtu });
    const mark = type === ICMP_DEST_UNREACH ? markOf(code, mtu) : '';
    this.#reached(index, { from: offender, packet, ttl: 0, mark, ends: type === ICMP_DEST_UNREACH });
  }

  #reached(index: number, answer: { from: Ipv4; packet: number; ttl: number; mark: string; ends: boolean }): void {
    const pending = this.#pending.get(index);
    if (pending === undefined) return;
    const { clock } = this.#host;
    const { from, packet, ttl, mark, ends } = answer;
    const roundTrip = (clock.now - pending.sentAt) as SimTime;
    const { firstTtl, probesPerHop } = this.#options;
    const hop = this.#result.hops[this.#ttlOf(index) - firstTtl];
    if (hop !== undefined) hop.answers[index % probesPerHop] = { from, roundTrip, mark };
    const sequence = index + 1;
    this.#result.replies.push({ sequence, at: clock.now, packet, from, ttl, length: 0, roundTrip, intact: true });
    if (ends) this.#lastHop = Math.min(this.#lastHop, this.#ttlOf(index));
    this.#end(index);
  }

  #end(index: number): void {
    const pending = this.#pending.get(index);
    if (pending === undefined) return;
    cancel(pending.timer);
    if (!this.#options.oneSocket) pending.socket.close();
    this.#pending.delete(index);
    // What is under way to hops behind the last one is of no interest any more.
    for (const other of this.#pending.values()) if (this.#ttlOf(other.index) > this.#lastHop) this.#end(other.index);
    if (!this.#result.finished) this.#fill();
  }

  #finish(): void {
    const result = this.#result;
    if (result.finished) return;
    result.finished = true;
    for (const pending of this.#pending.values()) {
      cancel(pending.timer);
      pending.socket.close();
    }
    this.#pending.clear();
    this.#common?.close();
    const behind = result.hops.findIndex((hop) => hop.ttl > this.#lastHop);
    if (behind >= 0) result.hops.splice(behind);
    this.#done(result);
  }
}

/** Linux's traceroute sends 0x40 to 0x7f, again and again. */
function payloadOf(size: number, flavour: ProgramHost['flavour']): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (flavour === 'Linux' ? 0x40 + (index & 0x3f) : 0));
}

/** traceroute(8): !H host, !N network, !P protocol unreachable, !S source route failed, !F too big, !X prohibited. */
function markOf(code: number, mtu: number): string {
  if (code === 3) return '';
  if (code === 4) return `!F-${mtu}`;
  return (
    ['!N', '!H', '!P', '', '', '!S', '!N', '!H', '!N', '!X', '!X', '!N', '!H', '!X', '!V', '!C'][code] ?? `!<${code}>`
  );
}
