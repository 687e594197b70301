import { CoreSysctls, NeighbourTableSysctls } from './core-sysctl.ts';
import { isInRange } from './sysctl-range.ts';
import { TcpSysctls } from './tcp-sysctl.ts';

/** Most settings are a number; some, such as tcp_rmem, are several. */
export type SysctlValue = number | readonly number[];

/** Settings of one interface, or of `all` and `default` (struct ipv4_devconf), with the kernel's defaults. */
export class DeviceSysctls {
  forwarding = 0;
  rp_filter = 0;
  accept_local = 0;
  route_localnet = 0;
  send_redirects = 1;
  accept_redirects = 1;
  arp_ignore = 0;
  arp_announce = 0;
  arp_filter = 0;
  arp_accept = 0;
  arp_notify = 0;
  arp_evict_nocarrier = 1;
  drop_gratuitous_arp = 0;
  drop_unicast_in_l2_multicast = 0;
  proxy_arp = 0;
  proxy_arp_pvlan = 0;
  promote_secondaries = 0;
  /** The kernel log is not modelled: this changes nothing. */
  log_martians = 0;
  bc_forwarding = 0;
}

/** Settings of the namespace (struct netns_ipv4). Times are in the unit their /proc file uses. */
export class GlobalSysctls extends TcpSysctls {
  ip_default_ttl = 64;
  icmp_echo_ignore_all = 0;
  icmp_echo_ignore_broadcasts = 1;
  /** Milliseconds between errors to one destination; 0 switches the limit off. */
  icmp_ratelimit = 1000;
  /** Bit n limits ICMP type n. */
  icmp_ratemask = 0x1818;
  /** Errors to all destinations: so many a second, and so many at once. */
  icmp_msgs_per_sec = 1000;
  icmp_msgs_burst = 50;
  icmp_errors_use_inbound_ifaddr = 0;
  ip_forward_use_pmtu = 0;
  /** Addresses that something is remembered of, and seconds that it is: long while they are few, short once they are many. */
  inet_peer_threshold = 65664;
  inet_peer_minttl = 120;
  inet_peer_maxttl = 600;
  /** Bytes of fragments that may wait; 0 takes none. */
  ipfrag_high_thresh = 4194304;
  /** The least that ipfrag_high_thresh can be; nothing else since Linux 4.17. */
  ipfrag_low_thresh = 3145728;
  /** Fragments of the same sender that may come between two of one datagram; 0 sets no limit. */
  ipfrag_max_dist = 64;
  /** Seconds. */
  ipfrag_time = 30;
}

/** Neighbour parameters of one device, or of `default`, /proc/sys/net/ipv4/neigh. */
export class NeighbourSysctls {
  /** Broadcasts that look for a new neighbour, and for one that no longer answers. */
  mcast_solicit = 3;
  mcast_resolicit = 0;
  ucast_solicit = 3;
  /** Times that a daemon would be asked in between; there is none. */
  app_solicit = 0;
  retrans_time_ms = 1000;
  base_reachable_time_ms = 30000;
  /** Seconds. */
  delay_first_probe_time = 5;
  /** Hundredths of a second. */
  proxy_delay = 80;
  /** Requests that wait for their answer in the name of others. */
  proxy_qlen = 64;
  /** Hundredths of a second. */
  locktime = 100;
  unres_qlen_bytes = 212992;
  /** Seconds after which an entry that nobody used is collected. */
  gc_stale_time = 60;
}

/** Settings of connection tracking, /proc/sys/net/netfilter. Timeouts are in seconds. */
export class ConntrackSysctls {
  /** Most connections; 0 sets no limit. */
  nf_conntrack_max = 262144;
  /** Packets and bytes of each connection are counted. */
  nf_conntrack_acct = 0;
  /** Packets with a wrong checksum are not tracked. */
  nf_conntrack_checksum = 1;
  nf_conntrack_generic_timeout = 600;
  nf_conntrack_icmp_timeout = 30;
  nf_conntrack_tcp_be_liberal = 0;
  nf_conntrack_tcp_ignore_invalid_rst = 0;
  nf_conntrack_tcp_loose = 1;
  nf_conntrack_tcp_max_retrans = 3;
  nf_conntrack_tcp_timeout_close = 10;
  nf_conntrack_tcp_timeout_close_wait = 60;
  nf_conntrack_tcp_timeout_established = 432000;
  nf_conntrack_tcp_timeout_fin_wait = 120;
  nf_conntrack_tcp_timeout_last_ack = 30;
  nf_conntrack_tcp_timeout_max_retrans = 300;
  nf_conntrack_tcp_timeout_syn_recv = 60;
  nf_conntrack_tcp_timeout_syn_sent = 120;
  nf_conntrack_tcp_timeout_time_wait = 120;
  nf_conntrack_tcp_timeout_unacknowledged = 300;
  nf_conntrack_udp_timeout = 30;
  nf_conntrack_udp_timeout_stream = 120;
}

