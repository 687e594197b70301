import { type SimTime, seconds } from '../../core/time.ts';
import { LINUX_PROFILE, type StackProfile, type TcpProfile } from '../../transport/profile.ts';
import type { CoreSysctls } from '../core-sysctl.ts';
import type { GlobalSysctls, Sysctls } from '../sysctl.ts';

/** Linux as its settings make it: each is asked for when it matters, so a change tells at once. */
export class LinuxProfile implements StackProfile {
  readonly name = 'Linux';
  readonly tcp: TcpProfile;
  readonly #settings: GlobalSysctls;
  readonly #core: CoreSysctls;

  constructor({ global: settings, core }: Sysctls) {
    this.#settings = settings;
    this.#core = core;
    this.tcp = new LinuxTcp(settings, core);
  }

  get defaultTtl(): number {
    return this.#settings.ip_default_ttl;
  }
  get ephemeralPorts(): readonly [number, number] {
    const [low = 0, high = 0] = this.#settings.ip_local_port_range;
    return [low, high];
  }
  get receiveBuffer(): number {
    return this.#core.rmem_default;
  }
}

const BASE = LINUX_PROFILE.tcp;

class LinuxTcp implements TcpProfile {
  readonly congestion = BASE.congestion;
  readonly countsOverhead = BASE.countsOverhead;
  readonly windowInSegments = BASE.windowInSegments;
  readonly segmentationOffload = BASE.segmentationOffload;
  readonly pathMtuDiscovery = BASE.pathMtuDiscovery;
  readonly zeroIdentification = BASE.zeroIdentification;
  readonly connectTimeout = BASE.connectTimeout;
  readonly timeWait = BASE.timeWait;
  readonly #settings: GlobalSysctls;
  readonly #core: CoreSysctls;

  constructor(settings: GlobalSysctls, core: CoreSysctls) {
    this.#settings = settings;
    this.#core = core;
  }

  get sack(): boolean {
    return this.#settings.tcp_sack !== 0;
  }
  get timestamps(): boolean {
    return this.#settings.tcp_timestamps !== 0;
  }
  get windowScale(): number | undefined {
    return this.#settings.tcp_window_scaling === 0 ? undefined : scaleOf(this.#settings, this.#core);
  }
  get receiveBuffer(): number {
    return this.#settings.tcp_rmem[1] ?? 0;
  }
  /** Half of the buffer is data, the rest what the kernel keeps beside it (tcp_win_from_space). */
  get initialWindow(): number {
    return Math.min(65536, Math.floor((this.#settings.tcp_rmem[1] ?? 0) / 2));
  }
  get largestWindow(): number {
    return Math.min(BASE.largestWindow, Math.floor((this.#settings.tcp_rmem[2] ?? 0) / 2));
  }
  get tailProbe(): boolean {
    return this.#settings.tcp_early_retrans !== 0;
  }
  get restartsAfterIdle(): boolean {
    return this.#settings.tcp_slow_start_after_idle !== 0;
  }
  get synRetries(): number {
    return this.#settings.tcp_syn_retries;
  }
  get synLinearRetries(): number {
    return this.#settings.tcp_syn_linear_timeouts;
  }
  get synAckRetries(): number {
    return this.#settings.tcp_synack_retries;
  }
  get retries(): number {
    return this.#settings.tcp_retries2;
  }
  get orphanRetries(): number {
    return this.#settings.tcp_orphan_retries || BASE.orphanRetries;
  }
  get finTimeout(): SimTime {
    return seconds(this.#settings.tcp_fin_timeout) as SimTime;
  }
  get largestBacklog(): number {
    return this.#core.somaxconn;
  }
  get synCookies(): TcpProfile['synCookies'] {
    const { tcp_syncookies: value } = this.#settings;
    return value === 0 ? 'never' : value === 2 ? 'always' : 'on overflow';
  }
  get resetsOnOverflow(): boolean {
    return this.#settings.tcp_abort_on_overflow !== 0;
  }
  get largestBuffer(): number {
    return this.#settings.tcp_rmem[2] ?? 0;
  }
  get mostOrphans(): number {
    return this.#settings.tcp_max_orphans;
  }
  get mostRecords(): number {
    return this.#settings.tcp_max_tw_buckets;
  }
}

/** Models the end of net/ipv4/tcp_output.c tcp_select_initial_window(). */
function scaleOf({ tcp_rmem }: GlobalSysctls, { rmem_max }: CoreSysctls): number {
  const space = Math.max((tcp_rmem[1] ?? 0) / 2, tcp_rmem[2] ?? 0, rmem_max);
  return Math.min(Math.max(Math.floor(Math.log2(space)) - 15, 0), 14);
}
