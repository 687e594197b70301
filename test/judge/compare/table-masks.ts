import type { CountSlack } from './compare-frames.ts';
import type { Row } from './rows.ts';

/** The name of the mask by which a value may differ, or for the field '' a whole row may be missing. */
export type Excuse = (field: string, rows: readonly [Row | undefined, Row | undefined]) => string | undefined;

/** Ages in seconds that `ip -s neigh` prints; the machine's, and only of the kernel. */
const AGES = ['used', 'confirmed', 'updated'];

/** States between which a confirmed neighbour wanders by itself. */
const ALIVE = ['[REACHABLE]', '[STALE]', '[DELAY]', '[PROBE]'];

const DELAYED = ['[DELAY]', '[PROBE]'];

/** The shortest random reachable time, less a second for the machine (neigh_rand_reach_time: 15 to 45 s). */
const SHORTEST_REACHABLE = 14;

/** DELAY lasts 5 s; an entry this old may have left it in one world only. */
const ALMOST_DELAY = 4;

/**
 * States that differ only because a random reachable time had run out in one world, or DELAY was about to. `heard`: how
 * many seconds before the end the neighbour's last ARP was heard, in the world where that is longer ago.
 */
export function excuseNeighbour(heard: (neighbour: Row) => number): Excuse {
  return (field, [simulated, kernel]) => {
    if (AGES.includes(field)) return 'neighbour-ages';
    if (field !== 'state' || simulated === undefined || kernel === undefined) return undefined;
    const states = [simulated, kernel].map(({ values }) => values.state ?? '');
    if (!states.every((state) => ALIVE.includes(state))) return undefined;
    const age = (row: Row, name: string): number => Number(row.values[name] ?? 0);
    if (Math.max(age(kernel, 'confirmed'), heard(kernel)) >= SHORTEST_REACHABLE) return 'neighbour-state';
    const isDelayOver = [simulated, kernel].some(
      (row) => DELAYED.includes(row.values.state ?? '') && age(row, 'updated') >= ALMOST_DELAY,
    );
    return isDelayOver ? 'neighbour-state' : undefined;
  };
}

/** Seconds by which timeouts of entries may differ: the machine's noise, and the rounding of conntrack(8). */
const TIMEOUT_NOISE = 3;

export const excuseConntrack: Excuse = (field, [simulated, kernel]) => {
  const left = [simulated, kernel].flatMap((row) => (row === undefined ? [] : [Number(row.values.timeout)]));
  if (field === '') return left.every((seconds) => seconds <= TIMEOUT_NOISE) ? 'conntrack-timeout' : undefined;
  if (field !== 'timeout' || left.length < 2) return undefined;
  return Math.abs((left[0] ?? 0) - (left[1] ?? 0)) <= TIMEOUT_NOISE ? 'conntrack-timeout' : undefined;
};

/**
 * Attempts to connect that an ICMP error ended: the kernel does not count one whose error comes while connect() still
 * holds the socket, as it does over veth pairs (sock_owned_by_user() in tcp_v4_err).
 */
export function excuseAttempts(errors: number): Excuse {
  return (_field, [simulated, kernel]) => {
    if (simulated?.key !== 'TcpAttemptFails' || kernel === undefined) return undefined;
    const more = Number(simulated.values.count) - Number(kernel.values.count);
    return more > 0 && more <= errors ? 'attempt-in-connect' : undefined;
  };
}

/**
 * Data that came twice in a transfer whose grouping the machine decides, and with it whether a probe of the tail or a
 * retransmission was needed: no more than were seen to come twice.
 */
export function excuseRepetitions(repeated: number): Excuse {
  return (_field, [simulated, kernel]) => {
    if ((simulated ?? kernel)?.key !== 'TCP_OLD_DATA') return undefined;
    const more = Number(kernel?.values.packets ?? 0) - Number(simulated?.values.packets ?? 0);
    return more > 0 && more <= repeated ? 'tcp-grouping' : undefined;
  };
}

/** The largest packet that the grouping adds or takes, and the largest header of TCP over IPv4, in bytes. */
const LARGEST_PACKET = 1500;
const LARGEST_HEADER = 80;

/** Counters that the sender moves for a burst of segments before it is cut. */
const BEFORE_SEGMENTATION = ['IpOutRequests', 'IpOutTransmits', 'IpExtOutOctets', 'IpExtOutNoECTPkts'];