/**
 * Settings of br_netfilter, /proc/sys/net/bridge. The module's own defaults are 1 for the first three; here they are
 * those of a machine that has not loaded it.
 */
export class BridgeSysctls {
  'bridge-nf-call-arptables' = 0;
  'bridge-nf-call-ip6tables' = 0;
  'bridge-nf-call-iptables' = 0;
  'bridge-nf-filter-pppoe-tagged' = 0;
  'bridge-nf-filter-vlan-tagged' = 0;
  'bridge-nf-pass-vlan-input-dev' = 0;
}

/** All of a namespace. `all` and a device's own value combine as the kernel's IN_DEV_* macros do. */
export class Sysctls {
  readonly core = new CoreSysctls();
  readonly global = new GlobalSysctls();
  readonly neighbourTable = new NeighbourTableSysctls();
  readonly neighbour = new NeighbourSysctls();
  readonly conntrack = new ConntrackSysctls();
  readonly bridge = new BridgeSysctls();
  readonly all = new DeviceSysctls();
  readonly defaults = new DeviceSysctls();
  readonly #devices = new Map<string, DeviceSysctls>();
  readonly #neighbours = new Map<string, NeighbourSysctls>();
  /** Neighbour parameters that a device was given itself, `DEVICE/NAME`: those of `default` no longer reach them. */
  readonly #ownParameters = new Set<string>();

  /** The settings of a device; made from `default` when first asked for (devinet_init_net). */
  of(device: string): DeviceSysctls {
    let own = this.#devices.get(device);
    if (own === undefined) {
      own = Object.assign(new DeviceSysctls(), this.defaults);
      this.#devices.set(device, own);
    }
    return own;
  }

  /** The neighbour parameters of a device; made from `default` when first asked for (neigh_parms_alloc). */
  neighbourOf(device: string): NeighbourSysctls {
    let own = this.#neighbours.get(device);
    if (own === undefined) {
      own = Object.assign(new NeighbourSysctls(), this.neighbour);
      this.#neighbours.set(device, own);
    }
    return own;
  }

  /**
   * Writes a setting by its name: `net.ipv4.ip_forward`, `net.ipv4.conf.eth0.rp_filter`,
   * `net.ipv4.neigh.eth0.retrans_time_ms`, `net.ipv4.icmp_ratelimit`; a leading `net.ipv4.` may be left out, those of
   * `net.core.somaxconn`, `net.netfilter.nf_conntrack_max` and `net.bridge.bridge-nf-call-iptables` may not.
   * The errno of a refusal: ENOENT where there is none of that name, EINVAL where the value does not fit. A name with
   * dots in it (`conf/eth0.10/...`) is written with slashes.
   */
  write(key: string, value: SysctlValue): 'ENOENT' | 'EINVAL' | undefined {
    const parts = key.includes('/') ? key.split('/') : key.split('.');
    if (parts[0] === 'net' && parts[1] === 'core') {
      return parts.length === 3 ? assign(this.core, parts[2], value) : 'ENOENT';
    }
    if (parts[0] === 'net' && parts[1] === 'netfilter') {
      return parts.length === 3 ? assign(this.conntrack, parts[2], value) : 'ENOENT';
    }
    if (parts[0] === 'net' && parts[1] === 'bridge') {
      return parts.length === 3 ? assign(this.bridge, parts[2], value === 0 ? 0 : 1) : 'ENOENT';
    }
    // Kept by the kernel for those who knew it from there.
    if (parts.length === 2 && parts[0] === 'net' && parts[1] === 'nf_conntrack_max') {
      return assign(this.conntrack, parts[1], value);
    }
    const path = parts[0] === 'net' && parts[1] === 'ipv4' ? parts.slice(2) : parts;
    if (path.length === 1 && path[0] === 'ip_forward') return this.#forwardEverywhere(value);
    if (path.length === 1) return this.#writeGlobal(path[0], value);
    if (path.length !== 3) return 'ENOENT';
    const [group, device = '', setting] = path;
    if (group === 'neigh') return this.#writeNeighbour(device, setting, value);
    if (group !== 'conf') return 'ENOENT';
    if (device === 'all' && setting === 'forwarding') return this.#forwardEverywhere(value);
    if (device === 'all') return assign(this.all, setting, value);
    if (device === 'default') return assign(this.defaults, setting, value);
    return assign(this.of(device), setting, value);
  }

