import { numberOf } from './fields.ts';
import { endText } from './flow.ts';
import type { FrameFacts } from './frame-facts.ts';
import { endName, type Relations } from './relations.ts';
import { PSH } from './tcp-stream.ts';
import type { Seen } from './world-frames.ts';

/** A field of a frame and its counterpart in the other world. */
export interface FieldPair {
  /** Without `icmp.quoted.` in front. */
  readonly base: string;
  readonly name: string;
  readonly simulated: Seen;
  readonly kernel: Seen;
  readonly bytes: readonly [Uint8Array, Uint8Array];
  readonly facts: readonly [FrameFacts, FrameFacts];
  readonly relations: Relations;
}

/** A rule by which bytes need not be equal, and what must hold instead. */
export interface Mask {
  readonly name: string;
  readonly reason: string;
  /** What must hold in place of equality, for people. */
  readonly instead: string;
  covers(base: string, seen: Seen, quoted: boolean): boolean;
  /** What does not hold; undefined when all does. */
  fault(pair: FieldPair): string | undefined;
}

const QUOTED = 'icmp.quoted.';

export function baseName(name: string): string {
  return name.startsWith(QUOTED) ? baseName(name.slice(QUOTED.length)) : name;
}

const isQuoted = (pair: FieldPair): boolean => pair.name.startsWith(QUOTED);

/** In one world the packet cannot be told from others at other points: its IP id is zero. */
const isUntraced = ({ facts }: FieldPair): boolean => facts.some(({ copyOf }) => copyOf === undefined);

/** `what` must be said of both frames alike. */
function unlike(pair: FieldPair, ...names: string[]): string | undefined {
  for (const name of names) {
    const [one, other] = pair.facts.map(({ facts }) => facts.get(name) ?? 'not said');
    if (one !== other) return `${name}: ${one} in the simulator, ${other} in the kernel`;
  }
  return undefined;
}

const numbers = (pair: FieldPair): [number, number] => [numberOf(pair.bytes[0]), numberOf(pair.bytes[1])];

const IP_ID: Mask = {
  name: 'ip-id',
  reason:
    'random start per connection (TCP, inet_sk(sk)->inet_id) or a counter per destination keyed by a boot-time secret that ' +
    'grows by a random step (net/ipv4/route.c ip_idents_reserve)',
  instead:
    'zero in both or in neither; the same step from segment to segment of a connection; the same for all fragments; kept ' +
    'by forwarding, and quoted as it was',
  covers: (base) => base === 'ip.id',
  fault: (pair) => {
    const [one, other] = numbers(pair);
    if ((one === 0) !== (other === 0)) {
      // Where the FIN had been acknowledged in time, the last ACK comes from TIME-WAIT, whose packets have id 0.
      return pair.relations.raced.has(pair.simulated.flow.about) ? undefined : 'zero in one world only';
    }
    if (isQuoted(pair)) return unlike(pair, 'quoted packet');
    const [{ copyOf: simulated }, { copyOf: kernel }] = pair.facts;
    if (simulated === undefined || kernel === undefined) return unlike(pair, 'ip.id');
    if (!pair.relations.copies.join(String(simulated), String(kernel)))
      return 'not a copy of the same packet seen before';
    return unlike(pair, 'ip.id');
  },
};

const TCP_ISN: Mask = {
  name: 'tcp-isn',
  reason: 'initial sequence numbers are random (net/core/secure_seq.c secure_tcp_seq; RFC 6528)',
  instead: 'one distance between the worlds for every sequence, acknowledgement and SACK number of one direction',
  covers: (base, seen, quoted) => {
    if (base === 'tcp.seq' || base === 'tcp.option.sack.edge') return true;
    return base === 'tcp.ack' && (quoted || (tcpFlags(seen) & 0x10) !== 0);
  },
  fault: (pair) => {
    const [one, other] = numbers(pair);
    if (one === 0 && other === 0) return undefined;
    const { sender, receiver } = pair.simulated;
    const side = pair.base === 'tcp.seq' ? 0 : 1;
    const whose = side === 0 ? sender : receiver;
    const isn = pair.facts[0].isn?.[side];
    if (pair.relations.sequence(pair.simulated, whose, isn, one, other)) return undefined;
    return `counted from the first number of ${endText(whose)} it is another`;
  },
};

