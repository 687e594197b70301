import { type SimTime, seconds } from '../../core/time.ts';
import { LINUX_PROFILE, type StackProfile, type TcpProfile } from '../../transport/profile.ts';
import type { CoreSysctls } from '../core-sysctl.ts';
import type { GlobalSysctls, Sysctls } from '../sysctl.ts';

/** Linux as its settings make it: each is asked for when it matters, so a change tells at once. */
export function linuxProfile({ global: settings, core }: Sysctls): StackProfile {
  const tcp = linuxTcp(settings, core);
  return {
    name: 'Linux',
    tcp,
    get defaultTtl() {
      return settings.ip_default_ttl;
    },
    get ephemeralPorts() {
      const [low = 0, high = 0] = settings.ip_local_port_range;
      return [low, high] as const;
    },
    get receiveBuffer() {
      return core.rmem_default;
    },
  };
}

function linuxTcp(settings: GlobalSysctls, core: CoreSysctls): TcpProfile {
  const base = LINUX_PROFILE.tcp;
  return {
    ...base,
    get sack() {
      return settings.tcp_sack !== 0;
    },
    get timestamps() {
      return settings.tcp_timestamps !== 0;
    },
    get windowScale() {
      return settings.tcp_window_scaling === 0 ? undefined : scaleOf(settings, core);
    },
    get receiveBuffer() {
      return settings.tcp_rmem[1] ?? 0;
    },
    /** Half of the buffer is data, the rest what the kernel keeps beside it (tcp_win_from_space). */
    get initialWindow() {
      return Math.min(65536, Math.floor((settings.tcp_rmem[1] ?? 0) / 2));
    },
    get largestWindow() {
      return Math.min(base.largestWindow, Math.floor((settings.tcp_rmem[2] ?? 0) / 2));
    },
    get tailProbe() {
      return settings.tcp_early_retrans !== 0;
    },
    get restartsAfterIdle() {
      return settings.tcp_slow_start_after_idle !== 0;
    },
    get synRetries() {
      return settings.tcp_syn_retries;
    },
    get synLinearRetries() {
      return settings.tcp_syn_linear_timeouts;
    },
    get synAckRetries() {
      return settings.tcp_synack_retries;
    },
    get retries() {
      return settings.tcp_retries2;
    },
    get orphanRetries() {
      return settings.tcp_orphan_retries || base.orphanRetries;
    },
    get finTimeout() {
      return seconds(settings.tcp_fin_timeout) as SimTime;
    },
    get largestBacklog() {
      return core.somaxconn;
    },
    get synCookies() {
      const { tcp_syncookies: value } = settings;
      return value === 0 ? 'never' : value === 2 ? 'always' : 'on overflow';
    },
    get resetsOnOverflow() {
      return settings.tcp_abort_on_overflow !== 0;
    },
    get largestBuffer() {
      return settings.tcp_rmem[2] ?? 0;
    },
    get mostOrphans() {
      return settings.tcp_max_orphans;
    },
    get mostRecords() {
      return settings.tcp_max_tw_buckets;
    },
  };
}

/** Models the end of net/ipv4/tcp_output.c tcp_select_initial_window(). */
function scaleOf({ tcp_rmem }: GlobalSysctls, { rmem_max }: CoreSysctls): number {
  const space = Math.max((tcp_rmem[1] ?? 0) / 2, tcp_rmem[2] ?? 0, rmem_max);
  return Math.min(Math.max(Math.floor(Math.log2(space)) - 15, 0), 14);
}