  /** Every setting with its full name and value, for listings. */
  list(): { readonly key: string; readonly value: SysctlValue }[] {
    const rows: { key: string; value: SysctlValue }[] = [
      { key: 'net.ipv4.ip_forward', value: this.all.forwarding === 0 ? 0 : 1 },
    ];
    const add = (prefix: string, settings: object): void => {
      for (const [name, value] of Object.entries(settings)) rows.push({ key: `${prefix}${name}`, value });
    };
    add('net.core.', this.core);
    add('net.ipv4.', this.global);
    add('net.ipv4.neigh.default.', this.neighbour);
    add('net.ipv4.neigh.default.', this.neighbourTable);
    add('net.netfilter.', this.conntrack);
    add('net.bridge.', this.bridge);
    add('net.ipv4.conf.all.', this.all);
    add('net.ipv4.conf.default.', this.defaults);
    for (const [device, settings] of this.#devices) add(`net.ipv4.conf.${device}.`, settings);
    for (const [device, settings] of this.#neighbours) add(`net.ipv4.neigh.${device}.`, settings);
    return rows;
  }

  /** Of two bounds neither passes the other (ip4_frags_ns_ctl_table). */
  #writeGlobal(name: string | undefined, value: SysctlValue): 'ENOENT' | 'EINVAL' | undefined {
    const { ipfrag_high_thresh: high, ipfrag_low_thresh: low } = this.global;
    const given = typeof value === 'number' ? value : (value[0] ?? 0);
    if (name === 'ipfrag_high_thresh' && given < low) return 'EINVAL';
    if (name === 'ipfrag_low_thresh' && given > high) return 'EINVAL';
    return assign(this.global, name, value);
  }

  /** Models net/core/neighbour.c neigh_proc_update(): `default` reaches the devices that were given no value themselves. */
  #writeNeighbour(device: string, setting: string | undefined, value: SysctlValue): 'ENOENT' | 'EINVAL' | undefined {
    if (device === 'default' && setting !== undefined && Object.hasOwn(this.neighbourTable, setting)) {
      return assign(this.neighbourTable, setting, value);
    }
    if (device !== 'default') {
      this.#ownParameters.add(`${device}/${setting}`);
      return assign(this.neighbourOf(device), setting, value);
    }
    for (const [name, settings] of this.#neighbours) {
      if (!this.#ownParameters.has(`${name}/${setting}`)) assign(settings, setting, value);
    }
    return assign(this.neighbour, setting, value);
  }

  /** Models net/ipv4/devinet.c inet_forward_change(): forwarding hosts neither send nor follow redirects blindly. */
  #forwardEverywhere(given: SysctlValue): undefined {
    const value = typeof given === 'number' ? given : (given[0] ?? 0);
    this.all.forwarding = value;
    this.all.accept_redirects = value === 0 ? 1 : 0;
    this.defaults.forwarding = value;
    for (const settings of this.#devices.values()) settings.forwarding = value;
    return undefined;
  }
}

/** Fewer numbers than a setting has leave the rest as it is, more are not looked at. Models proc_dointvec() and its kin. */
function assign(settings: object, name: string | undefined, value: SysctlValue): 'ENOENT' | 'EINVAL' | undefined {
  if (name === undefined || !Object.hasOwn(settings, name)) return 'ENOENT';
  const current = settings[name as keyof typeof settings] as SysctlValue;
  const given = typeof value === 'number' ? [value] : value;
  const looked = typeof current === 'number' ? given.slice(0, 1) : given.slice(0, current.length);
  if (!looked.every((one) => isInRange(name, one))) return 'EINVAL';
  if (typeof current === 'number') {
    Object.assign(settings, { [name]: given[0] });
    return undefined;
  }
  const list = [...given, ...current.slice(given.length)].slice(0, current.length);
  if (name === 'ip_local_port_range' && !isPortRange(list)) return 'EINVAL';
  Object.assign(settings, { [name]: list });
  return undefined;
}

/** Models net/ipv4/sysctl_net_ipv4.c ipv4_local_port_range(). */
function isPortRange([low = 0, high = 0]: readonly number[]): boolean {
  return low >= 1 && low <= high && high <= 65535;
}
