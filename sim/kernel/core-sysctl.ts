/** Settings of sockets and devices of every kind, /proc/sys/net/core. */
export class CoreSysctls {
  /** Packets that wait behind a device without a wire of its own (a veth end, lo) for the stack to take them. */
  netdev_max_backlog = 1000;
  /** Bytes of receive buffer of a UDP or ping socket. */
  rmem_default = 212992;
  /** What the shift of a TCP window allows for. */
  rmem_max = 4194304;
  /** The most that a listener's backlog can be. */
  somaxconn = 4096;
}

/**
 * Bounds of the table of neighbours, /proc/sys/net/ipv4/neigh/default: there are none of a single device. The kernel has one
 * table for all namespaces of a machine; here each namespace is a machine of its own.
 */
export class NeighbourTableSysctls {
  /** Fewer entries than that are never collected. */
  gc_thresh1 = 128;
  /** More than that are collected at once when another is wanted, but not oftener than every five seconds. */
  gc_thresh2 = 512;
  /** No entry is made beyond. */
  gc_thresh3 = 1024;
}