/** More than this between the timestamp clocks of the two worlds, in ms, is not the machine's noise. */
const CLOCK_NOISE = 100;

const TCP_TIMESTAMP: Mask = {
  name: 'tcp-timestamp',
  reason: 'the clock of the timestamp option starts at random per connection (secure_tcp_ts_off; RFC 7323)',
  instead: `it never goes back, keeps milliseconds within ${CLOCK_NOISE}, and echoes a value that the other side had sent`,
  covers: (base) => base.startsWith('tcp.option.timestamp.'),
  fault: (pair) => {
    const [one, other] = numbers(pair);
    if ((one === 0) !== (other === 0)) return 'zero in one world only';
    if (isQuoted(pair)) return undefined;
    const [simulated, kernel] = pair.facts;
    const drift = Math.abs((simulated.clockDrift ?? 0) - (kernel.clockDrift ?? 0));
    if (pair.base.endsWith('value') && drift > CLOCK_NOISE)
      return `its clock runs another way, by ${Math.round(drift)} ms`;
    return unlike(pair, pair.base);
  },
};

const PORT: Mask = {
  name: 'port',
  reason:
    'ports that the kernel chooses: of connect and bind (inet_hash_connect, inet_csk_get_port, udp_lib_get_port), and of NAT ' +
    'in a conflict or with --random (nf_nat_core.c nf_nat_l4proto_unique_tuple)',
  instead:
    'one to one over the whole run; in the same class; translated where the other world translates; only ports that the ' +
    'scenario does not name',
  covers: (base) => /^(tcp|udp)\.(src|dst)port$/.test(base),
  fault: (pair) => {
    const [one, other] = numbers(pair);
    const isSource = pair.base.endsWith('srcport');
    const ends = [pair.simulated, pair.kernel].map((seen) => (isSource ? seen.sender : seen.receiver));
    const family = pair.base.startsWith('tcp') ? 'tcp' : 'udp';
    if (one !== other && ends.some((end) => !pair.relations.isFree(family, end))) return 'not a port that is free';
    const [mine, its] = ends.map((end) => endName(family, end));
    if (mine === undefined || its === undefined || !pair.relations.ends.join(mine, its)) {
      return 'it already stands for another port';
    }
    if (portClass(one) !== portClass(other)) return 'of another class of ports';
    return isQuoted(pair) || isUntraced(pair)
      ? undefined
      : unlike(pair, `${isSource ? 'source' : 'destination'} port or identifier`);
  },
};

/** The classes among which NAT keeps a port (nf_nat_l4proto_unique_tuple). */
function portClass(port: number): number {
  return port < 512 ? 0 : port < 1024 ? 1 : 2;
}

const ECHO_ID: Mask = {
  name: 'echo-id',
  reason: 'ping chooses its identifier at random, and so does NAT in a conflict (nf_nat_l4proto_unique_tuple)',
  instead: 'one to one over the whole run; translated where the other world translates',
  covers: (base) => base === 'icmp.id',
  fault: (pair) => {
    const [one, other] = [pair.simulated, pair.kernel].map(({ flow }) => endName('echo', flow.ends[0]));
    if (one === undefined || other === undefined || !pair.relations.ends.join(one, other)) {
      return 'it already stands for another identifier';
    }
    if (isQuoted(pair) || isUntraced(pair)) return undefined;
    return unlike(pair, 'source port or identifier', 'destination port or identifier');
  },
};

