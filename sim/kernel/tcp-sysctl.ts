/** Settings of TCP and of its ports (struct netns_ipv4), with the kernel's defaults. */
export class TcpSysctls {
  /** Ports for sockets that bind none, both ends included. */
  ip_local_port_range: readonly number[] = [32768, 60999];
  /** Least, default and most bytes of receive buffer: the default makes the first window, the most makes the window scale. */
  tcp_rmem: readonly number[] = [4096, 131072, 6291456];
  tcp_window_scaling = 1;
  /** 1: a listener with too many half-open connections answers with SYN cookies; 2: always. */
  tcp_syncookies = 1;
  /** 1: a connection that finds no room behind its listener is reset. */
  tcp_abort_on_overflow = 0;
  /** Connections that no program has any more, and records of closed ones; the kernel has more where it has more memory. */
  tcp_max_orphans = 131072;
  tcp_max_tw_buckets = 131072;
  tcp_timestamps = 1;
  tcp_sack = 1;
  /** 0 switches the probe of the tail off. */
  tcp_early_retrans = 3;
  tcp_slow_start_after_idle = 1;
  tcp_syn_retries = 6;
  /** Repetitions of a SYN at the first interval, ahead of those with doubled ones. */
  tcp_syn_linear_timeouts = 4;
  tcp_synack_retries = 5;
  tcp_retries2 = 15;
  /** 0 stands for 8. */
  tcp_orphan_retries = 0;
  /** Seconds. */
  tcp_fin_timeout = 60;
}
