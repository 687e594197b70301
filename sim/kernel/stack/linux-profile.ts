import { type SimTime, seconds } from '../../core/time.ts';
import { LINUX_PROFILE, type StackProfile, type TcpProfile } from '../../transport/profile.ts';
import type { GlobalSysctls } from '../sysctl.ts';

/** net.core.rmem_max, which the shift of the window allows for. */
const RMEM_MAX = 4_194_304;

/** Linux as its settings make it: each is asked for when it matters, so a change tells at once. */
export function linuxProfile(settings: GlobalSysctls): StackProfile {
  const tcp = linuxTcp(settings);
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
  };
}

function linuxTcp(settings: GlobalSysctls): TcpProfile {
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
      return settings.tcp_window_scaling === 0 ? undefined : scaleOf(settings);
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
  };
}

/** Models the end of net/ipv4/tcp_output.c tcp_select_initial_window(). */
function scaleOf({ tcp_rmem }: GlobalSysctls): number {
  const space = Math.max((tcp_rmem[1] ?? 0) / 2, tcp_rmem[2] ?? 0, RMEM_MAX);
  return Math.min(Math.max(Math.floor(Math.log2(space)) - 15, 0), 14);
}