const PING_TIME: Mask = {
  name: 'ping-time',
  reason: 'ping writes the time of day into the first 16 bytes of its data (iputils ping.c, struct timeval)',
  instead: 'the answer and the quote bring back what was asked',
  covers: (base) => base === 'icmp.data.time',
  fault: (pair) => unlike(pair, 'echoed data'),
};

const TCP_WINDOW: Mask = {
  name: 'tcp-window',
  reason:
    'after the handshake the window follows the size of buffers and the moment at which the application reads ' +
    '(net/ipv4/tcp_input.c tcp_grow_window, tcp_output.c __tcp_select_window)',
  instead:
    'zero in both or in neither; equal in SYN, SYN-ACK, RST and the first segment of a side that has received no data yet',
  covers: (base, seen, quoted) => base === 'tcp.window' && (quoted || (tcpFlags(seen) & 0x06) === 0),
  fault: (pair) => {
    const [one, other] = numbers(pair);
    if ((one === 0) !== (other === 0)) return 'zero in one world only';
    if (isQuoted(pair) || one === other) return undefined;
    if (pair.facts.every(({ facts }) => !facts.has('tcp.window'))) return undefined;
    return 'the first window after the handshake';
  },
};

const TCP_PUSH: Mask = {
  name: 'tcp-push',
  reason:
    'in a long transfer PSH marks the end of each burst that pacing and auto-sizing made (tcp_output.c tcp_tso_autosize)',
  instead: 'all other flags are equal',
  covers: (base, seen, quoted) => base === 'tcp.flags' && !quoted && seen.isGrouped,
  fault: (pair) => {
    const [one, other] = numbers(pair);
    return (one | PSH) === (other | PSH) ? undefined : 'other flags than PSH differ';
  },
};

const CHECKSUM: Mask = {
  name: 'checksum',
  reason: 'follows from the fields that are masked',
  instead: 'right in both worlds or wrong in both; where it covers what is not there, as the original had it',
  covers: (base) => base.endsWith('.checksum'),
  fault: (pair) => {
    const states = pair.facts.map(({ facts }) => facts.get(pair.name) ?? 'unknown');
    if (states.every((state) => state === 'unknown') && isQuoted(pair)) return unlike(pair, 'quoted checksum');
    return unlike(pair, pair.name);
  },
};

const CHECKSUM_PARTIAL: Mask = {
  name: 'checksum-partial',
  reason:
    'a frame that never leaves the machine (lo) carries the sum of the pseudo header alone for the hardware to complete ' +
    '(CHECKSUM_PARTIAL, include/linux/skbuff.h)',
  instead: 'the sum of the pseudo header, where the other world has the whole one',
  covers: (base) => base === 'tcp.checksum' || base === 'udp.checksum',
  fault: (pair) => {
    // What an error quotes in part on lo cannot be counted up: the original went without its sum.
    if (isQuoted(pair) && pair.kernel.point.endsWith(':lo')) return undefined;
    const states = pair.facts.map(({ facts }) => facts.get(pair.name) ?? 'unknown');
    return states.every((state) => state === 'right' || state === 'partial') ? undefined : states.join(' against ');
  },
};

/** All of them. Of several that cover one field the first that holds is used. */
export const MASKS: readonly Mask[] = [
  IP_ID,
  TCP_ISN,
  TCP_TIMESTAMP,
  PORT,
  ECHO_ID,
  PING_TIME,
  TCP_WINDOW,
  TCP_PUSH,
  CHECKSUM,
  CHECKSUM_PARTIAL,
];

export function masksOf(name: string, seen: Seen): readonly Mask[] {
  const base = baseName(name);
  return MASKS.filter((mask) => mask.covers(base, seen, base !== name));
}

/** Flags of the segment; 0 for anything else. */
export function tcpFlags({ frame: { ip, bytes } }: Seen): number {
  return ip?.protocol === 6 && ip.fragmentOffset === 0 ? (bytes[ip.dataStart + 13] ?? 0) : 0;
}
