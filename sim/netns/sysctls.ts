import { DeviceSysctls, NeighbourSysctls, Sysctls, type SysctlValue } from '../kernel/sysctl.ts';
import { shellLine, shellQuote } from './shell-quote.ts';

/* Settings of the kernel: what a namespace begins with, and what the file sets. */

export interface Setting {
  readonly key: string;
  readonly value: SysctlValue;
}

/**
 * Settings of an interface that the model does not have, at their mainline defaults: distributions and hardening guides
 * change them, and a new namespace takes them from the first one (net/core/devconf_inherit_init_net).
 */
const UNMODELLED: Readonly<Record<string, number>> = {
  ignore_routes_with_linkdown: 0,
  secure_redirects: 1,
  shared_media: 1,
  src_valid_mark: 0,
};

/** Of the first namespace a new one copies these, and distributions set them (net/ipv4/tcp_ipv4.c tcp_sk_init()). */
const TCP_BUFFERS: readonly string[] = [
  'net.ipv4.tcp_rmem=4096 131072 6291456',
  'net.ipv4.tcp_wmem=4096 16384 4194304',
];

/** `sysctl` with the defaults of mainline for everything that a new namespace may have from elsewhere. */
export function mainlineDefaults(): readonly string[] {
  const { forwarding: _, ...modelled } = new DeviceSysctls();
  const settings = Object.entries({ ...modelled, ...UNMODELLED });
  const ofDevices = ['all', 'default', 'lo'].flatMap((device) =>
    settings.map(([name, value]) => `net.ipv4.conf.${device}.${name}=${value}`),
  );
  // First, because it sets accept_redirects.
  return ['sysctl', '-qw', 'net.ipv4.ip_forward=0', ...ofDevices, ...TCP_BUFFERS];
}

/** Off: IPv6, and rules of the packet filter for what bridges forward. Not every kernel has them, so -e. */
export const WITHOUT_IPV6_AND_BRIDGE_FILTER: readonly string[] = [
  ...['sysctl', '-qew', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1'],
  ...['iptables', 'ip6tables', 'arptables'].map((table) => `net.bridge.bridge-nf-call-${table}=0`),
];

/** Commands that come again for every node, by the name that a script calls what they set. */
export function commonSettings(): ReadonlyMap<string, readonly string[]> {
  return new Map([
    ['mainline', mainlineDefaults()],
    ['without_ipv6', WITHOUT_IPV6_AND_BRIDGE_FILTER],
  ]);
}

/**
 * Mainline's default. A kernel that was built with another grants it to a namespace only where the first namespace has
 * it in tcp_allowed_congestion_control; a socket of root may still ask for it (TCP_CONGESTION).
 */
export const CUBIC: readonly string[] = ['sysctl', '-qw', 'net.ipv4.tcp_congestion_control=cubic'];

/** A setting's path below /proc/sys; as the model, it may be written without `net.ipv4`. */
function pathOf(key: string): readonly string[] {
  const parts = key.split(key.includes('/') ? '/' : '.');
  return parts[0] === 'net' ? parts : ['net', 'ipv4', ...parts];
}

/** The interface that a setting is of; undefined for those of the namespace, `all`, `default` and lo. */
export function deviceOfSetting(key: string): string | undefined {
  const [, family, group = '', device = 'all'] = pathOf(key);
  const isOfDevice = family === 'ipv4' && ['conf', 'neigh'].includes(group);
  return isOfDevice && !['all', 'default', 'lo'].includes(device) ? device : undefined;
}

/** One of each for the whole machine. */
const OF_WHOLE_MACHINE: readonly string[] = [
  ...['gc_thresh1', 'gc_thresh2', 'gc_thresh3', 'netdev_max_backlog', 'nf_conntrack_max', 'tcp_max_orphans'],
  ...['inet_peer_threshold', 'inet_peer_minttl', 'inet_peer_maxttl', 'rmem_default', 'rmem_max'],
];

/** Whether a setting is one for the whole machine: no namespace but the first may write it. */
export function isOfWholeMachine(key: string): boolean {
  return OF_WHOLE_MACHINE.includes(pathOf(key).at(-1) ?? '');
}

function isOfNeighbours(key: string, device = ''): boolean {
  return `${pathOf(key).join('/')}/`.startsWith(`net/ipv4/neigh/${device}`);
}

/**
 * The command that makes settings. Only the first namespace has `neigh/default`; in the others each device has its own,
 * so that all of them are written: also those that were given their own value before, which `default` would leave.
 */
export function writeSettings(settings: readonly Setting[]): readonly string[] {
  if (!settings.some(({ key }) => isOfNeighbours(key, 'default/'))) {
    return ['sysctl', '-qw', ...settings.map((setting) => assignment(pathOf(setting.key), setting.value))];
  }
  const lines = settings.map(({ key, value }) => {
    if (!isOfNeighbours(key, 'default/')) return shellLine(['sysctl', '-qw', assignment(pathOf(key), value)]);
    const name = shellQuote(pathOf(key).at(-1) ?? '');
    return `echo ${valueText(value)} | tee /proc/sys/net/ipv4/neigh/*/${name} >/dev/null`;
  });
  return ['sh', '-ec', lines.join('; ')];
}

/** With dots between the names, or slashes where a name has dots in it. */
function assignment(path: readonly string[], value: SysctlValue): string {
  return `${path.join(path.some((part) => part.includes('.')) ? '/' : '.')}=${valueText(value)}`;
}

function valueText(value: SysctlValue): string {
  return typeof value === 'number' ? String(value) : value.join(' ');
}

/** What the settings of a file come to, in two steps as a namespace grows. */
export interface SettingsPlan {
  /** Before there are devices, which take theirs from `default`. */
  readonly before: readonly Setting[];
  /** Of single devices once they are there, lo among them, where they are not those of `default`. */
  ofDevice(name: string): readonly Setting[];
}

/**
 * The file's settings are all made before the first device, and those of a device are kept for it. So what a device
 * has in the end is asked of the model's own settings.
 */
export function planSettings(settings: readonly Setting[]): SettingsPlan {
  const model = new Sysctls();
  model.of('lo');
  for (const { key, value } of settings) model.write(key, value);
  return {
    before: settings.filter(({ key }) => deviceOfSetting(key) === undefined && !isOfNeighbours(key)),
    ofDevice: (name) => [
      // lo was there to have its own written.
      ...(name === 'lo' ? [] : differences(model.of(name), model.defaults, `net/ipv4/conf/${name}`)),
      ...differences(model.neighbourOf(name), new NeighbourSysctls(), `net/ipv4/neigh/${name}`),
    ],
  };
}

function differences(own: object, defaults: object, path: string): Setting[] {
  const usual = new Map(Object.entries(defaults));
  return Object.entries(own).flatMap(([name, value]) =>
    usual.get(name) === value ? [] : [{ key: `${path}/${name}`, value: Number(value) }],
  );
}
