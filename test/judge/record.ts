/*
 * What a scenario left behind in one world, the simulator or the kernel: the common ground on which the judge compares.
 * Plain data, so that a golden file holds it whole.
 */

/** A frame as it passed a device. */
export interface FrameRecord {
  /** Nanoseconds since the first step of the scenario was due. */
  readonly time: number;
  /** As the device sees it: `in` is received (what a packet socket calls anything but PACKET_OUTGOING). */
  readonly direction: 'in' | 'out';
  /** From the Ethernet header on, whole; on `lo` that header is zeroes, as the kernel has it. */
  readonly bytes: Uint8Array;
  /** The simulator's number of the packet, which finds its steps in the trace; undefined in the kernel's world. */
  readonly packet?: number;
}

/** A device that was listened to, with its frames, oldest first. */
export interface PointRecord {
  readonly node: string;
  readonly device: string;
  readonly frames: readonly FrameRecord[];
}

/** One object of a list that `ip -j` or `bridge -j` prints. */
export type JsonRow = Readonly<Record<string, unknown>>;

/** A rule of the packet filter by which packets were dropped or rejected. */
export interface DroppingRule {
  readonly table: string;
  readonly chain: string;
  /** Counts from 1, as `iptables -L --line-numbers` does; 0 for the policy of the chain. */
  readonly rule: number;
  readonly packets: number;
}

/** The tables of a node when the scenario had ended. */
export interface NodeRecord {
  readonly node: string;
  /** `ip -j addr`. */
  readonly addresses: readonly JsonRow[];
  /** `ip -j route show table all`. */
  readonly routes: readonly JsonRow[];
  /** `ip -j rule`. */
  readonly rules: readonly JsonRow[];
  /** `ip -j -s neigh`. */
  readonly neighbours: readonly JsonRow[];
  /** `bridge -j fdb`. */
  readonly fdb: readonly JsonRow[];
  /** Lines of `conntrack -L -o extended`. */
  readonly conntrack: readonly string[];
  /** `iptables-save -c`, without comments; '' where no table was ever touched. */
  readonly iptables: string;
  /** `nstat -as`, those that are not zero. */
  readonly counters: Readonly<Record<string, number>>;
  readonly droppingRules: readonly DroppingRule[];
}

/** What a step said: the same keys in both worlds, such as `received: 3` of a ping. */
export interface StepRecord {
  readonly index: number;
  readonly title: string;
  /** Nanoseconds, as in FrameRecord. */
  readonly started: number;
  readonly ended: number;
  readonly result: Readonly<Record<string, string | number | boolean>>;
}

export interface WorldRecord {
  readonly world: 'kernel' | 'simulator';
  /** Nanoseconds: nothing after it was recorded. */
  readonly until: number;
  /** When all tables of the kernel that age had been read, which takes a moment; of a run just made. */
  readonly read?: number;
  readonly steps: readonly StepRecord[];
  /** Every device of every node, in the order of the topology. */
  readonly points: readonly PointRecord[];
  readonly nodes: readonly NodeRecord[];
  /**
   * How many packets were dropped for which reason (skb drop reasons of IPv4 and ARP), over all nodes; undefined where
   * the kernel could not be asked.
   */
  readonly drops?: Readonly<Record<string, number>>;
}