/** Counters, and the numbers of chains and rules, that may differ because of segments and not because of rules. */
export function excuseCounts({ frames, merged }: CountSlack): Excuse {
  return (field, [simulated, kernel]) => {
    if (field !== 'count' || simulated === undefined || kernel === undefined) return undefined;
    const numbers = (row: Row): number[] => (row.values.count ?? '').match(/\d+/g)?.map(Number) ?? [];
    const [mine, its] = [numbers(simulated), numbers(kernel)];
    const isNear = (bursts: number): boolean =>
      mine.every((number, index) => {
        const isBytes = index === 1 || simulated.key.endsWith('Octets');
        const more = (its[index] ?? 0) - number;
        const grouped = frames * (isBytes ? LARGEST_PACKET : 1);
        return more <= grouped && -more <= grouped + bursts * (isBytes ? LARGEST_HEADER : 1);
      });
    if (isNear(0)) return 'tcp-grouping';
    const isBefore = simulated.key.includes(' ') || BEFORE_SEGMENTATION.includes(simulated.key);
    return isBefore && isNear(merged) ? 'segmentation' : undefined;
  };
}

/** Masks of whole frames, of times and of tables, for people: the code that applies them stands where they are used. */
export const TABLE_MASKS: readonly { readonly name: string; readonly reason: string; readonly instead: string }[] = [
  {
    name: 'attempt-in-connect',
    reason: 'an ICMP error that comes while connect() holds its socket ends the attempt without counting it',
    instead:
      'no more attempts uncounted (TcpAttemptFails) than errors that found the socket in use (TcpExtLockDroppedIcmps)',
  },
  {
    name: 'arp-revalidation',
    reason: 'a confirmed neighbour is trusted for a random 15 to 45 s (net/core/neighbour.c neigh_rand_reach_time)',
    instead: 'a unicast ARP request, and its answer, not sooner than 20 s after the last answer',
  },
  {
    name: 'proxy-delay',
    reason: 'a proxied ARP answer comes after a random delay (net/core/neighbour.c pneigh_enqueue, proxy_delay 0.8 s)',
    instead: 'at most 0.8 s more or less for the answer and for what waited for it',
  },
  {
    name: 'tcp-grouping',
    reason: 'beyond the first flight the scheduling of the machine decides how segments are grouped and acknowledged',
    instead:
      'the opening and the first flight frame by frame, the byte streams, the constants of the headers, where FIN and RST ' +
      'stand and who closed first; counters of a node by no more than the frames that it saw more or fewer; data dropped ' +
      'as old (TCP_OLD_DATA) by no more than segments came twice',
  },
  {
    name: 'delayed-ack',
    reason: 'an answer that the application gives about 40 ms after the question races the timer of delayed ACKs',
    instead:
      'a pure ACK after a pause of 36 ms or more in one world, in whose place the other has the answer after a shorter ' +
      'one; the last ACK of such a connection may have id 0 in one world only; counters by as many frames',
  },
  {
    name: 'segmentation',
    reason:
      'the sender counts a burst of segments as one packet, before it is cut (GSO: net/ipv4/ip_output.c __ip_queue_xmit, ' +
      'net/core/dev.c validate_xmit_skb), also in the rules that see it; even with offloads off',
    instead:
      'fewer in the kernel, by no more than the segments that follow another one, and the bytes of their headers',
  },
  {
    name: 'end-of-record',
    reason: 'the worlds do not stop in the same moment',
    instead: 'only frames in the last 0.3 s of a record, and as much more as the records differ in length',
  },
  {
    name: 'neighbour-state',
    reason: 'the random reachable time has run out in one world, or DELAY (5 s) was about to',
    instead: 'only between REACHABLE, STALE, DELAY and PROBE, 14 s after the last ARP or 4 s into DELAY',
  },
  {
    name: 'neighbour-ages',
    reason: 'ages count from the last use or confirmation, also those that a random time decided',
    instead: 'the state, the address and the MAC are equal',
  },
  {
    name: 'conntrack-timeout',
    reason: 'seconds that are left go on while the tables are read',
    instead: 'equal within 3 s; only an entry with no more than 3 s left may be missing',
  },
];
